"""Programs that commands start → the groups that bring them, and those that no manifest of a Python project brings.

A command that the spec pins, or that a file of the author's says, fails as it starts where its program is not installed.
Where a manifest cannot be read to its end, nothing is said to be absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kforge.detectors.python_groups import brings, take
from kforge.detectors.python_project import PythonProject, normalized
from kforge.domain.artifact import around
from kforge.domain.commands.installed_programs import SCRIPT, brought_by, started_by
from kforge.domain.commands.read_command import read
from kforge.domain.facts import Evidence

if TYPE_CHECKING:
    from kforge.detectors.python_servers import PythonStarts
    from kforge.domain.artifact import Tree

_REQUIREMENTS = re.compile(
    r"(?:[^/]+/)?(?:requirements?[\w.-]*|[\w.-]*requirements?)\.(?:txt|in)|requirements/[\w.-]+\.(?:txt|in)"
)
_MOST = 20  # other lists of requirements
_DYNAMIC = re.compile(r"^dynamic\s*+=\s*+\[[^\]]*+\bdependencies\b", re.MULTILINE)
_CONDA = ("environment.yml", "environment.yaml", "conda.yml", "conda-lock.yml", "pixi.toml")


def groups(tree: Tree, project: PythonProject) -> None:
    """Adds the groups and extras that bring what commands of the spec start."""
    for name in _pinned(tree):
        if packages := brought_by(name):
            take(tree, project, packages)


def absent(tree: Tree, project: PythonProject, start: PythonStarts, members: bool) -> None:
    """Sees as `absent` what commands of the spec, and the first start, name and nothing brings. `members`: whether other
    projects of the repository are installed as well.
    """
    if _unread(tree, project) or (members and not project.locked):
        return
    words, place = start.commands[0] if start.commands else ([], None)
    first = started_by(read(words))
    for name in dict.fromkeys((*_pinned(tree), *first)):
        packages = brought_by(name)
        if any(_is_there(project, package) for package in packages):
            continue
        manifest = next((fact.value for fact in project.seen.many("manifests")), "")
        listed = _listed_elsewhere(tree, project, packages)
        value = {"program": name, "by": name, "packages": [*packages[:1]], "manifest": manifest, "listed": listed}
        if place and name in first:
            project.seen.see("absent", value, place.file, place.line)
        else:
            project.seen.see("absent", value)


def _pinned(tree: Tree) -> tuple[str, ...]:
    place = around(tree)
    programs = place.pins.programs if place is not None else ()
    return tuple(name for name in programs if not name.startswith(SCRIPT))


def _is_there(project: PythonProject, package: str) -> bool:
    return brings(project, package) or ("[" not in package and normalized(package) in project.locked)


def _unread(tree: Tree, project: PythonProject) -> bool:
    """Whether a manifest may bring more than is read of it."""
    named = {str(fact.value) for fact in project.seen.many("manifests")}
    if not named or named <= {"setup.py", "setup.cfg"}:
        setup = any("install_requires" in tree.text(path) for path in ("setup.py", "setup.cfg") if path in tree.files)
        return (setup and not project.requires) or any(path in tree.files for path in _CONDA)
    return "pyproject.toml" in named and bool(_DYNAMIC.search(tree.text("pyproject.toml")))


def _listed_elsewhere(tree: Tree, project: PythonProject, packages: Iterable[str]) -> str:
    """A line of a list of requirements that is not installed and has one of the packages; "" for none."""
    named = {str(fact.value) for fact in project.seen.many("manifests")}
    wanted = {normalized(package) for package in packages if "[" not in package}
    others = [path for path in tree.files if _REQUIREMENTS.fullmatch(path) and path not in named]
    others += [path for path in ("Pipfile",) if path in named]
    for path in others[:_MOST]:
        for number, line in enumerate(tree.text(path).split("\n"), 1):
            found = re.match(r"\s*+\"?([A-Za-z0-9][A-Za-z0-9._-]*+)", line)
            if found and normalized(found[1]) in wanted:
                return str(Evidence(path, number))
    return ""
