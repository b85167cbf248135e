"""Packages of other modules of the repository that a Go program imports → variables that they read: they are compiled in.

Unaware of how the modules were found.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from kforge.detectors import environment, go_settings
from kforge.detectors.go_dialect import DIALECT
from kforge.detectors.settings_knowledge import knowledge
from kforge.detectors.workspaces import inside
from kforge.domain.source.build_context import contains
from kforge.domain.source.sightings import Sightings
from kforge.syntax import go as syntax
from kforge.syntax.program import SourceProgram, program, read_all

if TYPE_CHECKING:
    from kforge.detectors.go_workspace import GoWorkspace

_IMPORTED = re.compile(r'"([\w.~/-]{1,300})"')
_MOST = 200  # files that are read


def read(found: GoWorkspace | None, imported: Collection[str], names: SourceProgram, seen: Sightings) -> None:
    """See `env` and `hosts` of packages that are reached, and let the program know their settings and helpers. `imported`:
    paths of packages that the source's own code imports.
    """
    texts = dict(_reached(found, imported)) if found else {}
    if not texts:
        return
    files, _ = read_all(texts, lambda path: texts[path], syntax.read)
    whole, told = program([*names.files, *files], DIALECT), Sightings()
    go_settings.scan(whole, knowledge("go"), told)
    environment.scan(whole, knowledge("go"), told)
    seen.adopt("env", told.many("env"))
    seen.adopt("named_files", told.many("named_files"))
    seen.adopt("named_folders", told.many("named_folders"))
    seen.adopt("hosts", told.many("hosts"))
    names.settings = {**whole.settings, **names.settings}
    names.readers = {**whole.readers, **names.readers}


def _reached(found: GoWorkspace, imported: Collection[str]) -> Iterator[tuple[str, str]]:
    """Files of the packages, through others too, by their paths from the source."""
    place, left = found.place, _MOST
    modules = {
        module.path: folder
        for folder, module in found.modules.items()
        if module.path and not contains(place.folder, folder)
    }
    queue = list(imported)
    done: set[str] = set()
    for name in queue:
        path = next((each for each in modules if name == each or name.startswith(f"{each}/")), "")
        if not path or name in done:
            continue
        done.add(name)
        folder = inside(modules[path], name[len(path) :].strip("/")).rstrip("/")
        for file, below in place.names(folder).items():
            if below or not file.endswith(".go") or file.endswith("_test.go") or left <= 0:
                continue
            left -= 1
            text = place.text(inside(folder, file))
            queue += [each for each in _IMPORTED.findall(text) if each not in done]
            yield found.rel(inside(folder, file)), text
