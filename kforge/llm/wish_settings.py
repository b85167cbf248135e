"""The settings that wishes ask for, in plain words, and which of them a wish may be about: wish_settings.json.

A setting is what an owner speaks of (“time to start”), a field is what a decision holds (`startup`, a probe). A model is
asked only about settings whose words a wish has, and about an amount only where the wish has a number: what it is not
asked it cannot invent. Where no word is known and the wish is to the topic itself, it is asked about all of the topic.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from kforge.domain.wishes.amounts import numbers

Kind = Literal["size", "cpu", "time", "count", "share", "version", "path", "folders", "names", "choice"]
_NUMBERED: Collection[Kind] = ("size", "cpu", "time", "share", "version")
_NONE_AT_ALL = re.compile(r"\b(?:never|once|first|root|nie|jamais|nunca)\b")


@dataclass(frozen=True, slots=True)
class Setting:
    """`choices` are phrases, by which a small model chooses better than by words of the schema, and what they stand for."""

    name: str
    field: str  # of the topic's decision
    kind: Kind
    meaning: str
    words: re.Pattern[str]
    choices: Mapping[str, str]


def settings(topic: str) -> tuple[Setting, ...]:
    """Every setting of a topic."""
    return _table().get(topic, ())


def spoken(topic: str, wishes: Collection[str], own: Collection[str], fields: Collection[str]) -> tuple[Setting, ...]:
    """The settings that wishes may be about, of those whose field can be chosen. `own` are the wishes to this topic alone."""
    known = [one for one in settings(topic) if one.field in fields]
    found = tuple(one for one in known if any(_about(one, wish.lower()) for wish in wishes))
    if found or not own:
        return found
    return tuple(one for one in known if any(_askable(one, wish.lower()) for wish in own))


def _about(setting: Setting, wish: str) -> bool:
    return bool(setting.words.search(wish)) and _askable(setting, wish)


def _askable(setting: Setting, wish: str) -> bool:
    if setting.kind in ("path", "folders"):
        return "/" in wish
    if setting.kind == "count":
        return bool(numbers(wish) or _NONE_AT_ALL.search(wish))
    return setting.kind not in _NUMBERED or bool(numbers(wish))


@cache
def _table() -> dict[str, tuple[Setting, ...]]:
    data = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return {
        topic: tuple(
            Setting(
                row["name"], row["field"], row["kind"], row["meaning"], re.compile(row["words"]), row.get("choices", {})
            )
            for row in rows
        )
        for topic, rows in data.items()
    }
