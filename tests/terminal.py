"""kforge on a terminal of its own: what it shows there, and what it leaves behind."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

PLAIN = ("NO_COLOR", "FORCE_COLOR", "CI", "COLUMNS", "LINES", "GITHUB_ACTIONS")
CODES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
PARTS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\n|\r|[^\x1b\r\n]+")
# A machine that runs many tests is slow, and says so: most tests are not about that.
PATIENT = "import sys; from kforge.output import progress; progress.BUILDING = 600; from kforge.cli import main; sys.exit(main())"


class Shown(NamedTuple):
    """How a command ended, and every byte that the terminal got."""

    code: int
    raw: str

    @property
    def text(self) -> str:
        """Without codes, with the line ends of a file."""
        return CODES.sub("", self.raw).replace("\r\n", "\n")

    @property
    def left(self) -> str:
        """What stands there at the end: a line that was taken away, such as one of progress, is none."""
        lines, row, column = [""], 0, 0
        for part in PARTS.findall(self.raw):
            if part == "\n":
                row, column = row + 1, 0
                lines += [""] * (row == len(lines))
            elif part == "\r":
                column = 0
            elif part.startswith("\x1b"):
                row -= int(part[2:-1] or 1) if part.endswith("A") else 0
                lines[row] = "" if part == "\x1b[2K" else lines[row]
            else:
                lines[row] = lines[row][:column].ljust(column) + part + lines[row][column + len(part) :]
                column += len(part)
        return "\n".join(lines)


def on_a_terminal(
    cwd: Path,
    *words: str,
    columns: int = 80,
    program: Sequence[str] = ("-c", PATIENT),
    act: Callable[[int, str], bool] = lambda terminal, shown: False,
    **environment: str,
) -> Shown:
    """Run kforge on a terminal that it owns. `act` gets the terminal and what was shown so far, until it returns True."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    kept = {name: value for name, value in os.environ.items() if name not in PLAIN}
    process = subprocess.Popen(
        [sys.executable, *program, *words],
        cwd=cwd,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**kept, "TERM": "xterm", **environment},
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - Ctrl-C comes from a terminal of its own
        start_new_session=True,
    )
    before = termios.tcgetattr(theirs)
    shown, acted = b"", False
    os.set_blocking(ours, False)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        ended = process.poll() is not None
        try:
            while more := os.read(ours, 65536):
                shown += more
        except BlockingIOError:
            pass
        acted = acted or act(ours, shown.decode(errors="ignore"))
        if ended:
            break
        time.sleep(0.01)
    code = process.wait(timeout=30)
    assert termios.tcgetattr(theirs) == before, "the terminal's settings are other ones"
    os.close(theirs)
    os.close(ours)
    return Shown(code, shown.decode())
