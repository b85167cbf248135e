"""A proposed build → two stages: the steps run in one, and the copied paths go on to the other. Unaware of any language:
what toolchains differ in is a row of domain/toolchains.json.
"""

from __future__ import annotations

from typing import Any

from kforge.domain.build_inputs import arguments, secret_mounts
from kforge.domain.document import Dockerfile, Instruction, Stage
from kforge.domain.images import qualified, repository
from kforge.domain.instructions import (
    TMP,
    account,
    cache,
    copy,
    ending,
    env,
    folders,
    for_production,
    run,
    system_packages,
    workdir,
)
from kforge.domain.kubernetes.names import ports
from kforge.domain.source.layout import ImageLayout, layout
from kforge.domain.toolchains import Toolchain, toolchains
from kforge.domain.topic_names import BUILD, PROCESS
from kforge.domain.view import View

EVERYTHING = ["."]


def stages(view: View) -> Dockerfile:
    place, toolchain = layout(view), _toolchain(view)
    return Dockerfile((_build(view, place, toolchain), _runtime(view, place, toolchain)))


def _build(view: View, place: ImageLayout, toolchain: Toolchain | None) -> Stage:
    image, steps = view.decided(BUILD, "base"), list(view.decided(BUILD, "steps"))
    early = _early(view, steps, toolchain)
    mounts = [*(cache(path) for path in (toolchain.caches if toolchain else ())), *secret_mounts(view)]
    body: list[Instruction] = [
        *place.prepared(),
        *system_packages(image, view.decided(BUILD, "buildPackages"), "build.buildPackages"),
        *arguments(view),
    ]
    if toolchain and toolchain.variables:
        body.append(env(toolchain.variables, origin="kforge: the toolchain's own settings"))
    if early:
        body += place.manifests(view.fact("manifests"))
        body.append(run(*early, caches=mounts, origin="build.steps"))
    body += place.content()
    if place.inner:
        body.append(workdir(place.at()))
    if late := steps[len(early) :]:
        body.append(run(*late, caches=mounts, origin="build.steps"))
    why = "Builds by the proposed steps; the toolchain and its packages stay behind here."
    return Stage("build", image, tuple(body), origin="build.base", comment=why)


def _early(view: View, steps: list[list[str]], toolchain: Toolchain | None) -> list[list[str]]:
    """The steps that need the manifests alone, where they are the first."""
    install = toolchain.install if toolchain else []
    return install if install and view.fact("manifests") and steps[: len(install)] == install else []


def _runtime(view: View, place: ImageLayout, toolchain: Toolchain | None) -> Stage:
    image, user = view.decided(BUILD, "runtime"), view.decided(PROCESS, "user")
    settings: dict[str, Any] = {**(toolchain.settings if toolchain else {}), "HOME": TMP}
    copied = view.decided(BUILD, "copied") or EVERYTHING
    body: list[Instruction] = [
        workdir(place.at()),
        *system_packages(image, view.decided(BUILD, "packages"), "build.packages"),
        env(settings, origin="kforge: read-only root file system"),
        *for_production(view.fact("production")),
        *account(image, user, view.languages.accounts.values()),
    ]
    if "." in copied:
        body.append(copy([f"{place.at()}/"], "./", source="build"))
    else:
        body += [copy([place.at(path)], f"./{path}", source="build") for path in copied]
    body += folders(view.decided(PROCESS, "writable"), user, view.fact("occupied"))
    body += ending(ports(view), user, view.decided(PROCESS, "command"))
    why = "What runs: what the steps left belongs to root, so the process cannot change it."
    return Stage("runtime", image, tuple(body), origin="build.runtime", comment=why)


def _toolchain(view: View) -> Toolchain | None:
    """The row of the one proposal, else that of the settled base; None for an image that no row has."""
    found = [toolchains()[one["toolchain"]] for one in view.fact("proposals")]
    if len(found) == 1:
        return found[0]
    wanted = repository(qualified(str(view.decided(BUILD, "base"))))
    return next((one for one in (*found, *toolchains().values()) if repository(one.base.image) == wanted), None)
