"""Deployment, StatefulSet, Job, CronJob: which one, and what only it says."""

from __future__ import annotations

import pytest

from tests.artifacts.making import GRPC, HTTP, container, make, pod

WEB = {"source": "./web"}
OWN = {"name": "data", "path": "/data", "size": "5Gi"}
SHARED = {**OWN, "name": "uploads", "path": "/uploads", "shared": True}


@pytest.mark.parametrize(
    ("block", "kind"),
    [({}, "Deployment"), ({"volumes": [SHARED]}, "Deployment"), ({"volumes": [OWN]}, "StatefulSet"),
     ({"job": True, "volumes": [OWN]}, "Job"), ({"schedule": "0 3 * * *"}, "CronJob")],
)  # fmt: skip
def test_volumes_and_clocks_choose_the_kind_of_workload(block: dict[str, object], kind: str) -> None:
    made = make({"web": {**WEB, **block}})
    assert [document.kind for document in made.values() if "template" in str(document.data)] == [kind]


def test_a_service_that_the_environment_omits_or_whose_outputs_exclude_it_has_no_manifest() -> None:
    services = {"web": WEB, "gone": WEB, "image": {**WEB, "outputs": ["dockerfile"]}}
    made = make(services, environment="staging", environments={"staging": {"services": {"gone": {"omit": True}}}})
    assert {document.service for document in made.values()} == {"web"}


def test_an_app_without_manifests_has_none() -> None:
    assert make({"web": WEB}, outputs=["dockerfile"], namespace={"name": "shop", "create": True}) == {}


def test_an_autoscaled_workload_leaves_the_number_of_replicas_to_the_autoscaler() -> None:
    made = make({"web": {**WEB, "scale": {"min": 2, "max": 5}}, "api": {**WEB, "scale": {"min": 3}}, "one": WEB})
    assert [made[f"Deployment/{name}"].data["spec"].get("replicas") for name in ("web", "api", "one")] == [None, 3, 1]


def test_a_rollout_takes_nothing_from_what_serves() -> None:
    strategy = make({"web": WEB})["Deployment/web"].data["spec"]["strategy"]
    assert strategy == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}


def test_a_workload_whose_copies_must_not_meet_is_recreated() -> None:
    made = make({"web": WEB}, decided={("web", "rollout"): {"strategy": "recreate"}})
    assert made["Deployment/web"].data["spec"]["strategy"] == {"type": "Recreate"}


def test_the_progress_deadline_never_ends_a_rollout_that_is_slow_to_start() -> None:
    slow = {"type": "tcp", "port": "http", "period": 10, "timeout": 5, "failures": 60}
    made = make({"web": WEB, "api": WEB}, decided={("web", "probes"): {"startup": slow}})
    deadlines = [made[f"Deployment/{name}"].data["spec"].get("progressDeadlineSeconds") for name in ("web", "api")]
    assert deadlines == [1200, None]


def test_a_statefulset_names_its_headless_service_and_its_claims_carry_labels_that_never_change() -> None:
    spec = make({"db": {"image": "postgres:16", "volumes": [OWN]}}, labels={"team": "shop"})["StatefulSet/db"].data[
        "spec"
    ]
    assert spec["serviceName"] == "db-headless"
    template = spec["volumeClaimTemplates"][0]
    assert template["metadata"] == {"name": "data", "labels": spec["selector"]["matchLabels"]}
    assert template["spec"] == {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "5Gi"}}}


def test_selectors_hold_only_what_never_changes() -> None:
    made = make({"web": WEB}, labels={"team": "shop"})
    wanted = {"app.kubernetes.io/instance": "shop", "app.kubernetes.io/name": "web"}
    assert made["Deployment/web"].data["spec"]["selector"]["matchLabels"] == wanted
    assert made["Service/web"].data["spec"]["selector"] == wanted
    assert made["Deployment/web"].data["metadata"]["labels"]["team"] == "shop"


def test_another_version_of_a_one_off_job_is_another_job_and_the_same_version_the_same() -> None:
    names = [
        next(
            target
            for target in make({"migrate": {"source": "./m", "job": True}}, version=version)
            if target.startswith("Job/")
        )
        for version in ("1", "1", "2")
    ]
    assert names[0] == names[1] != names[2]
    assert names[0].startswith("Job/migrate-")


