"""One application for several platforms, on a real control plane: what Pod Security says of its pods, and what Services
reach. What a platform's own admission does cannot be seen here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.controlplane import ControlPlane
from tests.cluster.examples import SPEC, kforge
from tests.cluster.manifests import of_kind
from tests.cluster.rollout import RESTRICTED, kustomize, make_disks
from tests.platforms import APPLICATION

pytestmark = pytest.mark.cluster
BASELINE = dict.fromkeys(RESTRICTED, "baseline")
LEVELS = {"held-to-restricted": RESTRICTED, "held-to-baseline": BASELINE}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("platforms")
    (folder / SPEC).write_text(APPLICATION)
    kforge(folder, "build")
    return folder


@pytest.fixture(scope="module")
def namespaces(plane: ControlPlane) -> Iterator[ControlPlane]:
    for name, labels in LEVELS.items():
        plane.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}})
    yield plane
    plane.kubectl("delete", "namespace", *LEVELS, "--wait=false")


def pod_of(workload: dict[str, Any]) -> dict[str, Any]:
    """The pod that a workload would make, without what is made beside it: its account, its claims."""
    held = workload["spec"]
    template = held.get("jobTemplate", {}).get("spec", held)["template"]
    spec = {key: value for key, value in template["spec"].items() if key != "serviceAccountName"}
    mine = {each["metadata"]["name"] for each in held.get("volumeClaimTemplates", ())}
    more = [{"name": name, "persistentVolumeClaim": {"claimName": name}} for name in sorted(mine)]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": workload["metadata"]["name"], "labels": template["metadata"]["labels"]},
        "spec": {"restartPolicy": "Never", **spec, "volumes": [*spec.get("volumes", ()), *more]},
    }


@pytest.mark.parametrize("environment", ["openshift", "aks", "gke", "eks"])
def test_pods_keep_the_level_of_pod_security_on_every_platform(
    environment: str, namespaces: ControlPlane, built: Path
) -> None:
    """Without a user of their own, too; a program that may be root is refused where the level forbids it."""
    objects = kustomize(namespaces, built / "deploy/overlays" / environment)
    pods = [pod_of(dict(each)) for each in of_kind(objects, "Deployment", "StatefulSet", "Job", "CronJob")]
    refused = {}
    for pod in pods:
        for namespace in LEVELS:
            words = ("create", "--dry-run=server", "-n", namespace, "-f", "-")
            done = namespaces.kubectl(*words, stdin=json.dumps(pod), ok=(0, 1))
            if done.returncode:
                refused[pod["metadata"]["name"], namespace] = done.stderr
    assert len(pods) == 5
    assert {name: "violates PodSecurity" in said for name, said in refused.items()} == {
        ("old", "held-to-restricted"): True
    }


def test_both_services_of_a_statefulset_reach_its_pods_on_aks(plane: ControlPlane, built: Path) -> None:
    objects = kustomize(plane, built / "deploy/overlays/aks")
    plane.kubectl("delete", "namespace", "shop", "--ignore-not-found", "--wait", "--timeout=60s")
    plane.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": BASELINE}})
    make_disks(plane, objects)
    plane.kubectl("apply", "-k", str(built / "deploy/overlays/aks"), "--validate=strict")
    plane.kubectl("rollout", "status", "statefulset/store", "-n", "shop", "--timeout=90s")
    reached = {}
    for service in ("store", "store-headless"):
        plane.kubectl(
            "wait", "endpointslices", "-n", "shop", "-l", f"kubernetes.io/service-name={service}",
            "--for=jsonpath={.endpoints[0].conditions.ready}=true", "--timeout=30s",
        )  # fmt: skip
        pieces = plane.get("endpointslices", "-n", "shop", "-l", f"kubernetes.io/service-name={service}")
        reached[service] = {each["targetRef"]["name"] for piece in pieces for each in piece["endpoints"]}
    plane.kubectl("delete", "namespace", "shop", "--wait=false")
    assert reached == {"store": {"store-0"}, "store-headless": {"store-0"}}
