"""The pod template: hardening, storage, variables, shutdown, spread."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.artifacts.making import HTTP, container, facts, make, pod

WEB: dict[str, Any] = {"source": "./web"}


def deployed(block: dict[str, Any] | None = None, **more: Any) -> Any:
    return make({"web": {**WEB, **(block or {})}}, **more)["Deployment/web"]


def mounted(document: Any) -> dict[str, str]:
    return {mount["mountPath"]: mount["name"] for mount in container(document)["volumeMounts"]}


# ---- hardening ------------------------------------------------------------------------------------------------
def test_restricted_holds_what_pod_security_asks_for() -> None:
    made = deployed()
    assert pod(made)["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 1000,
        "runAsGroup": 1000,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container(made)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert (pod(made)["automountServiceAccountToken"], pod(made)["enableServiceLinks"]) == (False, False)
    assert pod(made)["serviceAccountName"] == "web"


def test_baseline_lets_a_program_be_root_and_write_to_its_own_files_but_gain_nothing() -> None:
    made = deployed({"hardening": "baseline"}, decided={("web", "process"): {"user": 0}})
    assert pod(made)["securityContext"] == {
        "runAsUser": 0,
        "runAsGroup": 0,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container(made)["securityContext"] == {"allowPrivilegeEscalation": False}


def test_no_hardening_sets_the_user_alone() -> None:
    made = deployed(hardening="none")
    assert pod(made)["securityContext"] == {"runAsNonRoot": True, "runAsUser": 1000, "runAsGroup": 1000}
    assert "securityContext" not in container(made)


def test_a_port_below_1024_is_open_to_a_user_who_is_not_root() -> None:
    made = deployed(decided={("web", "process"): {"ports": [{**HTTP, "port": 80}]}})
    assert pod(made)["securityContext"]["sysctls"] == [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "80"}]


# ---- storage --------------------------------------------------------------------------------------------------
def test_a_writable_folder_is_a_bounded_scratch_volume() -> None:
    made = deployed(decided={("web", "process"): {"writable": ["/tmp", "/app/.next/Cache"]}})
    assert mounted(made) == {"/app/.next/Cache": "app-next-cache", "/tmp": "tmp"}
    assert all(volume["emptyDir"] == {"sizeLimit": "1Gi"} for volume in pod(made)["volumes"])


def test_ephemeral_storage_bounds_the_container_and_its_scratch_volumes() -> None:
    made = deployed(decided={("web", "resources"): {"storage": "200Mi"}})
    assert pod(made)["volumes"][0]["emptyDir"] == {"sizeLimit": "200Mi"}
    resources = container(made)["resources"]
    assert resources["limits"]["ephemeral-storage"] == resources["requests"]["ephemeral-storage"] == "200Mi"


def test_what_is_writable_already_gets_no_second_mount() -> None:
    volumes = [{"name": "data", "path": "/data/", "size": "1Gi", "shared": True}]
    writable = ["/data", "/data/cache", "/tmp/", "/tmp/x", "//tmp", "/datastore"]
    made = deployed({"volumes": volumes}, decided={("web", "process"): {"writable": writable}})
    assert mounted(made) == {"/data": "data", "/datastore": "datastore", "/tmp": "tmp"}


def test_an_outer_mount_comes_before_what_it_holds() -> None:
    volumes = [{"name": "data", "path": "/var/lib/db/data", "size": "1Gi", "shared": True}]
    made = deployed({"volumes": volumes}, decided={("web", "process"): {"writable": ["/var/lib/db", "/var/lib-x"]}})
    assert list(mounted(made)) == ["/var/lib/db", "/var/lib/db/data", "/var/lib-x"]


def test_config_files_are_mounted_read_only_as_a_folder() -> None:
    made = deployed({"config": {"path": "/etc/web", "files": {"a.yaml": "a: 1\n"}}})
    assert container(made)["volumeMounts"][0] == {"name": "config", "mountPath": "/etc/web", "readOnly": True}


def test_config_files_beside_writable_ones_are_mounted_one_by_one() -> None:
    made = deployed(
        {"config": {"path": "/app/conf", "files": {"b.yaml": "", "a.yaml": ""}}},
        decided={("web", "process"): {"writable": ["/app/conf"]}},
    )
    assert mounted(made) == {"/app/conf": "app-conf", "/app/conf/a.yaml": "config", "/app/conf/b.yaml": "config"}


def test_volume_names_never_clash() -> None:
    volumes = [{"name": name, "path": f"/v/{name}", "size": "1Gi", "shared": True} for name in ("config", "tmp")]
    made = deployed(
        {"volumes": volumes, "config": {"path": "/etc/web", "files": {"a": ""}}},
        decided={("web", "process"): {"writable": ["/tmp", "/a/b", "/a-b", "/x" * 60]}},
    )
    names = [volume["name"] for volume in pod(made)["volumes"]]
    assert len(set(names)) == len(names) == 7
    assert all(len(name) <= 63 and name.strip("-") == name for name in names)


def test_a_program_that_writes_to_the_root_itself_keeps_it_writable() -> None:
    made = deployed(decided={("web", "process"): {"writable": ["/", "/tmp"]}})
    assert container(made)["securityContext"]["readOnlyRootFilesystem"] is False
    assert "volumes" not in pod(made)


def test_files_of_a_claim_belong_to_the_process() -> None:
    context = pod(deployed({"volumes": [{"name": "data", "path": "/data", "size": "1Gi", "shared": True}]}))[
        "securityContext"
    ]
    assert (context["fsGroup"], context["fsGroupChangePolicy"]) == (1000, "OnRootMismatch")


# ---- variables ------------------------------------------------------------------------------------------------
def test_variables_come_in_an_order_in_which_each_may_use_those_before_it() -> None:
    env = {"DSN": "postgres://app:$(PASSWORD)@db", "Z": "1", "A": "2"}
    made = deployed({"env": env, "secrets": {"PASSWORD": {"secret": "db", "key": "pw"}}})
    assert [item["name"] for item in container(made)["env"]] == ["PASSWORD", "A", "Z", "DSN"]


def test_a_secret_is_a_reference_and_wins_over_a_value() -> None:
    made = deployed({"env": {"KEY": "x"}, "secrets": {"KEY": {"secret": "web", "key": "k", "optional": True}}})
    reference = {"secretKeyRef": {"name": "web", "key": "k", "optional": True}}
    assert container(made)["env"] == [{"name": "KEY", "valueFrom": reference}]


def test_a_reference_becomes_the_address_of_the_other_service() -> None:
    made = make({"web": {**WEB, "env": {"URL": "${services.api.url}/v1"}}, "api": WEB})
    assert container(made["Deployment/web"])["env"] == [{"name": "URL", "value": "http://api:8080/v1"}]


def test_the_program_listens_where_its_service_sends() -> None:
    read = {("web", "process"): {"ports": [{**HTTP, "env": "PORT"}]}}
    assert container(deployed(decided=read))["env"] == [{"name": "PORT", "value": "8080"}]
    assert container(deployed({"env": {"PORT": "9"}}, decided=read))["env"] == [{"name": "PORT", "value": "9"}]


def test_a_pinned_port_reaches_the_variable_that_the_source_reads() -> None:
    seen = {"web": facts(ports=[{"port": 3000, "protocol": "http", "env": "PORT"}])}
    assert container(deployed(seen=seen))["env"] == [{"name": "PORT", "value": "8080"}]


def test_pinned_ports_reach_the_variables_of_the_same_numbers() -> None:
    seen = {
        "web": facts(
            ports=[
                {"port": 3000, "protocol": "http", "env": "PORT"},
                {"port": 9000, "protocol": "http", "env": "ADMIN"},
            ]
        )
    }
    ports = [{**HTTP, "port": 9000}, {**HTTP, "name": "metrics", "port": 9090}]
    made = deployed(seen=seen, decided={("web", "process"): {"ports": ports}})
    assert container(made)["env"] == [{"name": "ADMIN", "value": "9000"}]


@pytest.mark.parametrize(("memory", "limit"), [("64Mi", "57MiB"), ("1Gi", "921MiB"), ("8Mi", "7549747B")])
def test_go_collects_before_it_is_killed(memory: str, limit: str) -> None:
    made = deployed(seen={"web": facts(language="go")}, decided={("web", "resources"): {"memory": memory}})
    assert container(made)["env"] == [{"name": "GOMEMLIMIT", "value": limit}]


def test_an_environment_changes_values_of_its_own() -> None:
    staging = {"services": {"web": {"env": {"A": "2"}, "resources": {"memory": "1Gi"}}}, "version": "9"}
    made = deployed({"env": {"A": "1", "B": "1"}}, environment="staging", environments={"staging": staging})
    assert [item["value"] for item in container(made)["env"]] == ["2", "1"]
    assert container(made)["resources"]["limits"] == {"memory": "1Gi"}
    assert container(made)["image"] == "shop-web:9"


# ---- resources, shutdown, spread, command ---------------------------------------------------------------------
def test_the_memory_limit_equals_the_request_unless_it_is_said_otherwise() -> None:
    assert container(deployed())["resources"] == {
        "limits": {"memory": "256Mi"},
        "requests": {"cpu": "100m", "memory": "256Mi"},
    }
    made = deployed(decided={("web", "resources"): {"memoryLimit": "1Gi", "cpuLimit": "2"}})
    assert container(made)["resources"]["limits"] == {"cpu": "2", "memory": "1Gi"}


def test_a_stopping_pod_waits_before_it_is_told_and_its_grace_counts_both() -> None:
    made = deployed()
    assert container(made)["lifecycle"] == {"preStop": {"sleep": {"seconds": 5}}}
    assert pod(made)["terminationGracePeriodSeconds"] == 35


def test_a_cluster_without_the_sleep_action_gets_none() -> None:
    made = deployed(kubernetes="1.29")
    assert "lifecycle" not in container(made)
    assert pod(made)["terminationGracePeriodSeconds"] == 30


@pytest.mark.parametrize(("scale", "number"), [({"min": 1}, 0), ({"min": 2}, 2), ({"min": 1, "max": 4}, 2)])
def test_replicas_are_spread_from_two_on(scale: dict[str, int], number: int) -> None:
    spread = pod(deployed({"scale": scale})).get("topologySpreadConstraints", [])
    assert len(spread) == number
    assert all(
        item["whenUnsatisfiable"] == "ScheduleAnyway" and item["matchLabelKeys"] == ["pod-template-hash"]
        for item in spread
    )


def test_an_image_of_kforges_own_starts_by_itself() -> None:
    made = deployed({"command": ["node", "a.js"]}, decided={("web", "process"): {"command": ["node", "a.js"]}})
    assert "command" not in container(made)


def test_services_that_share_an_image_say_which_command_is_theirs() -> None:
    decided = {
        ("web", "process"): {"command": ["node", "web.js"]},
        ("worker", "process"): {"command": ["node", "worker.js"]},
    }
    made = make({"web": WEB, "worker": WEB}, decided=decided)
    assert "command" not in container(made["Deployment/web"])
    assert container(made["Deployment/worker"])["command"] == ["node", "worker.js"]
    assert container(made["Deployment/worker"])["image"] == "shop-web:0.1.0"


REFERRING: dict[str, Any] = {
    "env": {"LEVEL": "info", "HOME_DIR": "/srv"},
    "secrets": {"TOKEN": {"secret": "web", "key": "token"}},
}


@pytest.mark.parametrize("word", ["$(LEVEL)", "--level=$(LEVEL)", "$(NOBODY)$(TOKEN)", "$$$(LEVEL)", "$$(LEVEL)"])
def test_a_variable_in_a_command_is_expanded_since_the_workload_has_the_command_too(word: str) -> None:
    """Kubernetes expands it in a container's `command` alone: the CMD of an image would pass it on as it is written."""
    command = ["node", "a.js", word]
    made = deployed({**REFERRING, "command": command}, decided={("web", "process"): {"command": command}})
    assert container(made)["command"] == command


