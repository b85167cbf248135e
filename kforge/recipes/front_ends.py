"""A front end that another language's program embeds or serves → a stage of its own, and what is copied out of it."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Any, NamedTuple

from kforge.domain.build_inputs import arguments, secret_mounts
from kforge.domain.document import Dockerfile, Instruction, Stage
from kforge.domain.instructions import cache, copies, copy, env, run, system_packages, workdir
from kforge.domain.source.front_end_image import front_end_image
from kforge.domain.source.layout import ImageLayout, layout, placed
from kforge.domain.view import View
from kforge.recipes.node import CACHES, INSTALL, UNLOCKED, installing, own_stages, spoken, tools
from kforge.recipes.node_workspace import chosen, member_builds, package_of

ROOT = (
    "/src"  # of the stage: the context's folders are repeated below it, so that `../api/static` is where it should be
)


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
    image, inside = front_end_image(view, str(front["version"])), layout(view).inside(front["folder"])
    manager = spoken(front["manager"], front["manifests"], front.get("manager_version", ""))
    tooling = [
        *system_packages(image, front["packages"], ""),
        *arguments(view),
        *tools(manager, front.get("manager_version", "")),
    ]
    make = _in_workspace if front.get("workspace") else _alone
    body = make(
        front,
        inside,
        tooling,
        Manager(manager, [cache(CACHES[manager]), *secret_mounts(view, lambda path: _at(view, path))]),
    )
    why = f"Builds the front end in {inside if inside != '.' else 'the source'}; only what it leaves goes on."
    return Stage(_name(number), image, tuple(body), origin="kforge: the front end's own toolchain", comment=why)


class Manager(NamedTuple):
    """A package manager, and what is mounted where it runs."""

    name: str
    caches: list[str]

    def install(self, front: dict[str, Any], words: Sequence[str] = ()) -> Instruction:
        note = "" if front["locked"] else "There is no lock file: two builds may install different versions."
        command = (INSTALL if front["locked"] else UNLOCKED)[self.name]
        return run([*command, *words], caches=self.caches, comment=note)


def _alone(front: dict[str, Any], inside: str, tooling: list[Instruction], manager: Manager) -> list[Instruction]:
    """A folder with a lock file of its own."""
    return [
        workdir(posixpath.normpath(posixpath.join(ROOT, inside))),
        *tooling,
        *(_from(each, inside) for each in copies(front["manifests"])),
        *installing(front.get("variables", ()), front.get("scripts", ())),
        manager.install(front),
        copy(["."], f"{ROOT}/") if front["whole"] else copy([f"{inside}/"], "./"),
        run(*front["steps"], caches=manager.caches),
    ]


def _in_workspace(
    front: dict[str, Any], inside: str, tooling: list[Instruction], manager: Manager
) -> list[Instruction]:
    """A member of a workspace, installed in its root."""
    workspace = front["workspace"]
    place = placed(inside, workspace, ROOT)
    words = [] if workspace["root"] == "." else chosen(package_of(workspace, place), manager.name)
    programs = [place.at("node_modules/.bin"), f"{place.installed}/node_modules/.bin"]
    return [
        *place.prepared(),
        *tooling,
        *place.manifests(front["manifests"]),
        *installing(front.get("variables", ()), front.get("scripts", ())),
        manager.install(front, words),
        *place.content(),
        workdir(place.at()),
        env({"PATH": ":".join([*programs, "$PATH"])}),
        run(*member_builds(workspace, front["manager"]), *front["steps"], caches=manager.caches),
    ]


def _from(instruction: Instruction, folder: str) -> Instruction:
    """A COPY of manifests that lie in a folder of the context."""
    *paths, target = instruction.args
    return copy([posixpath.normpath(posixpath.join(folder, path)) for path in paths], target)
