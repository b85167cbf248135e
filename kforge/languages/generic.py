"""Toolchains without a detector of their own: one record for all rows of domain/toolchains.json, whose builds are
proposals. What reads a source, plans its build and writes its Dockerfile is imported when it is called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.domain.language import FinalStage, Language, LanguageImage, Needs, Recipe, RuntimeImages
from kforge.domain.toolchains import toolchains

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.domain.decision import Answer
    from kforge.domain.document import Dockerfile
    from kforge.domain.facts import Facts
    from kforge.domain.view import View


def _detect(tree: Tree) -> Facts | None:
    from kforge.detectors.generic import detect

    return detect(tree)


def _stages(view: View) -> Dockerfile:
    from kforge.recipes.generic import stages

    return stages(view)


def _propose(view: View) -> Answer:
    from kforge.languages.generic_plan import proposed

    return proposed(view)


def _command(view: View) -> tuple[list[str] | None, str]:
    from kforge.languages.generic_plan import command

    return command(view)


def _final(view: View) -> tuple[RuntimeImages, str]:
    from kforge.languages.generic_plan import runtime

    return runtime(view)


# Files whose lines may name commands, where no manifest shows an ordinary way.
TOLD = ("README", "README.md", "README.rst", "README.txt", "Makefile", "justfile", "Procfile", ".yml", ".yaml")
RECIPE = Recipe(
    name="generic",
    stages=_stages,
    about="a proposal for a toolchain without a recipe",
    final=FinalStage(
        _final,
        offered=(),
        takes=lambda repository: False,
        otherwise="is none of the images that kforge knows for this toolchain",
    ),
    command=_command,
    proposed=True,
    ignore=(
        "**/.bundle",
        "**/.gradle",
        "**/.dart_tool",
        "**/.build",
        "**/_build",
        "**/dist-newstyle",
        "**/erl_crash.dump",
    ),
)
LANGUAGE = Language(
    name="generic",
    title="a toolchain without a detector",
    detect=_detect,
    ends=(*(name.rpartition("*")[2] for each in toolchains().values() for name in each.manifests), *TOLD),
    signs=(),
    shown_by=tuple(name for each in toolchains().values() for name in each.manifests[:1]),
    code=(),
    managers={},
    image=LanguageImage("generic", "{version}", version="", parts=1, release="", older={}),
    recipes=(RECIPE,),
    propose=_propose,
    needs=Needs("programs of another toolchain", cpu="100m", memory="256Mi", startup=60),
    frameworks={name: each.needs for name, each in toolchains().items()},
)
