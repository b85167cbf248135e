"""What a project installs → the newest Python that has a release of all of it, and what is compiled in the image.

Locks that list their files decide by the wheels that they list; of versions alone (`requirements.txt`, `Pipfile.lock`)
those of well-known packages decide, whose first releases for each Python are data beside this.
"""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.detectors import python_locks
from kforge.detectors.python_locks import Locked, LockedPackage
from kforge.detectors.python_markers import holds
from kforge.detectors.python_packages import COMPILED, PACKAGES
from kforge.detectors.python_project import PythonProject, normalized
from kforge.detectors.python_ranges import newest, release
from kforge.detectors.python_versions import NEWEST, OLDEST, admits, unsupported
from kforge.detectors.python_workspace import text_of
from kforge.domain.facts import Evidence

if TYPE_CHECKING:
    from kforge.detectors.python_asked import AskedPython
    from kforge.domain.artifact import Tree

USUAL = 13  # the minor that an image has where nothing names another: `version` of the language's record
_SHOWN = 3


class Lacking(NamedTuple):
    """A package that has no release for a Python, or none but its source."""

    package: LockedPackage
    why: str


def take(tree: Tree, project: PythonProject) -> None:
    """Adds what is locked besides what is named, the Python to build with, and the compiler where something needs it."""
    path, locked = _locked(tree, project)
    minors = _candidates(project)
    if not locked:
        if project.asked:
            _see(project, minors[0], project.asked.place)
        return
    roots = {name: extras for name, (extras, _) in project.requires.items()}
    reached = {minor: _reached(locked, roots, minor) for minor in minors}
    lacking = {minor: list(_lacking(reached[minor], minor)) for minor in minors}
    fewest = min(len(found) for found in lacking.values())
    chosen = next(minor for minor in minors if len(lacking[minor]) == fewest)
    newer = lacking[minors[0]] if chosen != minors[0] else []
    if newer:
        said = f"Python 3.{chosen}, since {_listed(newer, path)} {newer[0].why} for 3.{minors[0]}"
        place = Evidence(newer[0].package.file or path, newer[0].package.line)
        project.seen.see("notes", said, place.file, place.line)
        _see(project, chosen, place)
    elif project.asked:
        _see(project, chosen, project.asked.place)
    _compiled(project, path, chosen, reached[chosen], lacking[chosen])


def _see(project: PythonProject, minor: int, place: Evidence) -> None:
    project.seen.see("version", f"3.{minor}", place.file, place.line)


def _candidates(project: PythonProject) -> list[int]:
    """Minors that the project allows, the preferred first."""
    every = range(NEWEST, OLDEST - 1, -1)
    if project.asked and (old := unsupported(project.asked.range)):
        _doubt_old(project, project.asked)
        return [old]
    if project.asked:
        return [minor for minor in every if admits(project.asked.range, minor)]
    return [*range(USUAL, OLDEST - 1, -1), *range(USUAL + 1, NEWEST + 1)]


def _doubt_old(project: PythonProject, asked: AskedPython) -> None:
    said = f"Python {asked.range} is taken, as `{asked.place.file}` pins it: it gets no fixes any more"
    hint = f"name one that does in `{asked.place.file}`: 3.{OLDEST + 1} to 3.{NEWEST}"
    project.seen.see("doubts", {"said": said, "hint": hint}, asked.place.file, asked.place.line)


def _locked(tree: Tree, project: PythonProject) -> tuple[str, Locked]:
    """The file that says what is installed, and what it says."""
    lock = project.seen.first("lockfile")
    path = str(lock.value) if lock else ""
    if posixpath.basename(path) in python_locks.LOCKS:
        return path, python_locks.read(text_of(tree, path))
    if path == python_locks.PIPENV:
        return path, python_locks.pipenv(tree.text(path))
    found: Locked = {}
    for name, spec, marker, place in project.wanted:
        one = LockedPackage(
            normalized(name), place.line, spec.strip(" \\\r()").removeprefix("==").strip(), file=place.file
        )
        one.markers = [marker.strip()] if marker.strip() else []
        found.setdefault(one.name, []).append(one)
    return (project.wanted[0][3].file if project.wanted else ""), found


