"""Outcome → what a build says of a merge that it resolved, and of objects that it no longer writes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING

from kforge.domain.conflict_sides import sides
from kforge.domain.digest import alike
from kforge.domain.near_words import listed
from kforge.domain.spec.pins import nested, without
from kforge.stages.gone_objects import GoneObject, gone_objects

if TYPE_CHECKING:
    from kforge.outcome import Outcome

FEW = 3  # generated files that are named


def merge_lines(outcome: Outcome) -> list[str]:
    """That lock and sums held the two sides of a merge, whose answers stand, and which were settled again."""
    lock = outcome.loaded.lock
    if not lock.merged:
        return []
    marked = [change for change in outcome.changes if change.before and change.after and sides(change.before)]
    files = [*lock.merged, *(change.path for change in marked[:FEW])]
    named = listed(files) if len(marked) <= FEW else f"{listed(files)} and {len(marked) - FEW} more"
    now = "holds" if len(lock.merged) + len(marked) == 1 else "hold"
    lines = [f"merged: {named} had conflict markers, and now {now} what both branches say: `git add` ends the merge"]
    if again := [f"{service}/{topic}" for service, topic in sorted(_settled_anew(outcome))]:
        lines.append(
            f"merged: {listed(again)} {'was' if len(again) == 1 else 'were'} settled anew, unlike in either branch"
        )
    return lines


def gone(outcome: Outcome) -> tuple[GoneObject, ...]:
    """What the cluster runs on: nothing where Argo CD or Flux deletes it, or a release of Helm."""
    spec = outcome.loaded.world.spec
    written = {*spec.outputs}
    if written & {"argocd", "flux"} or not written & {"kubernetes", "rendered"}:
        return ()
    return gone_objects(outcome.changes, outcome.documents, spec)


def gone_lines(outcome: Outcome) -> list[str]:
    """How to delete that, by namespace."""
    lines = []
    for namespace, group in groupby(gone(outcome), lambda each: each.namespace):
        words = [f"{each.kind.lower()}/{each.name}" for each in group]
        where = f" --namespace {namespace}" if namespace else ""
        lines.append(f"gone: a cluster keeps what was applied before: `kubectl delete{where} {' '.join(words)}`")
    return lines


def _settled_anew(outcome: Outcome) -> Iterator[tuple[str, str]]:
    """Questions that both branches answered, whose answer is now that of neither."""
    lock = outcome.loaded.lock
    for target, rival in lock.rivals.items():
        service, _, topic = target.partition("/")
        now, own = outcome.settled.decisions.get((service, topic)), lock.decision(service, topic)
        before = [without(each.value, nested(now.pinned)) for each in (own, rival) if each] if now else []
        if now and not any(alike(now.locked, each) for each in before):
            yield service, topic
