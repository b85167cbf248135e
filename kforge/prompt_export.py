"""Project → the questions that a build would put to a model now, each as the request that it would send.

Nothing is asked: where an answer is stored already the question counts as answered, and where a stored answer was
refused the next attempt is the open one. A question that reads an answer which is not there yet cannot be worded yet.
What is answered for good can be locked before the rest is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from kforge import catalog
from kforge.deciders import heuristics
from kforge.deciders.model import ModelDecider, Skills
from kforge.deciders.repair import ATTEMPTS
from kforge.domain.lock import LockedDecision
from kforge.domain.model.pending_decision import Ask, PendingDecision, Reply, Unanswered
from kforge.domain.model.question import Question, Rejected
from kforge.domain.model.request import Completion, Endpoint, Fault, Request
from kforge.domain.spec.project import Project
from kforge.domain.world import World
from kforge.errors import InputError
from kforge.llm.answer import read_answer
from kforge.llm.batches import PendingRequest
from kforge.llm.generic_preview import previewed
from kforge.llm.joint_request import grouped, joined
from kforge.llm.prompt import prompt
from kforge.llm.small_question import for_model
from kforge.outcome import Options, Outcome
from kforge.pipeline import run

Find = Callable[[Request], Completion | None]


@dataclass(slots=True)
class Recorder:
    """Answers like the heuristics and keeps what a model would have been asked, of `otherwise` where the spec names
    none.
    """

    otherwise: frozenset[str] = frozenset()
    found: dict[str, Question] = field(default_factory=dict)
    waves: list[list[str]] = field(default_factory=list)  # targets that a build asks at the same time

    def who(self, world: World) -> Ask:
        named = world.spec.model
        return lambda questions: self._keep(questions, frozenset(named.decides) if named else self.otherwise)

    def _keep(self, questions: Sequence[PendingDecision], decides: frozenset[str]) -> Sequence[Reply]:
        replies = previewed(questions)
        self.waves.append([])
        for one, reply in zip(questions, replies, strict=True):
            if for_model(decides, one) and not isinstance(reply, InputError):
                self.found[one.target] = one.question()
                self.waves[-1].append(one.target)
        return replies

    def beside(self, target: str, most: int) -> list[Question]:
        """The questions of one request with a target's, in order; it alone where none goes with it."""
        wave = next([self.found[one] for one in many] for many in self.waves if target in many)
        groups = ([wave[at] for at in group] for group in grouped(wave, most))
        held = (group for group in groups if any(one.target == target for one in group))
        return next(held, [self.found[target]])


def asked(project: Project, options: Options) -> tuple[Outcome, dict[str, Question]]:
    """The outcome with the heuristics in the model's place, and every question that would go to the model."""
    recorder = Recorder()
    outcome = run(project, replace(options, ask=recorder.who))
    return outcome, recorder.found


def upgradable(project: Project, options: Options) -> list[str]:
    """Targets that an upgrade would put to the model: heuristics or an older kforge answered them."""
    return sorted(asked(project, replace(options, upgrade=lambda target: True))[1])


def request_for(project: Project, options: Options, target: str, together: int = 1) -> tuple[Request, list[str], bool]:
    """The request that puts a target's question, open or not, with others that are open beside it, up to so many, where no
    cache answers them; the targets of all of them; and whether the spec leaves them to a model: `evaluate` asks where it
    names none.

    Raises InputError for a target that no model is asked about.
    """
    recorder = Recorder(frozenset(catalog.TOPICS))
    outcome = run(project, replace(options, again=target.__eq__, ask=recorder.who))
    named = outcome.loaded.world.spec.model
    if target in recorder.found:
        many = recorder.beside(target, together)
        request = joined(many) if len(many) > 1 else prompt(many[0])
        return request, [one.target for one in many], named is not None
    service, _, topic = target.partition("/")
    if (service, topic) in outcome.settled.decisions and (named is None or topic in named.decides):
        raise InputError(
            f"no model is asked about `{target}`: no wish is about what is open there, and no line of its source could tell more",
            hint=f"`kforge explain {target}` shows who settled it",
        )
    names = ", ".join(f"`{service}/{topic}`" for service, topic in sorted(outcome.settled.decisions)[:8])
    raise InputError(
        f"no model is asked about `{target}`",
        hint=f"decisions are {names}; `model.decides` lists the topics that a model decides",
    )


