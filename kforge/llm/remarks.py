"""What of an owner's words asks for nothing: remarks about another time, machine or program, questions, thanks, quotes,
and what is said only to be refused.

A small model takes every value that it is shown for one that is wanted, so what is left out here is what it cannot get
wrong. A sentence is left out as a whole where nothing in it asks for something. The words are in remarks.json.
"""

from __future__ import annotations

import json
import re
from functools import cache, lru_cache
from pathlib import Path

from kforge.domain.wishes.heard import REFUSED
from kforge.domain.wishes.readings import readings
from kforge.llm.likeness import Likeness, grams
from kforge.llm.wish_examples import REMARK, examples

SENTENCE = re.compile(r"(?:[^.!?。！？\n]|[.](?=\S)){1,2000}")
_ASKS_BACK = re.compile(r"[?？]")
_HOUR, _STATUS = re.compile(r"[0-9]{1,2} ?h(?:[0-9]{2})?"), re.compile(r"[45][0-9]{2}s")
WISH = "wish"
_SHORT = 40  # runs of letters: “it calls ffmpeg and curl” may be either
_FEW, _MANY = 2, 4  # sentences that are judged together: what one says of the other counts
_SURE, _DOUBTED = 20_000, 20_000  # a remark by its examples; one by its words, unless examples say much against it
_NEAR = 60  # characters around a number that may say what it counts


@lru_cache(maxsize=512)  # each topic of a service asks about the same wishes
def said_now(text: str) -> str:
    """A text with blanks in the place of each sentence, or quote, that asks for nothing today: places stay the same.
    Linear in its length.
    """
    quiet = _words("quoted").sub(_blank, text)
    sentences = [found for found in SENTENCE.finditer(quiet) if found[0].strip()]
    if len(sentences) <= _MANY and _words("declined").search(quiet):
        return " " * len(quiet)
    whole = remarked(quiet) if len(sentences) <= _FEW else None
    kept = list(quiet)
    for found in sentences:
        if _asks_nothing(found, quiet, whole):
            kept[found.start() : found.end()] = " " * len(found[0])
    return "".join(kept)


def remarked(text: str) -> int:
    """How much more a text is like remarks than like wishes, in thousandths of a natural logarithm; 0 for one that is too
    short to tell.
    """
    if len(grams(text)) < _SHORT:
        return 0
    scores = likeness().scores(text)
    return scores[REMARK] - scores[WISH]


@cache
def likeness() -> Likeness:
    """Learned from the examples of wishes, to any setting, and of remarks."""
    return Likeness((text, REMARK if label == REMARK else WISH) for label, text in examples())


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
    if _words("together").match(behind):
        return False
    return not measured and bool(_words("numbered").search(before) or _words("counted").match(behind))


def of_the_day(low: str, start: int, end: int) -> bool:
    """Whether a time is one of the day, `às 9h`, or the status of an answer, `random 502s`."""
    before = low[max(0, start - _NEAR) : start]
    if _STATUS.fullmatch(low, start, end):
        return bool(_words("statuses").search(before))
    return bool(_HOUR.fullmatch(low, start, end) and _words("hours").search(before))


def of_so_many(low: str, start: int) -> bool:
    """Whether a number says of how many: “one of the four may be missing”."""
    return bool(_words("total").search(low[max(0, start - _NEAR) : start]))


def against(clause: str) -> bool:
    """Whether a part of a sentence speaks against the values in it: with less a program fails, more is not wanted."""
    if _words("against").search(clause):
        return True
    return negated(clause) and not bounded(clause)


def negated(clause: str) -> bool:
    """Whether a part of a sentence has a word that denies."""
    return bool(_words("negated").search(clause))


def bounded(clause: str) -> bool:
    """Whether a part of a sentence names a limit: more than, at most."""
    return bool(_words("bounded").search(clause))


def _asks_nothing(found: re.Match[str], text: str, whole: int | None) -> bool:
    """Whether a sentence asks for nothing. `whole`: how much the few sentences around it, and it, are like remarks."""
    said = found[0]
    if any(one.topic == REFUSED and one.name != "root" for one in readings(said)):
        return True  # who asks for root is told of the limit to users
    if _words("forbidden").search(said) and not bounded(said):
        return True
    alike, asked, back = remarked(said), asks(said), bool(_ASKS_BACK.match(text, found.end()))
    sure = _SURE if whole is not None else 2 * _SURE
    # “never more than one core” asks, too
    if not (asked or bounded(said)) and alike > sure and (whole is None or whole > sure):
        return True
    never = _words("later").search(said) or _words("theirs").search(said) or (back and _words("wondered").search(said))
    return bool(never or (not asked and (back or _words("elsewhere").search(said)))) and alike > -_DOUBTED


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


@cache
def _words(kind: str) -> re.Pattern[str]:
    """The pattern of a kind of words: an alternative for each line of the table."""
    return re.compile("|".join(_table()[kind]), re.IGNORECASE)


@cache
def _table() -> dict[str, list[str]]:
    data: dict[str, list[str]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return data
