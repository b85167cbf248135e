"""A line of a manifest, of an overlay's patch or of a rendered object → the explanation of the field that stands there."""

from __future__ import annotations

from dataclasses import replace

from kforge.domain import fieldpath
from kforge.domain.document import Document
from kforge.domain.kubernetes import strategic
from kforge.domain.spec.raw import dotted
from kforge.explanations.explainer import Explainer, path_text
from kforge.explanations.line_paths import LinePath, LinePaths, aligned
from kforge.stages.explain import Explanation


def object_line(
    known: Explainer, document: Document, read: LinePaths, line: int, environment: str = ""
) -> tuple[Explanation, ...]:
    """What stands in a line of a whole object."""
    found, _ = aligned(read, read.nearest(line), document.data)
    return known.near(document, found, environment)


def patch_line(known: Explainer, path: str, read: LinePaths, line: int, environment: str) -> tuple[Explanation, ...]:
    """What stands in a line of a file that changes an object in an environment, or adds or deletes one; of a line that
    holds others, what stands in each.
    """
    document = _patched(known, path, read, environment)
    if document is None:
        return (known.key(("environments", environment), path),)
    if known.outcome.documents[environment].get(document.kind, document.name) is None:
        return (absent(known, document, environment, "", f"`{environment}` has no `{document.target}`"),)
    base = known.outcome.documents[""].get(document.kind, document.name)
    if base is None:
        return object_line(known, document, read, line, environment)
    at = read.nearest(line)
    below = [each for each in read.scalars if each[: len(at)] == at]
    if not at or (len(at) == 1 and isinstance(at[0], int)):
        below = [each for each in below if each[:1] not in (("apiVersion",), ("kind",), ("metadata",))] or below
    found = dict[str, Explanation]()
    for each in below or [at]:
        for explained in _patched_field(known, base, document, read, each, environment):
            found.setdefault(explained.field, replace(explained, file=path, line=read.line_of(each)))
    return tuple(found.values())


def _patched_field(
    known: Explainer, base: Document, document: Document, read: LinePaths, at: LinePath, environment: str
) -> tuple[Explanation, ...]:
    """The field of the object that a line of a patch sets or takes out."""
    if at[:1] and isinstance(at[0], int):  # the operations of a JSON patch
        at = _pointed(read.scalars.get((at[0], "path"), ""))
    if at in (("apiVersion",), ("kind",), ("metadata", "name"), ("metadata", "namespace")):
        return known.near(base, at)  # what names the object that is changed
    found, rest = aligned(read, at, document.data)
    deleted = [read.scalars.get((*at[:end], strategic.DIRECTIVE)) == "delete" for end in range(1, len(at) + 1)]
    if any(deleted):
        rest = at[deleted.index(True) : deleted.index(True) + 1]
        found = aligned(read, (*at[: deleted.index(True)],), document.data)[0]
    if rest and rest[0] != strategic.DIRECTIVE:
        note = f"`{environment}` leaves it out"
        return (absent(known, base, environment, path_text((*found, *rest)), note),)
    return tuple(caused(known, each, document, environment) for each in known.near(document, found, environment))


def _patched(known: Explainer, path: str, read: LinePaths, environment: str) -> Document | None:
    """The object that a file of an overlay is about: it names it, or the file of the base has the same name."""
    kind, name = read.scalars.get(("kind",), ""), read.scalars.get(("metadata", "name"), "")
    if kind:
        return known.document(kind, name, environment)
    folder, _, file = path.rpartition("/")
    end = f"{folder.rpartition('/')[2]}/{file}"
    return next((item for item in known.outcome.documents[environment] if item.path.endswith(end)), None)


def _pointed(pointer: str) -> LinePath:
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    return tuple(int(part) if part.isdigit() else part for part in parts if part != "-")


def absent(known: Explainer, document: Document, environment: str, field: str, note: str) -> Explanation:
    """Why an environment has no such object or field: what it says of the things that the object is made of."""
    causes = known.caused(document.service, document.artifact, environment)
    keys = causes[0] if causes else ("environments", environment)
    found = known.key(keys, document.target, note)
    return replace(found, field=field, value=None, why=dotted(keys))


def caused(known: Explainer, found: Explanation, document: Document, environment: str) -> Explanation:
    """With what the environment says, where the value differs from the base's and does not stand in the spec itself."""
    base = known.outcome.documents[""].get(document.kind, document.name)
    if found.why.startswith("environments."):
        return found
    try:
        if base is not None and fieldpath.get(base.data, found.field) == found.value:
            return found
    except fieldpath.PathError:
        pass
    causes = known.caused(document.service, document.artifact, environment)
    if not causes:
        return found
    said = " and ".join(f"`{dotted(keys)}`" for keys in causes[:2])
    return replace(found, note=found.note or f"`{environment}` differs here by {said} ({known.raw.place(causes[0])})")
