"""Manifests of a Python project → what they take by a path, or of the workspace around them. Unaware of what lies there.

`./x`, `-e ../x` and `file:` of requirements, `path` of Poetry, uv and Pipenv, `workspace = true` of uv, and direct
references of `[project]` with the words that PDM and Hatch put before a path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from kforge.detectors.python_groups import DEVELOPMENT
from kforge.detectors.python_project import normalized
from kforge.syntax.plain_data import table_in

_MOST = 500  # of one manifest
_NAME = re.compile(r"\s*+([A-Za-z0-9][A-Za-z0-9._-]*+)\s*+(?:\[[^\]]*+\])?\s*+(@?)\s*+(\S*+)")
_URL = re.compile(r"file:(?://)?(?:/?\$\{PROJECT_ROOT\}/++)?(.*)")
_HATCH = re.compile(r"\{root((?::parent)*+)(?::(?:uri|real))?\}/*+(.*)")
_OPTION = re.compile(r"(?:-e|--editable|-f|--find-links)(?:\s*+=\s*+|\s++|(?=[^-\s]))(\S.*)")
_INCLUDED = re.compile(r"(?:-r|--requirement|-c|--constraint)(?:\s*+=\s*+|\s++|(?=[^-\s]))(\S++)")
_COMMENT = re.compile(r"(?:^|\s)#.*")
_REMOTE = re.compile(r"[a-z][a-z0-9+.-]*:|git@", re.IGNORECASE)
_LINKS = re.compile(r"-f|--find-links")
ARCHIVE = re.compile(r".*\.(?:whl|zip|tar\.gz|tgz)", re.DOTALL)


class PathNeed(NamedTuple):
    """One dependency: its path as it is written, "" for a member of the workspace, and the line that names it."""

    name: str
    path: str
    line: int
    links: bool = False  # a folder of archives or of code, no project


def of_table(table: dict[str, Any], text: str, shared: dict[str, Any]) -> Iterator[PathNeed]:
    """What a pyproject.toml takes; `shared` are the sources that its workspace names for all members."""
    sources = {
        normalized(name): value for name, value in {**shared, **table_in(table, "tool", "uv", "sources")}.items()
    }
    for said in _listed(table):
        found = _NAME.match(said)
        if found and found[2] and (path := _local(found[3])):
            yield PathNeed(normalized(found[1]), path, line_of(text, found[1]))
        elif found:
            yield from _of_source(normalized(found[1]), sources.get(normalized(found[1])), line_of(text, found[1]))
    poetry = table_in(table, "tool", "poetry")
    tables = [table_in(poetry, "dependencies")]
    tables += [
        table_in(held, "dependencies") for name, held in table_in(poetry, "group").items() if name not in DEVELOPMENT
    ]
    for each in tables:
        for name, value in sorted(each.items()):
            yield from _of_source(normalized(name), value, line_of(text, name))
    for path in _built_from(table):
        yield PathNeed("", path, line_of(text, path) or line_of(text, path.rpartition("/")[0]), links=True)


def _built_from(table: dict[str, Any]) -> Iterator[str]:
    """Folders and files outside of a project that its package is built with."""
    wheel = table_in(table, "tool", "hatch", "build", "targets", "wheel")
    keyed = [
        table_in(wheel, "force-include"),
        table_in(table, "tool", "hatch", "build", "force-include"),
        table_in(table, "tool", "polylith", "bricks"),
    ]
    setuptools = table_in(table, "tool", "setuptools")
    where = table_in(setuptools, "packages", "find").get("where")
    named = [*table_in(setuptools, "package-dir").values(), *(where if isinstance(where, list) else ())]
    packages = table_in(table, "tool", "poetry").get("packages")
    for each in packages if isinstance(packages, list) else ():
        if isinstance(each, dict) and isinstance(each.get("from"), str):
            named.append(f"{each['from'].rstrip('/')}/{each.get('include', '')}".rstrip("/"))
    paths = (path for path in (*(path for held in keyed for path in held), *named) if isinstance(path, str))
    yield from [path for path in dict.fromkeys(paths) if path.startswith("../") and "*" not in path][:_MOST]


def of_pipfile(table: dict[str, Any], text: str) -> Iterator[PathNeed]:
    for name, value in sorted(table_in(table, "packages").items()):
        yield from _of_source(normalized(name), value, line_of(text, name))


def of_requirements(text: str) -> Iterator[PathNeed]:
    """Paths are those of pip: from the folder in which it is run."""
    for number, line in _lines(text):
        option = _OPTION.match(line)
        said = option[1] if option else line
        if said.startswith("-"):
            continue
        direct = _NAME.match(said)
        path = direct[3] if direct and direct[2] else said.partition(" --")[0].partition(";")[0].strip()
        bare = bool(option) or path.startswith((".", "file:")) or bool(ARCHIVE.fullmatch(path))
        if (bare or "/" in path) and (path := _local(path)):
            yield PathNeed("", path, number, bool(_LINKS.match(line)))


def included(text: str) -> Iterator[tuple[str, int]]:
    """Other files of requirements and constraints that one names, by their paths from its folder."""
    for number, line in _lines(text):
        if (found := _INCLUDED.match(line)) and not _REMOTE.match(found[1]):
            yield found[1], number


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(text.split("\n"), 1):
        if line := _COMMENT.sub("", raw[:2000]).strip():
            yield number, line


def _listed(table: dict[str, Any]) -> list[str]:
    """Requirements of a project, of its extras, and of its groups that are not for development."""
    lists = [
        table_in(table, "project").get("dependencies"),
        *table_in(table, "project", "optional-dependencies").values(),
    ]
    lists += [held for name, held in table_in(table, "dependency-groups").items() if name not in DEVELOPMENT]
    return [said for each in lists if isinstance(each, list) for said in each if isinstance(said, str)][:_MOST]


def _of_source(name: str, value: Any, line: int) -> Iterator[PathNeed]:
    """A table, or a list of tables for several platforms, that may name a path or the workspace."""
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, dict) and isinstance(path := each.get("path"), str) and path:
            yield PathNeed(name, path, line)
        elif isinstance(each, dict) and each.get("workspace") is True:
            yield PathNeed(name, "", line)


def _local(said: str) -> str:
    """A path out of a reference; "" for one to elsewhere."""
    if found := _HATCH.match(said):
        return f"{'../' * found[1].count(':parent')}{found[2]}" or "."
    if found := _URL.match(said):
        said = found[1]
    elif _REMOTE.match(said):
        return ""
    return re.split(r"[#?\[]", said, maxsplit=1)[0].strip()


def line_of(text: str, name: str) -> int:
    """The line that begins with a name, behind quotes and brackets, else the first that holds it."""
    found = re.search(rf"^[^\n\w]{{0,99}}{re.escape(name)}(?![\w.-])", text, re.MULTILINE)
    offset = found.end() if found else text.find(name)
    return text.count("\n", 0, offset) + 1 if offset >= 0 else 0
