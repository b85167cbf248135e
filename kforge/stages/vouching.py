"""What an older kforge left and this one cannot work out again → whether a commit that the user trusts vouches for it.

That commit must have it as it is here, and what it was made of must be the same there: its own spec and sources, read by
today's detectors. Otherwise a pull request could change a source and keep what the old one gave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kforge.domain.lock import Lock, ServiceLock, Sums
from kforge.stages.outdated import InputDigest, recorded


@dataclass(frozen=True, slots=True)
class ProjectState:
    """A project at one time. `digest` gives what today's kforge reads of it, by service ("" for the app) and name."""

    lock: Lock
    sums: Sums
    digest: InputDigest


def answer_vouched(service: str, topic: str, reads: Iterable[str], here: ProjectState, base: ProjectState) -> bool:
    """Whether the base has an answer, and for the same. `reads` is what its question reads today."""
    then = base.lock.decision(service, topic)
    return (
        then is not None
        and then == here.lock.decision(service, topic)
        and _same(service, then.inputs, reads, here, base)
    )


def file_vouched(path: str, service: str, reads: Iterable[str], here: ProjectState, base: ProjectState) -> bool:
    """Whether the base lists a file with the same content, made of the same. `service` is "" for the app's."""
    now, then = ((side.sums.files.get(path), side.sums.revisions.get(path, 1)) for side in (here, base))
    return now == then and _made_of_same(service, reads, here, base)


def record_vouched(service: str, reads: Iterable[str], here: ProjectState, base: ProjectState) -> bool:
    """Whether the base has a service's inputs as they are recorded here, and they are the same."""
    same = recorded(here.lock, service) == recorded(base.lock, service)
    return same and _made_of_same(service, reads, here, base)


def _made_of_same(service: str, reads: Iterable[str], here: ProjectState, base: ProjectState) -> bool:
    answers = base.lock.services.get(service, ServiceLock()).decisions.values()
    held = {name: digest for each in answers for name, digest in each.inputs.items()}
    return _same(service, {**held, **recorded(base.lock, service)}, reads, here, base)


def _same(service: str, held: Mapping[str, str], reads: Iterable[str], here: ProjectState, base: ProjectState) -> bool:
    """Whether every input is as the base recorded it, or as the base has it. Answers among them are judged apart."""
    for name in sorted({*held, *reads}):
        now = here.digest(service, name)
        if "decisions." not in name and held.get(name) != now != base.digest(service, name):
            return False
    return True
