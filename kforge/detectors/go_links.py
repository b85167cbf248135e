"""Modules that link C → the packages to build and to run with: a compiler always, and what their own pages name.

go.mod lists every module that the packages here import, through others too, so an indirect requirement links as well.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from kforge.detectors import go_modules
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile

_COMPILER = ("gcc", "libc6-dev")


def linked(modules: list[tuple[str, str]], imports: dict[str, tuple[CodeFile, int]], seen: Sightings) -> None:
    """Adds `packages` and `build_packages`. `modules` are texts of go.mod by their paths, the source's own first."""
    required: dict[str, tuple[str, int]] = {}
    for path, text in modules:
        for name, line in go_modules.read(text).requires.items():
            required.setdefault(name, (path, line))
    if "C" in imports:
        _see({}, imports["C"][0].path, imports["C"][1], seen)
    for module, row in _table().items():
        place = next((at for name, at in sorted(required.items()) if name.startswith(module)), None)
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
