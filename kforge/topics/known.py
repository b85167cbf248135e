"""Image reference → what is known of a public image: ports, numeric user, folders it writes to. Asks no registry.

Users and paths are those of the images' own Dockerfiles (`docker-library/*`, `valkey-io/valkey-container`, …). A
writable "/" is an image that writes beside its own program and configuration: its root file system stays writable.
`tags` holds what differs for tags that a pattern finds: a variant's further port, an old version's habits. An image
under another name that ends the same (`registry.acme.internal/library/redis`) counts as a mirror of it.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from kforge.domain.images import qualified, repository, tag


class KnownImage(NamedTuple):
    """What an image does unless it is told otherwise."""

    name: str  # `redis`
    ports: tuple[dict[str, Any], ...]
    user: int
    any_user: bool  # it runs as whoever it is told to be
    writable: tuple[str, ...]
    keeps: bool  # data that people miss when it is gone; a cache's is made again


@cache
def _table() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_name("images.json").read_text(encoding="utf-8"))
    return data


def known(image: str) -> KnownImage | None:
    """The row of a public image, or of the one that this image mirrors."""
    name = repository(qualified(image))
    table = _table()
    row = table.get(name) or next((table[key] for key in sorted(table) if _mirrors(name, key)), None)
    if row is None:
        return None
    version = tag(image)
    for pattern, changes in row.get("tags", ()):
        if re.search(pattern, version):
            row = {**row, **changes}
    user = row.get("alpineUser", row["user"]) if "alpine" in version else row["user"]
    short = name.rpartition("/")[2]
    return KnownImage(
        short,
        tuple(map(_port, row["ports"])),
        user,
        row.get("anyUser", False),
        tuple(row["writable"]),
        row.get("keeps", False),
    )


def _mirrors(name: str, original: str) -> bool:
    return name.endswith(f"/{original.partition('/')[2]}") and not name.startswith("docker.io/")


def _port(text: str) -> dict[str, Any]:
    name, number, protocol = text.split()
    return {"name": name, "port": int(number), "protocol": protocol, "env": ""}
