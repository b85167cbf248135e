"""Dockerfile: the recipe's stages, beside the source that they build. None where the user has one.

Services that share a source share an image while they build alike; the main one owns the file, and its command is the
image's. The others' commands stand in their workloads.
"""

from __future__ import annotations

import posixpath
from dataclasses import replace

from kforge.domain.artifact import Artifact
from kforge.domain.document import Dockerfile, Document
from kforge.domain.kubernetes.names import image_owner
from kforge.domain.language import Recipe
from kforge.domain.target import outputs_of
from kforge.domain.topic_names import BUILD
from kforge.domain.view import View
from kforge.errors import InputError


def _build(view: View) -> Document | None:
    if not built_here(view):
        return None
    _first_of_its_folder(view)
    path = beside(view, "Dockerfile")
    made = recipe(view).stages(view)
    if pinned := view.decided(BUILD, "images") or {}:
        made = Dockerfile(tuple(replace(stage, image=pinned.get(stage.image, stage.image)) for stage in made.stages))
    return Document(path=path, artifact="dockerfile", service=view.service, dockerfile=made)


def recipe(view: View) -> Recipe:
    name = view.decided(BUILD, "recipe")
    found = view.languages.recipe(name)
    if found is None:
        known = sorted(one.name for one in view.languages.recipes)
        hint = f"pin `services.{view.service}.build.recipe` to one of {', '.join(known)}"
        raise InputError(f"service `{view.service}`: there is no recipe `{name}`", hint=hint)
    return found


def built_here(view: View) -> bool:
    """Whether this service owns an image that kforge writes a Dockerfile for."""
    outputs = outputs_of(view)
    if view.spec("source") is None or "dockerfile" not in outputs or view.decided(BUILD, "recipe") is None:
        return False
    return view.fact("dockerfile") is None and image_owner(view) == view.service


def beside(view: View, name: str) -> str:
    """A path in the source's folder, relative to the spec's."""
    return posixpath.normpath(posixpath.join(view.spec("source"), name))


def _first_of_its_folder(view: View) -> None:
    """One folder holds one Dockerfile, so services that share a source must settle its build alike."""
    first = view.sharers()[0]
    if first != view.service:
        raise InputError(
            f"services `{first}` and `{view.service}` share the source `{view.spec('source')}` and build it differently",
            hint=f"pin `build` of `{first}` alone, whose image the other runs then, or give `{view.service}` a folder of its own",
        )


ARTIFACT = Artifact(name="dockerfile", revision=1, output="dockerfile", build=_build, shared=True)
