"""Words that a user typed → the services, decisions and files that they name. Unaware of what becomes of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from kforge.domain.near_words import listed
from kforge.errors import InputError, Problem
from kforge.spec.tolerant import meant


def targets(
    words: Sequence[str], services: Collection[str], topics: Sequence[str], files: Collection[str] = ()
) -> frozenset[str]:
    """What is named: `web/build`, a file's path, or `web`, which is the service and all of its decisions.

    Raises InputError for every word that names nothing.
    """
    every = {service: [f"{service}/{topic}" for topic in topics] for service in sorted(services)}
    known = {*every, *files, *(target for targets in every.values() for target in targets)}
    what = "not a service, decision or file of kforge's" if files else "neither a service nor a decision"
    unknown = tuple(
        Problem(f"`{word}` is {what}", hint=meant(word, known) or _those(list(every), topics))
        for word in words
        if word not in known
    )
    if unknown:
        raise InputError(unknown)
    return frozenset(target for word in words for target in (word, *every.get(word, ())))


def _those(services: Sequence[str], topics: Sequence[str]) -> str:
    decisions = ", ".join(f"`{topic}`" for topic in topics)
    return f"services are {listed(services)}; decisions of each are {decisions}"
