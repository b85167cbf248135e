"""The small question about lines of a source that may tell what no detector reads: what each of them means.

It shows the lines and phrases to choose from, and nothing of the usual answer. A model reads; code decides what follows
(line_effects.py), within the limits of every answer. The line is the reason, so a person can judge it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from kforge.domain.decision import Answer
from kforge.domain.invisible_chars import line as one_line
from kforge.domain.invisible_chars import visible
from kforge.domain.model.answer_fields import choice, record
from kforge.domain.secrets.redact import redact
from kforge.llm.answer_schema import FieldSchemas, asked_fields, wide
from kforge.llm.complete_answer import completed
from kforge.llm.line_candidates import lines
from kforge.llm.line_effects import effect
from kforge.llm.reasons import NO_CHOICE, reason
from kforge.llm.small_answer import Fields, worked_in
from kforge.llm.telling_line import TellingLine
from kforge.llm.wish_values import spoken_key

if TYPE_CHECKING:
    from kforge.domain.model.question import Question

MOST = 6  # lines of one question
ELSE, UNSAID = "something else", "not said"
_SHOWN = 160  # characters of a line


@dataclass(frozen=True, slots=True)
class LineForm:
    """What is asked: lines by the name under which the question speaks of each."""

    lines: Mapping[str, TellingLine]

    template, system = "line", "line_system"

    def __bool__(self) -> bool:
        return bool(self.lines)

    def schema(self) -> dict[str, Any]:
        """Each line with the phrases that can be chosen for it."""
        return record({key: choice(*one.choices, unsaid(one)) for key, one in self.lines.items()})

    def _asked(self) -> list[dict[str, Any]]:
        """Each line's key, what is asked of it, and what can be chosen."""
        return [
            {
                "key": key,
                "ask": one.ask or f"what is {one.words or f'the {one.kind} in line {one.number}'}?",
                "choices": [*one.choices, unsaid(one)],
            }
            for key, one in self.lines.items()
        ]

    def shown(self, question: Question) -> dict[str, Any]:
        """The files with their lines, and what is asked of each line."""
        return {"files": self._files(question), "lines": self._asked()}

    def answer(self, said: Mapping[str, Any], question: Question) -> Answer:
        """The usual decision with what the lines mean."""
        return _answer(said, question, self)

    def _files(self, question: Question) -> list[dict[str, Any]]:
        """Files with the lines that are shown of them, each once."""
        wanted: dict[str, set[int]] = {}
        for one in self.lines.values():
            wanted.setdefault(one.file, set()).update(range(one.first, one.first + len(one.rows)))
        return [
            {"name": one_line(redact(file), _SHOWN), "rows": _rows(question, file, numbers)}
            for file, numbers in wanted.items()
        ]


def line_form(question: Question) -> LineForm:
    """The form about a question's lines; empty where no line may change anything."""
    found: dict[str, TellingLine] = {}
    usual, schemas = completed(question, {}), wide(asked_fields(question))
    telling = [one for one in lines(question) if _may_move(question, one, usual, schemas)]
    for number, one in enumerate(telling[:MOST], start=1):
        words = spoken_key(one.words) if one.words else f"line_{one.number}"
        found[words if words not in found else f"{words}_{number}"] = one
    return LineForm(found)


def _may_move(question: Question, one: TellingLine, usual: Fields, schemas: FieldSchemas) -> bool:
    """Whether anything that a line may mean changes the decision within the limits."""
    changes = [partial(effect, question, name, one.value) for name in one.choices.values() if name]
    return any(worked_in(question, [change], usual, schemas)[0] != usual for change in changes)


def _answer(found: Mapping[str, Any], question: Question, form: LineForm) -> Answer:
    usual = completed(question, {})
    meant = [(one, one.choices.get(found[key], "")) for key, one in form.lines.items()]
    telling = [(one, name) for one, name in meant if name]
    changes = [partial(effect, question, name, one.value) for one, name in telling]
    made, refused = worked_in(question, changes, usual, wide(asked_fields(question)))
    usually = question.baseline.reasons
    reasons = {
        name: _why(question, name, made, usual, [one for at, one in enumerate(telling) if at not in refused])
        if made[name] != usual.get(name)
        else usually.get(name, NO_CHOICE)
        for name in made
    }
    told = [f"{question.target}: {_place(telling[at][0])} is not followed: {fault}" for at, fault in refused.items()]
    return Answer(made, reasons, tuple(told))


def _why(
    question: Question,
    field: str,
    made: Mapping[str, Any],
    usual: Mapping[str, Any],
    telling: Sequence[tuple[TellingLine, str]],
) -> str:
    """The line that moved a field to what it is, in its own words: the last of several."""
    before, moved = dict(usual), None
    for one, name in telling:
        change = effect(question, name, one.value, before)
        if field in change and change[field] != before.get(field):
            moved = one
        before |= change
    if moved:
        return reason(f"{_place(moved)} says: {one_line(redact(moved.text, moved.file), _SHOWN)}")
    return reason(f"{_place(telling[-1][0])} says so") if telling else NO_CHOICE


def unsaid(one: TellingLine) -> str:
    """What can be said of a line that tells nothing."""
    return UNSAID if one.ask else ELSE


def _place(one: TellingLine) -> str:
    return f"{one.file}:{one.number}"


def _rows(question: Question, file: str, numbers: Collection[int]) -> list[str]:
    # From the first line on, so that a key which began above is seen to be one.
    rows = redact(question.excerpt(file, 1, max(numbers)), file).split("\n")
    return [
        f"{at}: {visible(row)[:_SHOWN].rstrip()}" for at, row in enumerate(rows, 1) if at in numbers and row.strip()
    ]
