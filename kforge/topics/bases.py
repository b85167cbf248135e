"""Language and version → base image: from the spec's `bases`, else from the language's record, within `registries`.

Tags name a minor version and a Debian release (`3.13-slim-trixie`): security fixes arrive with every build, while a
new Debian, which renames packages and raises glibc, never arrives by itself. For the same bytes for ever, write
digests into `bases`, where a bot can update them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from kforge.domain.images import allowed
from kforge.domain.topic_names import BUILD
from kforge.errors import InputError

if TYPE_CHECKING:
    from kforge.domain.language import Language, RuntimeImages
    from kforge.domain.view import View


class BaseImage(NamedTuple):
    """An image, and why it was chosen."""

    image: str
    reason: str


def language_base(view: View, language: Language, version: str, why: str, field: str = "base") -> BaseImage:
    """Image that builds and runs a language. `why` says where the version comes from."""
    return _chosen(view, f"{language.name}-{version}", [language.image.of(version)], why, field)


def runtime_base(view: View, known: RuntimeImages, why: str, field: str = "runtime") -> BaseImage:
    """Image of a stage that needs no language's record."""
    return _chosen(view, known.name, known.images, why, field)


def _chosen(view: View, name: str, images: Sequence[str], why: str, field: str) -> BaseImage:
    named = view.app("bases").get(name)
    if named:
        return BaseImage(named, f"`bases` of the spec names the image of {name}")
    registries = view.app("registries")
    for image in images:
        if allowed(image, registries):
            skipped = "" if image == images[0] else f"; `registries` does not allow {images[0]}"
            return BaseImage(image, f"{why}{skipped}")
    pinned = view.pin(BUILD, field)
    if pinned:
        return BaseImage(pinned, "pinned")
    raise InputError(
        f"service `{view.service}`: `registries` allows no image that kforge knows for {name} ({', '.join(images)})",
        hint=f"name one of yours under `bases: {{{name}: …}}`, pin `services.{view.service}.build.{field}`, or allow the registry",
    )
