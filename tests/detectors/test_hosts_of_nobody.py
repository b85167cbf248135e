"""Names that stand where a host does and are none."""

from __future__ import annotations

import pytest

from kforge.domain.source.hosts import hosts_in


@pytest.mark.parametrize(
    "text", ["http://https:///api", "https://http://", "http://x", "http://x/y", "http://string:80", "http://unknown"]
)
def test_a_placeholder_is_no_host(text: str) -> None:
    assert [*hosts_in(text)] == []


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("http://db/x", ("db", 0)),
        ("http://api:8080", ("api", 8080)),
        ("redis://user-cache:6379/0", ("user-cache", 6379)),
    ],
)
def test_a_short_name_is_one(text: str, host: tuple[str, int]) -> None:
    assert [*hosts_in(text)] == [host]
