"""Words of EXPOSE → ports, and variables that no build gives a value. Unaware of stages."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Sequence
from typing import Any

_PORTS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(.*+))?", re.DOTALL)
_VARIABLE = re.compile(r"\"?\$(?:\{([A-Za-z_]\w{0,99})\}|([A-Za-z_]\w{0,99}))(?:/tcp)?\"?")


def exposed(given: Sequence[str]) -> Iterator[dict[str, Any]]:
    """`{"port": 8080, "protocol": "tcp"}` of each word; of a range, its first sixteen."""
    for word in given:
        if found := _PORTS.fullmatch(word):
            low, high = int(found[1]), int(found[2] or found[1])
            for port in range(low, min(high, low + 15) + 1):
                if 0 < port < 65536:
                    yield {"port": port, "protocol": (found[3] or "").lower() or "tcp"}


def unset(raw: Sequence[str], known: Container[str]) -> Iterator[str]:
    """Variables that stand for a whole port and have no value while the image is built."""
    for word in raw:
        name = variable(word)
        if name and name not in known:
            yield name


def variable(word: str) -> str:
    """The variable that stands for a whole port, "" for other words."""
    found = _VARIABLE.fullmatch(word)
    return (found[1] or found[2]) if found else ""
