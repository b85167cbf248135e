"""Changes → what would lose a user's data: claims that go, workloads whose kind or storage changes.

Kubernetes refuses the immutable ones and deletes the others without a question; here both are told before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import yaml

from kforge.domain.change import Change, Changes
from kforge.errors import Place, Problem

ALLOW = "if the data may go: `kforge build --allow-data-loss`"
KEPT = ("StatefulSet", "PersistentVolumeClaim")


def losses(changes: Changes) -> tuple[Problem, ...]:
    """One problem for every object whose removal or change would lose data, or that Kubernetes would refuse."""
    return tuple(problem for change in changes.pending if change.before for problem in _losses(change))


def _losses(change: Change) -> Iterator[Problem]:
    was = _object(change.before)
    if was.get("kind") not in KEPT:
        return
    place = Place(change.path)
    kind, name = was["kind"], was["metadata"]["name"]
    now = _object(change.after)
    if not now:
        what = "its claims are left without a workload" if kind == "StatefulSet" else "its data goes with it"
        yield Problem(f"{kind} `{name}` would be removed: {what}", place, ALLOW)
    elif kind == "PersistentVolumeClaim":
        yield from _claim(f"claim `{name}`", was["spec"], now["spec"], place)
    else:
        yield from _stateful(name, was["spec"], now["spec"], place)


def _stateful(name: str, was: dict[str, Any], now: dict[str, Any], place: Place) -> Iterator[Problem]:
    before = {claim["metadata"]["name"]: claim["spec"] for claim in was.get("volumeClaimTemplates", ())}
    after = {claim["metadata"]["name"]: claim["spec"] for claim in now.get("volumeClaimTemplates", ())}
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


def _claim(what: str, was: dict[str, Any], now: dict[str, Any], place: Place) -> Iterator[Problem]:
    before = {**was, "resources": None}
    after = {**now, "resources": None}
    if before != after:
        yield Problem(f"{what} would change its class or access mode, which Kubernetes refuses", place, ALLOW)
    elif _bytes(now) < _bytes(was):
        yield Problem(f"{what} would shrink, which Kubernetes refuses", place, "give it its old size or more")


def _bytes(spec: dict[str, Any]) -> float:
    """Size of a claim. https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/"""
    text = str(spec["resources"]["requests"]["storage"])
    suffixes = {
        "Ki": 2**10,
        "Mi": 2**20,
        "Gi": 2**30,
        "Ti": 2**40,
        "Pi": 2**50,
        "Ei": 2**60,
        "k": 1e3,
        "M": 1e6,
        "G": 1e9,
        "T": 1e12,
        "P": 1e15,
        "E": 1e18,
    }
    for suffix, factor in suffixes.items():
        if text.endswith(suffix):
            return float(text.removesuffix(suffix)) * factor
    return float(text)


def _object(content: bytes | None) -> dict[str, Any]:
    """The Kubernetes object in a file, {} where it holds none."""
    if not content or not any(f"kind: {kind}".encode() in content for kind in KEPT):
        return {}
    try:
        loaded = yaml.load(content, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError):
        return {}
    complete = (
        isinstance(loaded, dict) and isinstance(loaded.get("metadata"), dict) and isinstance(loaded.get("spec"), dict)
    )
    return loaded if complete else {}
