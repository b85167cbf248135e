"""Conflict markers of every style, and what only looks like some."""

from __future__ import annotations

import pytest

from kforge.domain.conflict_sides import sides

CONFLICT = b"a\n<<<<<<< HEAD\nours\n=======\ntheirs\n>>>>>>> side\nz\n"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (CONFLICT, (b"a\nours\nz\n", b"a\ntheirs\nz\n")),
        (CONFLICT.replace(b"\n", b"\r\n"), (b"a\r\nours\r\nz\r\n", b"a\r\ntheirs\r\nz\r\n")),
        (CONFLICT.replace(b"=======", b"||||||| 1234567\nbase\n======="), (b"a\nours\nz\n", b"a\ntheirs\nz\n")),
        (CONFLICT + CONFLICT, (b"a\nours\nz\na\nours\nz\n", b"a\ntheirs\nz\na\ntheirs\nz\n")),
        (b"<<<<<<< a\n=======\nx\n>>>>>>> b\n", (b"", b"x\n")),
    ],
)
def test_each_side_is_read_with_the_lines_around(text: bytes, found: tuple[bytes, bytes]) -> None:
    assert sides(text) == found


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"a\n=======\nb\n",
        b"<<<<<<<< eight\n",
        b"<<<<<<< a\nx\n",
        b"<<<<<<< a\nx\n=======\ny\n",
        b"<<<<<<< a\n>>>>>>> b\n",
        b"<<<<<<< a\n<<<<<<< a\n=======\n>>>>>>> b\n",
        b">>>>>>> b\n" + CONFLICT,
    ],
)
def test_other_texts_have_no_sides(text: bytes) -> None:
    assert sides(text) is None