def test_a_job_ends_in_bounded_time_and_keeps_its_failed_pods() -> None:
    made = make({"migrate": {"source": "./m", "job": True}})
    job = next(document for target, document in made.items() if target.startswith("Job/"))
    spec = job.data["spec"]
    assert (spec["backoffLimit"], spec["activeDeadlineSeconds"], spec["ttlSecondsAfterFinished"]) == (3, 3600, 86400)
    assert pod(job)["restartPolicy"] == "Never"
    assert {"ports", "livenessProbe", "lifecycle"} & set(container(job)) == set()


def test_a_cron_job_runs_alone_and_in_utc() -> None:
    spec = make({"nightly": {"source": "./n", "schedule": "0 3 * * *"}})["CronJob/nightly"].data["spec"]
    assert (spec["concurrencyPolicy"], spec["timeZone"], spec["schedule"]) == ("Forbid", "Etc/UTC", "0 3 * * *")
    assert spec["startingDeadlineSeconds"] >= 10
    assert "ttlSecondsAfterFinished" not in spec["jobTemplate"]["spec"]


@pytest.mark.parametrize("block", [{"schedule": "0 3 * * *"}, {"job": True}, {"volumes": [OWN]}])
def test_a_long_name_leaves_room_for_what_controllers_append(block: dict[str, object]) -> None:
    name = "a" * 63
    workloads = [d for d in make({name: {**WEB, **block}}).values() if d.kind in ("CronJob", "Job", "StatefulSet")]
    assert all(len(document.name) <= (63 if document.kind == "Job" else 52) for document in workloads) and workloads


def test_a_change_of_a_config_file_changes_the_pod_template_and_nothing_else_does() -> None:
    def noted(text: str, name: str) -> str:
        made = make({name: {**WEB, "config": {"path": "/etc/web", "files": {"a.yaml": text}}}})
        return str(made[f"Deployment/{name}"].data["spec"]["template"]["metadata"]["annotations"]["kforge.dev/config"])

    assert noted("a: 1\n", "web") == noted("a: 1\n", "api") != noted("a: 2\n", "web")


def test_every_value_that_somebody_decided_names_its_origin() -> None:
    made = make({"web": {**WEB, "env": {"A": "1"}}}, version="1.2", namespace="shop")["Deployment/web"]
    pod_path = "spec.template.spec"
    origins = made.origins
    assert origins["metadata.namespace"] == "app.namespace"
    assert origins[f"{pod_path}.containers[0].image"] == "app.version"
    assert origins[f"{pod_path}.containers[0].resources.limits.memory"] == "resources.memory"
    assert origins[f"{pod_path}.containers[0].readinessProbe.httpGet.path"] == "probes.readiness.path"
    assert origins[f"{pod_path}.containers[0].env[0].value"] == "spec.env.A"
    assert origins[f"{pod_path}.securityContext.runAsUser"] == "process.user"
    assert origins[f"{pod_path}.enableServiceLinks"].startswith("kforge: ")


def test_a_grpc_probe_names_its_port_by_number() -> None:
    probes = {"readiness": {"type": "grpc", "path": None, "port": "grpc", "period": 5, "timeout": 2, "failures": 3}}
    made = make({"api": WEB}, decided={("api", "process"): {"ports": [HTTP, GRPC]}, ("api", "probes"): probes})
    assert container(made["Deployment/api"])["readinessProbe"]["grpc"] == {"port": 9090}


@pytest.mark.parametrize("ports", [[HTTP], []])
def test_a_command_is_run_as_it_stands_with_or_without_a_port(ports: list[object]) -> None:
    alive = {"type": "exec", "command": ["sh", "-c", 'test "$(cat /tmp/n)" -lt $(MOST)'], "period": 10, "timeout": 5}
    decided = {("web", "process"): {"ports": ports}, ("web", "probes"): {"liveness": alive}}
    made = make({"web": {**WEB, "env": {"MOST": "3"}}}, decided=decided)["Deployment/web"]
    asked = container(made)["livenessProbe"]
    assert asked == {"exec": {"command": alive["command"]}, "periodSeconds": 10, "timeoutSeconds": 5}
    assert made.origins["spec.template.spec.containers[0].livenessProbe.exec.command"] == "probes.liveness.command"


def test_a_probe_of_type_none_is_left_out() -> None:
    made = make({"web": WEB}, decided={("web", "probes"): {"liveness": {"type": "none"}}})
    assert "livenessProbe" not in container(made["Deployment/web"])
