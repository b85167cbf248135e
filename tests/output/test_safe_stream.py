"""What an encoding does not have is escaped: a name of a file ends no command."""

from __future__ import annotations

import io

import pytest

from kforge.output.safe_stream import SafeStream


@pytest.mark.parametrize(
    ("encoding", "written"), [("utf-8", b"\\udcff \xc3\xa9"), ("ascii", b"\\udcff \\xe9"), ("latin-1", b"\\udcff \xe9")]
)
def test_what_cannot_be_encoded_is_escaped(encoding: str, written: bytes) -> None:
    held = io.BytesIO()
    stream = SafeStream(io.TextIOWrapper(held, encoding=encoding))
    stream.write("\udcff é")
    stream.flush()
    assert held.getvalue() == written
