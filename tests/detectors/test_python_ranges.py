"""The newest version that a range may mean."""

from __future__ import annotations

import pytest

from kforge.detectors.python_ranges import ANY, newest

NEWEST = {
    "==1.4.2": (1, 4, 2),
    "1.4.2": (1, 4, 2),
    "===1.4": (1, 4),
    "==1.4.*": (1, 4, ANY),
    ">=4.2,<5": (4, ANY),
    ">=4.2, <5.0": (4, ANY),
    "<2.0.31": (2, 0, 30, ANY),
    "<=2.0.31": (2, 0, 31),
    "~=1.4.2": (1, 4, ANY),
    "~=1.4": (1, ANY),
    "~1.4": (1, 4, ANY),
    "^1.9": (1, ANY),
    "^0.26.2": (0, 26, ANY),
    "^0.0.3": (0, 0, 3, ANY),
    "^1.9 || ^2": (2, ANY),
    "==2.0.0rc1": (2, 0, 0),
    "!=4.2.1,<4.3": (4, 2, ANY),
}


@pytest.mark.parametrize("spec", NEWEST)
def test_it_is_bounded_by_the_lowest_bound(spec: str) -> None:
    assert newest(spec) == NEWEST[spec]


@pytest.mark.parametrize("spec", ["", "*", ">=1.4", "!=1.0", "<0", "no version", "^1 || >=2", "1" * 500])
def test_nothing_bounds_what_is_open_or_not_understood(spec: str) -> None:
    assert newest(spec) is None
