"""A raw service → amounts of memory and storage whose unit was forgotten: `memory: "512"` is 512 bytes to Kubernetes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kforge.domain.spec.raw import Path
from kforge.domain.topic_names import RESOURCES
from kforge.spec.tolerant import Wrong, listing, text

BYTES = ("memory", "memoryLimit", "storage", "size")  # keys that hold an amount of bytes


def amounts(path: Path, block: dict[str, Any]) -> Iterator[Wrong]:
    """Amounts of memory and storage that are so few bytes that a unit was forgotten: `512` is 512 bytes."""
    held = [((*path, RESOURCES, key), text(block, RESOURCES, key)) for key in BYTES]
    held += [
        ((*path, "volumes", index, "size"), text(volume, "size"))
        for index, volume in enumerate(listing(block, "volumes"))
        if isinstance(volume, dict)
    ]
    for where, amount in held:
        if amount and amount.isdecimal() and len(amount) < 7:
            unit = "Gi" if where[-1] in ("size", "storage") and len(amount) < 4 else "Mi"
            yield Wrong(where, f"`{amount}` is {amount} bytes", f"write `{amount}{unit}`")
