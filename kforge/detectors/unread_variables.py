"""What gave variables to a command and is left out of it → a doubt: in a cluster the spec gives them."""

from __future__ import annotations

from collections.abc import Iterable

from kforge.domain.facts import Evidence
from kforge.domain.source.sightings import Sightings

_HINT = "write the variables that it needs under `env` or `secrets` of its service"


def tell_unread(seen: Sightings, called: str, unread: Iterable[str], place: Evidence) -> None:
    """`called` is the command's name; `unread` are words that follow it, as `ContainerCommand` has them."""
    for said in unread:
        seen.see("doubts", {"said": f"{called} {said}: it starts without", "hint": _HINT}, place.file, place.line)
