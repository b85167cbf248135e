"""What of an owner's words asks for nothing: remarks about another time, machine or program, questions, thanks, quotes,
and what is said only to be refused.

A small model takes every value that it is shown for one that is wanted, so what is left out here is what it cannot get
wrong. A sentence is left out as a whole where nothing in it asks for something. The words are in remarks.json.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from kforge.domain.wishes.heard import REFUSED
from kforge.domain.wishes.readings import readings

SENTENCE = re.compile(r"(?:[^.!?。！？\n]|[.](?=\S)){1,2000}")
_ASKS_BACK = re.compile(r"[?？]")
_NEAR = 60  # characters around a number that may say what it counts


def said_now(text: str) -> str:
    """A text with blanks in the place of each sentence, or quote, that asks for nothing today: places stay the same.
    Linear in its length.
    """
    return SENTENCE.sub(_today, _words("quoted").sub(_blank, text))


def asks(sentence: str) -> bool:
    """Whether a sentence asks for something: with a need, or with the name of a deed."""
    return bool(_words("asked").search(sentence))


def counts_else(low: str, start: int, end: int, measured: bool) -> bool:
    """Whether a number of a text in lower case is one of people, money, traffic, a date or a ticket. One that is `measured`
    has a unit of its own.
    """
    before, behind = low[max(0, start - _NEAR) : start], low[end : end + _NEAR]
    if _words("rated").match(behind):
        return True
    return not measured and bool(_words("numbered").search(before) or _words("counted").match(behind))


def against(clause: str) -> bool:
    """Whether a part of a sentence speaks against the values in it: with less a program fails, more is not wanted."""
    if _words("against").search(clause):
        return True
    return bool(_words("negated").search(clause)) and not _words("bounded").search(clause)


def _today(found: re.Match[str]) -> str:
    said, text = found[0], found.string
    asked = asks(said)
    back = bool(_ASKS_BACK.match(text, found.end()))
    never = _words("later").search(said) or _words("theirs").search(said)
    if never or (_words("forbidden").search(said) and not _words("bounded").search(said)):
        return _blank(found)
    if any(one.topic == REFUSED for one in readings(said)) or (back and _words("wondered").search(said)):
        return _blank(found)
    return said if asked or not (back or _words("elsewhere").search(said)) else _blank(found)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


@cache
def _words(kind: str) -> re.Pattern[str]:
    """The pattern of a kind of words: an alternative for each line of the table."""
    lines = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))[kind]
    return re.compile("|".join(lines), re.IGNORECASE)
