"""A project's folder → what others put beside kforge's files: files that tools merge in.

Shared by the pipeline and by the fast check, so it imports nothing heavy. It only reads, regular files and through no
link; what it finds is judged by rules.
"""

from __future__ import annotations

import os
import posixpath
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from kforge import catalog
from kforge.domain.document import Documents
from kforge.domain.spec.project import Project
from kforge.domain.untracked_file import UntrackedFile
from kforge.errors import InputError
from kforge.render.dockerfile.target import bake_file
from kforge.render.merged_files import companions, compose_files, composed
from kforge.spec.compose_services import services
from kforge.stages.compare import marked
from kforge.system.beneath import Beneath
from kforge.system.files import reader
from kforge.system.listings import Listings
from kforge.system.unlisted import unlisted
from kforge.system.untracked_files import folders, marked_files

_COMPOSE_LIMIT = 1 << 20
_MARKED = "delete it, or remove its first comment, which is kforge's mark"
_UNLISTED = "delete or move it, list it under `include`, or say in a waiver why it stays"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Files that tools read together with kforge's, and the paths that were looked at to find them all."""

    untracked: tuple[UntrackedFile, ...]
    consulted: tuple[str, ...]  # files and folders, relative to the spec's


def neighbours(
    project: Project, raw: Mapping[str, Any], listed: Collection[str], targets: Callable[[], Collection[str]]
) -> Neighbours:
    """Everything that no build lists. `raw` is the spec, `listed` are kforge's and included files, `targets` the bake
    file's.
    """
    found: dict[str, UntrackedFile] = {}
    consulted = [*folders(listed)]
    base, paths = str(project.folder), raw.get("paths") or {}
    bake = bake_file(paths)
    bake = bake if bake in listed else ""
    for stray in companions(listed, bake):
        if "/" not in stray.path:  # making `.kforge` changes the spec's folder, so what may come is looked at itself
            consulted.append(stray.path)
        if stray.path not in listed and os.path.lexists(os.path.join(base, stray.path)):  # noqa: PTH118 - a thousand times
            found[stray.path] = stray
    consulted += compose_files(bake)
    for stray in _composed(project, compose_files(bake), bake, targets):
        found.setdefault(stray.path, stray)
    with Beneath(project.root, project.folder) as ways:
        listings = Listings(ways)
        carriers = marked_files(listings, listed, marked)
        for path in carriers.paths:
            found.setdefault(
                path, UntrackedFile(path, f"`{path}` has kforge's mark, but is not in kforge.sum", _MARKED)
            )
        whole = {root for target in catalog.targets().values() for root in target.whole(paths)}
        there = unlisted(listings, _roots(whole, listed), listed, _sources(raw))
    for path in there.paths:
        why = f"`{path}` is in a folder of kforge's manifests: `kubectl apply -f` applies every file there"
        found.setdefault(path, UntrackedFile(path, why, _UNLISTED))
    if not there.whole:
        path = there.folders[0]
        found.setdefault(
            path, UntrackedFile(path, f"`{path}` holds so many files that not all were looked at", _UNLISTED)
        )
    return Neighbours(tuple(sorted(found.values())), (*consulted, *carriers.consulted, *there.folders))


def beside(documents: Mapping[str, Documents], found: tuple[UntrackedFile, ...]) -> dict[str, Documents]:
    """Documents by environment, with what rules must know of their neighbours."""
    return {name: replace(each, untracked=() if name else found) for name, each in documents.items()}


def _composed(
    project: Project, paths: Collection[str], bake: str, targets: Callable[[], Collection[str]]
) -> Iterator[UntrackedFile]:
    held = reader(project.folder, project.root, _COMPOSE_LIMIT)
    for path in paths:
        try:
            content = held(path)
            known = None if content is None else services(content.decode())
        except (InputError, UnicodeDecodeError):  # a link, a pipe, too large: its content is unknown
            content, known = b"", None
        if content is not None and (stray := composed(path, known, targets(), bake)):
            yield stray


def _roots(roots: Set[str], listed: Collection[str]) -> set[str]:
    """Folders in which kforge keeps manifests. Where that is the spec's own, the folders in it that hold some."""
    if "." in roots:
        roots = roots - {"."} | {
            path.partition("/")[0] for path in listed if "/" in path and not path.startswith("../")
        }
    return set(_outermost(_holding(roots, sorted(listed))))


def _holding(roots: Collection[str], listed: Sequence[str]) -> Iterator[str]:
    """Folders that hold one of the files, which are sorted: the first one behind a folder's name lies in it, or none."""
    for root in roots:
        place = bisect_left(listed, f"{root}/")
        if place < len(listed) and listed[place].startswith(f"{root}/"):
            yield root


def _outermost(folders: Iterable[str]) -> Iterator[str]:
    """Folders that lie in no other of them."""
    last = ""
    for folder in sorted(f"{folder}/" for folder in folders):  # what lies in a folder follows it at once
        if not last or not folder.startswith(last):
            last = folder
            yield folder[:-1]


def _sources(raw: Mapping[str, Any]) -> set[str]:
    """Folders of sources: what lies there is theirs."""
    blocks = (raw.get("services") or {}).values()
    return {
        posixpath.normpath(block["source"])
        for block in blocks
        if isinstance(block, dict) and isinstance(block.get("source"), str)
    }
