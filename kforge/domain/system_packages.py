"""Names of system packages that programs need at run time or to build: what a model may name without being shown them.

A closed list, because an unchecked name is either a build that fails or a stranger's program. Debian's are those of
bookworm and trixie. Servers, interactive shells and programs that open connections by themselves are left out.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

# Names that are words of a sentence as well.
WORDS = frozenset(
    "at cron dialog expect file host info lame less locales make patch rename screen tidy time tree units zip".split()  # noqa: SIM905
)


@cache
def known(distribution: str) -> frozenset[str]:
    """Names for `debian` or `alpine`."""
    data = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return frozenset(data[distribution])


@cache
def _programs() -> dict[str, str]:
    """Programs of a package that has another name → Debian's package."""
    held: dict[str, str] = json.loads(Path(__file__).with_name("program_packages.json").read_text(encoding="utf-8"))
    return held


def brings(program: str) -> str:
    """The known package with a program or of this name; "" for none."""
    package = _programs().get(program, program)
    return package if package in known("debian") or package in known("alpine") else ""


@cache
def brings_library(name: str, version: str) -> str:
    """Debian's package with a shared library that is opened by its name: `libzbar` and 0 → libzbar0. "" for none."""
    stem = re.escape(name.replace("_", "-") + ("-" if name[-1:].isdigit() and version else ""))
    form = re.compile(rf"{stem}(?:{re.escape(version) or '[0-9.-]{0,6}'})(?:t64|v5)?(?:-0)?")
    found = sorted((one for one in known("debian") if form.fullmatch(one)), key=lambda one: (one.endswith("t64"), one))
    return found[0] if found else ""
