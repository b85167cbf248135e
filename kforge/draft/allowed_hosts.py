"""A source that answers for listed hosts alone → the variable that lists them: its own, the service's, and `localhost`.

Other services call it by its name, a forwarded port and the probes by `localhost`; only the user knows the public one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kforge.draft.wiring_context import Wires

_LOCAL = "localhost"


def allow(service: str, allowed: Mapping[str, Any], wires: Wires) -> None:
    """Adds the variable where nothing else gives it a value, and a note that the public host belongs there."""
    name, between = str(allowed["env"]), str(allowed["split"])
    if not name or name in wires.env or name in wires.secrets:
        return
    hosts = [*allowed["hosts"], service, _LOCAL] if between else [service]
    wires.env[name] = between.join(dict.fromkeys(hosts))
    wires.lacks[name] = "accepts only the hosts that it lists: add the one that browsers use"
