"""`before` on a real control plane: a failing migration keeps the old pods serving, one that succeeds lets the new ones start.

No container runs here, so the test plays the kubelet by the rule that kforge relies on, and by no other: a pod starts
once every key that it mounts of a ConfigMap is there. Everything else is real: API server, controllers, rights, and the
very command of the Job, run by kubectl with a key of the Job's account.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.controlplane import ControlPlane
from tests.cluster.examples import kforge
from tests.cluster.rollout import make_namespace

WHERE = "before"
HELD = "{Pod: {metadata: {annotations: {kwok.x-k8s.io/status: custom}}}}"
SPEC = f"""\
apiVersion: kforge.dev/v1
app: shop
namespace: {WHERE}
network: strict
services:
  web: {{image: "ghcr.io/acme/shop:VERSION", port: 8000, user: 1000, scale: {{min: 2}}, kubernetes: {HELD}}}
  migrate: {{like: web, command: [migrate], job: true, before: [web], rollout: {{retries: 0}}, kubernetes: {HELD}}}
"""
SOON = 60.0  # seconds, far above what any step takes


class Kubelet:
    """The part of a kubelet that matters here: it starts pods that may start, and runs Jobs' containers to their ends."""

    def __init__(self, plane: ControlPlane) -> None:
        self.plane = plane
        self.migrations_fail = False

    def pods(self, name: str) -> list[dict[str, Any]]:
        return self.plane.get("pods", "-n", WHERE, "-l", f"app.kubernetes.io/name={name}")

    def step(self) -> None:
        for pod in self.pods("web"):
            if "deletionTimestamp" in pod["metadata"]:
                name = pod["metadata"]["name"]
                self.plane.kubectl(
                    "delete", "pod", name, "-n", WHERE, "--force", "--grace-period=0", "--ignore-not-found"
                )
            elif pod["status"]["phase"] == "Pending" and "nodeName" in pod["spec"] and self._mounted(pod):
                self._status(pod, "Running", ready=True)
        for pod in self.pods("migrate"):
            if pod["status"]["phase"] == "Pending" and "nodeName" in pod["spec"] and self._mounted(pod):
                done = not self.migrations_fail and self._says_done(pod)
                self._status(pod, "Succeeded" if done else "Failed")

    def _mounted(self, pod: dict[str, Any]) -> bool:
        """https://kubernetes.io/docs/concepts/configuration/configmap/#using-configmaps-as-files-from-a-pod"""
        for volume in pod["spec"]["volumes"]:
            for item in volume.get("configMap", {}).get("items", ()):
                name = volume["configMap"]["name"]
                found = self.plane.kubectl("get", "configmap", name, "-n", WHERE, "-o", "json", ok=(0, 1)).stdout
                if not found or item["key"] not in json.loads(found).get("data", {}):
                    return False
        return True

    def _says_done(self, pod: dict[str, Any]) -> bool:
        """The command of the last container, with the key that its account gets."""
        (container,) = pod["spec"]["containers"]
        job = pod["metadata"]["labels"]["job-name"]
        words = [word.replace("$(JOB)", job) for word in container["command"][1:]]
        return self.plane.kubectl(*words, *self.key("migrate"), "-n", WHERE, ok=(0, 1)).returncode == 0

    def key(self, account: str) -> tuple[str, ...]:
        token = self.plane.kubectl("create", "token", account, "-n", WHERE).stdout.strip()
        return (f"--token={token}",)

    def _status(self, pod: dict[str, Any], phase: str, ready: bool = False) -> None:
        number = abs(hash(pod["metadata"]["uid"])) % 200 + 2
        conditions = [{"type": kind, "status": str(ready)} for kind in ("Ready", "ContainersReady")]
        status: dict[str, Any] = {"phase": phase, "conditions": conditions}
        if ready:
            status |= {"podIP": f"10.1.0.{number}", "podIPs": [{"ip": f"10.1.0.{number}"}]}
        patch = json.dumps({"status": status})
        name = pod["metadata"]["name"]
        self.plane.kubectl(
            "patch", "pod", name, "-n", WHERE, "--subresource=status", "--type=merge", f"--patch={patch}"
        )

    def until(self, holds: Callable[[], object]) -> None:
        end = time.monotonic() + SOON
        while not holds():
            assert time.monotonic() < end, self.plane.kubectl("get", "all", "-n", WHERE).stdout
            self.step()

    def for_a_while(self) -> None:
        """Long enough for every controller to do what it is about to do."""
        for _ in range(5):
            self.step()
            time.sleep(0.4)


