"""A folder's Compose files → the services that a deployment has, and which files are not read. Unaware of sources.

The file that `docker compose up` reads is taken, with what a file for production adds to it; never the one for
development that the same command would add (`compose.override.yaml`), and never `.env`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from kforge.domain.artifact import Tree
from kforge.draft.compose_services import ComposeService, records
from kforge.spec.loose_yaml import LooseTable, documents

_NAME = re.compile(r"(?:docker-|podman-)?compose((?:[.-]\w[\w.-]*)?)\.ya?ml|docker-stack()\.ya?ml", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")
_FOLDERS = ("", "docker", "deploy", "deployment", ".docker", "docker-compose", "compose", "infra", "ops", "build", "container", "containers")  # fmt: skip
_ADDED = frozenset(("prod", "production", "deploy", "release", "stack", "live"))
_DEVELOPMENT = frozenset(("dev", "development", "override", "local", "test", "tests", "testing", "ci", "debug", "e2e", "example", "sample"))  # fmt: skip
_JOINED = ("environment", "labels", "args", "depends_on")  # mappings, also where they are written as lists
_LISTS = ("ports", "expose", "volumes", "env_file", "profiles")
_DEPTH = 8  # of files that extend or include others


@dataclass(frozen=True, slots=True)
class ComposeFiles:
    """What was read: services by the order of the file; the files, and those beside them that were not."""

    services: tuple[ComposeService, ...] = ()
    read: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def compose_files(tree: Tree) -> ComposeFiles:
    """The Compose files of a folder: those at its top, else those in a folder for deployments."""
    for folder in _FOLDERS:
        here = [
            path
            for path in tree.files
            if posixpath.dirname(path) == folder and _NAME.fullmatch(posixpath.basename(path))
        ]
        if here and (read := _chosen(here)):
            return _read(tree, folder, read, [path for path in here if path not in read])
    return ComposeFiles()


def _words(path: str) -> set[str]:
    """The words by which a file differs from the usual one: `{prod}` of `compose.prod.yaml`."""
    match = _NAME.fullmatch(posixpath.basename(path))
    return {word.lower() for word in _WORD.findall((match and match[1]) or "")}


def _chosen(here: Collection[str]) -> list[str]:
    """The usual file and what production adds to it; without one, the only file or that for production."""
    usual = [path for path in sorted(here) if not _words(path)]
    added = [path for path in sorted(here) if _words(path) & _ADDED and not _words(path) & _DEVELOPMENT]
    if usual:
        return [usual[0], *added[:1]]
    others = [path for path in sorted(here) if not _words(path) & _DEVELOPMENT]
    return (added or others or sorted(here))[:1]


def _read(tree: Tree, folder: str, read: list[str], left: list[str]) -> ComposeFiles:
    merged = LooseTable()
    for path in read:
        services = _services(tree, path, 0)
        for name, block in services.items():
            there = merged.get(name)
            merged[name] = _over(there, block) if isinstance(there, LooseTable) else block
            merged.lines.setdefault(name, services.lines.get(name, 0))
    return ComposeFiles(records(merged, read[0], folder), tuple(read), tuple(left))


def _services(tree: Tree, path: str, depth: int) -> LooseTable:
    """The `services` of a file, with those of the files that it includes, each with what it extends."""
    data = next((each for each in documents(tree.text(path)) if isinstance(each, LooseTable)), LooseTable())
    found = LooseTable()
    if depth < _DEPTH:
        for each in data.get("include") or () if isinstance(data.get("include"), list) else ():
            for other in each.words("path") if isinstance(each, LooseTable) else [each]:
                if isinstance(other, str):
                    _add(found, _services(tree, _joined(path, other), depth + 1))
    _add(found, data.of("services") if "services" in data else _first_form(data))
    for name, block in [*found.items()]:
        if isinstance(block, LooseTable) and "extends" in block:
            found[name] = _extended(tree, path, found, block, depth, {name})
    return found


def _add(found: LooseTable, other: LooseTable) -> None:
    for name, block in other.items():
        found[name] = block
        found.lines[name] = other.lines.get(name, 0)


def _first_form(data: LooseTable) -> LooseTable:
    """Services at the top, as the first Compose files had them."""
    found = LooseTable()
    for name, block in data.items():
        if isinstance(block, LooseTable) and ("image" in block or "build" in block):
            found[name], found.lines[name] = block, data.lines.get(name, 0)
    return found


def _extended(tree: Tree, path: str, services: LooseTable, block: LooseTable, depth: int, seen: set[str]) -> LooseTable:
    given = block.get("extends")
    name = given if isinstance(given, str) else given.text("service") if isinstance(given, LooseTable) else ""
    file = given.text("file") if isinstance(given, LooseTable) else ""
    own = LooseTable()
    own.update({key: value for key, value in block.items() if key != "extends"})
    if depth >= _DEPTH or (not file and name in seen):
        return own
    if file:
        parent = _services(tree, _joined(path, file), depth + 1).of(name)
    else:
        parent = services.of(name)
        if "extends" in parent:
            parent = _extended(tree, path, services, parent, depth + 1, {*seen, name})
    return _over(parent, own)


def _joined(path: str, other: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), other))


def _over(below: LooseTable, above: Any) -> LooseTable:
    """A service's block with what a later file says of it."""
    merged = LooseTable()
    merged.update(below)
    merged.lines.update(below.lines)
    for key, value in above.items() if isinstance(above, LooseTable) else ():
        there = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif key in _JOINED and there is not None:
            merged[key] = _pairs(there, value)
        elif key in _LISTS and isinstance(there, list) and isinstance(value, list):
            merged[key] = [*there, *value]
        elif isinstance(value, LooseTable) and isinstance(there, LooseTable):
            merged[key] = _over(there, value)
        else:
            merged[key] = value
    return merged


def _pairs(below: Any, above: Any) -> LooseTable:
    """Two mappings, or lists of `NAME=VALUE`, as one."""
    found = LooseTable()
    for held in (below, above):
        if isinstance(held, LooseTable):
            found.update(held)
        for each in held if isinstance(held, list) else ():
            if isinstance(each, str):
                name, given, value = each.partition("=")
                found[name] = value if given else None
    return found
