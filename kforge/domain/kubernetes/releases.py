"""Kubernetes minors → the one that holds where a spec names none, and the last day on which each gets fixes.

Data: `releases.json`, with its source and the day on which it was read there. A minor that is not in it is newer than
this kforge, so nothing is said of it. What a provider supports for longer is not known here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

RULE = "kubernetes-support"
HINT = "move to a newer one: `kforge build --upgrade kubernetes` shows what it changes"
OWN_HINT = "write a newer one there; `kforge diff` shows what it changes"  # of an environment, which no upgrade moves


def default() -> str:
    """The minor whose schemas and fields hold where a spec names none: "1.36"."""
    return str(_data()["default"])


def known_minors() -> list[str]:
    """The minors that this kforge knows a last day of, newest first."""
    return [*reversed(_data()["end"])]


def end_of_support(minor: str) -> str:
    """The last day, YYYY-MM-DD, on which a minor gets fixes; "" where that is not known."""
    return str(_data()["end"].get(minor, ""))


def unsupported(raw: Mapping[str, Any], today: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Minors that a raw spec names and that get no fixes any more on a day (YYYY-MM-DD): path in the spec, and message.

    The default is not looked at: it is this kforge's to renew, and no line of the spec.
    """
    blocks: Any = raw.get("environments")
    named: list[tuple[tuple[str, ...], Any]] = [(("kubernetes",), raw.get("kubernetes"))]
    for name, block in blocks.items() if isinstance(blocks, dict) else ():
        named.append(
            (("environments", name, "kubernetes"), block.get("kubernetes") if isinstance(block, dict) else None)
        )
    for path, minor in named:
        end = end_of_support(minor) if isinstance(minor, str) else ""
        if end and end < today:
            yield path, f"Kubernetes {minor} gets no fixes since {end}"


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return data
