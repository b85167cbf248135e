"""Amounts in a text of a person: “2 GiB”, “ten minutes”, “500m CPU”.

Numbers are digits or words, units are names, both of seventeen languages: languages.json is made of Unicode's CLDR and of
num2words, units.json holds what people say besides. A gigabyte is taken for a gibibyte: people say the one and mean the
other, and Kubernetes counts in powers of two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

_TABLES = ("languages", "units")  # the later goes before the earlier
_HALVES = (
    r" (?:and a half|et demie?|y medi[oa]|e mei[oa]|e mezz[oa]|с половиной|i pół|buçuk|und eine halbe|en een half)"
)
_HALF, _BEHIND = re.compile(_HALVES), re.compile(rf"{_HALVES}|半")
_ARTICLE = re.compile(rf"(?:an?|une?|ein[en]?|un[ao]?|uma?|een)(?= \w+{_HALVES})")  # “a minute and a half”
_BEGIN = re.compile(r"(?<![a-zà-ÿ0-9_.,])\w")
_BEGIN_NUMBER = re.compile(r"(?<![0-9.,])([0-9]{1,7}(?:[.,][0-9]{1,3}(?![0-9]))?)|(?<!\w)[^\W\d]")
_DIGITS = re.compile(r"[0-9]{1,7}(?:[.,][0-9]{1,3})?")
_RANK = re.compile(r"(?:st|nd|rd|th|:[ea]|-?(?:й|я|ю)|[ºª°])(?= )")  # “every 20th second”
_WORD_LONG = 20  # characters of what stands before a rank
_EACH = re.compile(
    r"\b(?:every|each|var|varje|jede\w*|кажд\w+|кожн\w+|chaque|toutes les|cada|ogni|elke|co|každ\w+|her) $"
)
_BETWEEN, _MORE = re.compile(r"[ -]"), re.compile(r"(?:more|full|whole) ")
_LETTER, _WORD, _CYRILLIC = re.compile(r"[a-zà-ÿа-яё]"), re.compile(r"\w"), re.compile("[а-яёіїє]{3,}")
_GOES_ON = re.compile(r"[a-zà-ÿ0-9_]")
_ORDINAL = re.compile(r"(?<![\w.])(?:([0-9]{1,3})(?:st|nd|rd|th)|[^\W\d_]{3,20})(?![\w-])")
_CLOCK_FORM = re.compile(r"[0-9]{1,3}(?:h[0-9]{1,2}(?:m(?:in)?(?:[0-9]{1,2}s)?)?|m(?:in)?[0-9]{1,2}s)")
_CLOCK = re.compile(r"(?:([0-9]{1,3})h)?(?:([0-9]{1,3})m?(?:in)?)?(?:([0-9]{1,2})s)?")  # 1h30, 2m30s
_CLOCK_SECONDS = (3600, 60, 1)
_AND = re.compile(r" | (?:and|und|et|y|e|i|и|en) ")  # between the parts of one time
_A_HALF, _NOTHING = Fraction(1, 2), Fraction(0)
_MILLICORE, _LEAST_MILLICORES = Fraction(1, 1000), 50  # `500m` is half a core; `5m` may as well be minutes or metres


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit. `value` is in bytes, seconds, cores, replicas or times, one `unit` is so many of them; `start`
    and `end` are where it stands.
    """

    kind: str  # size, time, cpu, replicas, times
    value: Fraction
    start: int
    end: int
    unit: Fraction = Fraction(1)


def amounts(text: str) -> tuple[Amount, ...]:
    """Every amount of a text in lower case, in its order; “2 min 30 s” is one. Linear in the length of the text."""
    found: list[Amount] = []
    at = 0
    while begin := _BEGIN.search(text, at):
        one = _amount_at(text, begin.start())
        at = one.end if one else begin.end()
        last = found[-1] if found else None
        if one is None or (one.unit == _MILLICORE and one.kind == "cpu" and text[one.end - 1] == "m" and _few(one)):
            continue
        if (
            last
            and one.kind == last.kind == "time"
            and one.value < last.unit
            and _AND.fullmatch(text, last.end, one.start)
        ):
            found[-1] = Amount("time", last.value + one.value, last.start, one.end, one.unit)
        else:
            found.append(one)
    return tuple(found)


def _few(one: Amount) -> bool:
    return one.value < _LEAST_MILLICORES * _MILLICORE


def _amount_at(text: str, start: int) -> Amount | None:
    """The amount that begins at a place: a number, a blank or a dash at most, a unit, of each the longest that fits. A word
    and a unit in Latin letters have something between them, so that `halbes` is no half second.
    """
    clock = _CLOCK_FORM.match(text, start)
    if clock and not _GOES_ON.match(text, clock.end()):
        parts = zip(_CLOCK_SECONDS, _CLOCK.findall(clock[0])[0], strict=True)
        value = sum((Fraction(int(digits or 0) * seconds) for seconds, digits in parts), Fraction(0))
        return Amount("time", value, start, clock.end())
    for end, number in _numbers_at(text, start, _with_units(), _counting()):
        half = _HALF.match(text, end)
        for more, until in (*([(_A_HALF, half.end())] if half else ()), (_NOTHING, end)):
            between = _BETWEEN.match(text, until)
            if between is None and _LETTER.match(text[until - 1]):
                continue
            unit = _unit_at(text, between.end() if between else until)
            ranked = text[start].isdigit() and not text[end - 1].isdigit()
            if unit and ranked and not (unit[0] == "time" and _EACH.search(text, max(0, start - _WORD_LONG), start)):
                continue  # the 2nd replica
            if unit:
                kind, factor, last, behind = unit
                return Amount(kind, (number + max(more, behind)) * factor, start, last, factor)
    return _late_amount(text, start) or _whole_amount(text, start)


