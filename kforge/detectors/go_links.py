"""Modules that link C → the packages to build and to run with: a compiler always, and what their own pages name.

go.mod lists every module that the packages here import, through others too, so an indirect requirement links as well.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_COMPILER = ("gcc", "libc6-dev")


def linked(tree: Tree, imports: dict[str, tuple[CodeFile, int]], seen: Sightings) -> None:
    """Adds `packages` and `build_packages`."""
    required = _required(tree.text("go.mod") if "go.mod" in tree.files else "")
    if "C" in imports:
        _see({}, imports["C"][0].path, imports["C"][1], seen)
    for module, row in _table().items():
        place = next((("go.mod", line) for name, line in sorted(required.items()) if name.startswith(module)), None)
        through = (
            (file.path, line)
            for path, (file, line) in sorted(imports.items())
            if path.startswith(tuple(row.get("through", ())) or "\0")
        )
        if place := place or next(through, None):
            _see(row, *place, seen)


@cache
def _table() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = json.loads(
        Path(__file__).with_name("go_linked.json").read_text(encoding="utf-8")
    )
    return loaded


def _see(row: dict[str, Any], path: str, line: int, seen: Sightings) -> None:
    for package in (*_COMPILER, *row.get("build", ())):
        seen.see("build_packages", package, path, line)
    for package in row.get("run", ()):
        seen.see("packages", package, path, line)


def _required(text: str) -> dict[str, int]:
    """Modules that go.mod requires, indirect ones included → their lines."""
    found: dict[str, int] = {}
    block = ""
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split("//")[0].split()
        if words and words[-1] == "(":
            block = words[0]
        elif words and words[0] == ")":
            block = ""
        elif words and (words[0] == "require" or block == "require"):
            found[words[1 if words[0] == "require" and len(words) > 1 else 0].strip('"')] = number
    return found
