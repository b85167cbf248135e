"""A job of a draft → the services that wait until it is done."""

from __future__ import annotations

from collections.abc import Mapping

from kforge.domain.commands.read_command import read
from kforge.domain.draft import WantedService
from kforge.draft.migrations import migrates


def awaiting(job: WantedService, others: Mapping[str, WantedService]) -> list[str]:
    """Names of the servers and workers that wait for a job, by what the author's files say, or all for one that migrates.

    A scheduler of which there may be one alone does not wait: it is stopped before its successor starts, so it would be
    down for as long as the job takes, and where that fails for good.
    """
    named = job.told.before if job.told else tuple(others) if migrates(job.name) else ()
    return [
        name
        for name in named
        if name in others and others[name].kind in ("web", "worker") and not read(others[name].command).singular
    ]