@pytest.mark.parametrize(
    "word", ["$(NOBODY)", "$$(NOBODY)", "echo $$", "$LEVEL", "${LEVEL}", "$(date +%s)", "$(LEVEL", "LEVEL"]
)
def test_what_kubernetes_would_not_expand_leaves_the_command_to_the_image(word: str) -> None:
    command = ["sh", "-c", word]
    assert "command" not in container(deployed(REFERRING, decided={("web", "process"): {"command": command}}))


def kubernetes(text: str, held: dict[str, str]) -> str:
    """What Kubernetes makes of a text: k8s.io/kubernetes/third_party/forked/golang/expansion."""
    return re.sub(
        r"\$(?:\$|\(([^)]*)\))",
        lambda found: "$" if found[1] is None else held.get(found[1], found[0]),
        text,
    )


@pytest.mark.parametrize(
    "word", ["echo $$ > pid", "pa$$word", "$", "$$$", "a$$$$b", "$$(date)", "$$$(date)", "$A $$A", "x$$"]
)
def test_a_dollar_in_a_pod_s_command_and_variables_is_what_it_is_in_an_image(word: str) -> None:
    made = container(
        deployed(
            {"env": {"A": "1", "B": word}, "command": ["sh", "-c", word, "$(A)"]},
            decided={("web", "process"): {"command": ["sh", "-c", word, "$(A)"]}},
        )
    )
    values = {item["name"]: item["value"] for item in made["env"]}
    assert [kubernetes(each, {"A": "1"}) for each in (made["command"][2], values["B"])] == [word, word]


