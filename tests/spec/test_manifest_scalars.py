"""Plain scalars as kubectl reads them. The values were taken from sigs.k8s.io/yaml 1.6.0 (go.yaml.in/yaml/v2 2.4.2)."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.spec.manifest_scalars import scalar

WORDS = {
    True: "y Y yes Yes YES on On ON true True TRUE",
    False: "n N no No NO off Off OFF false False FALSE",
    None: "~ null Null NULL",
}
NUMBERS: dict[str, Any] = {
    "0": 0, "-0": 0, "00": 0, "0_": 0, "12": 12, "+12": 12, "-12": -12, "1_000": 1000, "1__0": 10, "1_": 1, "+_1": 1,
    "0777": 511, "-07": -7, "0_7": 7, "0o777": 511, "0O777": 511, "-0o7": -7, "0x1F": 31, "0X1f": 31, "-0x10": -16, "0x_1": 1,
    "0b101": 5, "0B11": 3, "-0b11": -3, "0b-11": -3, "0b+11": 3, "08": 8, "-08": -8, "007.5": 7.5,
    "9223372036854775807": 2**63 - 1, "18446744073709551615": 2**64 - 1, "-9223372036854775808": -(2**63),
    "18446744073709551616": 2.0**64, "+9223372036854775808": 2.0**63, "0xFFFFFFFFFFFFFFFF": 2**64 - 1,
    "0777777777777777777777777777": 7.77777777777777777777777777e26, "1e3": 1000, "1E-3": 0.001, "12e03": 12000, "1.": 1, "1.10": 1.1,
    ".5": 0.5, "+.5": 0.5, "-.5e1": -5, ".5_0": 0.5, "5._": 5, "1_0.5_0": 10.5, "1e-400": 0, "1234e56": 1.234e59,
}  # fmt: skip
TEXTS = (
    "yEs oN tRUE nUll 2001-01-01 2001-12-14T21:59:43Z 12:30 190:20:30.15 0o8 0xg 0b2 0b 0x 0o -0b-1 +0b+1 0xFFFFFFFFFFFFFFFFF _1 + - . "
    ".. ._5 1e 1e+ 1.5.5 1,000 = << 0x1p3 .0x1 inf nan infinity .iNf .e3 a web:1.4.2 1a 512Mi 100m"
)


@pytest.mark.parametrize(
    ("text", "value"), [(text, value) for value, texts in WORDS.items() for text in texts.split()] + [("", None)]
)
def test_a_word_of_yaml_1_1_is_what_it_means_there(text: str, value: bool | None) -> None:
    assert scalar(text) is value


@pytest.mark.parametrize(("text", "value"), NUMBERS.items())
def test_a_number_is_read_with_its_base(text: str, value: float) -> None:
    assert (scalar(text), isinstance(scalar(text), int)) == (value, isinstance(value, int))


@pytest.mark.parametrize("text", TEXTS.split())
def test_anything_else_is_a_text(text: str) -> None:
    assert scalar(text) == text


@pytest.mark.parametrize(
    "text", [".inf", ".Inf", "-.INF", "+.inf", ".nan", ".NaN", "1e400", "-1e400", "9" * 5000, "9" * 400]
)
def test_what_json_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is "):
        scalar(text)


@pytest.mark.parametrize("text", ["0x" + "F" * 5000, "0b" + "1" * 5000, "0" * 900 + "7", "1_" * 100])
def test_a_long_number_takes_no_time(text: str) -> None:
    assert isinstance(scalar(text), (str, int, float))
