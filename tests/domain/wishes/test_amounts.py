"""Amounts are read in the words and units that people write."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kforge.domain.wishes.amounts import amounts, cpu_text, size_text
from kforge.domain.wishes.multiples import multiples

MIB, GIB = 1 << 20, 1 << 30


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("2 gib", "size", 2 * GIB),
        ("2gi", "size", 2 * GIB),
        ("1.5 gb", "size", 3 * GIB // 2),
        ("1,5 go", "size", 3 * GIB // 2),
        ("half a gig", "size", GIB // 2),
        ("512mb", "size", 512 * MIB),
        ("ten minutes", "time", 600),
        ("zehn minuten", "time", 600),
        ("cinq minutes", "time", 300),
        ("90 s", "time", 90),
        ("2-hour", "time", 7200),
        ("two more days", "time", 2 * 86400),
        ("500m", "cpu", Fraction(1, 2)),
        ("1.5 cores", "cpu", Fraction(3, 2)),
        ("three replicas", "replicas", 3),
        ("5 retries", "times", 5),
        ("one and a half minutes", "time", 90),
        ("give it a minute and a half", "time", 90),
        ("anderthalb minuten", "time", 90),
        ("une minute et demie", "time", 90),
        ("полторы минуты", "time", 90),
        ("kırk beş saniye", "time", 45),
        ("fünfundvierzig sekunden", "time", 45),
        ("四十五秒", "time", 45),
        ("1 分半", "time", 90),
        ("2m30s", "time", 150),
        ("1h30", "time", 5400),
        ("1 min 30 s", "time", 90),
        ("once a minute", "time", 60),
        ("a quarter of an hour", "time", 900),
        ("ein halbes gigabyte", "size", GIB // 2),
        ("два с половиной гигабайта", "size", 5 * GIB // 2),
        ("two gigabajty", "size", 2 * GIB),
        ("half a core", "cpu", Fraction(1, 2)),
        ("meio núcleo", "cpu", Fraction(1, 2)),
        ("eineinhalb kerne", "cpu", Fraction(3, 2)),
        ("every 20th second", "time", 20),
        ("var 20:e sekund", "time", 20),
        ("полчаса на старт", "time", 1800),
        ("하루 동안", "time", 86400),
        ("for a fortnight", "time", 1209600),
    ],
)
def test_a_number_and_a_unit_are_an_amount(text: str, kind: str, value: Fraction) -> None:
    assert [(one.kind, one.value) for one in amounts(text)] == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "5m",
        "v2 go",
        "1.2.3 s",
        "python 3.12",
        "200 requests",
        "ten",
        "x512mb",
        "the 2nd replica",
        "on the 5th core",
        "подобу",
        "12345678 mb",
        "2 goats",
        "halbes",
        "a full set",
        "due",
        "a",
        "",
    ],
)
def test_what_is_no_amount_is_none(text: str) -> None:
    assert amounts(text) == ()


def test_amounts_come_in_their_order_with_their_places() -> None:
    text = "512 mib, later 1 gib"
    assert [text[one.start : one.end] for one in amounts(text)] == ["512 mib", "1 gib"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(2 * GIB), "2Gi"),
        (Fraction(3 * GIB, 2), "1536Mi"),
        (Fraction(700 * MIB), "700Mi"),
        (Fraction(1), "1Mi"),
    ],
)
def test_sizes_are_written_as_quantities(value: Fraction, text: str) -> None:
    assert size_text(value) == text


@pytest.mark.parametrize(("value", "text"), [(Fraction(2), "2"), (Fraction(3, 2), "1500m"), (Fraction(1, 5), "200m")])
def test_cores_are_written_as_quantities(value: Fraction, text: str) -> None:
    assert cpu_text(value) == text


def test_two_times_are_one_only_where_the_second_has_a_smaller_unit() -> None:
    assert [one.value for one in amounts("30 s and 10 s")] == [30, 10]
    assert [one.value for one in amounts("2 minutes, 10 s later")] == [120, 10]
    assert [one.value for one in amounts("2 minutes and 10 s")] == [130]


@pytest.mark.parametrize(
    ("text", "whole", "found"),
    [
        ("give it twice that", "it dies at 300 mb. give it twice that", [("size", 600 * MIB)]),
        ("gib ihm das doppelte", "10 sekunden reichen nicht, gib ihm das doppelte", [("time", 20)]),
        ("half of that", "it has 2 cores. half of that will do", [("cpu", 1)]),
        ("twice that", "twice that", []),
        ("twice", "300 mb, twice", []),
        ("twice as much memory", "350 mb of memory after 20 seconds. twice as much memory", [("size", 700 * MIB)]),
        ("twice as long", "within 20 seconds, with 300 mb. wait twice as long", [("time", 40)]),
        ("la moitié des pods", "30 secondes. la moitié des pods", []),
        ("gib ihm die hälfte", "4 gb, gib ihm die hälfte", [("size", 2048 * MIB)]),
    ],
)
def test_a_multiple_is_one_of_the_amount_before_it(text: str, whole: str, found: list[tuple[str, Fraction]]) -> None:
    at = whole.index(text)
    assert [(one.kind, one.value) for one in multiples(" " * at + text, whole)] == found
