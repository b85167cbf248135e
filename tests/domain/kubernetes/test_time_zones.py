"""Zones that an API server knows, and what a misspelt one is taken for."""

from __future__ import annotations

import pytest

from kforge.domain.kubernetes import time_zones


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "UTC", "Etc/GMT+2", "EST", "America/Argentina/Buenos_Aires", "America/Port-au-Prince"]
)
def test_a_name_of_the_database_is_known(zone: str) -> None:
    assert time_zones.known(zone)


@pytest.mark.parametrize("zone", ["utc", "Local", "", "UTC+2", "CEST", "Europe", "Europe/", "posixrules", "../Etc/UTC"])
def test_any_other_text_is_none(zone: str) -> None:
    assert not time_zones.known(zone)


MEANT = {
    "Europe/Berln": "Europe/Berlin",
    "europe/berlin": "Europe/Berlin",
    "America/New York": "America/New_York",
    "CEST": "",
    "x" * 5000: "",
}


@pytest.mark.parametrize(("said", "meant"), MEANT.items())
def test_what_is_nearly_a_name_is_answered_with_it(said: str, meant: str) -> None:
    assert time_zones.meant(said) == meant
