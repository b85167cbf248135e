"""A stream whose reader may close it → one that ignores that and drops all further output.

So a command ends with its own exit code: `kforge check | head -1` still fails where the files are not current.
"""

from __future__ import annotations

import os

from kforge.errors import WorldError

TYPE_CHECKING = False  # as in `typing`, which takes its time: every start of kforge reads this module
if TYPE_CHECKING:
    from typing import Any, TextIO

# What kforge itself draws with, for terminals whose encoding has no such characters: one column each where it can be.
_ASCII = str.maketrans({"✓": "*", "✗": "x", "→": "->", "…": "...", "├": "|", "└": "`", "│": "|", "─": "-", "·": "-"})


class SafeStream:
    """Writes to the stream until its reader closes it. After a failure all output is dropped; one that is no closed pipe
    (a full disk) raises WorldError with `name` first, where there is a name.
    """

    def __init__(self, stream: TextIO, name: str = "") -> None:
        self._stream, self._name = stream, name

    def write(self, text: str) -> int:
        """Raises WorldError for a full disk and the like, once."""
        try:
            self._stream.write(text)
        except UnicodeEncodeError as error:  # half a character, or one that the terminal's encoding does not have
            self._stream.write(text.translate(_ASCII).encode(error.encoding, "backslashreplace").decode(error.encoding))
        except OSError as error:
            self._lost(error)
        return len(text)

    def flush(self) -> None:
        """Raises as `write`."""
        try:
            self._stream.flush()
        except OSError as error:
            self._lost(error)

    def _lost(self, error: OSError) -> None:
        # What is buffered still goes to the descriptor, at the latest when the interpreter ends.
        nobody = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nobody, self._stream.fileno())
        os.close(nobody)
        if self._name and not isinstance(error, BrokenPipeError):
            raise WorldError(f"{self._name} cannot be written: {(error.strerror or str(error)).lower()}") from None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
