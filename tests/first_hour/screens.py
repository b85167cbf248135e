"""The screens of `specs/shop` → how long each is: `python -m tests.first_hour.screens` prints the figures of this kforge."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.conftest import copied, edit


class Screen(NamedTuple):
    """A command in the copy of the shop, and what is edited before it."""

    name: str
    words: str
    edits: tuple[tuple[str, str, str], ...] = ()


class Size(NamedTuple):
    lines: int
    words: int


SCREENS = (
    Screen("a first build", "build"),
    Screen("a build with nothing to do", "build"),
    Screen("check, all current", "check"),
    Screen("plan, all current", "plan"),
    Screen("explain a decision", "explain web/probes"),
    Screen(
        "check after a change of a port and of replicas",
        "check",
        (("web/server.js", "?? 3000", "?? 4000"), ("app.kforge.yaml", "min: 2, max: 10", "min: 3, max: 11")),
    ),
    Screen("plan after it", "plan"),
    Screen("a build after it", "build"),
)

BEFORE = {  # of commit 33968ca, by the same commands
    "a first build": Size(63, 142),
    "a build with nothing to do": Size(1, 6),
    "check, all current": Size(1, 3),
    "plan, all current": Size(91, 199),
    "explain a decision": Size(115, 496),
    "check after a change of a port and of replicas": Size(15, 65),
    "plan after it": Size(92, 207),
    "a build after it": Size(12, 44),
}


def sizes() -> dict[str, Size]:
    """Lines and words that each command writes to a pipe, standard output and standard error together."""
    found: dict[str, Size] = {}
    with tempfile.TemporaryDirectory() as scratch:
        shop = copied("shop", Path(scratch) / "shop")
        subprocess.run(["git", "init", "--quiet"], cwd=shop, check=True)
        for screen in SCREENS:
            for path, old, new in screen.edits:
                edit(shop / path, old, new)
            text = subprocess.run(
                [sys.executable, "-m", "kforge", *screen.words.split()],
                cwd=shop,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            ).stdout
            found[screen.name] = Size(len(text.splitlines()), len(text.split()))
    return found


if __name__ == "__main__":
    for name, size in sizes().items():
        print(f"{name}: {size.lines} lines, {size.words} words")
