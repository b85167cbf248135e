"""Every example in every environment, on a real control plane, in a namespace that enforces `restricted`."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from tests.cluster.conftest import Prepared, applies_to
from tests.cluster.controlplane import ControlPlane
from tests.cluster.examples import computed_objects
from tests.cluster.manifests import by_identity, of_kind
from tests.cluster.rollout import RESTRICTED, TIMEOUT


def eventually(look: Callable[[], Any], holds: Callable[[Any], bool], seconds: float = 30) -> Any:
    """What `look` gives once it `holds`, or at last: controllers need a moment."""
    end = time.monotonic() + seconds
    while not holds(seen := look()) and time.monotonic() < end:
        time.sleep(0.3)
    return seen


def test_the_cluster_refuses_a_pod_that_is_not_restricted(plane: ControlPlane) -> None:
    plane.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "refusing", "labels": RESTRICTED}})
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "root"},
        "spec": {"containers": [{"name": "c", "image": "x:1"}]},
    }
    done = plane.kubectl("create", "-n", "refusing", "-f", "-", stdin=json.dumps(pod), ok=(1,))
    assert 'violates PodSecurity "restricted:latest"' in done.stderr


def test_kustomize_gives_exactly_the_objects_that_kforge_checked(prepared: Prepared) -> None:
    assert by_identity(prepared.objects) == by_identity(computed_objects(prepared.target))


def test_a_strict_dry_run_accepts_every_object_without_a_warning(prepared: Prepared) -> None:
    listed = json.dumps({"apiVersion": "v1", "kind": "List", "items": prepared.objects})
    done = prepared.plane.kubectl(
        "apply",
        "--server-side",
        "--dry-run=server",
        "--validate=strict",
        "--field-manager=kforge",
        "--force-conflicts",
        "-n",
        prepared.namespace,
        "-o",
        "name",
        "-f",
        "-",
        stdin=listed,
    )
    assert (len(done.stdout.splitlines()), done.stderr) == (len(prepared.objects), "")


def test_every_workload_rolls_out_and_every_job_completes(applied: Prepared) -> None:
    failed = [
        f"{event['involvedObject']['kind']}/{event['involvedObject']['name']}: {event['message']}"
        for event in applied.plane.get("events", "-n", applied.namespace)
        if event["reason"] in ("FailedCreate", "FailedScheduling", "BackoffLimitExceeded", "DeadlineExceeded")
    ]
    # A claim that binds a moment after its pod was first looked at is no failure.
    assert [text for text in failed if "unbound immediate PersistentVolumeClaims" not in text] == []


def test_every_service_reaches_pods(applied: Prepared) -> None:
    services = {
        item["metadata"]["name"] for item in of_kind(applied.objects, "Service") if item["spec"].get("selector")
    }

    def reached() -> set[str]:
        return {
            piece["metadata"]["labels"]["kubernetes.io/service-name"]
            for piece in applied.plane.get("endpointslices", "-n", applied.namespace)
            if any(endpoint["conditions"].get("ready") for endpoint in piece.get("endpoints") or ())
        }

    assert eventually(reached, lambda seen: services <= seen) >= services


def test_every_claim_is_bound(applied: Prepared) -> None:
    unbound = [
        item["metadata"]["name"]
        for item in applied.plane.get("persistentvolumeclaims", "-n", applied.namespace)
        if item["status"]["phase"] != "Bound"
    ]
    assert unbound == []


def test_every_disruption_budget_counts_pods_and_lets_one_go(applied: Prepared) -> None:
    names = {item["metadata"]["name"] for item in of_kind(applied.objects, "PodDisruptionBudget")}

    def allowing() -> set[str]:
        return {
            item["metadata"]["name"]
            for item in applied.plane.get("poddisruptionbudgets", "-n", applied.namespace)
            if item.get("status", {}).get("disruptionsAllowed", 0) > 0
        }

    assert eventually(allowing, lambda seen: seen == names) == names


def test_every_autoscaler_finds_its_target_and_keeps_its_minimum(applied: Prepared) -> None:
    wanted = {
        item["metadata"]["name"]: item["spec"].get("minReplicas", 1)
        for item in of_kind(applied.objects, "HorizontalPodAutoscaler")
    }

    def current() -> dict[str, int]:
        return {
            item["metadata"]["name"]: item.get("status", {}).get("currentReplicas", 0)
            for item in applied.plane.get("horizontalpodautoscalers", "-n", applied.namespace)
        }

    assert eventually(current, lambda seen: seen == wanted) == wanted


@applies_to(lambda target: target.services(lambda service: service.get("schedule")))
def test_every_cron_job_completes_when_triggered(applied: Prepared) -> None:
    names = [item["metadata"]["name"] for item in of_kind(applied.objects, "CronJob")]
    for name in names:
        applied.plane.kubectl("create", "job", f"{name}-now", f"--from=cronjob/{name}", "-n", applied.namespace)
    for name in names:
        applied.plane.kubectl("wait", "--for=condition=complete", f"job/{name}-now", "-n", applied.namespace, TIMEOUT)
