"""A front end that another language's program embeds or serves → a stage of its own, and what is copied out of it."""

from __future__ import annotations

import posixpath
from typing import Any

from kforge.domain.build_inputs import arguments, secret_mounts
from kforge.domain.document import Dockerfile, Instruction, Stage
from kforge.domain.images import allowed
from kforge.domain.instructions import cache, copies, copy, run, system_packages, workdir
from kforge.domain.source.layout import ImageLayout, layout
from kforge.domain.view import View
from kforge.errors import InputError
from kforge.recipes.node import CACHES, INSTALL, UNLOCKED, own_stages, tools

ROOT = (
    "/src"  # of the stage: the context's folders are repeated below it, so that `../api/static` is where it should be
)
LANGUAGE = "node"


def front_stages(view: View) -> tuple[Stage, ...]:
    """One stage a front end, in order."""
    return tuple(_stage(view, number, each) for number, each in enumerate(view.fact("front_ends")))


def node_stages(view: View) -> Dockerfile:
    """Stages of a back end of the same language, with those of front ends in other folders."""
    return Dockerfile((*front_stages(view), *own_stages(view, built_files)))


def built_files(view: View, place: ImageLayout) -> list[Instruction]:
    """COPY of what the front ends' builds left, over the source where it lies in an image."""
    return [
        copy([f"{_at(view, path)}/"], f"{place.at(path)}/", _name(number))
        for number, each in enumerate(view.fact("front_ends"))
        for path in each["output"]
    ]


def _name(number: int) -> str:
    return f"assets{number + 1}" if number else "assets"


def _at(view: View, path: str) -> str:
    return posixpath.normpath(posixpath.join(ROOT, layout(view).inside(path)))


def _stage(view: View, number: int, front: dict[str, Any]) -> Stage:
    image, inside = _image(view, str(front["version"])), layout(view).inside(front["folder"])
    here = _at(view, front["folder"])
    manager = "berry" if front["manager"] == "yarn" and ".yarnrc.yml" in front["manifests"] else front["manager"]
    caches = [cache(CACHES[manager]), *secret_mounts(view)]
    note = "" if front["locked"] else "There is no lock file: two builds may install different versions."
    manifests = copies(front["manifests"])
    body = [
        workdir(here),
        *system_packages(image, front["packages"], ""),
        *arguments(view),
        *tools(manager),
        *(_from(each, inside) for each in manifests),
        run((INSTALL if front["locked"] else UNLOCKED)[manager], caches=caches, comment=note),
        copy(["."], f"{ROOT}/") if front["whole"] else copy([f"{inside}/"], "./"),
        run(*front["steps"], caches=caches),
    ]
    why = f"Builds the front end in {inside if inside != '.' else 'the source'}; only what it leaves goes on."
    return Stage(_name(number), image, tuple(body), origin="kforge: the front end's own toolchain", comment=why)


def _from(instruction: Instruction, folder: str) -> Instruction:
    """A COPY of manifests that lie in a folder of the context."""
    *paths, target = instruction.args
    return copy([posixpath.normpath(posixpath.join(folder, path)) for path in paths], target)


def _image(view: View, version: str) -> str:
    """The image that builds it: of `bases`, else the language's own. Raises InputError where no registry allows it."""
    language = view.languages.named(LANGUAGE)
    if language is None:
        raise InputError(f"service `{view.service}`: no language builds its front end")
    tag = version or language.image.version
    name = f"{LANGUAGE}-{tag}"
    named = view.app("bases").get(name)
    image = language.image.of(tag)
    if not named and not allowed(image, view.app("registries")):
        raise InputError(
            f"service `{view.service}`: `registries` allows no image that kforge knows for {name} ({image}), which builds its front end",
            hint=f"name one of yours under `bases: {{{name}: …}}`, or allow the registry",
        )
    return str(named or image)
