"""A source → the folder that its image is built from, the place of its Dockerfile, and paths that buildx misreads.

The build context is what the builder is sent, and all that a Dockerfile can copy. Usually it is the source itself; a
member of a workspace, and a Dockerfile that copies from beside it, need a folder further up.

buildx cleans a context before it looks at it, so neither `./` nor `cwd://` keeps `-` from being standard input:
https://github.com/docker/buildx/blob/v0.30.0/bake/bake.go (toBuildOpt)
https://github.com/moby/buildkit/blob/v0.33.0/frontend/dockerfile/dfgitutil/git_ref.go (ParseGitRef)
"""

from __future__ import annotations

import posixpath
from typing import Any, NamedTuple, Protocol


class ContextPins(NamedTuple):
    """What a spec says of a build, as paths from the repository's top; None where it says nothing."""

    context: str | None = None
    dockerfile: str | None = None
    target: str = ""
    programs: tuple[str, ...] = ()  # what the commands of its services start, as `installed_programs` names them


NO_PINS = ContextPins()


class ReadsFacts(Protocol):
    """What is needed of a view here; `check` brings a lighter one than `domain.view.View`."""

    def spec(self, key: str) -> Any: ...
    def fact(self, name: str) -> Any: ...


class BuildPlace(NamedTuple):
    """Where an image is built, as paths in their shortest form."""

    context: str  # relative to the spec's folder
    source: str  # relative to the context, "." where it is the context
    dockerfile: str  # relative to the context, as bake wants it

    @property
    def inner(self) -> bool:
        """Whether the source is only a part of the context."""
        return self.source != "."


def build_place(view: ReadsFacts) -> BuildPlace:
    """Where a service's source is built: in itself, unless its facts say otherwise."""
    source, found, own = posixpath.normpath(view.spec("source")), view.fact("context"), view.fact("dockerfile")
    if found is None:
        return BuildPlace(source, ".", str(own["path"]) if own else "Dockerfile")
    return BuildPlace(posixpath.normpath(posixpath.join(source, found["folder"])), found["source"], found["dockerfile"])


def between(folder: str, path: str) -> str:
    """A path as seen from a folder, both from the repository's top, "" for the top; `.` where they are one."""
    return posixpath.relpath(f"/{path}", f"/{folder}")


def joined(folder: str, path: str) -> str | None:
    """A path that stands in a folder, from the repository's top; None where it leaves the repository."""
    found = posixpath.normpath(posixpath.join(folder, path))
    return None if found == ".." or found.startswith(("../", "/")) else "" if found == "." else found


def upwards(folder: str) -> tuple[str, ...]:
    """A folder and all above it, the nearest first; the last is the repository's top."""
    parts = folder.split("/") if folder else []
    return tuple("/".join(parts[:count]) for count in range(len(parts), -1, -1))


def contains(folder: str, path: str) -> bool:
    """Whether a folder is a path or holds it, both from the repository's top."""
    return folder in ("", path) or path.startswith(f"{folder}/")


def misread(source: str) -> str:
    """What a path is to buildx, in words that follow its name; "" for a folder."""
    path = posixpath.normpath(source)
    first, slash, _ = path.partition("/")
    if path == "-":
        return "means standard input to buildx"
    if ":" in first or first.startswith("git@") or (slash and first.lower() == "github.com"):
        return "means an address to buildx"
    return ""
