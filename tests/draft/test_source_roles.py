"""Folders that lie beside an application, by a name on the way to them."""

from __future__ import annotations

import pytest

from kforge.draft.source_roles import aside


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("examples/chat", "holds examples"),
        ("backend/_example/store", "holds examples"),
        ("__tests__", "holds tests"),
        ("Docs", "holds documentation"),
        ("example-store", ""),
        ("_store", ""),
        ("", ""),
    ],
)
def test_a_name_on_the_way_says_what_a_folder_holds(place: str, why: str) -> None:
    assert aside(place) == why
