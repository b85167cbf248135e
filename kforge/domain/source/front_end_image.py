"""The image that builds a front end, which another language's program embeds or serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.domain.images import allowed
from kforge.errors import InputError

if TYPE_CHECKING:
    from kforge.domain.view import View


def front_end_image(view: View, version: str) -> str:
    """The image that builds it: of `bases`, else the language's own. Raises InputError where no registry allows it."""
    language = next((each for each in view.languages if each.front_ends), None)
    if language is None:
        raise InputError(f"service `{view.service}`: no language that kforge knows builds its front end")
    tag = version or language.image.version
    name = f"{language.name}-{tag}"
    named = view.app("bases").get(name)
    image = language.image.of(tag)
    if not named and not allowed(image, view.app("registries")):
        raise InputError(
            f"service `{view.service}`: `registries` allows no image that kforge knows for {name} ({image}), which builds its front end",
            hint=f"name one of yours under `bases: {{{name}: …}}`, or allow the registry",
        )
    return str(named or image)
