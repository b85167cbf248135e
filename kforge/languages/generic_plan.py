"""Proposals of a source → the build that is proposed, and the command that goes with it. Of several proposals a pinned
base image chooses one; without it the error names what a person can do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kforge.domain.commands.started import pinned
from kforge.domain.decision import Answer
from kforge.domain.images import qualified, repository
from kforge.domain.language import RuntimeImages, listed
from kforge.domain.toolchains import Toolchain, ToolchainImage, toolchains
from kforge.domain.topic_names import BUILD
from kforge.errors import InputError
from kforge.topics.bases import runtime_base

if TYPE_CHECKING:
    from kforge.domain.view import View

RECIPE = "generic"


def proposed(view: View) -> Answer:
    """The build of the one proposal. Raises InputError where there is more than one."""
    plan = _one(view)
    toolchain = toolchains()[plan["toolchain"]]
    base = runtime_base(view, _images(toolchain.base, plan), plan["version_from"], "base")
    final = runtime_base(view, *runtime(view))
    shown, steps = _shown(view, toolchain), plan["steps"]
    value: dict[str, Any] = {
        "recipe": RECIPE,
        "base": base.image,
        "runtime": final.image,
        "packages": sorted(toolchain.packages),
        "buildPackages": sorted(toolchain.build_packages),
        "steps": [list(step) for step in steps],
        "copied": list(plan["copied"]),
    }
    every = plan["copied"] == ["."]
    reasons = {
        "recipe": f"a proposal to approve: {shown} is a manifest of {toolchain.title}, which no detector reads",
        "base": base.reason,
        "runtime": final.reason,
        "packages": _needs(toolchain.title, toolchain.packages, "run"),
        "buildPackages": _needs(toolchain.title, toolchain.build_packages, "are built"),
        "steps": f"the ordinary way from {shown} to a program" if steps else "nothing is built",
        "copied": "the program runs from its source and what was installed there" if every else "what the steps leave",
    }
    return Answer(value, reasons, proposed=True)


def command(view: View) -> tuple[list[str] | None, str]:
    """What starts the program that the settled build leaves, and why; None where only the spec can say."""
    plan = plan_of(view)
    if plan is None:
        if pinned(view):
            return None, "the spec pins the command"
        raise InputError(
            f"service `{view.service}`: nothing in `{view.spec('source')}` shows how what its `build` pins is started",
            hint=f"pin it: `services.{view.service}.command: [bin/server]`",
        )
    toolchain = toolchains()[plan["toolchain"]]
    return list(plan["command"]), f"a proposal to approve: the ordinary start from {_shown(view, toolchain)}"


def runtime(view: View) -> tuple[RuntimeImages, str]:
    """The image of the final stage, and why."""
    plan = _one(view)
    toolchain = toolchains()[plan["toolchain"]]
    same = toolchain.runtime == toolchain.base
    why = f"{toolchain.title} programs run on what built them" if same else "the program runs without what built it"
    return _images(toolchain.runtime, plan), why


def plan_of(view: View) -> dict[str, Any] | None:
    """The proposal behind the settled build; None where a person pins a build of their own."""
    found = view.fact("proposals")
    steps, copied = view.decided(BUILD, "steps"), view.decided(BUILD, "copied")
    exact = [one for one in found if one["steps"] == steps and one["copied"] == copied]
    return exact[0] if exact else _by_base(found, view.decided(BUILD, "base"))


def _one(view: View) -> dict[str, Any]:
    """The proposal that a pinned base chooses, else the only one. Raises InputError."""
    found, service = view.fact("proposals"), view.service
    if len(found) == 1:
        return dict(found[0])
    base = view.pin(BUILD, "base")
    if base and (chosen := _by_base(found, base)) is not None:
        return chosen
    ways = [f"`{_images(toolchains()[one['toolchain']].base, one).images[0]}`" for one in found]
    titles = listed([toolchains()[one["toolchain"]].title for one in found], "and")
    raise InputError(
        f"service `{service}`: `{view.spec('source')}` shows more than one way to build it: {titles}",
        hint=f"pin `services.{service}.build.base`, which chooses one ({', '.join(ways)}), or write a Dockerfile there",
    )


def _by_base(found: list[dict[str, Any]], image: object) -> dict[str, Any] | None:
    wanted = repository(qualified(str(image)))
    return next((one for one in found if repository(toolchains()[one["toolchain"]].base.image) == wanted), None)


def _images(image: ToolchainImage, plan: dict[str, Any]) -> RuntimeImages:
    named = image.of(plan["version"])
    return RuntimeImages(named.key, (named.image,))


def _shown(view: View, toolchain: Toolchain) -> str:
    manifests = view.fact("manifests")
    return f"`{manifests[0] if manifests else toolchain.manifests[0]}`"


def _needs(title: str, names: list[str], what: str) -> str:
    if not names:
        return f"{title} programs are not known to need one"
    return f"{title} programs {what} with {', '.join(sorted(names))}"
