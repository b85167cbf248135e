"""The cluster, started once a run, and the targets that pass over it one after another."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.cluster import gateway_api, programs
from tests.cluster.controlplane import ControlPlane, running
from tests.cluster.examples import Target, kforge, targets
from tests.cluster.manifests import namespace
from tests.cluster.rollout import apply, kustomize, make_disks, make_namespace

Test = TypeVar("Test", bound=Callable[..., None])


@dataclass(frozen=True, slots=True)
class Prepared:
    """A target whose namespace stands, restricted and empty, with volumes for its claims."""

    plane: ControlPlane
    target: Target
    namespace: str
    objects: list[dict[str, Any]]


def applies_to(holds: Callable[[Target], object]) -> Callable[[Test], Test]:
    """Collect a test only for the targets for which `holds`: what a target lacks is not a test left out."""

    def marked(test: Test) -> Test:
        test.applies_to = holds  # type: ignore[attr-defined]
        return test

    return marked


@pytest.hookimpl(tryfirst=True)  # before items are chosen by their markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One worker has the cluster: it is one place, and two control planes would only be slower."""
    here = f"{Path(__file__).parent}{os.sep}"
    for item in [item for item in items if str(item.path).startswith(here)]:  # of all tests of the run, so at no cost
        item.add_marker(pytest.mark.cluster)
        item.add_marker(pytest.mark.xdist_group("cluster"))
        target = item.callspec.params.get("prepared") if hasattr(item, "callspec") else None
        holds = getattr(getattr(item, "function", None), "applies_to", None)
        if holds and target and not holds(target):
            items.remove(item)


def why_not() -> str:
    """Why the cluster cannot be used here; "" when it can."""
    if not programs.missing():
        return ""
    if shutil.which("go") is None:
        return "go is not here: the control plane cannot be built"
    if os.environ.get("KFORGE_CLUSTER") != "1":
        return "the control plane is not built: `python -m tests.cluster` builds it (about five minutes, once)"
    return ""


def no_gateway_api() -> str:
    """Why the CRDs of the Gateway API are not here; "" when they are."""
    try:
        gateway_api.manifests()
    except FileNotFoundError as error:
        return str(error)
    return ""


@pytest.fixture(scope="session")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    if reason := why_not():
        pytest.skip(reason)
    built = programs.build()
    if reason := no_gateway_api():
        pytest.skip(reason)
    with running(tmp_path_factory.mktemp("control-plane"), built) as up:
        gateway_api.install(up)
        yield up


@pytest.fixture(scope="session", params=targets(), ids=str)
def prepared(plane: ControlPlane, request: pytest.FixtureRequest) -> Iterator[Prepared]:
    target: Target = request.param
    objects = kustomize(plane, target.kustomization())
    where = namespace(objects, str(target))
    make_namespace(plane, where)
    make_disks(plane, objects)
    yield Prepared(plane, target, where, objects)
    plane.kubectl("delete", "namespace", where, "--wait=false", "--ignore-not-found")  # charts are tried there as well


@pytest.fixture(scope="session")
def applied(prepared: Prepared) -> Prepared:
    """A target that is applied and rolled out."""
    apply(prepared.plane, prepared.target.kustomization(), prepared.namespace)
    return prepared


@pytest.fixture(scope="session")
def workspace(applied: Prepared, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the target's folder, built again: what an owner goes on to change, one thing after another."""
    source = applied.target.folder
    copy = tmp_path_factory.mktemp("workspace") / source.name
    shutil.copytree(source, copy, ignore=shutil.ignore_patterns("node_modules", ".kforge", "__pycache__"))
    kforge(copy, "build")
    return copy
