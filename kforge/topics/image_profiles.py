"""The spec's `images` and a service → the hardened images that it can run on, or why it stays on Debian.

Their final images have no shell and no package manager. A program that needs one of the two would not start, so such a
service keeps the usual images, and the reason says why. The rows of image_profiles.json were read off the publishers'
own sources, with the day; nothing here can pull an image.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.domain.image_settings import DEBIAN, image_settings
from kforge.domain.images import allowed
from kforge.domain.topic_names import PROCESS

if TYPE_CHECKING:
    from kforge.domain.language import Language, Recipe
    from kforge.domain.view import View

HARDENED = "`images: {}` asks for it: no shell and no package manager in what runs"


class HardenedImages(NamedTuple):
    """Images of a profile for one service, and why. `base` is "" where the language's own image builds.

    Without a `runtime` the service stays on the usual images, and `why` says it.
    """

    why: str
    base: str = ""
    runtime: str = ""
    name: str = ""  # the key of the final image in `bases`; that of the build image ends in `-build`


@cache
def profiles() -> dict[str, Any]:
    """The table, by profile."""
    data: dict[str, Any] = json.loads(Path(__file__).with_name("image_profiles.json").read_text(encoding="utf-8"))
    return data


def hardened_images(view: View, language: Language, recipe: Recipe, version: str) -> HardenedImages | None:
    """What the profile of the spec offers to a service; None where the spec asks for none."""
    profile = image_settings(view.app("images")).profile
    if profile == DEBIAN:
        return None
    table = profiles()[profile]
    row = table["languages"].get(recipe.name)
    lacks = _lacks(view, language, version, row, str(table["called"]))
    if lacks or row is None:
        return HardenedImages(f"stays on the usual image, though `images: {profile}` is wanted: {lacks}")
    base, runtime = (str(row.get(field, "")).format(version=version) for field in ("base", "runtime"))
    name = f"{profile}-{language.name}-{version}" if "{version}" in row["runtime"] else f"{profile}-{language.name}"
    own = view.app("bases").get(name)
    for image in filter(None, (base, own or runtime)):
        if not allowed(image, view.app("registries")):
            return HardenedImages(
                f"stays on the usual image, though `images: {profile}` is wanted: `registries` does not allow {image}"
            )
    said = HARDENED.format(profile) + (f"; `docker login {table['login']}` comes before a build" * bool(table["login"]))
    return HardenedImages(
        f"`bases` of the spec names the image of {name}" if own else said,
        view.app("bases").get(f"{name}-build") or base,
        own or runtime,
        name,
    )


def _lacks(view: View, language: Language, version: str, row: dict[str, Any] | None, called: str) -> str:
    """What stands between a service and such images, "" for nothing."""
    if row is None:
        return f"of {called} no image for {language.title} can be named without a login or a guess at its version"
    versions = row.get("versions")
    if versions and version not in versions:
        return f"{called} has {language.title} {', '.join(versions)}, and this is {version}"
    if packages := [*view.fact("packages"), *(view.fact("build_packages") if language.compiled else ())]:
        return f"{', '.join(sorted(packages))} cannot be installed there"
    if language.compiled:
        return ""
    if view.fact("occupied"):
        return f"{', '.join(view.fact('occupied'))} must change owner, which takes a shell"
    others = [command[0] for command in _commands(view) if command and command[0] not in language.programs]
    return f"`{others[0]}` starts it, which may need a shell" if others else ""


def _commands(view: View) -> list[list[str]]:
    """What the image starts: the spec's command or the source's, and those of services that run the same image."""
    found = view.fact("start")
    own = view.spec("command") or view.pin(PROCESS, "command") or (found[0] if found else [])
    others = (view.of(name) for name in view.sharers() if name != view.service)
    return [list(own), *(list(each.spec("command") or ()) for each in others)]
