"""Files that name a project's Python → the range that they ask for. Unaware of what is installed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.detectors.python_versions import fitting, unsupported
from kforge.detectors.tool_versions import pinned_tools
from kforge.domain.facts import Evidence

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


def asked(tree: Tree, table: dict[str, Any], pipfile: dict[str, Any]) -> AskedPython | None:
    """What is pinned for tools first, then the project's own range; the first that some release fits."""
    for path, pattern in _PINS:
        text = tree.text(path) if path in tree.files else ""
        if (found := pattern.search(text)) and _usable(tree, found[1]):
            return AskedPython(found[1], Evidence(path, text.count("\n", 0, found.start(1)) + 1), pinned=True)
    if pinned := next((pin for pin in pinned_tools(tree, "python") if _usable(tree, pin.version)), None):
        return AskedPython(pinned.version, Evidence(pinned.file, pinned.line), pinned=True)
    required = _table(pipfile, "requires")
    for path, word, spec in (
        ("pyproject.toml", "requires-python", _table(table, "project").get("requires-python")),
        ("pyproject.toml", "python", _table(table, "tool", "poetry", "dependencies").get("python")),
        ("Pipfile", "python_full_version", required.get("python_full_version")),
        ("Pipfile", "python_version", required.get("python_version")),
    ):
        if isinstance(spec, str) and fitting(spec):
            return AskedPython(spec, Evidence(path, _line(tree.text(path), word)))
    return None


def _usable(tree: Tree, version: str) -> bool:
    """Whether images have a version; of those that get no fixes, pip alone still installs with each."""
    old = unsupported(version) and not any(lock in tree.files for lock in _NEWER_TOOLS)
    return bool(fitting(version) or old)


def _line(text: str, word: str) -> int:
    """The line that begins with a key."""
    found = re.search(rf"^[^\S\n]*+[\"']?{word}\b", text, re.MULTILINE)
    return text.count("\n", 0, found.end()) + 1 if found else 0


def _table(value: Any, *keys: str) -> dict[str, Any]:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}