class Shop:
    """The spec, version after version."""

    def __init__(self, folder: Path, plane: ControlPlane) -> None:
        self.folder, self.plane = folder, plane

    def apply(self, version: str, *flags: str) -> str:
        """Builds and applies a version; gives the name of its Job."""
        (self.folder / "app.kforge.yaml").write_text(SPEC.replace("VERSION", version))
        kforge(self.folder, "build")
        manifests = str(self.folder / "deploy/kubernetes")
        self.plane.kubectl("apply", "-k", manifests, "--dry-run=server", "--validate=strict", *flags)
        self.plane.kubectl("apply", "-k", manifests, "--validate=strict", *flags)
        items = json.loads(self.plane.kubectl("get", "-k", manifests, "-o", "json").stdout)["items"]
        return str(next(item["metadata"]["name"] for item in items if item["kind"] == "Job"))

    def images(self, ready: bool = True) -> list[str]:
        """Images of web's pods that are ready, or are not."""
        found = self.plane.get("pods", "-n", WHERE, "-l", "app.kubernetes.io/name=web")
        return sorted(
            pod["spec"]["containers"][0]["image"].rpartition(":")[2]
            for pod in found
            if (pod["status"]["phase"] == "Running") == ready and "deletionTimestamp" not in pod["metadata"]
        )

    def condition(self, job: str) -> set[str]:
        status = json.loads(self.plane.kubectl("get", "job", job, "-n", WHERE, "-o", "json").stdout)["status"]
        return {each["type"] for each in status.get("conditions", ()) if each["status"] == "True"}

    def endpoints(self) -> int:
        slices = self.plane.get("endpointslices", "-n", WHERE, "-l", "kubernetes.io/service-name=web")
        return sum(bool(one["conditions"]["ready"]) for each in slices for one in each.get("endpoints") or ())


@pytest.fixture(scope="module")
def shop(plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    make_namespace(plane, WHERE)
    yield Shop(tmp_path_factory.mktemp("shop"), plane)
    plane.kubectl("delete", "namespace", WHERE, "--wait=false")


def test_old_pods_serve_until_the_migration_of_the_new_version_is_done(plane: ControlPlane, shop: Shop) -> None:
    kubelet = Kubelet(plane)
    first = shop.apply("1.0.0")
    kubelet.until(lambda: shop.images() == ["1.0.0", "1.0.0"] and "Complete" in shop.condition(first))

    kubelet.migrations_fail = True
    second = shop.apply("2.0.0")
    kubelet.until(lambda: "Failed" in shop.condition(second) and shop.images(ready=False))
    kubelet.for_a_while()
    assert (shop.images(), shop.images(ready=False), shop.endpoints()) == (["1.0.0", "1.0.0"], ["2.0.0"], 2)

    kubelet.migrations_fail = False
    third = shop.apply("3.0.0")
    kubelet.until(lambda: shop.images() == ["3.0.0", "3.0.0"] and not shop.images(ready=False))
    assert (len({first, second, third}), shop.endpoints()) == (3, 2)
    plane.kubectl("rollout", "status", "deployment/web", "-n", WHERE, "--timeout=60s")

    # A week later: the Job is tidied away, everything is applied again, by either way, and a pod moves to another node.
    plane.kubectl("delete", "job", "--all", "-n", WHERE)
    for flags in ((), ("--server-side", "--force-conflicts")):
        kubelet.migrations_fail = True  # what is applied again runs again, and nothing waits for it
        assert shop.apply("3.0.0", *flags) == third
    victim = kubelet.pods("web")[0]["metadata"]["name"]
    plane.kubectl("delete", "pod", victim, "-n", WHERE, "--force", "--grace-period=0")
    kubelet.until(lambda: shop.images() == ["3.0.0", "3.0.0"])

    _rights_are_exact(plane, kubelet, second, third)


def _rights_are_exact(plane: ControlPlane, kubelet: Kubelet, older: str, newest: str) -> None:
    def may(account: str, *words: str) -> bool:
        done = plane.kubectl("auth", "can-i", *words, *kubelet.key(account), "-n", WHERE, ok=(0, 1))
        return done.stdout.strip() == "yes"

    asked = [
        ("patch", f"configmap/{newest}"),
        ("get", f"configmap/{newest}"),
        ("patch", f"configmap/{older}"),
        ("delete", f"configmap/{newest}"),
        ("list", "configmaps"),
        ("create", "configmaps"),
        ("get", "secrets"),
        ("get", f"job/{newest}"),
    ]
    assert [may("migrate", *words) for words in asked] == [True, True, *[False] * 6]
    assert [may("web", *words) for words in asked] == [False] * 8
