"""Files → links that a terminal opens (OSC 8, https://gist.github.com/egmontkob/eb114294efbcd5adb1944c9f3cb5feda).

Only terminals that are known to have them get any, never a pipe, a file or CI. They are drawn by rich, around text that
is inert already: a link in a text of others stays escaped.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from kforge.output.text import OFF, drawn

# By TERM_PROGRAM, with the first version that has them.
_PROGRAMS = {
    "iTerm.app": (3, 1), "vscode": (1, 72), "WezTerm": (20200620,), "ghostty": (0,), "Hyper": (2,), "rio": (0,),
    "Tabby": (0,), "zed": (0,), "mintty": (3, 1, 1),
}  # fmt: skip
_TERMS = ("xterm-kitty", "xterm-ghostty", "alacritty", "foot", "foot-extra", "contour")
_VTE = 5001  # 0.50.0 crashed on them


def linked(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to link files. KFORGE_HYPERLINKS, then FORCE_HYPERLINK, decide for a terminal that is not known: 1 or 0."""
    if not drawn(stream, environment):
        return False
    for name in ("KFORGE_HYPERLINKS", "FORCE_HYPERLINK"):
        if said := environment.get(name):
            return said.lower() not in OFF
    program, term = environment.get("TERM_PROGRAM", ""), environment.get("TERM", "")
    if "TMUX" in environment or term.startswith(("screen", "tmux")):
        return False  # passes them on in some versions and settings only
    if environment.get("SSH_CONNECTION") and program != "vscode":
        return False  # the terminal would look for the file on its own machine
    if program in _PROGRAMS:
        return _numbers(environment.get("TERM_PROGRAM_VERSION", "")) >= _PROGRAMS[program]
    vte = environment.get("VTE_VERSION", "")
    return term in _TERMS or "WT_SESSION" in environment or (vte.isdecimal() and int(vte[:9]) >= _VTE)


def address(path: str) -> str:
    """The address of a file, as seen from the working directory."""
    return Path(os.path.abspath(path)).as_uri()  # noqa: PTH100 - resolves no link


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number[:9]) for number in re.findall(r"\d+", version)[:3])
