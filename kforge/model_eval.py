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
) -> list[Trial]:
    """Every question, so many times each. Faults are results. `stop` ends what is being asked, from any thread."""
    wanted = [(question, number) for number in range(times) for question in questions.values()]
    # here: views are read by one thread
    requests = {name: prompt(one.question) for name, one in questions.items()}
    watch(0, len(wanted))
    done = []
    with ThreadPoolExecutor(max(1, min(parallel, len(wanted)))) as pool:
        try:
            for trial in pool.map(lambda one: _trial(one[0], requests[one[0].name], one[1], complete), wanted):
                done.append(trial)
                watch(len(done), len(wanted))
        except BaseException:  # Ctrl-C above all: leaving the pool waits for its threads
            pool.shutdown(wait=False, cancel_futures=True)
            stop()
            raise
    return done


def _trial(one: EvalQuestion, first: Request, number: int, complete: Complete) -> Trial:
    """One question with its repairs, as a build puts it, but for the seed."""
    begin, question = time.monotonic(), one.question
    trial = Trial(one.name, number, kind=one.kind, topic=one.topic, known=one.truth is not None)
    exchanges = tries(
        lambda earlier: prompt(replace(question, attempt=len(earlier), earlier=earlier)) if earlier else first,
        lambda request: complete(replace(request, seed=request.seed + SEEDS * number)),
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


def sound(text: str, schema: Mapping[str, Any]) -> bool:
    """Whether an answer keeps to its schema."""
    try:
        return next(faults(recover(text, tuple(schema["properties"])), schema), None) is None
    except Rejected:
        return False
