"""`include:` patterns → the user's own manifests as documents: checked and listed, never written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from kforge.domain.document import Document
from kforge.domain.project import Project
from kforge.errors import InputError, Place
from kforge.system.files import read

if TYPE_CHECKING:
    from kforge.domain.spec import Spec

MAX_BYTES = 4 << 20
INPUT = "included."  # the lock's name for an included file: what it holds decides whether all is valid


class _Loader(yaml.CSafeLoader):
    """SafeLoader without dates: Kubernetes reads `2001-01-01` as a string."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


def paths(project: Project, patterns: list[str]) -> tuple[str, ...]:
    """Files that the patterns name, relative to the spec's folder, sorted.

    Raises InputError for a pattern that leaves the folder or names nothing.
    """
    found: set[str] = set()
    for pattern in patterns:
        if pattern.startswith("/") or ".." in Path(pattern).parts:
            raise InputError(f"`include` pattern `{pattern}` leaves the spec's folder", hint="name files below it")
        # `deploy/extra/*.yaml` also matches the kustomization.yaml that kforge writes there, which holds no object.
        files = [path for path in project.folder.glob(pattern) if path.is_file() and path.stem != "kustomization"]
        names = [path.relative_to(project.folder).as_posix() for path in files]
        if not names:
            raise InputError(f"`include` pattern `{pattern}` names no file", Place(project.name))
        found.update(names)
    return tuple(sorted(found))


def digests(project: Project, paths: Iterable[str]) -> dict[str, str]:
    """An input for every included file, whatever its line ends are."""
    content = {path: read(project.folder / path, MAX_BYTES) or b"" for path in paths}
    return {INPUT + path: hashlib.sha256(held.replace(b"\r\n", b"\n")).hexdigest()[:16] for path, held in content.items()}


def consulted(project: Project, patterns: list[str], paths: Iterable[str]) -> Iterator[str]:
    """Files and folders on which it depends what is included, as absolute paths."""
    yield from (str(project.folder / path) for path in paths)
    for pattern in patterns:
        parts = Path(pattern).parts
        fixed = next((number for number, part in enumerate(parts) if set(part) & set("*?[")), len(parts) - 1)
        base = project.folder.joinpath(*parts[:fixed])
        yield str(base)
        if fixed < len(parts) - 1:  # wildcards in folders: any folder below may hold the next match
            yield from (str(path) for path in base.rglob("*") if path.is_dir())


def included(project: Project, spec: Spec) -> tuple[Document, ...]:
    """Every object of every included file. Raises InputError for what is no YAML or no Kubernetes object."""
    return tuple(document for path in paths(project, spec.include) for document in _documents(project, path))


def _documents(project: Project, path: str) -> Iterator[Document]:
    content = read(project.folder / path, MAX_BYTES) or b""
    try:
        loaded: list[Any] = list(yaml.load_all(content, Loader=_Loader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"`{path}` is no YAML: {str(error).splitlines()[0]}", Place(path)) from None
    for number, data in enumerate(loaded):
        if data is None:
            continue
        if not isinstance(data, dict) or not isinstance(data.get("metadata"), dict) or "kind" not in data:
            raise InputError(f"document {number + 1} of `{path}` is no Kubernetes object", Place(path))
        yield Document(path=path, artifact="included", data=data)
