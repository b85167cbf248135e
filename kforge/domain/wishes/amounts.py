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
_HALF = r" (?:and a half|et demie?|y medi[oa]|e mei[oa]|e mezz[oa]|с половиной|i pół|buçuk|und eine halbe|en een half)"
_ARTICLE = r"(?:an?|une?|ein[en]?|un[ao]?|uma?|een)"
_CLOCK = re.compile(r"(?:([0-9]{1,3})h)?(?:([0-9]{1,3})m?(?:in)?)?(?:([0-9]{1,2})s)?")  # 1h30, 2m30s
_CLOCK_SECONDS = (3600, 60, 1)
_AND = re.compile(r" | (?:and|und|et|y|e|i|и|en) ")  # between the parts of one time
_LEAST_MILLICORES = 50  # `500m` is half a core; `5m` may as well be minutes or metres


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
    table = _units()
    found: list[Amount] = []
    for match in _pattern().finditer(text):
        if match["clock"]:
            parts = zip(_CLOCK_SECONDS, _CLOCK.findall(match["clock"])[0], strict=True)
            value = sum((Fraction(int(digits or 0) * seconds) for seconds, digits in parts), Fraction(0))
            found.append(Amount("time", value, match.start(), match.end()))
            continue
        kind, factor = table[match["unit"]]
        number = _number(match["digits"], match["word"]) + (Fraction(1, 2) if match["half"] or match["behind"] else 0)
        if match["unit"] == "m" and number < _LEAST_MILLICORES:
            continue
        one = Amount(kind, number * factor, match.start(), match.end(), factor)
        last = found[-1] if found else None
        if last and kind == last.kind == "time" and one.value < last.unit and _AND.fullmatch(text, last.end, one.start):
            found[-1] = Amount(kind, last.value + one.value, last.start, one.end, factor)
        else:
            found.append(one)
    return tuple(sorted((*found, *_behind(text, found)), key=lambda one: one.start))


def _behind(text: str, found: Sequence[Amount]) -> Iterator[Amount]:
    """Amounts whose unit goes first, as Russian and Ukrainian say “about”: `минут семь`."""
    for match in _late_pattern().finditer(text):
        kind, factor = _units()[match[1]]
        if not any(one.start < match.end() and match.start() < one.end for one in found):
            yield Amount(kind, _number(match[2], match[3]) * factor, match.start(), match.end(), factor)


def numbers_in(text: str) -> tuple[tuple[int, int, Fraction], ...]:
    """Where a number begins and ends in a text in lower case, and its value: in digits or in words, of any unit."""
    words = _numbers()
    return tuple(
        (
            match.start(),
            match.end(),
            Fraction(match[1].replace(",", ".")) if match[1] else words[match[2]],
        )
        for match in _number_pattern().finditer(text)
    )


def ordinals_in(text: str) -> tuple[tuple[int, int, Fraction], ...]:
    """Where an ordinal begins and ends in a text in lower case, and its number: `the tenth miss`, `10th`."""
    return tuple(
        (match.start(), match.end(), Fraction(match[1] or _ordinals()[match[2]]))
        for match in _ordinal_pattern().finditer(text)
    )


def size_text(size: Fraction) -> str:
    """Bytes as a Kubernetes quantity of whole mebibytes or gibibytes: `1536Mi`, `2Gi`."""
    mebibytes = max(1, round(size / (1 << 20)))
    return f"{mebibytes // 1024}Gi" if mebibytes % 1024 == 0 else f"{mebibytes}Mi"


def cpu_text(cores: Fraction) -> str:
    """Cores as a Kubernetes quantity: `2`, `1500m`."""
    return str(cores.numerator) if cores.denominator == 1 else f"{max(1, round(cores * 1000))}m"


def _number(digits: str | None, word: str | None) -> Fraction:
    if digits:
        return Fraction(digits.replace(",", "."))
    return _with_units().get(str(word), Fraction(1))  # the article of “a minute and a half”


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


@cache
def _ordinals() -> dict[str, int]:
    return dict(_data("languages")["ordinals"])


@cache
def _ordinal_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.])(?:([0-9]{{1,3}})(?:st|nd|rd|th)|({_either(_ordinals())}))(?![\w-])")


@cache
def _number_pattern() -> re.Pattern[str]:
    return re.compile(rf"(?<![0-9.,])([0-9]{{1,7}}(?:[.,][0-9]{{1,3}}(?![0-9]))?)|(?<!\w)({_either(_numbers())})(?!\w)")


@cache
def _late_pattern() -> re.Pattern[str]:
    units = (name for name, (kind, _) in _units().items() if kind == "time" and re.fullmatch("[а-яёіїє]{3,}", name))
    return re.compile(rf"(?<!\w)({_either(units)}) (?:([0-9]{{1,4}})|({_either(_numbers())}))(?!\w)(?! ?(?:{_either(_units())})(?!\w))")


@cache
def _pattern() -> re.Pattern[str]:
    """A number, a blank or a dash at most, a unit. Longer names go first, so that `minutes` is no `min`; a word and a unit
    in Latin letters have something between them, so that `halbes` is no half second.
    """
    return re.compile(
        r"(?<![a-zà-ÿ0-9_.,])(?:(?P<clock>[0-9]{1,3}(?:h[0-9]{1,2}(?:m(?:in)?(?:[0-9]{1,2}s)?)?|m(?:in)?[0-9]{1,2}s))"
        rf"|(?:(?P<digits>[0-9]{{1,7}}(?:[.,][0-9]{{1,3}})?)|(?P<word>{_either(_with_units())}|{_ARTICLE}(?= \w+{_HALF})))(?P<half>{_HALF})?"
        rf"(?:(?<=[a-zà-ÿа-яё])[ -]|(?<![a-zà-ÿа-яё])[ -]?)(?:more |full |whole )?(?P<unit>{_either(_units())})"
        rf"(?P<behind>{_HALF}|半)?)(?![a-zà-ÿ0-9_])"
    )


def _either(names: Iterable[str]) -> str:
    """A pattern of any of these names, the longest that fits, as a tree of their beginnings: of thousands of names a text
    is then looked through in the time of a few.
    """
    tree: dict[str, Any] = {}
    for name in names:
        branch = tree
        for letter in name:
            branch = branch.setdefault(letter, {})
        branch[""] = {}
    return _branches(tree)


def _branches(tree: Mapping[str, Any]) -> str:
    ways = [re.escape(letter) + _branches(tree[letter]) for letter in sorted(tree) if letter]
    if not ways:
        return ""
    return f"(?:{'|'.join(ways)}){'?' if '' in tree else ''}"
