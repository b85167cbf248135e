"""What reaches a service and how many of it there are: Service, Ingress, policies, autoscaler, budget, claims,
namespace.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.artifacts.making import GRPC, HTTP, HTTPS, PROBES, container, facts, make

WEB: dict[str, Any] = {"source": "./web"}
ASKED = {name: {**PROBES[name], "port": "https"} for name in PROBES}
DATA = {"name": "data", "path": "/data", "size": "5Gi"}


def spec_of(made: dict[str, Any], target: str) -> dict[str, Any]:
    found: dict[str, Any] = made[target].data["spec"]
    return found


# ---- Service --------------------------------------------------------------------------------------------------
def test_a_service_listens_on_the_containers_port() -> None:
    assert spec_of(make({"web": WEB}), "Service/web")["ports"] == [{"name": "http", "port": 8080, "targetPort": "http"}]


def test_what_listens_on_nothing_has_no_service() -> None:
    made = make({"web": WEB, "migrate": {"image": "m:1", "job": True}}, decided={("web", "process"): {"ports": []}})
    assert not [target for target in made if target.startswith("Service/")]


def test_a_statefulset_has_one_lasting_address_and_a_headless_service_beside_it() -> None:
    made = make({"db": {"image": "postgres:16", "volumes": [DATA]}})
    assert spec_of(made, "Service/db")["type"] == "ClusterIP"
    headless = spec_of(made, "Service/db-headless")
    assert (headless["clusterIP"], headless["publishNotReadyAddresses"]) == ("None", True)
    assert made["Service/db-headless"].path == "deploy/kubernetes/db/service-headless.yaml"


def test_a_worker_with_volumes_has_names_for_its_replicas_though_it_listens_on_nothing() -> None:
    made = make({"db": {"image": "w:1", "volumes": [DATA]}}, decided={("db", "process"): {"ports": []}})
    assert [target for target in made if target.startswith("Service/")] == ["Service/db-headless"]
    assert "ports" not in spec_of(made, "Service/db-headless")


def test_a_grpc_port_says_what_it_speaks() -> None:
    made = make({"api": WEB}, decided={("api", "process"): {"ports": [GRPC]}})
    assert spec_of(made, "Service/api")["ports"][0]["appProtocol"] == "kubernetes.io/h2c"


def test_an_https_port_says_what_it_speaks_and_is_probed_with_tls() -> None:
    made = make({"api": WEB}, decided={("api", "process"): {"ports": [HTTPS]}, ("api", "probes"): ASKED})
    assert spec_of(made, "Service/api")["ports"] == [
        {"name": "https", "appProtocol": "https", "port": 8443, "targetPort": "https"}
    ]
    asked = container(made["Deployment/api"])
    assert asked["readinessProbe"]["httpGet"] == {"path": "/ready", "port": "https", "scheme": "HTTPS"}
    assert asked["livenessProbe"]["tcpSocket"] == {"port": "https"}


def test_only_the_port_that_speaks_tls_is_asked_with_tls() -> None:
    probes = {**ASKED, "liveness": {**ASKED["readiness"], "port": "http"}}
    made = make({"api": WEB}, decided={("api", "process"): {"ports": [HTTPS, HTTP]}, ("api", "probes"): probes})
    assert container(made["Deployment/api"])["livenessProbe"]["httpGet"] == {"path": "/ready", "port": "http"}


def test_a_url_of_an_https_service_says_so() -> None:
    made = make(
        {"api": WEB, "web": {**WEB, "env": {"API": "${services.api.url}/v1"}}},
        decided={("api", "process"): {"ports": [HTTPS]}},
    )
    assert {"name": "API", "value": "https://api:8443/v1"} in container(made["Deployment/web"])["env"]


@pytest.mark.parametrize(
    ("class_", "kind", "noted"),
    [
        ("nginx", "Ingress", {"nginx.org/ssl-services": "api"}),
        ("nginx-plus", "Ingress", {"nginx.org/ssl-services": "api"}),
        ("traefik", "Service", {"traefik.ingress.kubernetes.io/service.serversscheme": "https"}),
        ("contour", "Service", {"projectcontour.io/upstream-protocol.tls": "https"}),
        ("gce", "Service", {"cloud.google.com/app-protocols": '{"https":"HTTPS"}'}),
        ("alb", "Ingress", {"alb.ingress.kubernetes.io/backend-protocol": "HTTPS"}),
        ("own", "Ingress", None),
        ("own", "Service", None),
    ],
)  # fmt: skip
def test_the_ingress_class_is_told_of_a_backend_with_tls(class_: str, kind: str, noted: dict[str, str] | None) -> None:
    expose = {"host": "a.example.com", "class": class_}
    made = make({"api": {**WEB, "expose": expose}}, decided={("api", "process"): {"ports": [HTTPS]}})
    assert made[f"{kind}/api"].data["metadata"].get("annotations") == noted


@pytest.mark.parametrize(
    ("class_", "kind", "noted"),
    [
        ("nginx", "Ingress", {"nginx.org/grpc-services": "api"}),
        ("traefik", "Service", {"traefik.ingress.kubernetes.io/service.serversscheme": "h2c"}),
        ("traefik", "Ingress", None),
        ("haproxy", "Ingress", {"haproxy.org/server-proto": "h2", "haproxy-ingress.github.io/backend-protocol": "h2"}),
        ("contour", "Service", {"projectcontour.io/upstream-protocol.h2c": "grpc"}),
        ("kong", "Ingress", {"konghq.com/protocols": "grpc,grpcs"}),
        ("kong", "Service", {"konghq.com/protocol": "grpc"}),
        ("alb", "Ingress", {"alb.ingress.kubernetes.io/backend-protocol-version": "GRPC"}),
        ("openshift-default", "Ingress", None),
        ("own", "Ingress", None),
        ("own", "Service", None),
    ],
)
def test_the_ingress_class_is_told_of_grpc(class_: str, kind: str, noted: dict[str, str] | None) -> None:
    expose = {"host": "a.example.com", "class": class_}
    made = make({"api": {**WEB, "expose": expose}}, decided={("api", "process"): {"ports": [GRPC]}})
    assert made[f"{kind}/api"].data["metadata"].get("annotations") == noted


def test_grpc_that_no_ingress_leads_to_tells_no_class_of_it() -> None:
    expose = {"host": "a.example.com", "class": "traefik"}
    made = make({"api": {**WEB, "expose": expose}}, decided={("api", "process"): {"ports": [HTTP, GRPC]}})
    assert made["Service/api"].data["metadata"].get("annotations") is None


# ---- Ingress --------------------------------------------------------------------------------------------------
def test_an_exposed_service_has_an_ingress_with_tls() -> None:
    spec = spec_of(make({"web": {**WEB, "expose": {"host": "a.example.com", "class": "nginx"}}}), "Ingress/web")
    assert spec["tls"] == [{"hosts": ["a.example.com"], "secretName": "web-tls"}]
    assert spec["ingressClassName"] == "nginx"
    path = spec["rules"][0]["http"]["paths"][0]
    assert (path["path"], path["pathType"]) == ("/", "Prefix")
    assert path["backend"] == {"service": {"name": "web", "port": {"name": "http"}}}


@pytest.mark.parametrize(("tls", "secret"), [(False, None), ("wildcard", "wildcard"), (True, "web-tls")])
def test_tls_names_a_secret_or_is_off(tls: bool | str, secret: str | None) -> None:
    spec = spec_of(make({"web": {**WEB, "expose": {"host": "a.example.com", "tls": tls}}}), "Ingress/web")
    assert (spec["tls"][0]["secretName"] if "tls" in spec else None) == secret


def test_f5s_nginx_is_told_of_a_grpc_backend_and_the_retired_one_is_told_nothing() -> None:
    def annotations(own: dict[str, str]) -> dict[str, str]:
        expose = {"host": "a.example.com", "class": "nginx", "annotations": own}
        made = make({"api": {**WEB, "expose": expose}}, decided={("api", "process"): {"ports": [GRPC]}})
        found: dict[str, str] = made["Ingress/api"].data["metadata"]["annotations"]
        return found

    own = {"nginx.ingress.kubernetes.io/backend-protocol": "GRPCS"}
    assert annotations({}) == {"nginx.org/grpc-services": "api"}
    assert annotations(own) == {"nginx.org/grpc-services": "api", **own}


# ---- NetworkPolicy --------------------------------------------------------------------------------------------
SHOP: dict[str, Any] = {
    "web": {**WEB, "env": {"API": "${services.api.url}"}, "expose": {"host": "a.example.com"}, "needs": ["db"],
            "allowFrom": [{"namespace": "monitoring", "port": "http"}], "egress": [{"cidr": "10.20.0.0/16", "port": 5432}]},
    "api": {"source": "./api"},
    "db": {"image": "postgres:16"},
    "cache": {"image": "redis:7"},
}  # fmt: skip
SEEN = {"api": facts(hosts=[{"host": "cache", "port": 6379}, {"host": "example.com", "port": 0}])}


def names_of(rules: list[dict[str, Any]], side: str) -> list[str]:
    return [
        peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"]
        for rule in rules
        for peer in rule.get(side, ())
        if "namespaceSelector" not in peer and "ipBlock" not in peer
    ]


def test_inside_the_app_everything_may_talk_and_nothing_outside_but_what_is_exposed_or_allowed() -> None:
    spec = spec_of(make(SHOP), "NetworkPolicy/web")
    assert spec["policyTypes"] == ["Ingress"]
    assert spec["ingress"] == [
        {"from": [{"podSelector": {"matchLabels": {"app.kubernetes.io/instance": "shop"}}}]},
        {
            "from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}],
            "ports": [{"port": 8080}],
        },
        {"ports": [{"port": 8080}]},
    ]
    assert "egress" not in spec


def test_strict_leaves_the_edges_at_both_ends() -> None:
    made = make(SHOP, network="strict", seen=SEEN)
    assert names_of(spec_of(made, "NetworkPolicy/web")["egress"], "to") == ["api", "db"]
    assert names_of(spec_of(made, "NetworkPolicy/api")["egress"], "to") == ["cache"]
    assert names_of(spec_of(made, "NetworkPolicy/db")["ingress"], "from") == ["web"]
    assert names_of(spec_of(made, "NetworkPolicy/cache")["ingress"], "from") == ["api"]


def test_strict_edges_say_what_shows_them() -> None:
    made = make(SHOP, network="strict", seen=SEEN)
    assert made["NetworkPolicy/web"].origins["spec.egress[0].to"] == "spec.env.API"
    assert made["NetworkPolicy/web"].origins["spec.egress[1].to"] == "spec.needs"
    assert (
        made["NetworkPolicy/cache"].origins["spec.ingress[0].from"]
        == "kforge: `api` calls it, as its facts.hosts shows"
    )


def test_strict_leaves_dns_and_the_networks_that_the_spec_names() -> None:
    egress = spec_of(make(SHOP, network="strict"), "NetworkPolicy/web")["egress"]
    assert {"to": [{"ipBlock": {"cidr": "10.20.0.0/16"}}], "ports": [{"port": 5432}]} in egress
    assert egress[-1]["ports"] == [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]


def test_a_job_is_reached_by_nobody() -> None:
    spec = spec_of(make({"migrate": {"image": "m:1", "job": True}}), "NetworkPolicy/migrate")
    assert spec["policyTypes"] == ["Ingress"] and "ingress" not in spec


def test_off_writes_no_policy() -> None:
    assert not [target for target in make(SHOP, network="off") if target.startswith("NetworkPolicy")]


# ---- replicas -------------------------------------------------------------------------------------------------
def test_an_autoscaler_holds_cpu_at_seventy_percent_unless_the_spec_says_what_to_hold() -> None:
    def targets(scale: dict[str, int]) -> dict[str, int]:
        metrics = spec_of(make({"web": {**WEB, "scale": scale}}), "HorizontalPodAutoscaler/web")["metrics"]
        assert {item["type"] for item in metrics} == {"ContainerResource"}
        held = [item["containerResource"] for item in metrics]
        return {item["name"]: item["target"]["averageUtilization"] for item in held}

    assert targets({"max": 4}) == {"cpu": 70}
    assert targets({"max": 4, "memory": 80}) == {"memory": 80}
    assert targets({"max": 4, "cpu": 50, "memory": 80}) == {"cpu": 50, "memory": 80}


def test_an_autoscaler_names_the_workload_that_is_there() -> None:
    made = make({"db": {"image": "d:1", "volumes": [DATA], "scale": {"min": 2, "max": 4}}})
    assert spec_of(made, "HorizontalPodAutoscaler/db")["scaleTargetRef"] == {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "name": "db",
    }


@pytest.mark.parametrize(("scale", "kinds"), [({"min": 1}, set()), ({"min": 2}, {"PodDisruptionBudget"}),
                                              ({"min": 1, "max": 3}, {"PodDisruptionBudget", "HorizontalPodAutoscaler"})])  # fmt: skip
def test_a_budget_is_there_from_two_replicas(scale: dict[str, int], kinds: set[str]) -> None:
    made = make({"web": {**WEB, "scale": scale}})
    assert {document.kind for document in made.values()} & {"PodDisruptionBudget", "HorizontalPodAutoscaler"} == kinds


def test_a_budget_never_blocks_the_drain_of_a_node() -> None:
    spec = spec_of(make({"web": {**WEB, "scale": {"min": 2}}}), "PodDisruptionBudget/web")
    assert (spec["maxUnavailable"], spec["unhealthyPodEvictionPolicy"]) == (1, "AlwaysAllow")


def test_an_environment_may_have_fewer_replicas_and_then_no_budget() -> None:
    environments = {"staging": {"services": {"web": {"scale": {"min": 1, "max": 1}}}}}
    made = make({"web": {**WEB, "scale": {"min": 2, "max": 4}}}, environment="staging", environments=environments)
    assert not {"PodDisruptionBudget/web", "HorizontalPodAutoscaler/web"} & set(made)


# ---- claims, account, config, namespace -----------------------------------------------------------------------
def test_shared_volumes_are_claims_that_many_may_mount() -> None:
    volumes = [{**DATA, "shared": True, "class": "nfs"}, {**DATA, "name": "more", "path": "/more", "shared": True}]
    made = make({"web": {**WEB, "volumes": volumes}})
    assert spec_of(made, "PersistentVolumeClaim/web-data") == {
        "accessModes": ["ReadWriteMany"],
        "resources": {"requests": {"storage": "5Gi"}},
        "storageClassName": "nfs",
    }
    assert made["PersistentVolumeClaim/web-more"].path == "deploy/kubernetes/web/persistentvolumeclaim-more.yaml"


def test_a_jobs_volume_is_a_claim_of_one_pod_at_a_time() -> None:
    made = make({"nightly": {"image": "n:1", "schedule": "@daily", "volumes": [DATA]}})
    assert spec_of(made, "PersistentVolumeClaim/nightly-data")["accessModes"] == ["ReadWriteOnce"]


def test_every_service_has_an_account_without_a_key() -> None:
    assert make({"web": WEB})["ServiceAccount/web"].data["automountServiceAccountToken"] is False


def test_config_files_lie_in_a_config_map_under_the_services_name() -> None:
    made = make({"web": {**WEB, "config": {"path": "/etc/web", "files": {"b": "2", "a": "1"}}}})
    assert made["ConfigMap/web"].data["data"] == {"a": "1", "b": "2"}


def test_a_namespace_is_written_only_when_asked_for() -> None:
    assert "Namespace/shop" not in make({"web": WEB}, namespace="shop")
    assert "Namespace/shop" not in make({"web": WEB}, namespace={"name": "shop"})
    assert "Namespace/shop" in make({"web": WEB}, namespace={"name": "shop", "create": True})


def test_a_namespace_enforces_the_weakest_level_that_a_service_needs_and_warns_at_the_apps() -> None:
    services = {"web": WEB, "old": {**WEB, "hardening": "none"}}
    made = make(services, namespace={"name": "shop", "create": True}, kubernetes="1.33")
    found = {key.partition("/")[2]: value for key, value in made["Namespace/shop"].data["metadata"]["labels"].items()}
    assert (found["enforce"], found["warn"], found["enforce-version"]) == ("privileged", "restricted", "v1.33")


def test_an_environments_namespace_is_created_like_the_bases() -> None:
    made = make(
        {"web": WEB},
        environment="staging",
        namespace={"name": "shop", "create": True},
        environments={"staging": {"namespace": "shop-staging"}},
    )
    assert "Namespace/shop-staging" in made
    assert made["Deployment/web"].data["metadata"]["namespace"] == "shop-staging"


def test_files_lie_where_the_spec_wants_them() -> None:
    made = make({"web": WEB}, paths={"kubernetes": "k8s/base/"}, namespace={"name": "shop", "create": True})
    assert made["Deployment/web"].path == "k8s/base/web/deployment.yaml"
    assert made["Namespace/shop"].path == "k8s/base/namespace.yaml"


def test_several_ports_are_all_reached_and_the_one_that_is_exposed_by_its_name() -> None:
    ports = [HTTP, {"name": "admin", "port": 9000, "protocol": "http", "env": ""}]
    made = make(
        {"web": {**WEB, "expose": {"host": "a.example.com", "port": "admin"}}},
        decided={("web", "process"): {"ports": ports}},
    )
    assert [port["port"] for port in spec_of(made, "Service/web")["ports"]] == [8080, 9000]
    assert spec_of(made, "NetworkPolicy/web")["ingress"][-1] == {"ports": [{"port": 9000}]}
