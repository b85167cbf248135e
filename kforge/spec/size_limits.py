"""A raw spec, and what it includes → whether a run can work all of it out for every environment.

Every environment has all services and all included objects anew, so a few kilobytes of names can ask for a million
objects. What they cost is estimated in units of some 15 microseconds, measured on CPython 3.11.
"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kforge.domain.document import Document
from kforge.domain.spec.raw import Raw
from kforge.errors import InputError
from kforge.spec.tolerant import Wrong, blocks, listing, mapping, text

# Some four seconds: 300 services of the usual kind in five environments, a thousand in one, 1,500 in none.
MOST = 290_000
# Units of a service and of an included object, beside one for each of their values, and of an environment itself.
_SERVICE, _OBJECT, _ENVIRONMENT = 70, 14, 50
_OPENED = {"CustomResourceDefinition": 50}  # values that make a unit, of kinds whose fields no rule reads
_PAIRS, _PAIRS_BY_NAME = 5, 60  # pairs of items of a list that make a unit, and of entries of a mapping
_EDGE, _REFERENCE = 10, "${services."  # units of a service that another one calls
_SHARED = 10  # units of a pair of services that build from one folder
_PATCH, _GROWTH = 6, 40  # units of a patch, and patches before it that make one more: each copies what they made
_HINT = "split the application into several specs, or keep environments that differ in little in one"


def problem(data: Mapping[str, Any]) -> Wrong | None:
    """What is wrong with a spec that is more than a run works out."""
    asked = units(data)
    if asked <= MOST:
        return None
    counts = {key: len(mapping(data, key)) for key in ("services", "environments")}
    said = [_counted(counts["services"], "service"), _counted(counts["environments"], "environment")]
    said.append(_counted(len(listing(data, "patches")), "patch", "patches"))
    where = max(counts, key=lambda key: counts[key])
    message = (
        f"{', '.join(said[:-1])} and {said[-1]} are {asked} units of work, more than the {MOST} that one run takes"
    )
    return Wrong((where,), message, _HINT, at_key=True)


def refuse_included(raw: Raw, included: Sequence[Document]) -> None:
    """Raises InputError where the objects that a spec includes are more than a run works out, with all else."""
    asked = units(raw.data, [item.data or {} for item in included])
    if asked > MOST:
        objects = _counted(len(included), "included object")
        environments = _counted(len(mapping(raw.data, "environments")), "environment")
        raise InputError(
            f"with {objects} in {environments} this spec is {asked} units of work, more than the {MOST} that one run takes",
            raw.key_place(("include",)),
            "apply them by something else, or split them over several specs",
        )


def _counted(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or f'{one}s'}"


def units(data: Mapping[str, Any], objects: Iterable[Mapping[str, Any]] = ()) -> int:
    """What a spec and the objects that it includes cost, in the base and in every environment."""
    environments = [changes for _, changes in blocks(data, "environments")]
    services = _shared(data) + sum(
        _SERVICE + _values(block) + _EDGE * len(listing(block, "needs")) + _SERVICE * len(listing(block, "before"))
        for block in mapping(data, "services").values()
    )
    # The base counts twice: its services are decided, locked and rendered besides.
    own = (len(environments) + 2) * services + (len(environments) + 1) * sum(map(_included, objects))
    return (
        own
        + _patches(data)
        + sum(_ENVIRONMENT + _values(changes) + _patches(data, changes) for changes in environments)
    )


def _shared(data: Mapping[str, Any]) -> int:
    """Of services that build from one folder: what runs in one image is settled for all of them together."""
    sources = (text(block, "source") for _, block in blocks(data, "services"))
    folders = Counter(posixpath.normpath(source) for source in sources if source)
    return sum(_SHARED * number * number for number in folders.values() if number > 1)


def _patches(data: Mapping[str, Any], changes: Mapping[str, Any] | None = None) -> int:
    """Of the patches in one environment: one with `*` may change an object of every service."""
    found = [*listing(data, "patches"), *listing(changes, "patches")]
    wide = len(mapping(data, "services"))
    each = ((wide if "*" in text(patch, "target") else 1, _values(patch)) for patch in found)
    return sum(objects * (_PATCH + len(found) // _GROWTH + values) for objects, values in each)


def _included(data: Mapping[str, Any]) -> int:
    return _OBJECT + _count(data) // _OPENED.get(text(data, "kind"), 1)


def _values(data: Any) -> int:
    """Units of plain data: its values, and the pairs of those that are merged by holding each against each."""
    if isinstance(data, dict):
        return 1 + sum(map(_values, data.values())) + len(data) ** 2 // _PAIRS_BY_NAME
    if isinstance(data, list):
        return 1 + sum(map(_values, data)) + len(data) ** 2 // _PAIRS
    return 1 + _EDGE * data.count(_REFERENCE) if isinstance(data, str) else 1


def _count(data: Any) -> int:
    """How many values there are in plain data, mappings and lists among them."""
    inner = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return 1 + sum(map(_count, inner))
