"""A key of the spec, or a file of the base → the explanation of it as it is in an environment."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kforge.domain.document import Document
from kforge.domain.near_words import listed
from kforge.domain.spec.raw import MISSING, Path, dotted
from kforge.errors import InputError
from kforge.explanations.explainer import Explainer, path_text
from kforge.explanations.files import ReadText, wanted_line
from kforge.explanations.line_paths import aligned
from kforge.explanations.manifest_lines import absent, caused
from kforge.stages.explain import Explanation


def said_in(known: Explainer, keys: Path, environment: str) -> Path:
    """Where an environment says what the base says at a path, or what is around it in a short form; () where nowhere."""
    if not environment or keys[:1] == ("environments",):
        return ()
    own: Path = ("environments", environment, *keys)
    for end in range(len(own), 2, -1):
        value = known.raw.dig(own[:end])
        if value is not MISSING and value is not None:
            return own[:end] if end == len(own) or not isinstance(value, (dict, list)) else ()
    return ()


def key_in(known: Explainer, keys: Path, environment: str) -> Explanation:
    """What the spec says at a path of the base, as it is in an environment: mappings of both are one."""
    own = said_in(known, keys, environment)
    if not own:
        return known.key(keys)
    base, found = known.raw.dig(keys), known.key(own)
    if isinstance(found.value, dict) and isinstance(base, dict):
        kept = [key for key in base if key not in found.value]
        place = known.raw.key_place(keys)
        note = f"{listed(kept)} as in the base ({place.file}:{place.line})" if kept else ""
        return replace(found, field=dotted(keys), value=_merged(base, found.value), note=note)
    return replace(found, field=dotted(keys))


def _merged(base: Any, changed: Any) -> Any:
    if isinstance(base, dict) and isinstance(changed, dict):
        return {**base, **{key: _merged(base.get(key), value) for key, value in changed.items()}}
    return base if changed is None else changed


def file_in(known: Explainer, path: str, line: int, environment: str, disk: ReadText) -> tuple[Explanation, ...] | None:
    """A file of the base, or a line of it, as the object is in an environment; None for a file of the environment's own.

    Raises InputError for a file that no environment changes.
    """
    base = next((item for item in known.outcome.documents[""].objects() if item.path == path), None)
    if base is None:
        if f"/{environment}/" in path or f"values-{environment}." in path:
            return None
        hint = f"ask without `-e`; `kforge explain {environment}` shows what is different there"
        raise InputError(f"`{environment}` does not change `{path}`", hint=hint)
    here = next((item for item in known.outcome.documents[environment].objects(base.kind) if item.path == path), None)
    if here is None:
        return (absent(known, base, environment, "", f"`{environment}` has no `{base.target}`"),)
    read = known.read(path)
    at, rest = aligned(read, read.nearest(wanted_line(known, path, line, disk)) if line else (), here.data)
    if rest:
        return (absent(known, base, environment, path_text((*at, *rest)), f"`{environment}` leaves it out"),)
    return tuple(caused(known, each, here, environment) for each in known.near(here, at, environment))


def object_of(known: Explainer, path: str, environment: str) -> Document | None:
    """The object of a file of the base, as it is in an environment."""
    documents = known.outcome.documents
    every = (*documents[environment].objects(), *documents[""].objects())
    return next((item for item in every if item.path == path), None)
