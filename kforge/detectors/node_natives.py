"""Modules with compiled parts → the Node.js that they have binaries for, and what compiling them takes. Data: beside this.

A module is here where its binaries are of one Node.js each (`first`: the first release for a major), or where an install
script fetches them from somewhere else than the registry (`fetched`: up to which release): it compiles where it finds none.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.detectors.node_packages import GYP
from kforge.detectors.node_versions import MAJORS, fitting, majors
from kforge.domain.facts import Evidence

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.detectors.node_release import WantedNode

_ANY = (10**6,) * 3
_RANGE = re.compile(r"\s*+(?P<sign>\^|~|>=|>|)\s*+v?(?P<version>\d{1,6}(?:\.\d{1,9}){0,2})")
_LOCKED = (
    r'"(?:[^"\n]{{0,200}}/)?node_modules/{name}":\s{{0,20}}\{{\s{{0,20}}"version":\s?"([^"\n]{{1,60}})"',  # npm
    r'^"?{name}@[^\n]{{1,400}}:\n\s{{1,8}}version:? "?([\w.+-]{{1,60}})',  # yarn
    r"^\s{{1,8}}['\"]?/?{name}[@/](\d[\w.+-]{{0,60}})[(:'\"]",  # pnpm
    r'"{name}":\s?\["{name}@([\w.+-]{{1,60}})"',  # bun
)


class NativeModule(NamedTuple):
    """A module of the table, its release as far as it is known, and what the table has of it."""

    name: str
    version: tuple[int, ...]
    shown: str
    place: Evidence
    row: dict[str, Any]

    def fits(self, major: int) -> bool:
        """Whether there are binaries for a major; unknown for those older than the table's."""
        firsts = {int(key): first for key, first in self.row.get("first", {}).items()}
        known = [key for key in firsts if key <= major]
        if not known:
            return True
        first = firsts[max(known)]
        return first is not None and self.version >= _numbers(first)

    @property
    def fetched(self) -> bool:
        last = self.row.get("fetched", "0")
        return last == "*" or self.version < _numbers(last)


def take(project: NodeProject, lock: str, wanted: WantedNode | None) -> None:
    """Sees the Node.js to build with where it is another than the newest, and what compiling takes."""
    found = list(_modules(project, lock))
    if not found:
        return
    spec = wanted.spec if wanted and fitting(wanted.spec).major else ""
    allowed = majors(spec or "*")
    usual = int(fitting(spec).major) if spec else MAJORS[0]
    lacking = {major: [one for one in found if not one.fits(major)] for major in (usual, *allowed)}
    fewest = min(len(names) for names in lacking.values())
    chosen = next(major for major in lacking if len(lacking[major]) == fewest)
    see = project.seen.see
    if chosen != usual:
        one = lacking[usual][0]
        see(
            "notes",
            f"Node.js {chosen}, since `{one.name}` {one.shown} has no binary for {usual}",
            one.place.file,
            one.place.line,
        )
        project.seen.forget("version")
        see("version", str(chosen), one.place.file, one.place.line)
    for one in lacking[chosen]:
        said = f"`{one.name}` {one.shown} has no binary for Node.js {chosen} and is compiled, if it can be"
        hint = f"take a newer `{one.name}`, or name an older Node.js (`engines`, `.nvmrc`)"
        see("doubts", {"said": said, "hint": hint}, one.place.file, one.place.line)
    for one in found:
        compiled = one in lacking[chosen]
        if compiled or one.fetched:
            for package in one.row.get("build", GYP):
                see("native build", package, one.place.file, one.place.line)
        for package in one.row.get("run", ()) if compiled else ():
            see("native run", package, one.place.file, one.place.line)


def _modules(project: NodeProject, lock: str) -> Iterator[NativeModule]:
    """Those that an installation brings: named by the project, for its build too where it has one, or by the lock."""
    for name, row in _table().items():
        held = project.requires.get(name) or (project.dev.get(name) if "build" in project.scripts else None)
        version = _locked(lock, name)
        if held:
            shown = version or held[0]
            yield NativeModule(
                name, _numbers(version) if version else _newest(held[0]), shown, project.place(name), row
            )
        elif version and name not in project.dev:
            yield NativeModule(name, _numbers(version), version, Evidence(project.lock), row)


def _locked(lock: str, name: str) -> str:
    """The release that a lock file has of a module, "" for none."""
    if name not in lock:
        return ""
    for pattern in _LOCKED:
        if found := re.search(pattern.format(name=re.escape(name)), lock, re.MULTILINE):
            return found[1]
    return ""


def _newest(spec: str) -> tuple[int, ...]:
    """The newest release that a range may mean."""
    found = _RANGE.match(spec)
    if not found or found["sign"] in (">=", ">"):
        return _ANY
    version = _numbers(found["version"])
    if found["sign"] == "^":
        fixed = 1 if version[0] else 2
        return (*version[:fixed], *_ANY[fixed:])
    return (*version[:2], *_ANY[2:]) if found["sign"] == "~" else version


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in re.findall(r"\d{1,9}", version.partition("-")[0])[:3]]
    return (*numbers, 0, 0, 0)[:3]


@cache
def _table() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return loaded
