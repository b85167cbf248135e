"""The target `dockerfile`: Dockerfiles with what belongs to them, and docker-bake.hcl, which lists every image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.domain.image_settings import image_settings
from kforge.domain.target import PATHS, Listed, Paths, Target
from kforge.render.dockerfile.bake import bake
from kforge.render.dockerfile.built_images import targets

if TYPE_CHECKING:
    from collections.abc import Callable

    from kforge.domain.document import Document
    from kforge.errors import Place


def _render(document: Document, name: str, place: Callable[[str], Place | None]) -> str:
    from kforge.render.dockerfile import text  # not for `check`, which renders aggregates alone

    return text.render(document, name, place)


def _aggregates(listed: Listed) -> dict[str, str]:
    images = targets(listed.inputs, listed.raw["services"], listed.raw.get("environments"))
    settings = image_settings(listed.raw.get("images"))
    return {bake_file(listed.paths): bake(images, listed.name, settings)} if images else {}


def bake_file(paths: Paths) -> str:
    """Where the spec puts it."""
    return str(paths.get("bake", PATHS["bake"]))


TARGET = Target(name="dockerfile", render=_render, aggregates=_aggregates, generated=lambda paths: (bake_file(paths),))
