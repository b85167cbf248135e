"""Included files → documents, each with the place of every field. Unaware of where the files lie and how they were
found.

What is wrong with a manifest's form (no object, a text where a list belongs) ends here, at its line, so that later
stages can rely on the types of a document.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kforge.domain.document import CONFIDENTIAL, INCLUDED, Document, Misfit, Validate
from kforge.domain.fieldpath import PathError, parse
from kforge.domain.spec.raw import MISSING, Path, Raw, dotted
from kforge.errors import InputError, Place, Problem
from kforge.spec.read import read_manifests

_SHOWN = 100  # problems
_WRITTEN = 40  # characters of a value
_QUOTE = "put it in quotes if it is a string"
_HINT = "see the API reference of this Kubernetes version"
_UNQUOTED = re.compile("expected string, got (?:boolean|integer|number)")
_NAMES = {bool: "boolean", int: "integer", float: "number", str: "string", dict: "mapping", list: "list"}
_TEXTS = (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace"))
_TABLES = (("metadata", "labels"), ("metadata", "annotations"))


def included(files: Mapping[str, bytes]) -> tuple[Document, ...]:
    """Every object of every file, in order. Raises InputError for what is no YAML or no Kubernetes object."""
    found: list[Document] = []
    problems: list[Problem] = []
    for path, content in sorted(files.items()):
        try:
            raws = read_manifests(content, path)
        except InputError as error:
            problems += error.problems
            continue
        for raw in raws:
            wrong = list(_unfit(raw))
            problems += wrong
            if not wrong:
                found.append(Document(path=path, artifact=INCLUDED, data=raw.data, place=placing(raw)))
    _refuse(problems)
    return tuple(found)


def _unfit(raw: Raw) -> Iterator[Problem]:
    """Why a document is no single object with a head that rules can read."""
    data: Any = raw.data
    if not isinstance(data, dict):
        yield Problem(
            f"a document is a {_kind(data)}, not a Kubernetes object",
            _place(raw, ()),
            "write `apiVersion`, `kind` and `metadata`",
        )
        return
    for key in ("apiVersion", "kind"):
        if data.get(key) in (None, ""):
            yield Problem(
                f"`{key}` is missing",
                _place(raw, (key,)),
                "a Kubernetes object has `apiVersion`, `kind` and `metadata`",
            )
    if str(data.get("kind")).endswith("List") and "items" in data:
        yield Problem(
            f"a `{data['kind']}` holds objects in a list, which is not supported",
            _place(raw, ("kind",)),
            "write each object as a document of its own, with `---` between them",
        )
        return
    if not isinstance(data.get("metadata"), dict):
        said = "is missing" if "metadata" not in data else f"expected mapping, got {_kind(data['metadata'])}"
        yield Problem(
            f"`metadata` {said}",
            _place(raw, ("metadata",)),
            "an object needs at least a name: `metadata: {name: NAME}`",
        )
    for path in _TEXTS:
        yield from _typed(raw, path, str, "string")
    for path in _TABLES:
        yield from _typed(raw, path, dict, "mapping")
        table = raw.dig(path)
        for key in table if isinstance(table, dict) else ():
            yield from _typed(raw, (*path, key), str, "string")


def _typed(raw: Raw, path: Path, wanted: type, name: str) -> Iterator[Problem]:
    value = raw.dig(path)
    if value is not MISSING and value is not None and not isinstance(value, wanted):
        hidden = isinstance(value, (dict, list)) or raw.dig(("kind",)) in CONFIDENTIAL
        shown = "" if hidden else f" `{raw.written(path)[:_WRITTEN]}`"
        yield Problem(f"`{dotted(path)}`: expected {name}, got {_kind(value)}{shown}", _place(raw, path), _QUOTE)


def _kind(value: Any) -> str:
    return _NAMES.get(type(value), "null")


def placing(raw: Raw) -> Callable[[str], Place]:
    """What tells where a field of an object stands, by its path; the nearest field around it where there is none."""

    def place(field: str) -> Place:
        try:
            parts = parse(field)
        except PathError:
            parts = ()
        return _place(raw, tuple(part for part in parts if isinstance(part, (str, int))))

    return place


def _place(raw: Raw, path: Path) -> Place:
    """The best known place of a path; where nothing of it is there, where the document begins."""
    root = raw.marks.values.get(())
    if root is None or (path and isinstance(raw.data, dict) and path[0] in raw.data):
        return raw.place(path)
    return Place(raw.file, root.line, root.column)


def refuse_misfits(documents: Iterable[Document], validate: Validate) -> None:
    """Raises InputError for fields of another type than their schema has, each at its line in the user's file."""
    _refuse(
        Problem(
            f"`{document.target}`: `{fault.field}`: {fault.message}",
            document.place(fault.field) if document.place else Place(document.path),
            _QUOTE if _UNQUOTED.match(fault.message) else fault.hint or _HINT,
        )
        for document in documents
        for fault in validate(document.data or {}) or ()
        if isinstance(fault, Misfit)
    )


def _refuse(problems: Iterable[Problem]) -> None:
    found = [*problems]
    if len(found) > _SHOWN:
        found[_SHOWN:] = [Problem(f"{len(found) - _SHOWN} further problems are not shown")]
    if found:
        raise InputError(tuple(found))
