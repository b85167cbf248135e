"""What kforge writes for Argo CD and Flux, held against their own CRDs by a real API server; and how Flux leaves a job's word.

The CRDs are those of the pinned Go modules, as another run has brought them. No controller of the two runs here: what
matters of Flux's apply is done by hand, by the rules of its code.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from kforge.system.schemas import validator
from tests.cluster.controlplane import ControlPlane
from tests.cluster.rollout import make_namespace
from tests.conftest import copied, run
from tests.system.test_crd_schemas import RIGHT, WRONG

GENERATOR = Path(__file__).parents[2] / "schemas/crds.py"
HOMES = ("argocd", "flux-system")
STRICT = ("--dry-run=server", "--validate=strict", "-f", "-")
CONTROLLER = "kustomize-controller"


def generator() -> ModuleType:
    """`schemas/crds.py`, which is no module of a package."""
    spec = importlib.util.spec_from_file_location("crds", GENERATOR)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["crds"] = module  # its dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def crds(plane: ControlPlane) -> Iterator[ControlPlane]:
    """The cluster with the CRDs of Argo CD and Flux, and the namespaces of their objects."""
    made = generator()
    before, os.environ["GOPROXY"] = os.environ.get("GOPROXY"), "off"
    try:
        texts = [text for each in made.SOURCES if each.target != "gateway_api" for text in made.crds(each).values()]
    except FileNotFoundError as error:
        pytest.skip(f"the CRDs are not here: {error}")
    finally:
        os.environ.pop("GOPROXY") if before is None else os.environ.update(GOPROXY=before)
    found = [each for text in texts for each in yaml.load_all(text, Loader=yaml.CSafeLoader)]
    held = [each for each in found if each and each["kind"] == "CustomResourceDefinition"]
    plane.kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": held}))
    names = [each["metadata"]["name"] for each in held]
    end = time.monotonic() + 60
    # Right after its creation a CRD has no conditions, and `kubectl wait` ends at once.
    while plane.kubectl("wait", "--for=condition=established", "crd", *names, ok=(0, 1)).returncode:
        assert time.monotonic() < end, "the CRDs are not established"
        time.sleep(0.5)
    for name in HOMES:
        plane.kubectl("create", "namespace", name)
    yield plane
    plane.kubectl("delete", "crd", "--wait=false", *names)
    plane.kubectl("delete", "namespace", "--wait=false", *HOMES)


def refused(plane: ControlPlane, data: Any) -> str:
    """What the API server says against an object; "" where it takes it."""
    done = plane.kubectl("apply", *STRICT, stdin=json.dumps(data), ok=(0, 1))
    return done.stderr if done.returncode else ""


@pytest.mark.parametrize(
    ("name", "source"), [("batch", "kubernetes"), ("hello", "rendered"), ("notes", "helm"), ("shop", "kubernetes")]
)
def test_the_api_server_takes_every_object(name: str, source: str, crds: ControlPlane, tmp_path: Path) -> None:
    folder = tmp_path / name
    copied(name, folder)
    spec = folder / "app.kforge.yaml"
    text = spec.read_text()
    said = f"outputs: [dockerfile, {source}, argocd, flux]\n"
    said += "gitops: {repository: https://github.com/acme/x, cluster: elsewhere, secret: git, sync: manual}\n"
    said += "" if "\nnamespace:" in text else f"namespace: {name}\n"
    spec.write_text(text.replace("\nservices:", f"\n{said}services:", 1))
    run("build", cwd=folder, code=0)
    spec.write_text(spec.read_text().replace("sync: manual", "applicationSet: true, environments: [base]"))
    apart = sorted((folder / "deploy/argocd").iterdir()) + sorted((folder / "deploy/flux").rglob("*.yaml"))
    found = [yaml.safe_load(path.read_text()) for path in apart]
    run("build", cwd=folder, code=0)
    found.append(yaml.safe_load((folder / "deploy/argocd/applicationset.yaml").read_text()))
    assert [*filter(None, (refused(crds, each) for each in found))] == []


@pytest.mark.parametrize("name", RIGHT)
def test_what_kforge_takes_the_api_server_takes(name: str, crds: ControlPlane) -> None:
    assert refused(crds, _placed(RIGHT[name])) == ""


@pytest.mark.parametrize("name", WRONG)
def test_what_kforge_refuses_the_api_server_refuses(name: str, crds: ControlPlane) -> None:
    data = WRONG[name][0]
    assert validator("1.34")(data) and refused(crds, _placed(data))


def _placed(data: Any) -> Any:
    return {**data, "metadata": {**data["metadata"], "namespace": HOMES[0]}}


# ---- a job's word under Flux -----------------------------------------------------------------------------------
SPEC = """apiVersion: kforge.dev/v1
app: shop
namespace: flux-before
outputs: [kubernetes, flux]
gitops: {repository: https://github.com/acme/shop}
services:
  web: {image: "ghcr.io/acme/shop:1.0", port: 8000, user: 1000}
  migrate: {like: web, command: [migrate], job: true, before: [web]}
"""
WHERE = "flux-before"


def reconcile(plane: ControlPlane, manifests: str, name: str) -> None:
    """Flux's apply: it takes over what managers hold whose names begin with `kubectl`, and applies server-side.

    https://github.com/fluxcd/pkg/blob/ssa/v0.84.0/ssa/patch.go (PatchReplaceFieldsManagers),
    https://github.com/fluxcd/kustomize-controller/blob/v1.10.1/internal/controller/kustomization_controller.go
    """
    words = ("get", "configmap", name, "-n", WHERE, "-o", "json", "--show-managed-fields")
    held = json.loads(plane.kubectl(*words, ok=(0, 1)).stdout or "{}")
    entries = held.get("metadata", {}).get("managedFields", [])
    if any(each["manager"].startswith("kubectl") for each in entries):
        own = {"f:data": {".": {}, "f:done": {}}}
        kept = [each for each in entries if not each["manager"].startswith("kubectl")]
        mine = next(each for each in kept if each["manager"] == CONTROLLER)
        mine["fieldsV1"] = {**mine["fieldsV1"], **own}
        patch = json.dumps([{"op": "replace", "path": "/metadata/managedFields", "value": kept}])
        plane.kubectl("patch", "configmap", name, "-n", WHERE, "--type=json", f"--patch={patch}")
    flags = ("--server-side", "--force-conflicts", f"--field-manager={CONTROLLER}")
    plane.kubectl("apply", "-k", manifests, *flags)


def told(plane: ControlPlane, name: str) -> dict[str, str]:
    data: dict[str, str] = json.loads(plane.kubectl("get", "configmap", name, "-n", WHERE, "-o", "json").stdout).get(
        "data", {}
    )
    return data


def test_flux_leaves_what_a_job_says_and_takes_what_a_hand_writes_otherwise(
    plane: ControlPlane, tmp_path: Path
) -> None:
    make_namespace(plane, WHERE)
    (tmp_path / "app.kforge.yaml").write_text(SPEC)
    run("build", cwd=tmp_path, code=0)
    manifests = str(tmp_path / "deploy/kubernetes")
    job = yaml.safe_load((tmp_path / "deploy/kubernetes/migrate/job.yaml").read_text())
    name = job["metadata"]["name"]
    reconcile(plane, manifests, name)
    (container,) = job["spec"]["template"]["spec"]["containers"]
    plane.kubectl(*(word.replace("$(JOB)", name) for word in container["command"][1:]), "-n", WHERE)
    reconcile(plane, manifests, name)
    reconcile(plane, manifests, name)
    by_the_job = told(plane, name)
    plane.kubectl("delete", "configmap", name, "-n", WHERE)
    reconcile(plane, manifests, name)
    plane.kubectl("patch", "configmap", name, "-n", WHERE, '--patch={"data":{"done":"true"}}')
    reconcile(plane, manifests, name)
    by_hand = told(plane, name)
    plane.kubectl("delete", "namespace", WHERE, "--wait=false")
    assert (by_the_job, by_hand) == ({"done": "true"}, {})
