"""Bases and stages of Dockerfiles that kforge writes.

hadolint and BuildKit's checks read the text; these rules read the instructions, before there is any, and see what those
two do not: images in `--from` and mounts, and the versions of several stages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from kforge.domain.dockerfiles import copied_from, dockerfiles
from kforge.domain.document import Dockerfile, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.images import SCRATCH, Registries, digest, repository, tag

RESERVED = frozenset({"scratch", "context"})
_KINDS = ("Dockerfile",)


@rule(
    "dockerfile-tag",
    "error",
    "name a version or a digest under `bases`, pin `build.base` and `build.runtime`, or run `kforge upgrade --images`",
    kinds=_KINDS,
    sources=("https://github.com/hadolint/hadolint/wiki/DL3006", "https://github.com/hadolint/hadolint/wiki/DL3007"),
)
def dockerfile_tag(documents: Documents) -> Iterator[Hit]:
    """Base images are pinned, those of `--from` and of mounts as well.

    A base without a version is another one tomorrow: the same source then builds another image, or none.

    Wrong:
        FROM docker.io/library/debian AS runtime
    Right:
        FROM docker.io/library/debian:trixie-slim AS runtime
    """
    for document, dockerfile in dockerfiles(documents):
        for field, image in _images(dockerfile):
            if not digest(image) and tag(image) in ("", "latest"):
                yield Hit(document, field, f"base image `{image}` has no version")


@rule(
    "dockerfile-digest",
    "error",
    "run `kforge upgrade --images`, or let a bot write them into the FROM lines",
    kinds=_KINDS,
    sources=("https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",),
)
def dockerfile_digest(documents: Documents) -> Iterator[Hit]:
    """Base images have a digest, where the spec says `images: {pin: digests}`.

    A tag is moved with every fix, so two builds of one commit may differ. A digest names one image for ever,
    and a bot or `kforge upgrade --images` moves it on.

    Wrong:
        FROM docker.io/library/debian:trixie-slim AS runtime
    Right:
        FROM docker.io/library/debian:trixie-slim@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef AS runtime
    """
    for document, dockerfile in dockerfiles(documents) if documents.digests else ():
        for field, image in _images(dockerfile):
            if not digest(image):
                yield Hit(document, field, f"base image `{image}` has no digest")


@rule(
    "dockerfile-registry",
    "error",
    "name an allowed image under `bases`, or add its registry to `registries`",
    kinds=_KINDS,
)
def dockerfile_registry(documents: Documents) -> Iterator[Hit]:
    """Base images come from the registries that the app allows.

    What a build pulls runs as part of it. `registries` of the spec is the whole list, for `FROM`, `--from` and mounts
    alike; where it is empty, any registry will do. For the example, `registries: [ghcr.io/acme]`.

    Wrong:
        FROM docker.io/library/debian:trixie-slim AS runtime
    Right:
        FROM ghcr.io/acme/debian:trixie-slim AS runtime
    """
    allowing = Registries(documents.registries)
    for document, dockerfile in dockerfiles(documents):
        for field, image in _images(dockerfile):
            if not allowing.allow(image):
                yield Hit(document, field, f"base image `{image}` is not from an allowed registry")


def _images(dockerfile: Dockerfile) -> Iterator[tuple[str, str]]:
    """Images that a build pulls: of FROM, of `--from=` and of mounts."""
    stages: set[str] = set()
    for stage in dockerfile.stages:
        if stage.image != SCRATCH and stage.image not in stages:
            yield f"{stage.name}.FROM", stage.image
        for index, instruction in enumerate(stage.instructions):
            source = copied_from(instruction)
            if source and source not in stages and "/" in source:
                yield f"{stage.name}[{index}].{instruction.name}", source
        stages.add(stage.name)


@rule(
    "dockerfile-stage",
    "error",
    "give each stage a lower-case name of its own, and copy from earlier ones",
    kinds=_KINDS,
    sources=(
        "https://docs.docker.com/reference/build-checks/stage-name-casing/",
        "https://docs.docker.com/reference/build-checks/reserved-stage-name/",
        "https://docs.docker.com/reference/build-checks/duplicate-stage-name/",
    ),
)
def dockerfile_stage(documents: Documents) -> Iterator[Hit]:
    """Stages have lower-case names of their own, and copy from earlier ones.

    BuildKit takes a name that is no earlier stage for an image, and pulls it from Docker Hub.

    Wrong:
        FROM docker.io/library/debian:trixie-slim AS runtime
        COPY --from=build /app /app
    Right:
        FROM docker.io/library/node:24-slim AS build
        FROM docker.io/library/debian:trixie-slim AS runtime
        COPY --from=build /app /app
    """
    for document, dockerfile in dockerfiles(documents):
        seen: set[str] = set()
        for stage in dockerfile.stages:
            if stage.name in seen or stage.name in RESERVED or stage.name != stage.name.lower():
                yield Hit(
                    document,
                    f"{stage.name}.FROM",
                    f"stage name `{stage.name}` is used already, reserved or not in lower case",
                )
            for index, instruction in enumerate(stage.instructions):
                source = copied_from(instruction)
                if source and source not in seen and "/" not in source:
                    yield Hit(
                        document, f"{stage.name}[{index}].{instruction.name}", f"`{source}` is not an earlier stage"
                    )
            seen.add(stage.name)


@rule(
    "dockerfile-interpreter",
    "error",
    "pin `build.base` and `build.runtime` to the same version",
    kinds=_KINDS,
    sources=(
        "https://docs.python.org/3/library/venv.html#how-venvs-work",
        "https://nodejs.org/en/learn/modules/abi-stability",
    ),
)
def dockerfile_interpreter(documents: Documents) -> Iterator[Hit]:
    """Every stage has the same version of its interpreter.

    What an interpreted language builds (a virtual environment of Python, a compiled module of Node.js) runs only on the
    version that built it.

    Wrong:
        FROM docker.io/library/python:3.13-slim AS build
        FROM docker.io/library/python:3.12-slim AS runtime
    Right:
        FROM docker.io/library/python:3.13-slim AS build
        FROM docker.io/library/python:3.13-slim AS runtime
    """
    parts = {one.image.short: one.image.parts for one in documents.languages if one.interpreted}
    for document, dockerfile in dockerfiles(documents):
        versions: dict[str, set[str]] = {}
        for stage in dockerfile.stages:
            name = repository(stage.image).rpartition("/")[2]
            if name in parts and (version := re.match(rf"\d+(\.\d+){{0,{parts[name] - 1}}}", tag(stage.image))):
                versions.setdefault(name, set()).add(version[0])
        for name, found in sorted(versions.items()):
            if len(found) > 1:
                yield Hit(
                    document,
                    f"{dockerfile.stages[-1].name}.FROM",
                    f"stages use different versions of {name}: {', '.join(sorted(found))}",
                )


RULES = (dockerfile_tag, dockerfile_digest, dockerfile_registry, dockerfile_stage, dockerfile_interpreter)
