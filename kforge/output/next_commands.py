"""Outcome → the commands that come next: images, a commit, and what deploys the outputs. Starts none of them."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kforge.domain.document import is_dockerfile
from kforge.domain.images import placeholder
from kforge.output.places import shown
from kforge.render.dockerfile.built_images import targets
from kforge.stages.cluster_needs import deployed
from kforge.stages.inputs import Inputs
from kforge.system.project import top

if TYPE_CHECKING:
    from kforge.domain.spec.project import Project
    from kforge.outcome import Outcome

OVERLAYS = 3  # environments whose commands are shown


def next_commands(outcome: Outcome, images: bool = True, deploys: bool = True) -> list[str]:
    """Commands for a shell, in order, as they are typed here. `images`, `deploys`: whether images are to be built, and
    whether a cluster is to get something.
    """
    return [*(_bake(outcome) if images else ()), *_commit(outcome), *(_deploy(outcome) if deploys else ())]


def changes_images(outcome: Outcome) -> bool:
    """Whether a Dockerfile, what its context leaves out, or the bake file was written."""
    paths = (change.path for change in outcome.changes.pending)
    return any(is_dockerfile(path) or path.endswith((".dockerignore", ".hcl")) for path in paths)


def _bake(outcome: Outcome) -> Iterator[str]:
    """Contexts are relative to the spec's folder, so it is run there."""
    world, project = outcome.loaded.world, outcome.project
    bake = posixpath.normpath(world.spec.paths.bake)
    if bake not in outcome.files or "github-actions" in world.spec.outputs:  # the workflow builds
        return
    made = targets(Inputs(world.raw, world.facts, outcome.settled.values), world.spec.services)
    words = ["docker buildx bake", *([] if bake == "docker-bake.hcl" else [f"-f {shlex.quote(bake)}"])]
    words += [f"--allow=fs.read={folder}" for folder in sorted({_above(one.context) for one in made} - {""})]
    words += ["--push"] if world.spec.registry and not placeholder(f"{world.spec.registry}/x") else []
    folder = shown(project, ".")
    yield " ".join(words) if folder == "." else f"(cd {shlex.quote(folder)} && {' '.join(words)})"


def _above(context: str) -> str:
    """The part of a context that leads out of the spec's folder: `../..`."""
    parts = posixpath.normpath(context).split("/")
    return "/".join(part for part in parts if part == "..")


def _commit(outcome: Outcome) -> Iterator[str]:
    project = outcome.project
    if top(project.folder) is None:
        return
    outside = {posixpath.dirname(path) for path in outcome.files if path.startswith("../")}
    folders = [shown(project, folder) for folder in (".", *sorted(outside))]
    named = " ".join(shlex.quote(each) for each in dict.fromkeys(folders)) if len(folders) < 5 else "-A"
    app = outcome.loaded.world.spec.app
    yield f'git add {named} && git commit -m "Build {app}"'
    if "github-actions" in outcome.loaded.world.spec.outputs:  # its workflow builds the images
        yield "git push"


def _deploy(outcome: Outcome) -> Iterator[str]:
    spec, project = outcome.loaded.world.spec, outcome.project
    paths, environments = spec.paths, _deployed(outcome)
    for name, flags in (("argocd", "-f"), ("flux", "-R -f")):
        root = posixpath.normpath(getattr(paths, name))
        if _below(outcome, root):
            yield from _push(outcome)
            yield f"kubectl apply {flags} {_path(project, root)}"
            return
    if f"{posixpath.normpath(paths.kubernetes)}/kustomization.yaml" in outcome.files:
        folders = [posixpath.join(paths.overlays, name) if name else paths.kubernetes for name in environments]
        yield from _each(f"kubectl apply -k {_path(project, folder)}" for folder in folders)
        if _below(outcome, _chart(outcome)):  # a comment, so that both are not done where all is copied
            yield f"# or as a chart: {[*_installed(outcome)][-1]}"
    elif _below(outcome, posixpath.normpath(paths.rendered)):
        folders = [posixpath.join(paths.rendered, name or "base") for name in environments]
        yield from _each(f"kubectl apply -R -f {_path(project, folder)}" for folder in folders)
    elif _below(outcome, _chart(outcome)):
        yield from _installed(outcome)


def _deployed(outcome: Outcome) -> list[str]:
    """Environments that are deployed, in the order of the spec."""
    here = deployed(outcome.documents)
    return [name for name in outcome.loaded.world.spec.environments if name in here] or [*here]


def _push(outcome: Outcome) -> Iterator[str]:
    """For what follows the repository; with a workflow it is pushed by now."""
    if top(outcome.project.folder) is not None and "github-actions" not in outcome.loaded.world.spec.outputs:
        yield "git push"


def _installed(outcome: Outcome) -> Iterator[str]:
    """The chart, with the values of an environment where they differ."""
    spec, project, chart = outcome.loaded.world.spec, outcome.project, _chart(outcome)
    if spec.chart.dependencies:
        yield f"helm dependency update {_path(project, chart)}"
    commands = []
    for name in _deployed(outcome):
        own = spec.environments[name].namespace if name else None
        told = spec.namespace if isinstance(spec.namespace, str) else spec.namespace.name if spec.namespace else ""
        home, values = own or told, f"{chart}/values-{name}.yaml"
        flags = f" -n {home} --create-namespace" if home else ""
        flags += f" -f {_path(project, values)}" if values in outcome.files else ""
        commands.append(f"helm upgrade --install {spec.app} {_path(project, chart)}{flags}")
    yield from _each(iter(commands))


def _each(commands: Iterator[str]) -> Iterator[str]:
    """The commands of the first environments; the others' are alike."""
    for number, command in enumerate(commands):
        if number == OVERLAYS:
            return
        yield command


def _chart(outcome: Outcome) -> str:
    spec = outcome.loaded.world.spec
    return posixpath.join(posixpath.normpath(spec.paths.helm), spec.app)


def _below(outcome: Outcome, root: str) -> bool:
    return any(path.startswith(f"{root}/") for path in outcome.files)


def _path(project: Project, path: str) -> str:
    return shlex.quote(shown(project, path))
