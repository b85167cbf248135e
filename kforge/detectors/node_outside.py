"""Relative imports of JavaScript that lead out of its source → doubts: neither a build nor an image has what they name."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from typing import TYPE_CHECKING

from kforge.detectors.node_imports import SUFFIXES, stems
from kforge.detectors.outside_files import HINT, outside
from kforge.domain.artifact import around
from kforge.domain.source.build_context import between, joined

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.domain.source.sightings import Sightings
    from kforge.syntax.program import SourceProgram

_MOST = 100  # imports that are looked for


def imports(tree: Tree, names: SourceProgram, seen: Sightings, held: Collection[str]) -> None:
    """See what is there. `held`: folders and files that a build takes, from the repository's top."""
    place = around(tree)
    if place is None:
        return
    wanted: dict[str, tuple[str, str]] = {}
    for file in names.files:
        for origin in sorted({*file.imports.values()}):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), origin))
            if origin.startswith(".") and path.startswith("../"):
                wanted.setdefault(path, (file.path, origin))
    for path, (file_path, origin) in [*wanted.items()][:_MOST]:
        ways = [joined(place.folder, f"{stem}{suffix}") for stem in stems(path) for suffix in SUFFIXES]
        target = next((each for each in ways if each is not None and outside(place, each, held)), None)
        if target is not None:
            text = tree.text(file_path)
            line = text.count("\n", 0, max(text.find(origin), 0)) + 1
            said = (
                f"`{file_path}` imports `{between(place.folder, target)}`, which is not in the source nor in its image"
            )
            seen.see("doubts", {"said": said, "hint": HINT}, file_path, line)
