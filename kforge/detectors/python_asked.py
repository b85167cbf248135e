"""Files that name a project's Python → the range that they ask for. Unaware of what is installed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.detectors.python_versions import NEWEST, OLDEST, admits, fitting, unsupported
from kforge.detectors.tool_versions import pinned_tools
from kforge.domain.facts import Evidence
from kforge.syntax.plain_data import table_in

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_PINS = (
    (".python-version", re.compile(r"^[^\S\n]*+(?:python-|cpython-)?(\d[\w.]*+)", re.MULTILINE)),
    ("runtime.txt", re.compile(r"^[^\S\n]*+python-(\d[\w.]*+)", re.MULTILINE)),
)
_NEWER_TOOLS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile")  # their tools have left these versions behind


class AskedPython(NamedTuple):
    """A range of versions and its place; `pinned` where a team's tools install exactly this one."""

    range: str
    place: Evidence
    pinned: bool = False


def named(tree: Tree, table: dict[str, Any], pipfile: dict[str, Any]) -> tuple[AskedPython, ...]:
    """What is pinned for tools first, then the project's own ranges."""
    found: list[AskedPython] = []
    for path, pattern in _PINS:
        text = tree.text(path) if path in tree.files else ""
        if pin := pattern.search(text):
            place = Evidence(path, text.count("\n", 0, pin.start(1)) + 1)
            found.append(AskedPython(pin[1], place, pinned=True))
    for tool in pinned_tools(tree, "python"):
        if tool.version[:1].isdigit():
            found.append(AskedPython(tool.version, Evidence(tool.file, tool.line), pinned=True))
    required = table_in(pipfile, "requires")
    for path, word, spec in (
        ("pyproject.toml", "requires-python", table_in(table, "project").get("requires-python")),
        ("pyproject.toml", "python", table_in(table, "tool", "poetry", "dependencies").get("python")),
        ("Pipfile", "python_full_version", required.get("python_full_version")),
        ("Pipfile", "python_version", required.get("python_version")),
    ):
        if isinstance(spec, str) and spec.strip():
            found.append(AskedPython(spec, Evidence(path, _line(tree.text(path), word))))
    return tuple(found)


def asked(tree: Tree, names: tuple[AskedPython, ...]) -> AskedPython | None:
    """The first that some release fits."""
    return next((one for one in names if (_usable(tree, one.range) if one.pinned else fitting(one.range))), None)


def doubt(names: tuple[AskedPython, ...], chosen: AskedPython | None) -> tuple[str, str, Evidence] | None:
    """What cannot hold of what is named, the way out, and its place."""
    if names and chosen is None:
        first = names[0]
        said = f"`{first.place.file}` asks for Python `{first.range[:60]}`, which no known release fits: the usual one is taken"
        return said, f"name one of 3.{OLDEST} to 3.{NEWEST} there, or pin `build.base` and `build.runtime`", first.place
    if chosen is None or not chosen.pinned or not fitting(chosen.range):
        return None
    minor = int(fitting(chosen.range).partition(".")[2])
    other = next((one for one in names if not one.pinned and not admits(one.range, minor)), None)
    if other is None:
        return None
    said = f"`{chosen.place.file}` pins Python {chosen.range}, and `{other.place.file}` asks for `{other.range[:60]}`: an installation may refuse it"
    return said, "let the two agree", chosen.place


def _usable(tree: Tree, version: str) -> bool:
    """Whether images have a version; of those that get no fixes, pip alone still installs with each."""
    old = unsupported(version) and not any(lock in tree.files for lock in _NEWER_TOOLS)
    return bool(fitting(version) or old)


def _line(text: str, word: str) -> int:
    """The line that begins with a key."""
    found = re.search(rf"^[^\S\n]*+[\"']?{word}\b", text, re.MULTILINE)
    return text.count("\n", 0, found.end()) + 1 if found else 0
