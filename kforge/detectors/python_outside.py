"""Folders that code puts on the path of Python's modules, outside of its source → doubts about what is imported from there."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from kforge.detectors.outside_files import HINT, deeper, led_to, outside
from kforge.domain.artifact import around
from kforge.domain.source.build_context import between, joined

if TYPE_CHECKING:
    from kforge.domain.artifact import Around, Tree
    from kforge.domain.source.sightings import Sightings
    from kforge.syntax.code_file import CodeFile
    from kforge.syntax.program import SourceProgram

_ADDS = frozenset(("sys.path.append", "sys.path.insert", "site.addsitedir"))
_MOST = 20  # calls that are followed
_MOST_NAMES = 100  # modules that are looked for in one folder


def modules(
    tree: Tree, names: SourceProgram, seen: Sightings, held: Collection[str], installed: Collection[str]
) -> None:
    """See what is imported from there. `held`: folders that a build takes, from the repository's top; `installed`: names
    of packages, as they are required.
    """
    place = around(tree)
    calls = [(file, call) for file in names.files for call in file.calls if call.name in _ADDS and call.arguments]
    if place is None or not calls:
        return
    deep, own = deeper(names), {name.replace("-", "_") for name in installed}
    for path in tree.files:
        own.update(part.removesuffix(".py") for part in path.split("/")[:4])
    for file, call in calls[:_MOST]:
        path = led_to(call.arguments[-1], file, deep)
        root = joined(place.folder, path) if path.startswith("..") else None
        if root is not None and not _imports(place, root, names.files, seen, held, own) and outside(place, root, held):
            said = f"`{file.path}` imports from `{path}`, which is not in the source nor in its image"
            seen.see("doubts", {"said": said, "hint": HINT}, file.path, call.line)


def _imports(
    place: Around, root: str, files: list[CodeFile], seen: Sightings, held: Collection[str], own: Collection[str]
) -> bool:
    """Sees modules of a folder that files import; whether there are any."""
    wanted: dict[str, tuple[str, int]] = {}
    for file in files:
        for name in sorted(file.imported):
            wanted.setdefault(name, (file.path, file.import_lines.get(name, 0)))
    found = False
    for name in [each for each in wanted if each not in own][:_MOST_NAMES]:
        ways = [f"{root}/{name}{end}".lstrip("/") for end in (".py", "")]
        module = next((each for each in ways if outside(place, each, held)), "")
        if module:
            found = True
            path, line = wanted[name]
            said = f"`{path}` imports `{between(place.folder, module)}`, which is not in the source nor in its image"
            seen.see("doubts", {"said": said, "hint": HINT}, path, line)
    return found
