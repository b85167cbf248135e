"""The target `dockerfile`: Dockerfiles with what belongs to them, and docker-bake.hcl, which lists every image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.domain.target import Listed, Target
from kforge.render.dockerfile.bake import bake
from kforge.render.dockerfile.built_images import targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from kforge.domain.document import Document
    from kforge.errors import Place

BAKE = "docker-bake.hcl"


def _render(document: Document, name: str, place: Callable[[str], Place | None]) -> str:
    from kforge.render.dockerfile import text  # not for `check`, which renders aggregates alone

    return text.render(document, name, place)


def _aggregates(listed: Listed) -> dict[str, str]:
    images = targets(listed.inputs, listed.raw["services"])
    return {str(listed.paths.get("bake", BAKE)): bake(images, listed.name)} if images else {}


TARGET = Target(name="dockerfile", render=_render, aggregates=_aggregates)
