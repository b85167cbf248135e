"""Object + strategic-merge patch → object, and two objects → the smallest such patch.

A port of kustomize's kyaml (yaml/merge2 and yaml/walk) on plain data, its handling of list order included, so that
what is computed here is what `kustomize build` gives. New list items come first there (`prepend=True`); fragments
of a spec append instead. Unaware of documents, files and kinds beyond `domain/kubernetes/mergekeys.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kforge.domain.kubernetes.mergekeys import Shape, shape_of

DIRECTIVE = "$patch"
ITEMS = 1_000  # of a list that merges: each is held against each
TRIED = 200_000  # pairs of items that the search for an order may compare: any order of sixty items is found
_NUMBER = re.compile(r"[0-9]{1,18}")
_GONE: Any = object()  # no value: absent, or deleted by the patch


class MismatchError(ValueError):
    """A patch that cannot be applied (a list over a mapping) or a difference that no patch can express."""


def merge(base: Any, patch: Any, shape: Shape | None = None, prepend: bool = True) -> Any:
    """The patched object; `{}` when the patch deletes it. `shape` is the base's own kind's unless given.

    Raises MismatchError where the patch has a list or scalar in place of a mapping, or the other way round.
    """
    shape = shape_of(base) if shape is None else shape
    result = _walk(plain(base), plain(patch), shape, prepend)
    return {} if result is _GONE else result


def plain(data: Any) -> Any:
    """A copy of plain data; several times faster than copy.deepcopy, which looks for shared parts."""
    if isinstance(data, dict):
        return {key: plain(value) for key, value in data.items()}
    return [plain(value) for value in data] if isinstance(data, list) else data


def same(left: Any, right: Any) -> bool:
    """Equal as JSON: `1`, `1.0` and `true` are three values; mappings have no order."""
    if left is right:
        return True
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(value, right[key]) for key, value in left.items())
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return bool(left == right)


def diff(base: Any, target: Any, shape: Shape | None = None) -> Any:
    """The smallest patch for which `merge(base, patch)` is exactly `target`; None if they are equal.

    Raises MismatchError where no strategic-merge patch gives the target, for instance for duplicate list keys.
    """
    if same(base, target):
        return None
    shape = shape_of(base) if shape is None else shape
    patch = _diff_map(base, target, shape)
    if not same(merge(base, patch, shape), target):
        raise MismatchError("no strategic-merge patch gives the target")
    return patch


# --- merge ---


def _walk(dest: Any, origin: Any, shape: Shape, prepend: bool) -> Any:
    values = [value for value in (dest, origin) if value is not _GONE and value is not None]
    if not values:
        return dest if origin is _GONE else _GONE
    kinds = {_kind(value) for value in values}
    if len(kinds) > 1:
        raise MismatchError(f"cannot merge {_kind(values[1])} into {_kind(values[0])}")
    if kinds == {"a mapping"}:
        return _walk_map(dest, origin, shape, prepend)
    if kinds == {"a list"} and shape.keys is not None:
        return _walk_list(dest, origin, shape, prepend)
    return dest if origin is _GONE else _GONE if origin is None else origin


def _kind(value: Any) -> str:
    return "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else "a scalar"


def _walk_map(dest: Any, origin: Any, shape: Shape, prepend: bool) -> Any:
    if origin is None:
        return _GONE
    directive = origin.pop(DIRECTIVE, "merge") if isinstance(origin, dict) else "merge"
    if directive == "delete":
        return _GONE
    if dest is _GONE or dest is None or directive == "replace":
        dest = origin
    for key in sorted({*dest, *(origin if isinstance(origin, dict) else ())}):
        there = origin.get(key, _GONE) if isinstance(origin, dict) else _GONE
        value = _walk(dest.get(key, _GONE), there, shape.at(key), prepend)
        if value is _GONE:
            dest.pop(key, None)
        else:
            dest[key] = value
    return dest


def _walk_list(dest: Any, origin: Any, shape: Shape, prepend: bool) -> Any:
    if origin is None and dest is not _GONE and dest is not None:
        return _GONE
    if dest is _GONE or dest is None:
        dest = origin
    directive = _list_directive(origin) if isinstance(origin, list) else "merge"
    if directive == "delete":
        return _GONE
    if directive == "replace":
        dest = origin
    if len(dest) + len(origin if isinstance(origin, list) else ()) > ITEMS:
        raise MismatchError(f"a list of more than {ITEMS} items cannot be merged")
    if not shape.keys:
        sources = [origin, dest] if prepend else [dest, origin]
        found = [item for source in sources if isinstance(source, list) for item in source]
        return [item for index, item in enumerate(found) if item not in found[:index]]
    return _merge_items(dest, origin if isinstance(origin, list) else [], shape, prepend)


def _list_directive(origin: list[Any]) -> str:
    """`replace` or `delete` if an item says `$patch` and nothing else; that item is taken out."""
    for item in origin:
        if isinstance(item, dict) and set(item) == {DIRECTIVE}:
            origin.remove(item)
            return str(item[DIRECTIVE])
    return "merge"


MergeValues = tuple[str, ...]  # of the merge keys of an item, "" where it lacks one


def _merge_items(dest: list[Any], origin: list[Any], shape: Shape, prepend: bool) -> list[Any]:
    keys = shape.keys or ()
    if not all(isinstance(item, dict) for item in (*dest, *origin)):
        raise MismatchError(f"an item of a list that merges by `{keys[0]}` is not a mapping")
    element = Shape(None, shape.fields)
    identities: list[MergeValues] = []
    for source in (origin, dest) if prepend else (dest, origin):
        for item in source:
            if (identity := _identity(item, keys)) not in identities:
                identities.append(identity)
    if len(keys) > 1:
        _unite(identities)
    used = tuple(key for index, key in enumerate(keys) if any(values[index] for values in identities)) or keys
    merged: list[Any] = []
    for identity in identities:
        values = dict(zip(keys, identity, strict=True))
        wanted = {key: values[key] for key in used}
        strict = {key: value for key, value in wanted.items() if value} or wanted
        here, there = _find(dest, strict), _find(origin, strict)
        item = _walk(here, there, element, prepend)
        if item is _GONE or item is None or item == {}:
            dest[:] = [other for other in dest if not _matches(other, wanted)]
            continue
        for key, value in wanted.items():
            if key not in item and value:
                item[key] = int(value) if _NUMBER.fullmatch(value) else value
        _place(merged, item, wanted)
    return _joined(merged, dest, used) if prepend else _joined(dest, merged, used)


def _identity(item: Any, keys: Sequence[str]) -> MergeValues:
    return tuple("" if not isinstance(item, dict) or item.get(key) is None else str(item[key]) for key in keys)


def _unite(identities: list[MergeValues]) -> None:
    """Identities that differ only where one of them is empty become one: `8080` and `8080/TCP` are the same port."""
    for i, one in enumerate(identities):
        for j, other in enumerate(identities):
            pairs = list(zip(one, other, strict=True))
            if any(a == b for a, b in pairs) and all(a == b or not a or not b for a, b in pairs):
                identities[i] = identities[j] = tuple(a or b for a, b in pairs)


def _matches(item: Any, wanted: Mapping[str, str]) -> bool:
    if not isinstance(item, dict):
        return False
    for key, value in wanted.items():  # noqa: SIM110 - each of a thousand items is held against each, and this is quicker
        if key not in item or str(item[key]) != value:
            return False
    return True


def _find(items: list[Any], wanted: Mapping[str, str]) -> Any:
    return next((item for item in items if _matches(item, wanted)), _GONE)


def _place(items: list[Any], item: Any, wanted: Mapping[str, str]) -> None:
    """Replace every item that matches, or append."""
    found = [_matches(other, wanted) for other in items]
    items[:] = [item if hit else other for other, hit in zip(items, found, strict=True)]
    if not any(found):
        items.append(item)


def _joined(first: list[Any], second: list[Any], keys: Sequence[str]) -> list[Any]:
    """`first` with the items of `second` set into it: in place under one key, moved to the end under several."""
    for item in list(second):
        wanted = {key: str(item[key]) for key in keys if isinstance(item, dict) and item.get(key) is not None}
        if len(wanted) < len(keys):
            first.append(item)
        if not wanted:
            continue
        if len(keys) > 1:
            first[:] = [other for other in first if not _matches(other, wanted)]
        _place(first, item, wanted)
    return first


# --- diff ---


def _diff_map(base: Mapping[str, Any], target: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    patch: dict[str, Any] = {key: None for key in base if key not in target}
    for key, value in target.items():
        here = base.get(key, _GONE)
        if here is _GONE:
            patch[key] = plain(value)
        elif not same(here, value):
            patch[key] = _diff_value(here, value, shape.at(key))
    return patch


def _diff_value(base: Any, target: Any, shape: Shape) -> Any:
    if isinstance(base, dict) and isinstance(target, dict):
        return _diff_map(base, target, shape)
    if isinstance(base, list) and isinstance(target, list) and shape.keys is not None:
        return _diff_list(base, target, shape)
    return plain(target)


def _diff_list(base: list[Any], target: list[Any], shape: Shape) -> list[Any]:
    """The shortest list of items for which a merge gives the target, order included."""
    if not shape.keys:
        return [item for item in target if item not in base]
    keys = shape.keys
    if len(base) + len(target) > ITEMS or not all(isinstance(item, dict) for item in (*base, *target)):
        raise MismatchError("a list that is too long, or holds no mappings")
    old = {_identity(item, keys): item for item in base}
    new = {_identity(item, keys): item for item in target}
    if len(old) < len(base) or len(new) < len(target):
        raise MismatchError("two list items have the same merge key")
    gone = [{**_named(item, keys), DIRECTIVE: "delete"} for identity, item in old.items() if identity not in new]
    entries = [_entry(old.get(identity), item, shape) for identity, item in new.items()]
    changed = [entry is not None for entry in entries]
    names = [entry or _named(item, keys) for entry, item in zip(entries, target, strict=True)]
    least = [name for name, has in zip(names, changed, strict=True) if has]
    first = max((index + 1 for index, has in enumerate(changed) if has), default=0)
    # Patched items come first in the result, so unchanged ones may have to be named to stay in their place.
    if len(keys) == 1:  # under several keys patched items do not come first
        first = max(first, _kept(old, new))
    most = first + 1 + TRIED // (1 + len(names) ** 2)  # a try holds every item against every other one
    for candidate in (least, *(names[:end] for end in range(first, min(len(names) + 1, most)))):
        patch = candidate + gone
        if same(_walk(plain(base), plain(patch), shape, True), target):
            return patch
    raise MismatchError("no order of patched items gives the target")


def _kept(old: Iterable[MergeValues], new: Iterable[MergeValues]) -> int:
    """Where the longest end of the new list begins that has the old list's items in their order."""
    places = {identity: place for place, identity in enumerate(old)}
    later, order = len(places), [*new]
    while order and places.get(order[-1], later) < later:
        later = places[order.pop()]
    return len(order)


def _named(item: Any, keys: Sequence[str]) -> dict[str, Any]:
    return {key: item[key] for key in keys if isinstance(item, dict) and key in item}


def _entry(base: Any, item: Any, shape: Shape) -> Any:
    """What the patch says of one item: all of a new one, the differences of a changed one, None of an equal one."""
    if base is None:
        return plain(item)
    if same(base, item):
        return None
    return {**_named(item, shape.keys or ()), **_diff_map(base, item, Shape(None, shape.fields))}
