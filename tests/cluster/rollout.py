"""A set of objects on the cluster: applied, rolled out, and what runs afterwards."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.cluster.controlplane import ControlPlane
from tests.cluster.manifests import WORKLOADS, Object, claims, namespace, of_kind, parse

TIMEOUT = "--timeout=60s"
RESTRICTED = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")}


def kustomize(plane: ControlPlane, folder: Path) -> list[dict[str, Any]]:
    """Objects that `kubectl kustomize` gives; a warning of its is a failure."""
    done = plane.kubectl("kustomize", str(folder))
    assert done.stderr == "", done.stderr
    return parse(done.stdout)


def make_namespace(plane: ControlPlane, name: str) -> None:
    """An empty namespace that enforces Pod Security `restricted` on pods and warns on their templates."""
    plane.kubectl("delete", "namespace", name, "--ignore-not-found", "--wait", TIMEOUT)
    plane.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": RESTRICTED}})


def make_disks(plane: ControlPlane, items: Sequence[Object]) -> None:
    """Volumes for every claim, and the storage classes they name: what a provisioner would do."""
    wanted = claims(items)
    known = {each["metadata"]["name"] for each in plane.get("storageclasses")}
    for storage_class in sorted({each for each, _, _ in wanted if each and each not in known}):
        plane.create(
            {
                "apiVersion": "storage.k8s.io/v1",
                "kind": "StorageClass",
                "metadata": {"name": storage_class},
                "provisioner": "kubernetes.io/no-provisioner",
            }
        )
    disks = [
        {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"disk-{uuid4().hex[:12]}"},
            "spec": {
                "storageClassName": storage_class or "standard",
                "capacity": {"storage": "1Ti"},
                "accessModes": modes,
                "hostPath": {"path": "/disk"},
            },
        }
        for storage_class, modes, count in wanted
        for _ in range(count)
    ]
    if disks:
        plane.create(*disks)


def apply(plane: ControlPlane, folder: Path, fallback: str) -> list[dict[str, Any]]:
    """`kubectl apply -k` as a user types it, then wait until everything stands; gives the objects."""
    items = kustomize(plane, folder)
    done = plane.kubectl("apply", "-k", str(folder), "-n", namespace(items, fallback))
    assert done.stderr == "", f"kubectl apply warned:\n{done.stderr}"
    wait(plane, items, namespace(items, fallback))
    return items


def wait(plane: ControlPlane, items: Sequence[Object], where: str) -> None:
    """Until every workload is rolled out and every Job complete."""
    try:
        for item in of_kind(items, *WORKLOADS):
            plane.kubectl("rollout", "status", f"{item['kind']}/{item['metadata']['name']}", "-n", where, TIMEOUT)
        for item in of_kind(items, "Job"):
            plane.kubectl("wait", "--for=condition=complete", f"job/{item['metadata']['name']}", "-n", where, TIMEOUT)
    except AssertionError as error:
        stuck = plane.kubectl("get", "pods", "-n", where, "-o", "wide").stdout
        events = plane.kubectl("get", "events", "-n", where, "--sort-by=.lastTimestamp").stdout
        raise AssertionError(f"{error}\n{stuck}\n{events[-3000:]}") from None


def templates(plane: ControlPlane, where: str) -> dict[str, str]:
    """Workload → its pod template as text: it differs exactly when pods are replaced."""
    return {
        item["metadata"]["name"]: json.dumps(item["spec"]["template"], sort_keys=True)
        for item in plane.get("deployments,statefulsets", "-n", where)
    }


def pods(plane: ControlPlane, where: str) -> dict[str, set[str]]:
    """Workload → ids of its pods that are not going away; Jobs' pods are left out."""
    found: dict[str, set[str]] = {}
    for item in plane.get("pods", "-n", where):
        metadata = item["metadata"]
        owners = {owner["kind"] for owner in metadata.get("ownerReferences", ())}
        if "deletionTimestamp" not in metadata and "Job" not in owners:
            found.setdefault(metadata["labels"]["app.kubernetes.io/name"], set()).add(metadata["uid"])
    return found
