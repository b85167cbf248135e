"""Project → the questions that a build would put to a model now, each as the request that it would send.

Nothing is asked: where an answer is stored already the question counts as answered, and where a stored answer was
refused the next attempt is the open one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from kforge import catalog
from kforge.deciders import heuristics
from kforge.deciders.model import ATTEMPTS
from kforge.domain.model import Completion, Endpoint, Request
from kforge.domain.open import Ask, Open, Reply
from kforge.domain.project import Project
from kforge.domain.question import Question, Rejected
from kforge.errors import InputError
from kforge.pipeline import Options, Outcome, run
from kforge.stages.answer import read_answer
from kforge.stages.batches import Pending
from kforge.stages.decide import World
from kforge.stages.prompt import prompt

Find = Callable[[Request], Completion | None]


@dataclass(slots=True)
class Recorder:
    """Answers like the heuristics and keeps what a model would have been asked."""

    found: dict[str, Question] = field(default_factory=dict)

    def who(self, world: World) -> Ask:
        named = world.spec.model
        return lambda questions: self._keep(questions, frozenset(named.decides) if named else frozenset())

    def _keep(self, questions: Sequence[Open], decides: frozenset[str]) -> Sequence[Reply]:
        replies = heuristics.ask(questions)
        for one, reply in zip(questions, replies, strict=True):
            if one.topic.name in decides and not isinstance(reply, InputError):
                self.found[one.target] = one.question()
        return replies


def asked(project: Project, options: Options) -> tuple[Outcome, dict[str, Question]]:
    """The outcome with the heuristics in the model's place, and every question that would go to the model."""
    recorder = Recorder()
    outcome = run(project, replace(options, ask=recorder.who))
    return outcome, recorder.found


def question_for(project: Project, options: Options, target: str) -> Question:
    """The question behind a target, open or not. Raises InputError for a target that no model is asked about."""
    outcome, found = asked(project, replace(options, again=target.__eq__))
    if target in found:
        return found[target]
    if outcome.loaded.world.spec.model is None:
        raise InputError("the spec has no `model` block, so nothing is sent anywhere", hint="add `model: {name: auto}` to it")
    names = ", ".join(f"`{service}/{topic}`" for service, topic in sorted(outcome.settled.decisions)[:8])
    raise InputError(f"no model is asked about `{target}`", hint=f"decisions are {names}; `model.decides` lists the topics that go to it")


def next_request(question: Question, find: Find) -> tuple[Request, Callable[[str], str | None]] | None:
    """The request that a build would send next, and what judges its answer; None where an accepted one is known."""
    earlier: tuple[tuple[str, str], ...] = ()
    while len(earlier) < ATTEMPTS:
        request = prompt(replace(question, attempt=len(earlier), earlier=earlier))
        known = find(request)
        if known is None:
            return request, lambda text: verdict(text, question)
        problem = verdict(known.text, question)
        if problem is None:
            return None
        earlier = (*earlier, (known.text, problem))
    return None


def verdict(text: str, question: Question) -> str | None:
    """What is wrong with an answer, None for nothing."""
    try:
        read_answer(text, question)
    except Rejected as rejected:
        return rejected.finding
    return None


def open_questions(project: Project, options: Options, endpoint: Endpoint, find: Find) -> list[Pending]:
    """Every question that is open for this endpoint, by target."""
    provider = catalog.providers()[endpoint.provider]
    _, found = asked(project, options)
    waiting = []
    for _, question in sorted(found.items()):
        following = next_request(question, find)
        if following is not None:
            waiting.append(Pending(endpoint, provider, *following))
    return waiting
