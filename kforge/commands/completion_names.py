"""A word's place on the command line → names from the spec and the lock here: services, decisions, fields,
environments, specs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kforge import catalog
from kforge.check_cache import found as specs_of
from kforge.errors import Error

if TYPE_CHECKING:
    from kforge.domain.lock import Lock
    from kforge.domain.spec.project import Project

Found = tuple[str, str]  # a word, and what it is
_UPGRADES = ("kubernetes", "another Kubernetes version in the spec")
_MOST = 20  # specs that are read for one word


def named_values(
    command: str, dest: str, metavar: str, positional: Sequence[str], current: str, spec: str
) -> list[Found]:
    """The names that may stand there; none where the place takes a value of the user's."""
    if metavar == "PATH":
        return _specs()
    if dest in ("provider",):
        from kforge.domain.model.vendors import NAMES

        return [(name, "provider") for name in NAMES]
    known = [_Names(project) for project in _projects(spec)]
    if dest == "environment":
        return [(name, "environment") for each in known for name in each.environments]
    if metavar == "TARGET":
        found = [one for each in known for one in each.targets(current, decisions=dest == "prompts")]
        return [*found, _UPGRADES] if dest == "upgrade" and command == "build" else found
    if metavar == "FIELD" and positional:
        return [(field, "field") for each in known for field in each.fields(positional[0])]
    return []


def _specs() -> list[Found]:
    return [(os.path.relpath(project.spec), "spec") for project in specs_of([], Path.cwd())]


def _projects(spec: str) -> list[Project]:
    """The project that is named, that of the nearest folder above, or those of the repository."""
    from kforge.domain.spec.project import Project
    from kforge.system.project import root, specs_in

    here = Path.cwd()
    if spec:
        return specs_of([Path(spec)], here)
    top = root(here)
    for folder in (here, *here.parents):
        if specs := specs_in(folder):
            return [Project(specs[0], top)]
        if folder == top:
            break
    return specs_of([], here)[:_MOST]


class _Names:
    """Names in one project; what cannot be read has none."""

    def __init__(self, project: Project) -> None:
        self._project = project

    @cached_property
    def _spec(self) -> Mapping[str, Any]:
        from kforge.spec.read import read
        from kforge.system.files import read as read_file

        try:
            content = read_file(self._project.spec, root=self._project.root)
            return dict(read(content or b"", self._project.name).data)
        except Error:
            return {}

    @cached_property
    def _lock(self) -> Lock:
        from kforge.domain.lock import Lock
        from kforge.system import locked

        try:
            return locked.load(self._project.folder, None, self._project.root)[0]
        except Error:
            return Lock()

    @cached_property
    def services(self) -> list[str]:
        from kforge.spec.tolerant import mapping

        return sorted({*mapping(self._spec, "services")} or {*self._lock.services})

    @property
    def environments(self) -> list[str]:
        from kforge.spec.tolerant import mapping

        return sorted(mapping(self._spec, "environments"))

    def targets(self, current: str, decisions: bool) -> Iterable[Found]:
        """Services, and the decisions of the one that is named or that alone is left."""
        near = [name for name in self.services if name.startswith(current.partition("/")[0])]
        if "/" not in current and not decisions:
            yield from ((name, "service") for name in near)
        if "/" in current or decisions or len(near) == 1:
            yield from ((f"{name}/{topic}", "decision") for name in near for topic in self._topics(name))

    def fields(self, target: str) -> Iterable[str]:
        """Fields of a decision; of a service those of all its decisions, with their topics before them."""
        from kforge.domain.spec.pins import leaves

        service, _, topic = target.partition("/")
        held = self._lock.services.get(service)
        for name, decision in sorted(held.decisions.items()) if held else ():
            if topic in ("", name):
                yield from (field if topic else f"{name}.{field}" for field in leaves(decision.value))

    def _topics(self, service: str) -> list[str]:
        held = self._lock.services.get(service)
        return sorted(held.decisions) if held else [*catalog.TOPICS]
