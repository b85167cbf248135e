"""Every output at once: what each target's own program says of it. One test a target.

Of the examples, or of the folders that `KFORGE_TARGET_SPECS` names, which are built (`benchmarks.repositories.targets`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge.domain.kubernetes.releases import default
from kforge.system.schemas import validator
from tests.conftest import copied, once, run, tree
from tests.linters import actionlint, buildkit, hadolint, zizmor
from tests.targets.charts import (
    EXAMPLES,
    HELMS,
    conforming,
    environments,
    folder_of,
    helm,
    kustomized,
    linted,
    objects,
    templated,
    with_hooks,
    without_helms_own,
)
from tests.targets.every_output import with_every_output
from tests.targets.test_bake_program import baked
from tests.targets.test_rendered import rendered

MINOR = default()
OVERRIDE = "KFORGE_TARGET_SPECS"  # folders, separated as in PATH
GIVEN = {Path(each).name: Path(each) for each in os.environ.get(OVERRIDE, "").split(os.pathsep) if each}


@pytest.fixture(scope="module", params=[*GIVEN] or EXAMPLES)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    name = request.param
    return GIVEN.get(name) or built_example(name, tmp_path_factory)


def built_example(name: str, factory: pytest.TempPathFactory) -> Path:
    """An example with every output, built once a run."""

    def make(folder: Path) -> None:
        run("build", cwd=with_every_output(copied(name, folder)), code=0)

    return once(factory, f"every-output-{name}", make)


def test_it_is_current_and_a_second_build_writes_nothing(built: Path) -> None:
    before = tree(built)
    for words in (["check"], ["check", "--full"], ["build"]):
        run(*words, cwd=built, code=0)
    assert tree(built) == before


def test_dockerfile(built: Path) -> None:
    bake = built / "docker-bake.hcl"
    if not bake.exists():  # every image is somebody else's
        return
    targets = baked(built).values()
    assert all((built / each["context"]).is_dir() for each in targets)
    files = sorted({built / each["context"] / each["dockerfile"] for each in targets})
    assert (buildkit(*files), hadolint(*files)) == ([], "")


def test_kubernetes(built: Path, tmp_path: Path) -> None:
    for environment in environments(built):
        conforming(kustomized(built, environment), tmp_path, MINOR)


@pytest.mark.parametrize("which", HELMS)
def test_helm(which: str, built: Path) -> None:
    program = helm(which)
    for environment in environments(built):
        found = without_helms_own(objects(templated(program, built, environment)))
        assert found == with_hooks(folder_of(built).name, kustomized(built, environment)), environment
    linted(program, built)


def test_rendered(built: Path, tmp_path: Path) -> None:
    for environment in environments(built):
        folder = built / f"deploy/rendered/{environment or 'base'}"
        assert rendered(built, environment) == kustomized(built, environment), environment
        conforming(rendered(built, environment), tmp_path, MINOR, folder)


def test_argocd(built: Path) -> None:
    found = written(built / "deploy/argocd")
    assert [validator(MINOR)(each) for each in found] == [()] * len(found)
    deployed = {each["spec"]["source"]["path"] for each in found}
    assert deployed == {f"deploy/overlays/{name}" for name in environments(built) if name}


def test_flux(built: Path) -> None:
    found = written(built / "deploy/flux")
    assert [validator(MINOR)(each) for each in found] == [()] * len(found)
    deployed = {each["spec"]["path"] for each in found if each["kind"] == "Kustomization"}
    assert deployed == {f"./deploy/overlays/{name}" for name in environments(built) if name}


def test_github_actions(built: Path) -> None:
    workflows = [*(built / ".github/workflows").glob("kforge-*.yaml")]
    assert bool(workflows) == (built / "docker-bake.hcl").exists()
    if workflows:
        assert (actionlint(*workflows), zizmor(*workflows)) == ("", [])


def written(folder: Path) -> list[Any]:
    return [yaml.safe_load(path.read_text()) for path in sorted(folder.rglob("*.yaml"))]
