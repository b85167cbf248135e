"""Language and version → base image: from the spec's `bases`, else from kforge's own list, within `registries`.

Tags name a minor version and a Debian release (`3.13-slim-trixie`): security fixes arrive with every build, while a
new Debian, which renames packages and raises glibc, never arrives by itself. Whoever wants the same bytes for ever
writes digests into `bases`, where a bot can update them. Trixie is Debian's stable release; versions that were out of
support before it came have images for an older one only.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.domain.images import allowed
from kforge.errors import InputError

if TYPE_CHECKING:
    from kforge.domain.view import View


class BaseImage(NamedTuple):
    """An image, and why it was chosen."""

    image: str
    reason: str


@cache
def _known() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_name("bases.json").read_text(encoding="utf-8"))
    return data


def default_version(language: str) -> str:
    return str(_known()[language]["version"])


def language_base(view: View, language: str, version: str, why: str, field: str = "base") -> BaseImage:
    """Image that builds and runs a language. `why` says where the version comes from."""
    known = _known()[language]
    image = known["image"].format(version=version, release=known["older"].get(version, known["release"]))
    return _chosen(view, f"{language}-{version}", [image], why, field)


def runtime_base(view: View, name: str, why: str) -> BaseImage:
    """Image of a final stage that needs no language: `static`, `debian`, `nginx`."""
    return _chosen(view, name, _known()[name], why, "runtime")


def _chosen(view: View, name: str, images: list[str], why: str, field: str) -> BaseImage:
    named = view.app("bases").get(name)
    if named:
        return BaseImage(named, f"`bases` of the spec names the image of {name}")
    registries = view.app("registries")
    for image in images:
        if allowed(image, registries):
            skipped = "" if image == images[0] else f"; `registries` does not allow {images[0]}"
            return BaseImage(image, f"{why}{skipped}")
    pinned = view.pin("build", field)
    if pinned:
        return BaseImage(pinned, "pinned")
    raise InputError(
        f"service `{view.service}`: `registries` allows no image that kforge knows for {name} ({', '.join(images)})",
        hint=f"name one of yours under `bases: {{{name}: …}}`, pin `services.{view.service}.build.{field}`, or allow the registry",
    )