def _reached(locked: Locked, roots: Mapping[str, frozenset[str]], minor: int) -> list[LockedPackage]:
    """What is installed under a minor: packages that are named, and what these need. A lock without edges is all of it."""
    if not any(one.needs or one.files for packages in locked.values() for one in packages):
        return [one for packages in locked.values() for one in packages if _here(one, minor)]
    queue = [(name, extras, "") for name, extras in roots.items()]
    asked: set[tuple[str, frozenset[str], str]] = set()
    found: dict[int, LockedPackage] = {}
    while queue:
        step = queue.pop()
        if step in asked:
            continue
        asked.add(step)
        name, extras, version = step
        for one in locked.get(name, ()):
            if not _here(one, minor) or (version and one.version != version):
                continue
            found[id(one)] = one
            more = [need for extra in sorted(extras) for need in one.optional.get(extra, ())]
            for need in (*one.needs, *more):
                if not need.marker or holds(need.marker, minor, extras):
                    queue.append((need.name, need.extras, need.version))
    return list(found.values())


def _here(package: LockedPackage, minor: int) -> bool:
    return not package.markers or any(holds(marker, minor) for marker in package.markers)


def _lacking(packages: Iterable[LockedPackage], minor: int) -> Iterator[Lacking]:
    for one in packages:
        wheels = [name for name in one.files if name.endswith(".whl")]
        if one.python and not admits(one.python, minor):
            yield Lacking(one, "no release")
        elif wheels and not any(_fits(name, minor) for name in wheels):
            yield Lacking(one, "no wheel")
        elif not _known(one, minor, bool(one.files)):
            yield Lacking(one, "no release" if one.name in _table("runs") else "no wheel")


def _fits(wheel: str, minor: int) -> bool:
    """Whether a wheel installs under a minor on Linux with glibc on x86-64.

    https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/
    """
    python, abi, platform = wheel.removesuffix(".whl").split("-")[-3:] if wheel.count("-") >= 4 else ("", "", "")
    here = any(
        one == "any" or (one.startswith(("manylinux", "linux")) and one.endswith("x86_64"))
        for one in platform.split(".")
    )
    if not here:
        return False
    for tag in python.split("."):
        major, number = tag[:3], tag[3:]
        of = int(number) if number.isdigit() and len(number) <= 3 else None
        if tag == "py3" or (major == "py3" and of is not None and of <= minor):
            return True
        if major == "cp3" and of is not None:
            exact = of == minor and abi in (f"cp3{minor}", f"cp3{minor}m", "none")
            if exact or ("abi3" in abi.split(".") and of <= minor):
                return True
    return False


def _known(package: LockedPackage, minor: int, listed: bool) -> bool:
    """Whether a version works with a minor, as far as the data has it; what a lock's own files say goes before."""
    row = _table("runs").get(package.name) or (None if listed else _table("wheels").get(package.name))
    keys = [key for key in row or () if key[:2] == "3." and int(key[2:]) <= minor]
    version = newest(package.version)
    if not row or not keys or version is None:
        return True
    first = row[max(keys, key=lambda key: int(key[2:]))]
    if first is None:
        return False
    bounds = [release(one) for one in ([first] if isinstance(first, str) else first)]
    same = [bound for bound in bounds if bound[0] == version[0]]
    return version >= (min(same) if same else max(bounds))


def _compiled(
    project: PythonProject, path: str, minor: int, packages: list[LockedPackage], lacking: list[Lacking]
) -> None:
    """Sees what is compiled, and what that takes."""
    without = {id(one.package) for one in lacking if one.why == "no wheel"}
    for one in packages:
        place = Evidence(one.file or path, one.line)
        project.locked.setdefault(one.name, place)
        if one.git and project.vcs is None:
            project.vcs = place
        source = bool(one.files) and not any(name.endswith(".whl") for name in one.files)
        pure = (
            one.name in PACKAGES or one.name in _data()["pure"] or one.name.startswith(tuple(_data()["pure_prefixes"]))
        )
        if id(one) in without or (source and not pure):
            needs = COMPILED.get(one.name, COMPILED[""])
            for kind, names in (("compiled run", needs.run), ("compiled build", needs.build)):
                for name in names:
                    project.seen.see(kind, name, place.file, place.line)
    if lacking:
        said = (
            f"{_listed(lacking, path)} {lacking[0].why} for Python 3.{minor}, which may keep the image from being built"
        )
        hint = "lock a newer release of it, or name an older Python (`requires-python`, `.python-version`)"
        first = lacking[0].package
        project.seen.see("doubts", {"said": said, "hint": hint}, first.file or path, first.line)


def _listed(lacking: list[Lacking], path: str) -> str:
    shown = [f"`{one.package.name}` {one.package.version}".strip() for one in lacking[:_SHOWN]]
    more = f" and {len(lacking) - _SHOWN} more" if len(lacking) > _SHOWN else ""
    return f"{', '.join(shown)}{more} of `{lacking[0].package.file or path}` {'have' if len(lacking) > 1 else 'has'}"


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return loaded


def _table(name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = _data()[name]
    return found
