"""Every example, and an application on every platform, as an API server of each minor takes them that is built here.

`python -m tests.cluster.minors 1.37` builds one. What is not built is left out, by name; `schemas` and the artifacts'
tests hold every minor's objects to its schemas.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import gateway_api, minors, programs
from tests.cluster.controlplane import ControlPlane, serving
from tests.cluster.examples import SPEC, edit_spec, folders, kforge
from tests.cluster.manifests import namespace
from tests.cluster.rollout import kustomize
from tests.platforms import APPLICATION

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module", params=minors.pinned())
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, ControlPlane]]:
    minor: str = request.param
    if programs.missing():
        pytest.skip("the control plane is not built: `python -m tests.cluster` builds it")
    if not minors.built(minor):
        pytest.skip(f"the API server of {minor} is not built: `python -m tests.cluster.minors {minor}` builds it")
    own = tmp_path_factory.mktemp(f"programs-{minor}")
    for name in ("etcd", "kubectl"):
        (own / name).symlink_to(programs.folder() / name)
    (own / minors.NAME).symlink_to(minors.build(minor))
    with serving(tmp_path_factory.mktemp(f"server-{minor}"), own) as plane:
        gateway_api.install(plane)
        yield minor, plane


def test_the_server_is_of_the_minor_that_it_stands_for(server: tuple[str, ControlPlane]) -> None:
    minor, plane = server
    told = json.loads(plane.kubectl("get", "--raw", "/version").stdout)
    assert f"{told['major']}.{re.sub('[^0-9]', '', told['minor'])}" == minor


@pytest.mark.parametrize("example", [*folders(), Path("platforms")], ids=lambda path: path.name)
def test_a_strict_dry_run_takes_every_object_without_a_warning(
    server: tuple[str, ControlPlane], example: Path, tmp_path: Path
) -> None:
    minor, plane = server
    copy = tmp_path / example.name
    if example.is_absolute():
        shutil.copytree(example, copy, ignore=shutil.ignore_patterns("node_modules", ".kforge", "deploy"))
        (copy / "kforge.sum").unlink(missing_ok=True)
        shutil.copytree(example / "deploy/extra", copy / "deploy/extra") if (
            example / "deploy/extra"
        ).exists() else None
    else:
        copy.mkdir()
        (copy / SPEC).write_text(APPLICATION)
    edit_spec(copy, lambda spec: spec.update(kubernetes=minor))
    kforge(copy, "build")
    places = [copy / "deploy/kubernetes", *sorted((copy / "deploy/overlays").glob("*"))]
    assert {str(place.name): refusals(plane, place) for place in places} == {place.name: "" for place in places}


def refusals(plane: ControlPlane, kustomization: Path) -> str:
    """What the server says against the objects of a kustomization; "" where it takes all of them silently."""
    objects = kustomize(plane, kustomization)
    where = namespace(objects, "default")
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
    words = ("apply", "--server-side", "--dry-run=server", "--validate=strict", "--force-conflicts", "-n", where)
    plane.kubectl("create", "namespace", where, ok=(0, 1))
    done = plane.kubectl(*words, "-o", "name", "-f", "-", stdin=listed, ok=(0, 1))
    assert done.returncode or len(done.stdout.splitlines()) == len(objects)
    return done.stderr
