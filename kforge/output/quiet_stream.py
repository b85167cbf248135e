"""A stream of messages under `-q`: errors come through, notes and progress do not. `text.say` and `layout.tell` ask it."""

from __future__ import annotations

TYPE_CHECKING = False  # as in `typing`, which takes its time
if TYPE_CHECKING:
    from typing import Any, TextIO


class QuietStream:
    """Writes as its stream does; what is written to it directly, such as a question, is always shown."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def bare(stream: TextIO) -> TextIO:
    """The stream without `-q`: for errors."""
    return stream._stream if isinstance(stream, QuietStream) else stream


def quiet(stream: object) -> bool:
    """Whether only errors are shown on a stream."""
    return isinstance(stream, QuietStream)