def _whole_amount(text: str, start: int) -> Amount | None:
    """A word that is number and unit in one: `полчаса`, `하루`."""
    for name in _named_at(text, start, _wholes()):
        within = start and _WORD.match(text[start - 1])
        if name[-1] > "\u3000" or (_ends(text, start + len(name)) and not within):  # these go on without a blank
            return Amount("time", Fraction(_data("units")["whole"]["time"][name]), start, start + len(name))
    return None


def _unit_at(text: str, start: int) -> tuple[str, Fraction, int, Fraction] | None:
    """Kind, factor, end and the half behind it (“minute and a half”) of the longest unit at a place."""
    more = _MORE.match(text, start)
    for name in _named_at(text, more.end() if more else start, _measuring()):
        end = (more.end() if more else start) + len(name)
        half = _BEHIND.match(text, end)
        for last, behind in (*([(half.end(), _A_HALF)] if half else ()), (end, _NOTHING)):
            if not _GOES_ON.match(text, last):
                return (*_units()[name], last, behind)
    return None


def _late_amount(text: str, start: int) -> Amount | None:
    """An amount whose unit goes first, as Russian and Ukrainian say “about”: `минут семь`."""
    for name in _named_at(text, start, _measuring()):
        kind, factor = _units()[name]
        end = start + len(name)
        if kind == "time" and _CYRILLIC.fullmatch(name) and text[end : end + 1] == " ":
            for last, number in _numbers_at(text, end + 1, _numbers(), _plain()):
                if not _WORD.match(text, last) and not _unit_at(text, last + (text[last : last + 1] == " ")):
                    return Amount(kind, number * factor, start, last, factor)
    return None


def _numbers_at(
    text: str, start: int, words: Mapping[str, Fraction], known: Mapping[str, Sequence[str]]
) -> Iterator[tuple[int, Fraction]]:
    """Ends and values of the numbers at a place, in digits or in words, the longest first."""
    digits = _DIGITS.match(text, start)
    if digits:
        rank = _RANK.match(text, digits.end())
        yield rank.end() if rank else digits.end(), Fraction(digits[0].replace(",", "."))
        return
    for name in _named_at(text, start, known):
        yield start + len(name), words[name]
    article = _ARTICLE.match(text, start)
    if article:
        yield article.end(), Fraction(1)


def _named_at(text: str, start: int, names: Mapping[str, Sequence[str]]) -> Iterator[str]:
    return (name for name in names.get(text[start : start + 1], ()) if text.startswith(name, start))


def numbers_in(text: str) -> tuple[tuple[int, int, Fraction], ...]:
    """Where a number begins and ends in a text in lower case, and its value: in digits or in words, of any unit."""
    found: list[tuple[int, int, Fraction]] = []
    at = 0
    while begin := _BEGIN_NUMBER.search(text, at):
        at = begin.end()
        if begin[1]:
            found.append((begin.start(), at, Fraction(begin[1].replace(",", "."))))
            continue
        name = next(
            (each for each in _named_at(text, begin.start(), _plain()) if _ends(text, begin.start() + len(each))), ""
        )
        if name:
            at = begin.start() + len(name)
            found.append((begin.start(), at, _numbers()[name]))
    return tuple(found)


def _ends(text: str, end: int) -> bool:
    return not _WORD.match(text, end)


def ordinals_in(text: str) -> tuple[tuple[int, int, Fraction], ...]:
    """Where an ordinal begins and ends in a text in lower case, and its number: `the tenth miss`, `10th`."""
    named = _data("languages")["ordinals"]
    found = ((match, match[1] or named.get(match[0])) for match in _ORDINAL.finditer(text))
    return tuple((match.start(), match.end(), Fraction(number)) for match, number in found if number)


def size_text(size: Fraction) -> str:
    """Bytes as a Kubernetes quantity of whole mebibytes or gibibytes: `1536Mi`, `2Gi`."""
    mebibytes = max(1, round(size / (1 << 20)))
    return f"{mebibytes // 1024}Gi" if mebibytes % 1024 == 0 else f"{mebibytes}Mi"


def cpu_text(cores: Fraction) -> str:
    """Cores as a Kubernetes quantity: `2`, `1500m`."""
    return str(cores.numerator) if cores.denominator == 1 else f"{max(1, round(cores * 1000))}m"


@cache
def _data(name: str) -> Any:
    return json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))


@cache
def _numbers() -> dict[str, Fraction]:
    """Words → the number that they say; what people say goes before what a table of languages has."""
    return {word: Fraction(str(value)) for name in _TABLES for word, value in _data(name)["numbers"].items()}


@cache
def _with_units() -> Mapping[str, Fraction]:
    """… and those that are numbers before a unit alone: `about a minute`, `every hour`."""
    return _numbers() | {word: Fraction(str(value)) for word, value in _data("units")["before"].items()}


@cache
def _units() -> dict[str, tuple[str, Fraction]]:
    return {
        name: (kind, Fraction(factor))
        for table in _TABLES
        for kind, factors in _data(table)["units"].items()
        for factor, names in factors.items()
        for name in names
    }


def _by_letter(names: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """Names by their first letter, the longest first: of thousands a few are looked at."""
    found: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda name: (-len(name), name)):
        found.setdefault(name[0], []).append(name)
    return found


@cache
def _wholes() -> Mapping[str, Sequence[str]]:
    return _by_letter(_data("units")["whole"]["time"])


@cache
def _plain() -> Mapping[str, Sequence[str]]:
    return _by_letter(_numbers())


@cache
def _counting() -> Mapping[str, Sequence[str]]:
    return _by_letter(_with_units())


@cache
def _measuring() -> Mapping[str, Sequence[str]]:
    return _by_letter(_units())
