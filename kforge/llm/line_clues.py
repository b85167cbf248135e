"""What a line of a source may tell of a decision that detectors do not read: line_clues.json.

A clue is a kind of line: the words that such a line has, the kind of value that stands in it, and phrases for what it may
mean, each with the effect that it has on the decision (line_effects.py), or none.
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
    near: re.Pattern[str] | None  # … and a line around it one of these
    only: Literal["", "job", "service"]
    place: Literal["", "text", "settings"]  # where it stands alone: in what people read, in configuration files
    sure: bool  # of a line that others fit as well, it says what there is to choose
    ask: str  # what is asked of a line without a value
    is_handler: bool  # the lines that answer a route of the usual decision's probes
    choices: Mapping[str, str]  # phrase → effect, "" for none


def clues(topic: str) -> tuple[Clue, ...]:
    """Every kind of line that may tell something of a topic."""
    return _table().get(topic, ())


@cache
def _table() -> dict[str, tuple[Clue, ...]]:
    data = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return {topic: tuple(map(_clue, rows)) for topic, rows in data.items()}


def _clue(row: Mapping[str, Any]) -> Clue:
    def pattern(name: str) -> re.Pattern[str] | None:
        return re.compile(row[name]) if name in row else None

    return Clue(
        name=row["name"],
        value=row.get("value", ""),
        words=pattern("line"),
        file=re.compile(row["line"], re.MULTILINE) if "line" in row else None,
        around=row.get("around", 1),
        unless=pattern("unless"),
        near=pattern("near"),
        only=row.get("only", ""),
        place=row.get("place", ""),
        sure=row.get("sure", False),
        ask=row.get("ask", ""),
        is_handler=row.get("handler", False),
        choices=row["choices"],
    )
