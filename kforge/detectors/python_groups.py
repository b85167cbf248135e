"""Extras and groups of a Python project → those that its image needs: what serves it is often in one.

https://packaging.python.org/en/latest/specifications/dependency-groups/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.detectors.python_project import PythonProject, normalized
from kforge.domain.facts import Evidence
from kforge.syntax.plain_data import table_in

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

PATH = "pyproject.toml"
_GROUPED = re.compile(r"optional-dependencies|dependency-groups|tool\.poetry\.(?:group|extras)")
_NAME = re.compile(r"\s*+([A-Za-z0-9][A-Za-z0-9._-]*+)\s*+(?:\[([^\]]*+)\])?")
# What groups of development are called. Poetry installs all others of its own accord.
DEVELOPMENT = frozenset(
    ("dev", "develop", "development", "test", "tests", "testing", "lint", "linting", "linters", "doc", "docs", "documentation", "typing",
     "types", "mypy", "ci", "build", "release", "format", "formatting", "pre-commit", "precommit", "quality", "style", "coverage",
     "bench", "benchmark", "benchmarks", "notebook", "notebooks", "jupyter", "debug", "profiling", "tools", "tooling", "local", "ide", "security")
)  # fmt: skip
_PREFERRED = ("prod", "production", "server", "web", "serve", "deploy", "deployment", "standard", "all", "main")


class DependencyGroup(NamedTuple):
    """A group or an extra, with its packages and their extras."""

    kind: str  # `extra` or `group`
    name: str
    packages: dict[str, frozenset[str]]
    default: bool = False  # installed unless told otherwise
    alone: bool = False  # there is no project beside the groups


def take(tree: Tree, project: PythonProject, wanted: Iterable[str]) -> None:
    """Adds what a manager installs of its own accord, and the group that brings one of the wanted packages where none of
    them is there yet: `name`, or `name[extra]`.
    """
    groups = list(_groups(tree, project))
    for group in groups:
        if group.default:
            _add(tree, project, group)
    names = list(wanted)
    if not names or any(brings(project, name) for name in names):
        return
    for group in sorted(groups, key=_rank):
        for name in names:
            plain, _, extra = name.rstrip("]").partition("[")
            held = group.packages.get(normalized(plain))
            if held is not None and (not extra or extra in held):
                _add(tree, project, group)
                return


def brings(project: PythonProject, name: str) -> bool:
    """Whether `name` or `name[extra]` is among what is installed."""
    plain, _, extra = name.rstrip("]").partition("[")
    return project.needs(normalized(plain)) and (not extra or extra in project.extras(normalized(plain)))


def _rank(group: DependencyGroup) -> tuple[bool, int, str]:
    known = _PREFERRED.index(group.name) if group.name in _PREFERRED else len(_PREFERRED)
    return group.name in DEVELOPMENT, known, group.name


def _add(tree: Tree, project: PythonProject, group: DependencyGroup) -> None:
    line = _line(tree, group.name)
    for package, extras in sorted(group.packages.items()):
        held = project.requires.get(package)
        project.requires[package] = (extras | held[0], held[1]) if held else (extras, Evidence(PATH, line))
    alone = {"alone": True} if group.alone else {}
    project.seen.see("groups", {"kind": group.kind, "name": group.name, **alone}, PATH, line)


def _line(tree: Tree, name: str) -> int:
    text = tree.text(PATH)
    found = re.search(rf"^[^\S\n]*+(?:\[tool\.poetry\.group\.)?[\"']?{re.escape(name)}\b", text, re.MULTILINE)
    return text.count("\n", 0, found.end()) + 1 if found else 0


def _groups(tree: Tree, project: PythonProject) -> Iterator[DependencyGroup]:
    text = tree.text(PATH) if PATH in tree.files else ""
    manager = project.seen.many("package_manager")
    if (
        not _GROUPED.search(text)
        or not manager
        or posixpath.basename(manager[0].evidence[0].file) not in (PATH, "uv.lock", "poetry.lock", "pdm.lock")
    ):
        return
    import tomllib  # half a millisecond, for those sources that have groups

    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError):
        return  # python_project has said so
    for name, listed in sorted(table_in(table, "project", "optional-dependencies").items()):
        yield DependencyGroup("extra", name, _listed(listed))
    poetry = manager[0].value == "poetry"
    groups = table_in(table, "dependency-groups")
    alone = not table_in(table, "project") and not table_in(table, "tool", "poetry")
    usual = _usual(groups) if alone else frozenset(groups) - DEVELOPMENT if poetry else frozenset()
    for name, listed in sorted(groups.items()):
        yield DependencyGroup("group", name, _listed(listed), name in usual, alone)
    for name, block in sorted(table_in(table, "tool", "poetry", "group").items()):
        packages = {
            normalized(one): frozenset(map(str, held.get("extras", ()))) if isinstance(held, dict) else frozenset()
            for one, held in table_in(block, "dependencies").items()
        }
        optional = bool(table_in(table, "tool", "poetry", "group", name).get("optional"))
        yield DependencyGroup("group", name, packages, not optional and name not in DEVELOPMENT)
    for name, listed in sorted(table_in(table, "tool", "poetry", "extras").items()):
        yield DependencyGroup("extra", name, _listed(listed))


def _usual(groups: Iterable[str]) -> frozenset[str]:
    """What a program needs of groups that stand without a project: those called so, or the only one."""
    of_use = frozenset(groups) - DEVELOPMENT
    named = of_use & {*_PREFERRED, "base", "core", "app", "default", "runtime", "dependencies"}
    return named or (of_use if len(of_use) == 1 else frozenset())


def _listed(listed: Any) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for item in listed if isinstance(listed, list) else ():
        if isinstance(item, str) and (match := _NAME.match(item)):
            extras = {part.strip().lower() for part in (match[2] or "").split(",")} - {""}
            found[normalized(match[1])] = frozenset(extras)
    return found
