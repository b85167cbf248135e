"""What a line of a source may tell of a decision that detectors do not read: line_clues.json.

A clue is a kind of line: the words or the key that such a line has, the kind of value that stands in it, and phrases for
what it may mean, each with the effect that it has on the decision (line_effects.py), or none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

LineValue = Literal["", "size", "time", "count", "start", "folder", "package"]


@dataclass(frozen=True, slots=True, eq=False)
class Clue:
    """One kind of telling line of a topic's sources."""

    name: str
    value: LineValue
    words: re.Pattern[str] | None  # the line has one of them
    file: re.Pattern[str] | None  # … so its file does: most files have none, which one search says
    around: int  # … or one so many lines away
    unless: re.Pattern[str] | None  # … and none of these
    beside: re.Pattern[str] | None  # … and its sentence one of these
    near: re.Pattern[str] | None  # … and a line around it one of these
    key: re.Pattern[str] | None  # instead of words: a key of a file of settings
    under: re.Pattern[str] | None  # … below one of these
    only: Literal["", "job", "service"]
    place: Literal[
        "", "text", "settings", "code"
    ]  # where it stands alone: in what people read, in settings, in code as well
    is_sure: bool  # of a line that others fit as well, it says what there is to choose
    ask: str  # what is asked of a line without a value
    # The lines that answer a route of the usual decision's probes, or a signal.
    handler: Literal["", "asks", "waits", "stops"]
    is_patience: bool  # the value is the period of a probe times its failures
    choices: Mapping[str, str]  # phrase → effect, "" for none


def clues(topic: str) -> tuple[Clue, ...]:
    """Every kind of line that may tell something of a topic."""
    return _table().get(topic, ())


@cache
def elsewhere() -> re.Pattern[str]:
    """What a sentence has that speaks of something else than the program in production."""
    return re.compile(_joined(_data()["elsewhere"]))


@cache
def sections() -> re.Pattern[str]:
    """What the head of a section has that is about something else than the program in production."""
    return re.compile(_joined(_data()["sections"]))


@cache
def _data() -> Any:
    return json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))


@cache
def _table() -> dict[str, tuple[Clue, ...]]:
    return {topic: tuple(map(_clue, rows)) for topic, rows in _data()["topics"].items()}


def _joined(words: str | list[str]) -> str:
    """A pattern that is written as one text, or as a list of what may stand; `@name` is a list that several have."""
    listed = [words] if isinstance(words, str) else words
    lists = _data()["lists"]
    return "|".join(_joined(lists[one[1:]]) if one.startswith("@") else one for one in listed)


def _clue(row: Mapping[str, Any]) -> Clue:
    def pattern(name: str, before: str = "", behind: str = "") -> re.Pattern[str] | None:
        return re.compile(f"{before}(?:{_joined(row[name])}){behind}") if name in row else None

    return Clue(
        name=row["name"],
        value=row.get("value", ""),
        words=pattern("line"),
        file=re.compile(_joined(row["line"]), re.MULTILINE) if "line" in row else None,
        around=row.get("around", 1),
        unless=pattern("unless"),
        beside=pattern("beside"),
        near=pattern("near"),
        key=pattern("key", r"(?<![\w.-])", "" if row.get("bare") else r"[\"']?\s?[:=]"),
        under=pattern("under"),
        only=row.get("only", ""),
        place=row.get("place", ""),
        is_sure=row.get("sure", False),
        ask=row.get("ask", ""),
        handler=row.get("handler", ""),
        is_patience=row.get("patience", False),
        choices=row["choices"],
    )
