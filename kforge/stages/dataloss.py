"""Changes → what would lose a user's data: claims that go, workloads whose kind or storage changes.

Kubernetes refuses the immutable ones and deletes the others without a question; here both are told before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from posixpath import dirname
from typing import Any

from kforge.domain.change import Change, Changes
from kforge.domain.conflict_sides import sides
from kforge.domain.kubernetes.quantity import number
from kforge.domain.spec.raw import dig
from kforge.errors import InputError, Place, Problem
from kforge.spec.read import read_manifests

ALLOW = "if the data may be lost: `kforge build --allow-data-loss`"
_NEEDED = {"StatefulSet": "selector", "PersistentVolumeClaim": "accessModes"}  # what a whole object has, and no patch
KEPT = ("StatefulSet", "PersistentVolumeClaim")


def losses(changes: Changes) -> tuple[Problem, ...]:
    """One problem for every object whose removal or change would lose data, or that Kubernetes would refuse."""
    found = dict.fromkeys(
        problem
        for change in changes.pending
        if change.before
        for before in sides(change.before) or (change.before,)  # each side of a merge may have been applied
        for problem in _losses(replace(change, before=before), changes)
    )
    return tuple(found)


def _losses(change: Change, changes: Changes) -> Iterator[Problem]:
    was = _object(change.before)
    if was.get("kind") not in KEPT:
        return
    place = Place(change.path)
    kind, name = was["kind"], was["metadata"].get("name")
    now = _object(change.after)
    if not now and (whole := _patched(change.path, was, changes)):  # what it said of the object is taken back
        was, now = {**was, "spec": {**whole["spec"], **was["spec"]}}, whole
    if not now and (_written_elsewhere(change.path, was, changes) or _told_of_base(was, changes)):
        return
    if not now:
        what = "its claims stay without a workload" if kind == "StatefulSet" else "its data is deleted with it"
        yield Problem(f"{kind} `{name}` would be removed: {what}", place, ALLOW)
    elif kind == "PersistentVolumeClaim":
        yield from _claim(f"claim `{name}`", was["spec"], now["spec"], place)
    else:
        yield from _stateful(name, was["spec"], now["spec"], place)


def _written_elsewhere(path: str, was: dict[str, Any], changes: Changes) -> bool:
    """Whether a whole form of output goes, the base of kustomize or all rendered folders, and another that was there before
    has the object: it stays where it runs.
    """
    above = dirname(dirname(path))
    base = any(other.path == f"{above}/kustomization.yaml" for other in changes)
    root = above if base else dirname(above)
    if not root or any(other.after for other in changes if other.path.startswith(f"{root}/")):
        return False
    held = (_object(other.after) for other in changes if other.before and other.after)
    needed = _NEEDED[was["kind"]]
    return any(
        found.get("kind") == was["kind"]
        and found["metadata"].get("name") == was["metadata"].get("name")
        and needed in found["spec"]
        for found in held
        if found
    )


def _told_of_base(patch: dict[str, Any], changes: Changes) -> bool:
    """Whether an object that an environment patched goes from the base, which is told there: no file keeps it whole."""
    needed = _NEEDED[patch["kind"]]
    if needed in patch["spec"]:
        return False

    def whole(content: bytes | None) -> bool:
        found = _object(content)
        same = found.get("kind") == patch["kind"] and found["metadata"].get("name") == patch["metadata"].get("name")
        return same and needed in found["spec"]

    return any(whole(each.before) for each in changes.pending) and not any(whole(each.after) for each in changes)


def _patched(path: str, patch: dict[str, Any], changes: Changes) -> dict[str, Any]:
    """The whole object that a patch of an environment changed; {} where that environment loses it, and for no patch."""
    kind, named = patch["kind"], patch["metadata"]
    if _NEEDED[kind] in patch["spec"]:
        return {}
    whole: dict[str, Any] = {}
    for other in changes:
        if other.path == path or not other.after or f"kind: {kind}".encode() not in other.after:
            continue
        if b"$patch" in other.after and dirname(other.path) == dirname(path):
            return {}
        found = _object(other.after)
        same = found and all(found["metadata"].get(key) == named.get(key) for key in ("name", "namespace"))
        if same and _NEEDED[kind] in found["spec"]:
            whole = found
    return whole


def _stateful(name: str, was: dict[str, Any], now: dict[str, Any], place: Place) -> Iterator[Problem]:
    before, after = _claims(was), _claims(now)
    for claim, spec in before.items():
        if claim not in after:
            yield Problem(f"StatefulSet `{name}` would lose its claim `{claim}`", place, ALLOW)
        elif spec != after[claim]:
            hint = "delete the StatefulSet with `--cascade=orphan` first, resize the claims, then: `--allow-data-loss`"
            yield Problem(
                f"claim `{claim}` of StatefulSet `{name}` would change, which Kubernetes refuses", place, hint
            )
    for claim in after.keys() - before.keys():
        hint = "delete the StatefulSet with `--cascade=orphan` first, then: `--allow-data-loss`"
        yield Problem(f"StatefulSet `{name}` would get the claim `{claim}`, which Kubernetes refuses", place, hint)


def _claims(spec: dict[str, Any]) -> dict[str, Any]:
    """Claims of a StatefulSet by name. One that has none was never applied."""
    listed = spec.get("volumeClaimTemplates")
    named = ((dig(claim, ("metadata", "name")), claim) for claim in (listed if isinstance(listed, list) else ()))
    return {name: claim.get("spec") for name, claim in named if isinstance(name, str)}


def _claim(what: str, was: dict[str, Any], now: dict[str, Any], place: Place) -> Iterator[Problem]:
    before = {**was, "resources": None}
    after = {**now, "resources": None}
    if before != after:
        yield Problem(f"{what} would change its class or access mode, which Kubernetes refuses", place, ALLOW)
    elif _bytes(now) < _bytes(was):
        yield Problem(f"{what} would shrink, which Kubernetes refuses", place, "give it its old size or more")


def _bytes(spec: dict[str, Any]) -> Fraction:
    """Size of a claim, 0 where it names none that Kubernetes would take."""
    try:
        return number(str(dig(spec, ("resources", "requests", "storage"))))
    except ValueError:
        return Fraction(0)


def _object(content: bytes | None) -> dict[str, Any]:
    """The Kubernetes object in a file, {} where it holds none."""
    if not content or not any(f"kind: {kind}".encode() in content for kind in KEPT):
        return {}
    try:
        loaded = next((document.data for document in read_manifests(content, "")), None)
    except InputError:
        return {}
    complete = (
        isinstance(loaded, dict) and isinstance(loaded.get("metadata"), dict) and isinstance(loaded.get("spec"), dict)
    )
    return dict(loaded) if loaded and complete else {}
