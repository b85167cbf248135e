"""Two branches' answers to one question → the one that stands after the merge. Knows nothing of files and of git.

The merged spec and sources say which: what an answer read must be as it is now. Where both fit and differ, a person's
approval decides, and without one the question is asked again, so that it does not matter which branch was merged into
which.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from kforge.deciders.staleness import Standing
from kforge.domain.approval import approved
from kforge.domain.digest import alike
from kforge.domain.lock import LockedDecision
from kforge.domain.spec.pins import leaves, without

APART = "both branches settled it, each in another way"

Candidate = tuple[LockedDecision, Standing]


def chosen(one: Candidate, other: Candidate, pinned: Mapping[str, Any]) -> Candidate:
    """Which of two answers is the locked one, and how it stands. `pinned` is what the merged spec pins."""
    fit = [each for each in (one, other) if each[1].state != "stale"]
    found = [each for each in fit if _whole(each[0], {*leaves(pinned)})] or fit
    if len(found) < 2:
        return found[0] if found else one
    reviewed = [each for each in found if approved(each[0])]
    if len(reviewed) == 1:
        return reviewed[0]
    values = [without(each.value, pinned) for each, _ in found]
    if alike(*values):
        return min(found, key=lambda each: repr(each[0]))
    return one[0], Standing("stale", fault=APART)


def _whole(answer: LockedDecision, pins: Collection[str]) -> bool:
    """Whether what was pinned when the answer was given is pinned still."""
    return not {*answer.pinned} - {*pins}
