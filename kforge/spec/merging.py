"""Two blocks of plain data → one: what stands in the upper counts, mappings merge by key, and null keeps out what is below."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kforge.domain.spec.raw import MISSING
from kforge.domain.topic_names import BUILD, RESOURCES
from kforge.spec.tolerant import mapping

Pattern = tuple[str, ...]  # keys; `*` is each key of a mapping
_OTHER = {"env": "secrets", "secrets": "env"}  # a variable stands in one of them
NULLABLE = (
    "env", "secrets", "config", BUILD, RESOURCES, "labels", "annotations", "version", "user", "hardening", "needs",
    "egress",
)  # fmt: skip


def beneath(own: dict[str, Any], theirs: Mapping[str, Any], patterns: Iterable[Pattern]) -> dict[str, Any]:
    """A block with what patterns name of another laid under it."""
    made = own
    for pattern in patterns:
        lower: Any = theirs
        other = _OTHER.get(pattern[0])
        if other and isinstance(theirs.get(pattern[0]), dict):
            said = mapping(own, other)
            lower = {pattern[0]: {key: value for key, value in theirs[pattern[0]].items() if key not in said}}
        made = _laid(made, lower, pattern)
    return made


def _laid(own: Any, theirs: Any, pattern: Pattern) -> Any:
    held = {} if own is MISSING else own
    if not isinstance(theirs, dict) or not isinstance(held, dict):
        return own
    head = pattern[0]
    if head == "*":
        return {**theirs, **held}
    if theirs.get(head, MISSING) is MISSING:
        return own
    if len(pattern) == 1:
        return held if head in held else {**held, head: theirs[head]}
    before = held.get(head, MISSING)
    inner = _laid(before, theirs[head], pattern[1:])
    return own if inner is before else {**held, head: inner}


def unsaid(theirs: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """An environment's values, less those of keys that a service's own block has."""
    made: dict[str, Any] = {}
    for key, value in theirs.items():
        said = own.get(key, MISSING)
        if said is MISSING:
            made[key] = value
        elif isinstance(value, dict) and isinstance(said, dict):
            made[key] = unsaid(value, said)
    for key, other in _OTHER.items():
        if isinstance(made.get(key), dict):
            said = mapping(own, other)
            made[key] = {name: value for name, value in made[key].items() if name not in said}
    return made


def less_nulls(made: Any, own: Any, sources: list[Any], keys: Iterable[str]) -> Any:
    """Without the nulls that kept something out, and those that came with what was taken."""
    kept = dict(made)
    for key in [key for key in keys if key in made]:
        value, said = made[key], own.get(key, MISSING)
        theirs = [each[key] for each in sources if key in each]
        if value is None and (theirs or said is MISSING):
            del kept[key]
        elif isinstance(value, dict):
            below = [each for each in theirs if isinstance(each, dict)]
            kept[key] = less_nulls(value, said if isinstance(said, dict) else {}, below, [*value])
    return kept
