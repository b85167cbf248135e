"""The settings that wishes ask for, in plain words, and which of them a wish may be about: wish_settings.json.

A setting is what an owner speaks of (“time to start”), a field is what a decision holds (`startup`, a probe). A model is
asked only about settings whose words a wish has. Where no word is known and the wish is to the topic itself, it is asked
about all of the topic.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Kind = Literal[
    "size",
    "cpu",
    "time",
    "count",
    "share",
    "version",
    "path",
    "folders",
    "names",
    "options",
    "distribution",
    "choice",
    "check",
]


@dataclass(frozen=True, slots=True, eq=False)
class WishSetting:
    """`choices` are phrases, by which a small model chooses better than by words of the schema, and what they stand for."""

    name: str
    field: str  # of the topic's decision
    kind: Kind
    meaning: str
    words: re.Pattern[str]
    choices: Mapping[str, str]
    reading: str  # the field of a sure reading (domain.wishes) that gives this setting its value


def settings(topic: str) -> tuple[WishSetting, ...]:
    """Every setting of a topic."""
    return _table().get(topic, ())


def spoken(
    topic: str, wishes: Collection[str], own: Collection[str], fields: Collection[str]
) -> tuple[WishSetting, ...]:
    """The settings that wishes may be about, of those whose field can be chosen: all where wishes to this topic alone
    (`own`) have no known word.
    """
    known = tuple(one for one in settings(topic) if one.field in fields)
    found = tuple(one for one in known if any(one.words.search(wish.lower()) for wish in wishes))
    return found or (known if own else ())


@cache
def _table() -> dict[str, tuple[WishSetting, ...]]:
    data = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return {
        topic: tuple(
            WishSetting(
                row["name"],
                row["field"],
                row["kind"],
                row["meaning"],
                re.compile(row["words"]),
                row.get("choices", {}),
                row.get("reading", row["field"]),
            )
            for row in rows
        )
        for topic, rows in data.items()
    }
