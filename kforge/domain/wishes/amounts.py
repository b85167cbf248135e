"""Amounts in a text of a person: “2 GiB”, “ten minutes”, “500m CPU”.

Numbers are digits or the words of units.json, which holds the units of several languages. A gigabyte is taken for a
gibibyte: people say the one and mean the other, and Kubernetes counts in powers of two.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

_LEAST_MILLICORES = 50  # `500m` is half a core; `5m` may as well be minutes or metres


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit. `value` is in bytes, seconds, cores, replicas or times; `start` and `end` are where it stands."""

    kind: str  # size, time, cpu, replicas, times
    value: Fraction
    start: int
    end: int


def amounts(text: str) -> tuple[Amount, ...]:
    """Every amount of a text in lower case, in its order. Linear in the length of the text."""
    table = _units()
    found = []
    for match in _pattern().finditer(text):
        kind, factor = table[match[3]]
        number = _number(match[1], match[2])
        if match[3] != "m" or number >= _LEAST_MILLICORES:
            found.append(Amount(kind, number * factor, match.start(), match.end()))
    return tuple(found)


def numbers_in(text: str) -> tuple[tuple[int, int, Fraction], ...]:
    """Where a number begins and ends in a text in lower case, and its value: in digits or in words, of any unit."""
    words = _data()["numbers"]
    return tuple(
        (
            match.start(),
            match.end(),
            Fraction(match[1].replace(",", ".")) if match[1] else Fraction(str(words[match[2]])),
        )
        for match in _number_pattern().finditer(text)
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
    return Fraction(str(_data()["numbers"][word]))


@cache
def _data() -> Any:
    return json.loads(Path(__file__).with_name("units.json").read_text(encoding="utf-8"))


@cache
def _units() -> dict[str, tuple[str, Fraction]]:
    return {
        name: (kind, Fraction(factor))
        for kind, factors in _data()["units"].items()
        for factor, names in factors.items()
        for name in names
    }


@cache
def _number_pattern() -> re.Pattern[str]:
    return re.compile(
        rf"(?<![0-9.,])([0-9]{{1,7}}(?:[.,][0-9]{{1,3}}(?![0-9]))?)|(?<!\w)({_either(_data()['numbers'])})(?!\w)"
    )


@cache
def _pattern() -> re.Pattern[str]:
    """A number, a blank or a dash at most, a unit. Longer names go first, so that `minutes` is no `min`."""
    return re.compile(
        rf"(?<![a-zà-ÿ0-9_.,])(?:([0-9]{{1,7}}(?:[.,][0-9]{{1,3}})?)|({_either(_data()['numbers'])}))[ -]?(?:more )?({_either(_units())})(?![a-zà-ÿ0-9_])"
    )


def _either(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name))))
