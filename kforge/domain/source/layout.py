"""Where a source lies in its build context → where it lies in an image, and what of the context goes there.

An image repeats the context's folders below one folder: what a source reads beside itself (a library of its workspace,
a shared configuration) is found by the same relative path as in the repository.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.domain.instructions import copies, copy, workdir
from kforge.domain.source.build_context import build_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from kforge.domain.document import Instruction
    from kforge.domain.view import View


class ImageLayout(NamedTuple):
    """A source in its context, and the folder of the image that repeats the context."""

    source: str  # in the context, "." where it is the context
    root: str  # where dependencies are installed, in the context
    base: str  # in the image
    members: tuple[str, ...] = ()  # what of the context is needed, the source among it; () for all of it
    files: tuple[str, ...] = ()  # single files of it besides
    brought: tuple[tuple[str, str], ...] = ()  # files of the context, and their places in the source

    def inside(self, path: str) -> str:
        """A path from the source as a path in the context."""
        return posixpath.normpath(posixpath.join(self.source, path))

    def at(self, path: str = ".") -> str:
        """A path from the source as one of the image."""
        return posixpath.normpath(posixpath.join(self.base, self.source, path))

    @property
    def installed(self) -> str:
        """The folder of the image in which dependencies are installed."""
        return posixpath.normpath(posixpath.join(self.base, self.root))

    @property
    def inner(self) -> bool:
        return self.source != "."

    def prepared(self) -> list[Instruction]:
        """The folder of the image that repeats the context."""
        return [workdir(self.base)]

    def manifests(self, paths: Sequence[str]) -> list[Instruction]:
        """COPY of manifests, by their paths from the source, and the folder in which they are installed."""
        below = [workdir(self.installed)] if self.installed != self.base else []
        return [*copies(self.inside(path) for path in paths), *below]

    def content(self) -> list[Instruction]:
        """COPY of what the image needs of the context, where `manifests` came before."""
        why = "The program reads it here, and the repository has it once."
        brought = [copy([path], self.at(to), comment=why) for path, to in self.brought]
        if not self.members:
            return [copy(["."], "./" if self.installed == self.base else f"{self.base}/"), *brought]
        folders = self._copied(self.members)
        files = [copy(self.files, f"{self.base}/")] if self.files else []
        return [*files, *folders, *brought]

    def source_alone(self) -> list[Instruction]:
        """COPY of a source that is in no workspace, to where it works."""
        return self.content() if self.brought else [copy(["."], f"{self.base}/" if self.inner else "./")]

    def folders(self, paths: Sequence[str]) -> list[Instruction]:
        """COPY of folders that an installation reads, by their paths from the source."""
        return self._copied(self.inside(path) for path in paths)

    def _copied(self, folders: Iterable[str]) -> list[Instruction]:
        return [copy([f"{path}/"], f"{self.base}/{path}/") for path in folders]


def layout(view: View, base: str = "/app") -> ImageLayout:
    """How the image of a service is laid out."""
    found = placed(build_place(view).source, view.fact("workspace"), base)
    if not (brought := view.fact("brought")):
        return found
    pairs = tuple((found.inside(one["from"]), one["to"]) for one in brought)
    alone = (found.source,) if view.fact("workspace") is None else found.members
    return found._replace(members=alone, brought=pairs)


def placed(source: str, workspace: Mapping[str, Any] | None, base: str) -> ImageLayout:
    """How an image holds a folder of the context, and what it needs of its workspace, if it is in one."""
    if workspace is None:
        return ImageLayout(source, source, base)
    found = ImageLayout(source, ".", base)
    members = tuple(dict.fromkeys(found.inside(path) for path in (*workspace["members"], ".")))
    return found._replace(
        root=found.inside(workspace["root"]),
        members=() if "." in members else members,
        files=tuple(found.inside(path) for path in workspace["files"]),
    )
