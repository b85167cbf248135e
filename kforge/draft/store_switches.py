"""A variable whose value chooses a store → that value, where the draft has the store and the service speaks to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kforge.draft.wiring_context import Wires, WiringContext

_ALIKE = {"mariadb": "mysql", "mysql": "mariadb"}  # one speaks the other's protocol


def choose(switches: Iterable[Mapping[str, Any]], around: WiringContext, wires: Wires) -> None:
    """Adds the variables that nothing else sets: what is connected to is chosen, or the address of it goes unread."""
    held = {around.stores[name].key for name in wires.needs if name in around.stores}
    for one in sorted(switches, key=lambda each: each["store"] not in held):
        name, store = str(one["env"]), str(one["store"])
        if name not in wires.env and name not in wires.secrets and ({store, _ALIKE.get(store, "")} & held):
            wires.env[name] = str(one["value"])
