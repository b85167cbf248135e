"""Time zones that an API server knows, by their exact names. Data: the list of the zoneinfo.zip of Go 1.26.

It is Go's own copy of the database that Kubernetes is built with: https://pkg.go.dev/time/tzdata
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from kforge.domain.near_words import near_words

_USUAL = ("Etc/UTC", "UTC")  # what nearly all have needs no list


def known(zone: str) -> bool:
    return zone in _USUAL or zone in _zones()


def meant(zone: str) -> str:
    """The zone that a text is nearly the name of, "" for none."""
    if not 3 <= len(zone) <= 40:
        return ""
    lower = zone.lower().replace(" ", "_")
    if same := next((one for one in _zones() if one.lower() == lower), ""):
        return same
    # abbreviations are near to each other and mean other hours
    return next(iter(near_words(zone, _zones(), cutoff=0.75)), "") if "/" in zone else ""


@cache
def _zones() -> tuple[str, ...]:
    loaded: dict[str, list[str]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return tuple(f"{area}/{name}".lstrip("/") for area, names in loaded.items() for name in names)
