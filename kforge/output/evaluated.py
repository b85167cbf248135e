"""Verdicts on models → the table that compares them, or JSON. Unaware of who was asked, and how."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kforge.llm.eval_questions import KINDS
from kforge.output.json_text import dump
from kforge.output.layout import Line, Table, rows, show
from kforge.output.text import say

if TYPE_CHECKING:
    from kforge.errors import Error
    from kforge.llm.evaluation import Score, Verdict
    from kforge.model_eval import Posed

_KIND_ROWS = {
    "wish": "wishes heard as they are meant",
    "fact": "lines read as approved",
    "keep": "left alone where nothing is asked for",
    "refuse": "left alone where no model may follow",
}
_SHARES = (
    ("accepted at first try", "first"), ("accepted after a repair", "repaired"), ("never accepted", "refused"),
    ("answers that keep to the schema", "sound"), ("fields alike among repetitions", "steady"),
)  # fmt: skip


def shown(verdicts: Sequence[Verdict], unasked: Mapping[str, Error], found: Posed) -> None:
    """The table with a column for each model, and below it what a reader should do about it."""
    remarks = [line for one in verdicts for line in (*_too_small(one, found.decides), *_problems(one))]
    show(Table(rows(*_cells(verdicts)), ("", *(one.model for one in verdicts))), *remarks)
    for name, error in unasked.items():
        hint = error.problems[0].hint
        say(f"{name} was not asked: {error.problems[0].message}" + (f"; {hint}" if hint else ""))


def _cells(verdicts: Sequence[Verdict]) -> Iterator[tuple[str, ...]]:
    for kind in KINDS:
        if any(_of(one.kinds, kind).of for one in verdicts):
            yield _KIND_ROWS[kind], *(_right(_of(one.kinds, kind)) for one in verdicts)
    for kind, words in (("wish", "wishes"), ("fact", "lines")):
        scores = [_of(one.kinds, kind) for one in verdicts]
        if any(score.unknown for score in scores):
            yield f"{words} without known truth: moved something", *(f"{one.moved} of {one.unknown}" for one in scores)
            if any(score.steady is not None for score in scores):
                yield f"{words} without known truth: alike again", *(_percent(one.steady) for one in scores)
    for topic in sorted({topic for one in verdicts for topic in one.topics if one.topics[topic].of}):
        yield f"right about {topic}", *(_right(_of(one.topics, topic)) for one in verdicts)
    for words, name in _SHARES:
        yield words, *(_percent(getattr(one, name)) for one in verdicts)
    yield "no answer came", *(f"{one.faults} of {one.trials}" for one in verdicts)
    yield "seconds a question, median", *("-" if one.median is None else f"{one.median:.1f}" for one in verdicts)
    yield "seconds in all", *(f"{one.seconds:.0f}" for one in verdicts)
    yield "tokens in, out", *(f"{one.usage.input}, {one.usage.output}" for one in verdicts)
    yield "US dollars", *(_dollars(one) for one in verdicts)
    if any(one.locked is not None for one in verdicts):
        yield "fields as in the lock", *(_percent(one.locked) for one in verdicts)


def _of(scores: Mapping[str, Score], name: str) -> Score:
    from kforge.llm.evaluation import Score

    return scores.get(name) or Score()


def _right(score: Score) -> str:
    return f"{score.right} of {score.of}" if score.of else "-"


def _too_small(one: Verdict, decides: Sequence[str]) -> Iterator[Line]:
    """Topics that are better left to the heuristics, and what to write."""
    if not one.too_small:
        return
    told = ", ".join(f"{topic}: {_right(one.topics[topic])} right" for topic in one.too_small)
    left = [topic for topic in decides if topic not in one.too_small]
    them = "it" if len(one.too_small) == 1 else "them"
    way = f"`decides: [{', '.join(left)}]`" if left else "name no `model`"
    yield Line()
    yield Line.of(f"{one.model} is too small for {told}; leave {them} to the heuristics: {way}", "bold")


def _problems(one: Verdict) -> Iterator[Line]:
    if one.problems:
        yield Line()
        yield Line.of(f"{one.model}, what went wrong most:", "bold")
        yield from (Line.of(problem, indent=2) for problem in one.problems)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.0f} %"


def _dollars(one: Verdict) -> str:
    if one.cost is None or one.price is None:
        return "unknown"
    return f"{one.cost:.4f} ({one.price.date})" if one.price.date else "none: it runs here"


def as_json(verdicts: Sequence[Verdict], unasked: Mapping[str, Error], found: Posed, times: int) -> str:
    """Everything that the table is made of, and each question with how often a model was right."""
    told: dict[str, Any] = {
        "questions": [
            {
                "name": name,
                "target": one.question.target,
                "kind": one.kind,
                "own": not one.wish,
                "known": one.truth is not None,
            }
            for name, one in found.questions.items()
        ],
        "times": times,
        "models": [{**asdict(one), "too_small": [*one.too_small]} for one in verdicts],
        "unasked": [
            {"model": name, "why": error.problems[0].message, "hint": error.problems[0].hint}
            for name, error in sorted(unasked.items())
        ],
    }
    return dump(told)
