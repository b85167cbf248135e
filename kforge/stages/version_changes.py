"""Documents under one Kubernetes version and under another → the fields that differ, and why each is as it is now.

What many objects share is one change with all their names. Unaware of files and of how the versions were chosen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kforge.domain.document import Document, Documents
from kforge.domain.fieldpath import ancestors
from kforge.domain.origin import join

_LONGEST = 60  # characters of a value


@dataclass(frozen=True, slots=True)
class VersionChange:
    """One field of one or more objects: its values before and after as JSON, "" where it is not there."""

    field: str
    old: str
    new: str
    why: str
    objects: tuple[str, ...]  # `Deployment/web`


def version_changes(
    before: Mapping[str, Documents], after: Mapping[str, Documents]
) -> dict[str, tuple[VersionChange, ...]]:
    """What differs by environment ("" is the base), in order of the fields; environments without a difference are left
    out, and so is what an environment shares with the base.
    """
    told: set[tuple[str, ...]] = set()
    found = {}
    for environment in sorted(after):
        grouped: dict[tuple[str, str, str, str], list[str]] = {}
        for target, change in _changes(before.get(environment), after[environment]):
            if (target, *change) not in told:
                grouped.setdefault(change, []).append(target)
            told.add((target, *change))
        if grouped:
            made = (VersionChange(*change, tuple(sorted(targets))) for change, targets in grouped.items())
            found[environment] = tuple(sorted(made, key=lambda each: (each.field, each.objects)))
    return found


def _changes(before: Documents | None, after: Documents) -> Iterator[tuple[str, tuple[str, str, str, str]]]:
    old = {item.path: item for item in before or () if item.data}
    new = {item.path: item for item in after if item.data}
    for path in sorted(old.keys() | new.keys()):
        was, now = old.get(path), new.get(path)
        if was and now:
            for field, mine, its in _differences(was.data, now.data, ""):
                yield now.target, (field, _text(mine), _text(its), _why(now, field))
        elif there := was or now:
            yield there.target, ("", there.target if was else "", there.target if now else "", "")


def _differences(one: Any, other: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Field, old and new value; None for what is not there. Lists of one length are compared item by item."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in sorted(one.keys() | other.keys()):
            yield from _differences(one.get(key), other.get(key), join(path, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (mine, its) in enumerate(zip(one, other, strict=True)):
            yield from _differences(mine, its, f"{path}[{number}]")
    elif one != other or type(one) is not type(other):
        yield path, one, other


def _text(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _why(document: Document, field: str) -> str:
    """Why kforge writes a field: the reason recorded for it, for what lies in it, or for what it lies in."""
    inner = (path for path in sorted(document.origins) if path.startswith((f"{field}.", f"{field}[")))
    for path in (field, *inner, *ancestors(field)):
        if document.origins.get(path, "").startswith("kforge: "):
            return document.origins[path].removeprefix("kforge: ")
    return ""
