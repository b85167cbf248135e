"""Variables whose address code tells apart by its scheme → the form that the code asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kforge.domain.draft import FoundSource
from kforge.draft import addresses
from kforge.draft.wiring_context import WiringContext


def known_by_scheme(
    item: FoundSource, read: Mapping[str, Mapping[str, Any]], around: WiringContext
) -> dict[str, Mapping[str, Any]]:
    """Variables without a default, with an address of the scheme that code asks for, where a store here has it."""
    found: dict[str, Mapping[str, Any]] = {}
    for one in item.facts.value("schemes"):
        name, text = str(one["env"]), f"{one['scheme']}://localhost"
        known = addresses.of_scheme(addresses.store_meant(text), around.stores)
        if known and name not in found and name in read and read[name]["default"] is None:
            found[name] = {**read[name], "default": text}
    return found
