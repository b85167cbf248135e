"""A project's folder and the places of its image components → what CI or a person put there, and what of it may be shown.

Shared by the pipeline, by the fast check and by `diff`, so it imports nothing heavy. The spec says where components
lie, and it comes with a pull request: what git does not track there is a file of the user's own, and stays closed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from kforge.domain.digest import digest
from kforge.domain.document import Documents
from kforge.domain.kubernetes.image_component import Component, image_list, shown
from kforge.domain.spec.project import Project
from kforge.domain.spec.raw import Marks, Raw
from kforge.domain.target import Target
from kforge.domain.yaml_text import to_yaml
from kforge.errors import InputError
from kforge.render.kubernetes.kustomize import seeded
from kforge.spec import manifest_scalars
from kforge.spec.read import read
from kforge.spec.tree_builder import TextKind
from kforge.stages.compare import marked, sha256
from kforge.stages.file_diff import UNMARKED, FileSide
from kforge.system.files import reader
from kforge.system.git.tracked import index_of, tracks
from kforge.system.paths import from_top

INPUT = "images."  # the lock's name for what a component sets, where an output shows it
LIMIT = 512 << 10  # bytes: some five thousand images
PRIVATE = "it is neither tracked by git nor written by kforge"
_REST = "its content other than images"
_FORM = TextKind(
    "the image component",
    manifest_scalars.scalar,  # as kustomize reads it: `newTag: yes` is no text there
    manifest_scalars.STARTS,
    "it holds `images` only",
    "write `images: []` below `apiVersion: kustomize.config.k8s.io/v1alpha1` and `kind: Component`",
    kustomize=True,
    private=True,
)


def components(project: Project, seeds: Mapping[str, bytes]) -> Iterator[Component]:
    """The image components that were changed since kforge wrote them. `seeds` are kforge's texts of them by path.

    Raises InputError for one that is no mapping in YAML, or no regular file.
    """
    held = reader(project.folder, project.root, LIMIT)
    for path, written in seeds.items():
        content = held(path)
        if content is None or content == written:
            continue
        ours = _ours(content)
        if ours or is_public(project, path):
            yield Component(path, read(content, path, form=_FORM), seeded=ours)
        else:
            yield Component(path, Raw({}, path, "", lambda: Marks({}, {})), seeded=False, private=True)


def with_components(
    documents: Mapping[str, Documents], project: Project, places: Mapping[str, str], seeds: Mapping[str, str]
) -> dict[str, Documents]:
    """Documents by environment, each with its image component where that was changed. `places` has the environment of
    each component's path, `seeds` kforge's texts by path. Raises InputError as `components` does.
    """
    written = {path: seeds[path].encode() for path in places if path in seeds}
    found = {places[each.path]: each for each in components(project, written)}
    return {name: replace(each, component=found.get(name)) for name, each in documents.items()}


def digests(changed: Mapping[str, Component | None], targets: Iterable[Target]) -> dict[str, str]:
    """A digest of the images that each component sets, by the lock's name for it, where a target shows them. `changed`
    are components by environment; one that sets none has no digest.
    """
    shown = any(target.sets_images for target in targets)
    held = {name: [*image_list(each.raw)] for name, each in changed.items() if each and shown}
    return {f"{INPUT}{name or 'base'}": digest(images) for name, images in sorted(held.items()) if images}


def is_public(project: Project, path: str) -> bool:
    """Whether a file is the repository's: git tracks it, or there is no git that could. `public_by` says what decides."""
    if not _has_git(project):
        return True
    folder = "" if project.folder == project.root else project.folder.relative_to(project.root).as_posix()
    place = from_top(folder, path)
    return place is not None and tracks(project.root, place)


def public_by(project: Project) -> str:
    """The file whose stat tells whether another file is still the repository's: git's index."""
    return index_of(project.root) if _has_git(project) else f"{project.root}{os.sep}.git"


def _has_git(project: Project) -> bool:
    return os.path.lexists(project.root / ".git")


def side(path: str, content: bytes, public: bool) -> FileSide:
    """What of a file in a component's place a difference shows: all where it says that kforge wrote it, else its images
    alone, written anew, and nothing where it is not `public`.
    """
    if not content or _ours(content):
        return FileSide(content)
    if not public:
        return FileSide(b"", PRIVATE, sha256(content))
    try:
        images = to_yaml(shown(read(content, path, form=_FORM))).encode()
    except InputError:
        return FileSide(b"", UNMARKED, sha256(content))
    return FileSide(images, _REST, sha256(content))


def _ours(content: bytes) -> bool:
    return seeded(content) or marked(content)
