"""Untrusted text → harmless lines on standard output and standard error, in colour where the stream takes it.

All output goes through `say`, `emit` or `command`. They escape control characters and invisible characters of every
text, since a terminal obeys characters that it does not show.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from typing import TextIO

from kforge.domain.invisible_chars import visible
from kforge.output.quiet_stream import quiet

CODES = {
    "error": "1;31",
    "warning": "1;33",
    "info": "1;34",
    "good": "32",
    "bad": "31",
    "dim": "2",
    "bold": "1",
    "name": "36",
}


def coloured(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to colour. The first that is set decides: NO_COLOR (https://no-color.org), FORCE_COLOR
    (https://force-color.org; 0 is off, as in Node), CLICOLOR_FORCE and CLICOLOR (https://bixense.com/clicolors).

    Without them a terminal is coloured, unless TERM is `dumb`.
    """
    if environment.get("NO_COLOR"):
        return False
    if forced := environment.get("FORCE_COLOR"):
        return forced.lower() not in OFF
    if environment.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return environment.get("CLICOLOR") != "0" and stream.isatty() and environment.get("TERM") != "dumb"


def drawn(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether rich may lay out what is longer than a line: a terminal that can, which no CI system records."""
    if environment.get("CI", "").lower() not in ("", "0", "false") or environment.get("TERM") in ("dumb", "unknown"):
        return False
    return stream.isatty()


class Paint:
    """Wraps text in terminal codes, or leaves it alone."""

    def __init__(self, on: bool) -> None:
        self._on = on

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{CODES[style]}m{text}\x1b[0m" if self._on and text else text


OFF = ("0", "false", "no", "off")
PLAIN = Paint(False)
_PAINTED = re.compile(rf"(\x1b\[(?:{'|'.join(map(re.escape, CODES.values()))})m)([^\x1b]*)(\x1b\[0m)")
# GitHub's runner trims a line before it looks for `::`, and finds `##[` anywhere, behind the `+` of a difference too:
# https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
_COMMAND = re.compile(r"((?:^|\r)[^\S\r\n]*):(?=:)", re.MULTILINE)


def inert(text: object) -> str:
    """Escape untrusted text for a terminal and a CI log: control characters and workflow commands. A line end becomes a
    blank.
    """
    return visible(str(text)).replace("\n", " ").replace("##[", "# #[")


def seen(text: str, stream: TextIO) -> str:
    """Escape control and invisible characters of a text, but for the colour codes of `Paint` on a coloured stream."""
    if "\x1b" not in text or not coloured(stream):
        return visible(text)
    parts = _PAINTED.split(text)  # text, code, painted text, end, text, …
    return "".join(part if number % 4 in (1, 3) else visible(part) for number, part in enumerate(parts))


def harmless(text: str) -> str:
    """Escape workflow commands of GitHub's runner: `::error::` becomes `: :error::`, `##[error]` becomes `# #[error]`."""
    return _COMMAND.sub(r"\1: ", text).replace("##[", "# #[")


def say(text: str, stream: TextIO | None = None) -> None:
    """A line or more to a person: standard error, which machines do not read. A terminal gets lines that end between
    words. Under `-q` it is not shown; errors go through `layout.tell`.
    """
    stream = stream or sys.stderr
    if not quiet(stream):
        _say(text, stream)


def _say(text: str, stream: TextIO) -> None:
    lines = harmless(seen(text, stream)).split("\n")
    print("\n".join(part for each in lines for part in fitted(each, stream)), file=stream)


def emit(text: str) -> None:
    """Write a command's result to standard output with one final newline, with control characters escaped."""
    _write(harmless(seen(text, sys.stdout)))


def command(text: str) -> None:
    """Write a workflow command, whose data are escaped already, to standard output."""
    _write(visible(text))


def _write(text: str) -> None:
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def fitted(line: str, stream: TextIO) -> list[str]:
    """A line as those that fit the terminal, broken between words; elsewhere the line as it is."""
    if not stream.isatty() or len(line) < columns(stream):
        return [line]
    from textwrap import wrap  # rich would take longer to import than most commands that say one line take

    indent = " " * (len(line) - len(line.lstrip()))
    return wrap(
        line.strip(),
        max(22 + len(indent), columns(stream)),
        initial_indent=indent,
        subsequent_indent=f"{indent}  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def columns(stream: TextIO) -> int:
    """Width of a terminal in columns, at least 20; 1000 where it is unknown."""
    try:
        return max(20, os.get_terminal_size(stream.fileno()).columns or 1000)
    except OSError:
        return 1000


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"
