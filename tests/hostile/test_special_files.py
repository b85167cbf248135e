"""Pipes, sockets, devices, links and sparse files in the place of what kforge opens end a command soon, with a message."""

from __future__ import annotations

import pytest

from tests.hostile.conftest import Hostile
from tests.hostile.special_files import KINDS, SORTS, broken, permitted, places, usual
from tests.trials import widths


@pytest.mark.parametrize("every", widths(4))
@pytest.mark.parametrize("kind", KINDS)
def test_no_command_hangs_on_what_is_no_file(hostile: Hostile, kind: str, every: int) -> None:
    if not permitted(kind, hostile.scratch):
        pytest.skip("making a device is not permitted here: links to devices were tried")
    share = 2 * every  # of the sorts of files; the next kind takes others
    first = [*KINDS].index(kind) % share
    found = [
        broken(hostile.server, hostile.original, hostile.place(), kind, path, usual(number // 2, path))
        for number, path in enumerate(SORTS)
        if number % share == first
    ]
    assert [each for some in found for each in some] == []


def test_the_audit_knows_the_files_that_are_tried(hostile: Hostile) -> None:
    """What a clean run opens is more than what is tried here; `python -m tests.hostile` tries it all."""
    found = places(hostile.server, hostile.original, hostile.place())
    assert {*SORTS} <= {*found} and len(found) > 40
