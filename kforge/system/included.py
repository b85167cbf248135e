"""`include:` patterns → the user's own manifests as bytes. Unaware of YAML and of what the files hold."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kforge.domain.spec.project import Project
from kforge.errors import InputError, Place
from kforge.system import globs
from kforge.system.files import reader
from kforge.system.paths import odd

MAX_BYTES = 4 << 20  # of one file
MAX_TOTAL = 64 << 20  # of all
MAX_FILES = 10_000
INPUT = "included."  # the lock's name for an included file: what it holds decides whether all is valid
_HINT = "name files below the spec's folder, for instance `deploy/extra/*.yaml`"
_FIRST = 60  # characters of a pattern that a message shows


@dataclass(frozen=True, slots=True)
class Included:
    """Included files, and every file and folder on which it depends which ones they are."""

    paths: tuple[str, ...] = ()  # relative to the spec's folder, sorted
    consulted: tuple[str, ...] = ()  # absolute


def find(project: Project, patterns: Iterable[Any], place: Callable[[int], Place | None]) -> Included:
    """Files that the patterns name. `place` tells where a pattern stands in the spec, by its number.

    Raises InputError for a pattern that leaves the folder, cannot be read, or names no file, and TypeError for
    patterns that are no texts: `check` looks at a spec before it is validated.
    """
    given = [*patterns] if isinstance(patterns, list) else None
    if given is None or not all(isinstance(pattern, str) for pattern in given):
        raise TypeError("`include` must be a list of strings")
    for number, pattern in enumerate(given):
        if said := globs.fault(pattern):
            raise InputError(f"`include` pattern `{_shown(pattern)}` {said}", place(number), _HINT)
    try:
        found = globs.matches(project.root, project.folder, given)
    except globs.TooMuchError as error:
        message = f"`include` pattern `{_shown(given[error.pattern])}` matches more than {globs.BOUNDS.folders} folders, or too many files"
        raise InputError(message, place(error.pattern), "name the folder in which the files lie") from None
    paths: set[str] = set()
    for number, files in enumerate(found.files):
        # `deploy/extra/*.yaml` also matches the kustomization.yaml that kforge writes there, which holds no object.
        names = [path for path in files if posixpath.splitext(posixpath.basename(path))[0] != "kustomization"]
        if not names:
            raise InputError(
                f"`include` pattern `{_shown(given[number])}` matches no file",
                place(number),
                f"{_HINT}; links are not followed",
            )
        for path in names:
            if said := odd(path):
                raise InputError(
                    f"`include` pattern `{_shown(given[number])}` names the file {path!a}, whose name {said}",
                    place(number),
                    "rename it",
                )
        paths.update(names)
        if len(paths) > MAX_FILES:
            raise InputError(f"`include` names more than {MAX_FILES} files", place(number), "include fewer files")
    folders = (posixpath.join(str(project.folder), path).rstrip("/") for path in (*found.folders, *paths))
    return Included(tuple(sorted(paths)), tuple(sorted({*folders})))


def _shown(pattern: str) -> str:
    return pattern if len(pattern) <= _FIRST else f"{pattern[:_FIRST]}…"


def contents(project: Project, paths: Iterable[str]) -> dict[str, bytes]:
    """What each included file holds. Raises InputError for one that is too large, no regular file, or gone."""
    read = reader(project.folder, project.root, MAX_BYTES)
    found: dict[str, bytes] = {}
    total = 0
    for path in paths:
        held = read(path)
        if held is None:
            raise InputError(f"`{path}` was deleted meanwhile", Place(path), "run it again")
        total += len(held)
        if total > MAX_TOTAL:
            raise InputError(
                f"included files hold more than {MAX_TOTAL >> 20} MiB", Place(path), "include fewer or smaller files"
            )
        found[path] = held
    return found


def digests(contents: Mapping[str, bytes]) -> dict[str, str]:
    """A digest for every included file by its path. CRLF and LF count as the same."""
    return {
        INPUT + path: hashlib.sha256(held.replace(b"\r\n", b"\n")).hexdigest()[:16] for path, held in contents.items()
    }
