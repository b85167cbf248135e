"""The key `images` of a spec, as it stands there or as typed → its settings. Light: `check` renders the bake file again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

DEBIAN = "debian"
PLATFORMS = ("linux/amd64",)


class ImageSettings(NamedTuple):
    """What holds for every image of an app; the defaults are those of `Images` in the spec's types."""

    profile: str = DEBIAN
    platforms: tuple[str, ...] = PLATFORMS
    attest: bool = True
    digests: bool = False  # whether every base image must have one


def image_settings(said: Any) -> ImageSettings:
    """`said`: None, the name of a profile, the block as plain data, or the block as typed."""
    if said is None or isinstance(said, str):
        return ImageSettings(said or DEBIAN)
    block: Mapping[str, Any] = said if isinstance(said, Mapping) else said.model_dump()
    return ImageSettings(
        profile=str(block.get("profile", DEBIAN)),
        platforms=tuple(map(str, block.get("platforms", PLATFORMS))),
        attest=bool(block.get("attest", True)),
        digests=block.get("pin") == "digests",
    )
