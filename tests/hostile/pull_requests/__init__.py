"""Every pull request that an attacker may open, one a line. To add one, add a line to the module of its kind."""

from __future__ import annotations

from tests.hostile.attempt import PullRequest
from tests.hostile.pull_requests import (
    deciders,
    includes,
    links,
    lists,
    merged,
    names,
    repositories,
    sizes,
    specs,
    states,
)

EVERY: tuple[PullRequest, ...] = (
    *links.EVERY,
    *states.EVERY,
    *lists.EVERY,
    *deciders.EVERY,
    *merged.EVERY,
    *includes.EVERY,
    *specs.EVERY,
    *names.EVERY,
    *repositories.EVERY,
    *sizes.EVERY,
)
assert len({pull.name for pull in EVERY}) == len(EVERY), "two pull requests have one name"
