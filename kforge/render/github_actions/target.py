"""The target `github-actions`: a workflow that builds, pushes and signs the images, and proposes their digests."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.image_settings import image_settings
from kforge.domain.images import qualified, repository
from kforge.domain.kubernetes.names import image_owner
from kforge.domain.target import PATHS, Listed, Target, outputs_of
from kforge.render.dockerfile.built_images import targets
from kforge.render.github_actions.workflow import Workflow, workflow
from kforge.stages.inputs import RawView

WORKFLOWS = ".github/workflows"
LOGINS = {"dhi": "dhi.io"}  # profiles whose bases are behind a login


def workflow_path(folder: str, app: str) -> str:
    """Where the workflow lies, relative to the spec's folder: GitHub reads one folder, at the repository's top."""
    return posixpath.relpath(f"{WORKFLOWS}/kforge-{app}.yaml", folder)


def _aggregates(listed: Listed) -> dict[str, str]:
    raw = listed.raw
    built = targets(listed.inputs, raw["services"], raw.get("environments"))
    if not built:
        return {}
    settings = image_settings(raw.get("images"))
    hosts = {qualified(tag).partition("/")[0] for each in built for tag in each.tags}
    secrets = {name for each in built for secret in each.secrets for name in _variables(secret)}
    login = LOGINS.get(settings.profile)
    made = Workflow(
        app=str(raw["app"]),
        folder=listed.folder,
        bake=str(listed.paths.get("bake", PATHS["bake"])),
        images=posixpath.normpath(str(listed.paths.get("images", PATHS["images"]))),
        registries=tuple(sorted({*hosts, *([login] if login else ())})),
        platforms=settings.platforms,
        secrets=tuple(sorted(secrets)),
        above=any(posixpath.normpath(each.context).startswith("..") for each in built),
        environments=dict(_environments(listed)),
        rendered=_rendered(listed),
    )
    return {workflow_path(listed.folder, made.app): workflow(made, listed.name)}


def _rendered(listed: Listed) -> str:
    """The folder of files that show the images of the components; "" where no output has them."""
    raw = listed.raw
    if not any("rendered" in outputs_of(RawView(listed.inputs, name)) for name in raw["services"]):
        return ""
    return posixpath.normpath(str(listed.paths.get("rendered", PATHS["rendered"])))


def _variables(secret: str) -> Iterator[str]:
    """The variable that buildx takes a secret from: `id=TOKEN,env=TOKEN`."""
    yield from (part.removeprefix("env=") for part in secret.split(",") if part.startswith("env="))


def _environments(listed: Listed) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Environments with the images that may be set there, the base where there is none.

    What a one-off Job runs is left out: Kubernetes never changes a Job's template, so its image is the spec's `version`.
    """
    named: Mapping[str, Any] = listed.raw.get("environments") or {}
    for name in named or ("base",):
        block = named.get(name) or {}
        found = tuple(sorted(_settable(listed, block)))
        if found:
            yield name, found


def _settable(listed: Listed, block: Mapping[str, Any]) -> set[str]:
    """Images built here that run in an environment, as its manifests name them."""
    registry = block.get("registry") or listed.raw.get("registry")
    running, fixed = set[str](), set[str]()
    for name, service in listed.raw["services"].items():
        view = RawView(listed.inputs, name)
        if service.get("image") or "kubernetes" not in outputs_of(view):
            continue
        if ((block.get("services") or {}).get(name) or {}).get("omit"):
            continue
        own = repository(f"{registry}/{listed.raw['app']}-{image_owner(view)}")
        (fixed if service.get("job") else running).add(own)
    return running - fixed


TARGET = Target(name="github-actions", aggregates=_aggregates)
