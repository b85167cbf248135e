"""Quantities are exact numbers."""

from __future__ import annotations

from fractions import Fraction

import pytest

from kforge.domain.kubernetes.quantity import number


@pytest.mark.parametrize(("text", "value"), [
    ("100m", Fraction(1, 10)), ("1", 1), ("0.5", Fraction(1, 2)), (".5", Fraction(1, 2)), ("1.", 1), ("64Mi", 64 * 1024**2), ("1k", 1000),
    ("1E", 10**18), ("1e3", 1000), ("1E-2", Fraction(1, 100)), ("1Ei", 1024**6),
])  # fmt: skip
def test_a_quantity_is_its_number(text: str, value: Fraction) -> None:
    assert number(text) == value


@pytest.mark.parametrize("text", ["", "256K", "256mi", "1GB", "256 Mi", "0,5", "Mi", "-1", "1e", "."])
def test_what_the_api_server_refuses_is_no_quantity(text: str) -> None:
    with pytest.raises(ValueError, match="is not a quantity"):
        number(text)
