"""Problems and findings → lines for people. Colour only where the stream is a terminal and nobody declined it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TextIO

from kforge.domain.invisible_chars import visible

if TYPE_CHECKING:
    from kforge.domain.finding import Finding
    from kforge.errors import Problem

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
    """Whether to colour: a terminal, no NO_COLOR (https://no-color.org), no TERM=dumb; FORCE_COLOR overrides."""
    if environment.get("NO_COLOR"):
        return False
    return bool(environment.get("FORCE_COLOR")) or (stream.isatty() and environment.get("TERM") != "dumb")


class Paint:
    """Wraps text in terminal codes, or leaves it alone."""

    def __init__(self, on: bool) -> None:
        self._on = on

    def __call__(self, style: str, text: str) -> str:
        return f"\x1b[{CODES[style]}m{text}\x1b[0m" if self._on and text else text


PLAIN = Paint(False)
# GitHub's runner trims a line before it looks for `::`, and finds `##[` anywhere, behind the `+` of a difference too:
# https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
_COMMAND = re.compile(r"((?:^|\r)[^\S\r\n]*):(?=:)", re.MULTILINE)


def inert(text: object) -> str:
    """Text of anybody as a terminal and a build's log may have it: all of it seen, no command of theirs, and on one
    line.
    """
    return visible(str(text)).replace("\n", " ").replace("##[", "# #[")


def harmless(text: str) -> str:
    """Lines of which none commands GitHub's runner: `::error::` becomes `: :error::`, `##[error]` becomes `# #[error]`."""
    return _COMMAND.sub(r"\1: ", text).replace("##[", "# #[")


def problem(item: Problem, paint: Paint = PLAIN) -> str:
    """`error: message`, where, and the way out. Further lines of a message are points of a list."""
    message = "\n  - ".join(map(inert, item.message.split("\n")))
    lines = [f"{paint('error', 'error')}: {message}"]
    if item.where:
        lines.append(f"  {paint('dim', '-->')} {inert(item.where)}")
    if item.hint:
        lines.append(f"  {paint('dim', 'help:')} {inert(item.hint)}")
    return "\n".join(lines)


def finding(item: Finding, paint: Paint = PLAIN) -> str:
    """A finding as STYLE shows it: level[rule], file and field, the spec line, help."""
    lines = [f"{paint(item.level, f'{item.level}[{item.rule}]')}: {inert(item.message)}"]
    own = item.where if item.where and item.where.file == item.file else None  # a line of the file itself
    place = f"{own or item.file}: {item.field}" if item.field else str(own or item.file)
    lines.append(
        f"  {paint('dim', '-->')} {inert(place)}" + (f" (environment {item.environment})" if item.environment else "")
    )
    if (item.where and not own) or item.origin:
        lines.append(
            f"  {paint('dim', 'from:')} {' '.join(inert(part) for part in (None if own else item.where, item.origin) if part)}"
        )
    if item.hint:
        lines.append(f"  {paint('dim', 'help:')} {inert(item.hint)}")
    return "\n".join(lines)


def say(text: str, stream: TextIO | None = None) -> None:
    """A line or more to a person: standard error, which machines do not read. A terminal gets lines that end between
    words.
    """
    stream = stream or sys.stderr
    lines = harmless(text).split("\n")
    print("\n".join(part for each in lines for part in fitted(each, stream)), file=stream)


def emit(text: str) -> None:
    """What a command is asked for: standard output, one final newline. Whoever's text it is, it commands nobody."""
    command(harmless(text))


def command(text: str) -> None:
    """What a runner is to obey, whose data are escaped already; standard output, as `emit`."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")


def folded(text: str, indent: int, stream: TextIO | None = None, hang: int = 0) -> list[str]:
    """A text as indented lines: broken between words where a terminal would break it within them, further ones `hang`
    deeper; one line elsewhere, none of none.
    """
    stream = stream or sys.stdout
    if not stream.isatty():
        return [" " * indent + text] if text else []
    from textwrap import wrap  # for a terminal alone

    first, further = " " * indent, " " * (indent + hang)
    width = max(20 + indent + hang, columns(stream))
    return wrap(
        text, width, initial_indent=first, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )


def fitted(line: str, stream: TextIO) -> list[str]:
    """A line as those that fit the terminal; elsewhere the line as it is."""
    if not stream.isatty() or len(line) < columns(stream):
        return [line]
    return folded(line.strip(), len(line) - len(line.lstrip()), stream, hang=2)


def columns(stream: TextIO) -> int:
    """Columns of a terminal; what it does not tell is as wide as it takes."""
    try:
        return max(20, os.get_terminal_size(stream.fileno()).columns or 1000)
    except OSError:
        return 1000


def count(number: int, noun: str, plural: str = "") -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def table(rows: Iterable[tuple[str, ...]], gap: str = "  ") -> list[str]:
    """Rows as left-aligned columns of inert text; the last column is not padded."""
    held = [tuple(map(inert, row)) for row in rows]
    widths = [max(len(row[column]) for row in held) for column in range(len(held[0]))] if held else []
    return [gap.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in held]