@dataclass(slots=True)
class Opened:
    """What a build would ask now, by target. A question that reads an answer still to come is `waiting`."""

    pending: list[PendingRequest] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # asked as often as anything is, and no answer could be taken
    # fresh answers that read no guess and break no rule
    answered: dict[str, LockedDecision] = field(default_factory=dict)


def open_questions(project: Project, options: Options, endpoint: Endpoint, find: Find) -> Opened:
    """Everything that is open for this endpoint. `find` knows the answers that are there.

    The build itself runs, in memory: with the stored answers where they stand, with the heuristics' in place of the
    rest.
    """
    stored = _StoredAnswers(endpoint, find)
    outcome = run(project, replace(options, ask=stored.who, repairs=ATTEMPTS))
    doubtful = stored.guessed | {finding.origin.partition(".")[0] for finding in outcome.errors}
    settled = {f"{service}/{topic}": one for (service, topic), one in outcome.settled.decisions.items()}
    stored.opened.answered = {target: settled[target].record() for target in sorted(stored.answered - doubtful)}
    return stored.opened


class _StoredAnswers:
    """Answers with what is stored, and keeps the request behind each answer that is not."""

    def __init__(self, endpoint: Endpoint, find: Find) -> None:
        self._endpoint, self._find = endpoint, find
        self._missing: dict[str, Request] = {}
        self._decider: ModelDecider | None = None
        self.opened = Opened()
        self.guessed: set[str] = set()  # targets whose answer is not there yet, and those that read one of them
        self.answered: set[str] = set()  # targets that the model answered, also where the lock has another answer

    def who(self, world: World) -> Ask:
        named = world.spec.model
        if named is None:
            return heuristics.ask
        if self._decider is None:  # one for all rounds: it remembers what was answered before a rule refused it
            skills = Skills(prompt=prompt, complete=self._complete, read=read_answer)
            self._decider = ModelDecider(
                skills, self._endpoint.decider(), partial(for_model, named.decides), parallel=1
            )
        self.opened, self.guessed, self.answered = Opened(), set(), set()
        return partial(self._ask, self._decider)

    def _complete(self, request: Request) -> Completion:
        known = self._find(request)
        if known is None:
            self._missing[request.target] = request
            raise Fault("request", "is not asked now")
        return known

    def _ask(self, decider: ModelDecider, questions: Sequence[PendingDecision]) -> Sequence[Reply]:
        self._missing.clear()
        replies = decider(questions)
        fresh: set[str] = set()
        for number, one in enumerate(questions):
            guesses = self.guessed & _decisions(one)
            if guesses:
                fresh.add(one.target)
            reply = replies[number]
            if not isinstance(reply, Unanswered):
                if isinstance(reply, tuple) and reply[1].by == "model":
                    self.answered.add(one.target)
                continue
            replies[number] = previewed([one])[0]
            request = self._missing.get(one.target)
            fresh.add(one.target)
            if guesses:
                self.opened.waiting.append(one.target)
            elif request is None:
                self.opened.refused.append(one.target)
            else:
                self.opened.pending.append(self._pending(request, partial(verdict, question=one.question())))
        self.guessed |= fresh
        return replies

    def _pending(self, request: Request, accept: Callable[[str], str | None]) -> PendingRequest:
        return PendingRequest(self._endpoint, catalog.providers()[self._endpoint.provider], request, accept)


def _decisions(one: PendingDecision) -> set[str]:
    """Targets whose decisions a question read: `decisions.build.base`, `services.api.decisions.process.ports`."""
    found = set()
    for name in one.view.reads:
        parts = name.split(".")
        service = one.view.service
        if parts[0] == "services" and len(parts) > 2:
            service, parts = parts[1], parts[2:]
        if parts[0] == "decisions":
            found.add(f"{service}/{parts[1]}")
    return found


def verdict(text: str, question: Question) -> str | None:
    """What is wrong with an answer, None for nothing."""
    try:
        read_answer(text, question)
    except Rejected as rejected:
        return rejected.finding
    return None