@pytest.mark.parametrize(("word", "means"), [("$(A)", "1"), ("$$(A)", "$(A)"), ("$$$(A)", "$1")])
def test_before_a_variable_that_is_held_dollars_mean_what_kubernetes_says(word: str, means: str) -> None:
    made = container(deployed({"env": {"A": "1"}}, decided={("web", "process"): {"command": ["sh", word]}}))
    assert kubernetes(made["command"][1], {"A": "1"}) == means


def test_a_variable_of_one_environment_is_expanded_there() -> None:
    changed = {"environments": {"prod": {"services": {"web": {"env": {"LEVEL": "warning"}}}}}}
    decided = {("web", "process"): {"command": ["node", "$(LEVEL)"]}}
    assert "command" not in container(deployed(decided=decided, **changed))
    assert container(deployed(decided=decided, environment="prod", **changed))["command"] == ["node", "$(LEVEL)"]


def test_every_service_of_an_image_has_its_own_variables_expanded() -> None:
    """The owner's command stands in the image, but nobody's variables are expanded there."""
    decided = {(name, "process"): {"command": ["node", "$(LEVEL)"]} for name in ("web", "worker")}
    made = make({name: {**WEB, "env": {"LEVEL": name}} for name in ("web", "worker")}, decided=decided)
    assert [container(made[f"Deployment/{name}"])["command"] for name in ("web", "worker")] == [
        ["node", "$(LEVEL)"]
    ] * 2


def test_a_command_that_is_pinned_overrides_another_image() -> None:
    decided = {("web", "process"): {"command": ["redis-server", "--appendonly", "yes"]}}
    made = make({"web": {"image": "redis:7", "command": ["redis-server"]}}, decided=decided)
    assert container(made["Deployment/web"])["command"] == ["redis-server", "--appendonly", "yes"]


def test_the_users_own_dockerfile_starts_its_own_command_unless_the_spec_pins_one() -> None:
    seen = {"web": facts(dockerfile={"base": "node:20"})}
    decided = {("web", "process"): {"command": ["node", "a.js"]}}
    assert "command" not in container(deployed(seen=seen, decided=decided))
    assert container(deployed({"command": ["node", "a.js"]}, seen=seen, decided=decided))["command"] == ["node", "a.js"]
