"""What can be read surely from an owner's wish, without a model: “2 GiB of memory”, “three replicas”, “Alpine”, “port 8081”.

Sure is what names a setting and one value for it in one clause, asks for it and does not negate it. Everything else is
left to who understands sentences: a wrong reading would be a wrong finding. The words are in readings.json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from kforge.domain.wishes.amounts import Amount, amounts

_CLAUSE = re.compile(r"[.!?;,](?:\s|$)|\n|(?<=\w): (?=\w+ \w+ )|\b(?:and|but|und|aber|et|mais|y|pero|e|ma)\b")
_LONGEST = 2000  # characters that are read of a wish


@dataclass(frozen=True, slots=True)
class Reading:
    """A setting as `topic.field`, or `scale`, and the value that a wish gives it; `said` are the wish's own words."""

    field: str
    value: Fraction | str
    said: str

    @property
    def topic(self) -> str:
        return self.field.partition(".")[0]

    @property
    def name(self) -> str:
        """The field without its topic."""
        return self.field.partition(".")[2]


def readings(wish: str) -> tuple[Reading, ...]:
    """Everything that is sure in a wish, once a setting: two values for one setting are none."""
    found: dict[str, list[Reading]] = {}
    for clause in _CLAUSE.split(wish[:_LONGEST]):
        said = " ".join(clause.split())
        for reading in (*_amounts(said.lower(), said), *_words(said.lower(), said)):
            found.setdefault(reading.field, []).append(reading)
    return tuple(many[0] for many in found.values() if len({one.value for one in many}) == 1)


def _amounts(clause: str, said: str) -> Iterator[Reading]:
    table, every = _table(), amounts(clause)
    for kind in dict.fromkeys(one.kind for one in every):
        amount = _only([one for one in every if one.kind == kind], clause)
        form = next((form for form in table.amounts if form.kind == kind and form.fits(clause)), None)
        if amount and form and (form.negated or not table.negated.search(clause)):
            yield Reading(form.field, amount.value, said)


def _only(found: list[Amount], clause: str) -> Amount | None:
    """The one amount of a clause; of several the one that the words before it ask for."""
    asked = [one for one in found if _table().asking.search(clause[: one.start])]
    if len(asked) == 1:
        return asked[0]
    return found[0] if len(found) == 1 else None


def _words(clause: str, said: str) -> Iterator[Reading]:
    negated = bool(_table().negated.search(clause))
    for form in _table().words:
        if negated and not form.negated:
            continue
        found = {match[1] for match in form.form.finditer(clause)} if form.form and form.fits(clause) else ()
        if len(found) == 1:
            yield Reading(form.field, form.value or _named(next(iter(found))), said)


def _named(value: str) -> str:
    """A value with the name that images have: `go 1.25` is `golang 1.25`."""
    head, blank, rest = value.partition(" ")
    return _table().images.get(head, head) + blank + rest.removeprefix("v")


@dataclass(frozen=True, slots=True)
class _Form:
    """How a setting is asked for: words that must be there, and words that make it unsure."""

    field: str
    cue: re.Pattern[str]
    unless: re.Pattern[str] | None
    kind: str = ""  # of the amount
    negated: bool = False  # whether “never more than” and the like are part of it
    value: str = ""  # what it asks for, where that is not what its group holds
    form: re.Pattern[str] | None = None  # with the value as its group

    def fits(self, clause: str) -> bool:
        return bool(self.cue.search(clause)) and not (self.unless and self.unless.search(clause))


@dataclass(frozen=True, slots=True)
class _Table:
    negated: re.Pattern[str]
    asking: re.Pattern[str]
    images: Mapping[str, str]
    amounts: tuple[_Form, ...]
    words: tuple[_Form, ...]


@cache
def _table() -> _Table:
    data = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))

    def form(row: dict[str, str]) -> _Form:
        pattern = {name: re.compile(row[name]) for name in ("unless", "form") if name in row}
        return _Form(
            row["field"],
            re.compile(row["cue"]),
            pattern.get("unless"),
            row.get("kind", ""),
            bool(row.get("negated")),
            row.get("value", ""),
            pattern.get("form"),
        )

    return _Table(
        re.compile(data["not"]),
        re.compile(data["asking"]),
        data["images"],
        tuple(map(form, data["amounts"])),
        tuple(map(form, data["words"])),
    )
