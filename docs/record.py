"""Record the README's picture: `python docs/record.py` plays STEPS in a copy of specs/hello, on a terminal, and writes
docs/run.svg.

The picture is what a terminal shows, nothing else; a test records again and compares.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

HERE = Path(__file__).parent
HELLO = HERE.parent / "specs" / "hello"
SPEC = "app.kforge.yaml"
WIDTH, HEIGHT = 96, 50


class Step(NamedTuple):
    """Something typed: a command with the exit code that it must have, or an edit of the spec."""

    typed: str
    code: int = 0
    old: str = ""
    new: str = ""


STEPS = (
    Step(f"cat {SPEC}"),
    Step("kforge build"),
    Step(f"$EDITOR {SPEC}", old="{source: ./web}", new="{source: ./web, prot: 8080}"),
    Step("kforge build", 2),
    Step(f"$EDITOR {SPEC}", old="prot: 8080", new="port: 8080"),
    Step("kforge build"),
    Step("kforge explain web/resources memory"),
    Step("kforge check"),
)
# What is no letter and no colour: a line erased, the cursor up and back to the left, and links to files.
_MOVES = re.compile(r"(\r\n|\n|\r|\x1b\[2K|\x1b\[\d*A|\x1b\[\?\d+[hl]|\x1b\]8;[^\x07\x1b]*(?:\x07|\x1b\\))")


def record() -> str:
    """The picture as SVG text: the same bytes for the same output."""
    console = Console(
        record=True,
        width=WIDTH,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "hello"
        (folder / "web").mkdir(parents=True)
        for path in sorted((HELLO / "web").iterdir()):
            if path.name not in ("Dockerfile", ".dockerignore", "Dockerfile.dockerignore"):
                shutil.copy(path, folder / "web")
        # without the line for editors and the comments: they are not what the picture is about
        lines = (HELLO / SPEC).read_text(encoding="utf-8").splitlines()
        said = [line.partition("#")[0].rstrip() for line in lines]
        (folder / SPEC).write_text("\n".join(filter(None, said)) + "\n", encoding="utf-8")
        for step in STEPS:
            console.print(Text.assemble(("$ ", "green"), (step.typed, "bold")))
            console.print(Text.from_ansi(_edited(step, folder) if step.old else _run(step, folder, Path(scratch))))
    return console.export_svg(title="kforge", theme=MONOKAI, unique_id="kforge")


def _edited(step: Step, folder: Path) -> str:
    """The spec with the edit, and its line before and after."""
    spec = folder / SPEC
    before = spec.read_text(encoding="utf-8")
    (line,) = (line for line in before.splitlines() if step.old in line)
    spec.write_text(before.replace(step.old, step.new), encoding="utf-8")
    return f"\x1b[31m-{line}\x1b[0m\n\x1b[32m+{line.replace(step.old, step.new)}\x1b[0m\n"


def _run(step: Step, folder: Path, home: Path) -> str:
    """What a terminal shows when the command has ended."""
    words = step.typed.split()
    if words[0] == "kforge":
        words = [sys.executable, "-m", *words]
    kept = {
        name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "CI", "COLUMNS")
    }
    places = {"XDG_CONFIG_HOME": str(home / "config"), "XDG_CACHE_HOME": str(home / "cache")}
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", HEIGHT, WIDTH, 0, 0))
    process = subprocess.Popen(
        words, cwd=folder, env={**kept, **places, "TERM": "xterm-256color"}, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    raw = b""
    while True:
        try:
            more = os.read(ours, 65536)
        except OSError:  # Linux says so where the last writer has gone
            break
        if not more:
            break
        raw += more
    os.close(ours)
    text = _settled(raw.decode())
    if process.wait() != step.code:
        raise SystemExit(f"`{step.typed}` ended with {process.returncode}:\n{text}")
    return text


def _settled(raw: str) -> str:
    """Rows as they stand at the end: what was shown for a while (progress) is gone."""
    rows, row, fresh = [""], 0, False
    for part in _MOVES.split(raw):
        if part in ("\n", "\r\n"):
            row += 1
            rows += [""] * (row + 1 - len(rows))
        elif part == "\r":
            fresh = True
            continue
        elif part == "\x1b[2K":
            rows[row] = ""
        elif part.endswith("A") and _MOVES.fullmatch(part):
            row = max(0, row - int(part[2:-1] or 1))
        elif part and not _MOVES.fullmatch(part):
            rows[row] = part if fresh else rows[row] + part
        fresh = False
    return "\n".join(rows).rstrip("\n") + "\n"


if __name__ == "__main__":
    (HERE / "run.svg").write_text(record(), encoding="utf-8")
