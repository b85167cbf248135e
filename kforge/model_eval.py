"""A project's questions → trials of a model: every one asked anew, as often as wanted, past every cache.

Questions are put as if the locked decisions before them stood, and without the answer that is locked for themselves.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from kforge.deciders import heuristics
from kforge.deciders.repair import tries
from kforge.domain.decision import Answer
from kforge.domain.model.pending_decision import Ask, PendingDecision, Reply
from kforge.domain.model.question import Rejected
from kforge.domain.model.request import Completion, Fault, Request, Usage
from kforge.domain.spec.project import Project
from kforge.domain.topic_names import TOPIC_NAMES
from kforge.domain.world import World
from kforge.errors import InputError
from kforge.llm.answer import read_answer
from kforge.llm.conformance import faults
from kforge.llm.eval_questions import KINDS, EvalKind, EvalQuestion, made_questions, own_question
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
    """Questions by name, and what is locked for each decision."""

    questions: dict[str, EvalQuestion] = field(default_factory=dict)
    locked: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    decides: tuple[str, ...] = ()  # topics that are judged
    pending: dict[str, PendingDecision] = field(default_factory=dict)  # the decisions of those topics


def posed(project: Project, options: Options, kinds: Sequence[EvalKind] = KINDS, made: bool = True) -> Posed:
    """What a model is asked to be judged on a project: every question that a build could ask, of the spec's topics or of
    all where it names no model, and with `made` some that kforge makes of the project.
    """
    found = Posed()

    def who(world: World) -> Ask:
        found.decides = tuple(world.spec.model.decides if world.spec.model else TOPIC_NAMES)
        return partial(_keep, found)

    run(project, replace(options, again=lambda target: True, ask=who))
    for one in made_questions([*found.pending.values()], kinds) if made else ():
        found.questions[one.name] = one
    found.questions = {name: one for name, one in sorted(found.questions.items()) if one.kind in kinds}
    return found


def _keep(found: Posed, questions: Sequence[PendingDecision]) -> Sequence[Reply]:
    replies: list[Reply] = list(heuristics.ask(questions))
    for number, one in enumerate(questions):
        if isinstance(replies[number], InputError):
            continue
        if for_model(found.decides, one):
            found.questions[one.target] = own_question(one.question(), one.locked)
        if one.topic.name in found.decides:
            found.pending[one.target] = one
        if one.locked:
            found.locked[one.target] = one.locked.value
            replies[number] = (Answer(dict(one.locked.value), dict(one.locked.reasons)), one.locked.decider)
    return replies


def trials(
    questions: Mapping[str, EvalQuestion],
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
    requests = {name: prompt(one.question) for name, one in questions.items()}
    groups = _groups([*questions.values()], together)
    whole = [joined([one.question for one in group]) if len(group) > 1 else requests[group[0].name] for group in groups]
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


def _groups(questions: Sequence[EvalQuestion], together: int) -> list[list[EvalQuestion]]:
    """The questions of each request: those of one topic, as a build asks them."""
    found = list[list[EvalQuestion]]()
    for topic in sorted({one.topic for one in questions}):
        many = [one for one in questions if one.topic == topic]
        joint = grouped([one.question for one in many], together)
        alone = set(range(len(many))).difference(*joint)
        found += [[many[at] for at in group] for group in (*joint, *([at] for at in sorted(alone)))]
    return found


def _trials(
    group: Sequence[EvalQuestion], whole: Request, number: int, requests: Mapping[str, Request], complete: Complete
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
                replace(_begun(one, number), problem=fault.message, hint=fault.hint, fault=fault.kind) for one in group
            ]
    share = (time.monotonic() - begin) / len(group)
    asked = zip(group, first or (None,) * len(group), strict=True)
    return [_trial(one, requests[one.name], number, complete, came, share) for one, came in asked]


def _begun(one: EvalQuestion, number: int) -> Trial:
    return Trial(one.name, number, kind=one.kind, topic=one.topic, known=one.truth is not None)


def _trial(
    one: EvalQuestion,
    first: Request,
    number: int,
    complete: Complete,
    came: Completion | None = None,
    seconds: float = 0.0,
) -> Trial:
    """One question with its repairs, as a build puts it, but for the seed. `came` is its first answer where that came with
    others, after so many seconds.
    """
    begin, question = time.monotonic() - seconds, one.question
    trial = _begun(one, number)
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
    if trial.value is not None:
        trial = replace(trial, right=bool(one.right(trial.value)), moved=one.moved(trial.value))
    return replace(trial, seconds=time.monotonic() - begin)


def _seeded(request: Request, number: int) -> Request:
    return replace(request, seed=request.seed + SEEDS * number)


def sound(text: str, schema: Mapping[str, Any]) -> bool:
    """Whether an answer keeps to its schema."""
    try:
        return next(faults(recover(text, tuple(schema["properties"])), schema), None) is None
    except Rejected:
        return False
