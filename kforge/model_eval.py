"""A project's own questions → trials of a model: every one asked anew, as often as wanted, past every cache.

Questions are put as if the locked decisions before them stood, and without the answer that is locked for themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

from kforge.deciders import heuristics
from kforge.deciders.repair import tries
from kforge.domain.decision import Answer
from kforge.domain.model.pending_decision import Ask, PendingDecision, Reply
from kforge.domain.model.question import Question, Rejected
from kforge.domain.model.request import Completion, Fault, Request, Usage
from kforge.domain.spec.project import Project
from kforge.domain.world import World
from kforge.errors import InputError
from kforge.llm.answer import read_answer
from kforge.llm.conformance import faults
from kforge.llm.evaluation import Trial
from kforge.llm.joint_answers import ALONE, shared
from kforge.llm.joint_request import grouped, joined
from kforge.llm.json_recovery import recover
from kforge.llm.prompt import prompt
from kforge.llm.small_question import for_model
from kforge.outcome import Options
from kforge.pipeline import run

SEEDS = 1000  # between two repetitions: no repair of one has the seed of another
Complete = Callable[[Request], Completion]


@dataclass(slots=True)
class Posed:
    """Questions by target, and what is locked for each."""

    questions: dict[str, Question] = field(default_factory=dict)
    locked: dict[str, Mapping[str, Any]] = field(default_factory=dict)


def posed(project: Project, options: Options) -> Posed:
    """Every question that a model could be asked about a project: of the spec's topics, or of all where it names no
    model.
    """
    found = Posed()

    def who(world: World) -> Ask:
        named = world.spec.model
        return lambda questions: _keep(found, questions, frozenset(named.decides) if named else None)

    run(project, replace(options, again=lambda target: True, ask=who))
    return found


def _keep(found: Posed, questions: Sequence[PendingDecision], decides: frozenset[str] | None) -> Sequence[Reply]:
    replies: list[Reply] = list(heuristics.ask(questions))
    for number, one in enumerate(questions):
        if isinstance(replies[number], InputError):
            continue
        if for_model({one.topic.name} if decides is None else decides, one):
            found.questions[one.target] = one.question()
        if one.locked:
            found.locked[one.target] = one.locked.value
            replies[number] = (Answer(dict(one.locked.value), dict(one.locked.reasons)), one.locked.decider)
    return replies


def trials(
    questions: Mapping[str, Question],
    times: int,
    complete: Complete,
    parallel: int,
    watch: Callable[[int, int], None],
    stop: Callable[[], None],
    together: int = 1,
) -> list[Trial]:
    """Every question, so many times each; with `together`, so many questions of one topic in each request. Faults are
    results. `stop` ends what is being asked, from any thread.
    """
    # here: views are read by one thread
    requests = {target: prompt(question) for target, question in sorted(questions.items())}
    groups = _groups([question for _, question in sorted(questions.items())], together)
    whole = [joined(group) if len(group) > 1 else requests[group[0].target] for group in groups]
    wanted = [(group, request, number) for number in range(times) for group, request in zip(groups, whole, strict=True)]
    most = times * len(questions)
    watch(0, most)
    done: list[Trial] = []
    with ThreadPoolExecutor(max(1, min(parallel, len(wanted)))) as pool:
        try:
            for some in pool.map(lambda one: _trials(one[0], one[1], one[2], requests, complete), wanted):
                done.extend(some)
                watch(len(done), most)
        except BaseException:  # Ctrl-C above all: leaving the pool waits for its threads
            pool.shutdown(wait=False, cancel_futures=True)
            stop()
            raise
    return done


def _groups(questions: Sequence[Question], together: int) -> list[list[Question]]:
    """The questions of each request: those of one topic, as a build asks them."""
    found = list[list[Question]]()
    for topic in sorted({one.topic.name for one in questions}):
        many = [one for one in questions if one.topic.name == topic]
        joint = grouped(many, together)
        alone = set(range(len(many))).difference(*joint)
        found += [[many[at] for at in group] for group in (*joint, *([at] for at in sorted(alone)))]
    return found


def _trials(
    group: Sequence[Question], whole: Request, number: int, requests: Mapping[str, Request], complete: Complete
) -> list[Trial]:
    """A trial of each question of a request. What the request does not answer is asked alone."""
    if len(group) == 1:
        return [_trial(group[0], whole, number, complete)]
    begin, first = time.monotonic(), tuple[Completion | None, ...]()
    try:
        first = shared(complete(_seeded(whole, number)), len(group))
    except Fault as fault:
        if fault.kind not in ALONE:
            return [
                Trial(one.target, number, problem=fault.message, hint=fault.hint, fault=fault.kind) for one in group
            ]
    share = (time.monotonic() - begin) / len(group)
    asked = zip(group, first or (None,) * len(group), strict=True)
    return [_trial(one, requests[one.target], number, complete, came, share) for one, came in asked]


def _trial(
    question: Question,
    first: Request,
    number: int,
    complete: Complete,
    came: Completion | None = None,
    seconds: float = 0.0,
) -> Trial:
    """One question with its repairs, as a build puts it, but for the seed. `came` is its first answer where that came with
    others, after so many seconds.
    """
    begin = time.monotonic() - seconds
    trial = Trial(question.target, number)
    exchanges = tries(
        lambda earlier: prompt(replace(question, attempt=len(earlier), earlier=earlier)) if earlier else first,
        lambda request: came if came and not request.attempt else complete(_seeded(request, number)),
        lambda text, earlier: read_answer(text, replace(question, earlier=earlier)).value,
    )
    try:
        for each in exchanges:
            kept = each.completion is not None and sound(each.completion.text, each.request.schema)
            used = each.completion.usage if each.completion else Usage()
            trial = replace(
                trial,
                sound=(*trial.sound, kept),
                usage=Usage(trial.usage.input + used.input, trial.usage.output + used.output),
                value=each.value,
                problem=each.problem.partition("\n")[0],
            )
    except Fault as fault:
        trial = replace(trial, problem=fault.message, hint=fault.hint, fault=fault.kind)
    return replace(trial, seconds=time.monotonic() - begin)


def _seeded(request: Request, number: int) -> Request:
    return replace(request, seed=request.seed + SEEDS * number)


def sound(text: str, schema: Mapping[str, Any]) -> bool:
    """Whether an answer keeps to its schema."""
    try:
        return next(faults(recover(text, tuple(schema["properties"])), schema), None) is None
    except Rejected:
        return False
