"""Every rule: what it finds, where it says so, and that it finds nothing else in a good environment."""

from __future__ import annotations

import random
from typing import Any

import pytest

from docs import rules as pages
from kforge import catalog
from kforge.domain.document import Documents
from kforge.domain.finding import Rule
from tests.rules import examples
from tests.rules.junk import environment, junked
from tests.rules.objects import GONE, GOOD, container, documents, named, owner, service

RULES: tuple[Rule, ...] = catalog.rules()


def wrong(rule: Rule) -> str:
    """What the rule's page shows as wrong, "" for nothing."""
    return pages.examples(rule.page)[1].get("Wrong", "")


POD = "spec.template.spec"
FIRST = f"{POD}.containers[0]"
WEB, SVC, ING, HPA = "Deployment/web", "Service/web", "Ingress/web", "HorizontalPodAutoscaler/web"
PATHS = "spec.rules[0].http.paths"


def found(environment: Documents) -> list[tuple[str, str, str]]:
    """(rule, object, field) of every hit."""
    return sorted({(rule.id, hit.document.target, hit.field) for rule in RULES for hit in rule.check(environment)})


def test_a_good_environment_has_no_finding() -> None:
    assert found(documents()) == []


def test_every_rule_has_an_id_of_its_own() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)


# One spoilt field: (object, path, value, rule, field that is named; "" for the path itself).
SPOILT: list[tuple[str, str, Any, str, str]] = [
    (WEB, f"{FIRST}.imagePullPolcy", "Always", "schema", ""),
    (WEB, "spec.replicas", "2", "schema", ""),
    # names
    (WEB, "metadata.name", "Web", "object-name", ""),
    (SVC, "metadata.name", "1web", "object-name", ""),
    ("StatefulSet/db", "metadata.name", "db.x", "object-name", ""),
    ("CronJob/nightly", "metadata.name", "n" * 53, "object-name", ""),
    ("ServiceAccount/web", 'metadata.labels["a b"]', "x", "label", ""),
    ("ServiceAccount/web", 'metadata.labels["Example.com/a"]', "x", "label", ""),
    ("ServiceAccount/web", "metadata.labels.team", "not ok", "label", ""),
    (WEB, "spec.template.metadata.labels.team", "-x", "label", ""),
    ("ServiceAccount/web", 'metadata.annotations["a/b/c"]', "x", "annotation", ""),
    ("ServiceAccount/web", "metadata.annotations", {"a": "x" * 300_000}, "annotation", ""),
    ("ConfigMap/web", 'data["a b"]', "x", "config-file", ""),
    ("ConfigMap/web", "data.big", "x" * 1_100_000, "config-file", "data"),
    # pods
    (WEB, f"{FIRST}.name", "Web", "pod-names", ""),
    (WEB, f"{POD}.volumes[1].name", "config", "pod-names", ""),
    (WEB, f"{FIRST}.ports[0].containerPort", 70000, "container-port", ""),
    (WEB, f"{FIRST}.ports[0].name", "a-very-long-name", "container-port", ""),
    (WEB, f"{FIRST}.ports[1].name", "http", "container-port", ""),
    (WEB, f"{FIRST}.ports[1].containerPort", 3000, "port-twice", ""),
    (WEB, f"{FIRST}.env[0].name", "A=B", "env", ""),
    (WEB, f"{FIRST}.env[1].value", "x", "env", f"{FIRST}.env[1].valueFrom"),
    (WEB, f"{FIRST}.env[1].valueFrom", {}, "env", ""),
    (WEB, f"{FIRST}.envFrom", [{"prefix": "A"}], "env", f"{FIRST}.envFrom[0]"),
    (WEB, f"{FIRST}.env[1].name", "URL", "env-name", ""),
    (WEB, f"{FIRST}.env[0].name", "1A", "env-name", ""),
    (WEB, f"{FIRST}.volumeMounts[1].mountPath", "/etc/web", "mount-path", ""),
    (WEB, f"{FIRST}.volumeMounts[1].subPath", "../x", "mount-path", ""),
    (WEB, f"{POD}.volumes[1].downwardAPI", {}, "volume-source", f"{POD}.volumes[1]"),
    (WEB, f"{FIRST}.livenessProbe.tcpSocket", {"port": 3000}, "probe", f"{FIRST}.livenessProbe"),
    (WEB, f"{FIRST}.livenessProbe.successThreshold", 2, "probe", ""),
    (WEB, f"{FIRST}.livenessProbe.periodSeconds", -1, "probe", ""),
    (WEB, f"{FIRST}.livenessProbe.httpGet.port", "8080", "probe", ""),
    (WEB, f"{FIRST}.readinessProbe.terminationGracePeriodSeconds", 5, "probe", ""),
    (WEB, f"{FIRST}.resources.requests.cpu", "1500m", "request-limit", ""),
    (WEB, f"{FIRST}.resources.requests.memory", "1Gi", "request-limit", ""),
    (WEB, f"{FIRST}.resources.limits.memory", "-1", "request-limit", ""),
    (WEB, f'{FIRST}.resources.requests["nvidia.com/gpu"]', 1, "request-limit", ""),
    (WEB, f"{FIRST}.imagePullPolicy", "Sometimes", "container", ""),
    (WEB, f"{POD}.restartPolicy", "Never", "restart-policy", ""),
    ("Job/job", f"{POD}.restartPolicy", "Always", "restart-policy", ""),
    (WEB, f"{POD}.tolerations", [{"operator": "Equal"}], "scheduling", f"{POD}.tolerations[0].key"),
    (WEB, f"{POD}.tolerations", [{"operator": "Exists", "tolerationSeconds": 3}], "scheduling", f"{POD}.tolerations[0].tolerationSeconds"),
    # services and the like
    (SVC, "spec.ports[1].name", GONE, "service-port", ""),
    (SVC, "spec.ports[0].port", 0, "service-port", ""),
    (SVC, "spec.ports[0].nodePort", 30000, "service-port", ""),
    (ING, f"{PATHS}[0].path", "shop", "ingress-path", ""),
    (ING, f"{PATHS}[0].path", "/a//b", "ingress-path", ""),
    (ING, f"{PATHS}[0].pathType", "Regex", "ingress-path", ""),
    *((ING, f"{PATHS}[0].path", path, "route-pattern", "") for path in ("/(.*)", "/api?x=1", "/a b", "/users/{id}", "/v[12]")),
    *((ING, "spec.rules[0].host", host, "ingress-host", "") for host in ("10.0.0.1", "010.0.0.1", "::1", "*", "a.*.com", "Shop.example.com")),
    (HPA, "spec.minReplicas", 11, "scale-range", "spec.maxReplicas"),
    (HPA, "spec.minReplicas", 0, "scale-range", ""),
    ("PodDisruptionBudget/web", "spec.minAvailable", 1, "scale-range", "spec"),
    ("PodDisruptionBudget/web", "spec.maxUnavailable", "1", "scale-range", ""),
    (WEB, "spec.strategy.rollingUpdate.maxSurge", 0, "rollout", "spec.strategy.rollingUpdate"),
    (WEB, "spec.strategy.type", "Recreate", "rollout", "spec.strategy.rollingUpdate"),
    (WEB, "spec.minReadySeconds", 600, "rollout", "spec.progressDeadlineSeconds"),
    (WEB, "spec.replicas", -1, "rollout", ""),
    ("CronJob/nightly", "spec.schedule", "0 3 * * 7", "schedule", ""),
    ("CronJob/nightly", "spec.concurrencyPolicy", "Never", "schedule", ""),
    *(("CronJob/nightly", "spec.timeZone", zone, "time-zone", "") for zone in ("Local", "", "UTC+2", "CEST", "europe/berlin")),
    # references
    (WEB, f"{FIRST}.env[2].valueFrom.configMapKeyRef.key", "other", "config-key", f"{FIRST}.env[2].valueFrom.configMapKeyRef"),
    (WEB, f"{FIRST}.env[2].valueFrom.configMapKeyRef.name", "other", "config-key", f"{FIRST}.env[2].valueFrom.configMapKeyRef"),
    (WEB, f"{FIRST}.envFrom", [{"configMapRef": {"name": "other"}}], "config-key", f"{FIRST}.envFrom[0].configMapRef"),
    (WEB, f"{POD}.volumes[0].configMap.name", "other", "config-key", f"{POD}.volumes[0].configMap"),
    (WEB, f"{POD}.volumes[0].configMap.items[0].key", "other", "config-key", ""),
    (WEB, f"{FIRST}.volumeMounts[0].name", "conf", "volume-mount", ""),
    (WEB, f"{POD}.volumes[2]", {"name": "more", "emptyDir": {}}, "unused-volume", ""),
    (WEB, f"{POD}.volumes[1]", {"name": "tmp", "persistentVolumeClaim": {"claimName": "data"}}, "claim",
     f"{POD}.volumes[1].persistentVolumeClaim.claimName"),
    (WEB, f"{POD}.serviceAccountName", "other", "service-account", ""),
    (WEB, f"{FIRST}.livenessProbe.httpGet.port", "https", "probe-port", ""),
    (WEB, f"{FIRST}.lifecycle", {"preStop": {"httpGet": {"port": "x"}}}, "probe-port", f"{FIRST}.lifecycle.preStop.httpGet.port"),
    (HPA, "spec.scaleTargetRef.name", "other", "scale-target", "spec.scaleTargetRef"),
    (HPA, "spec.metrics[0].resource.name", "ephemeral-storage", "scale-request", "spec.metrics[0].resource"),
    # selectors and routes
    (SVC, "spec.selector.color", "red", "service-selector", "spec.selector"),
    (SVC, "spec.ports[0].targetPort", "https", "target-port", ""),
    (SVC, "spec.ports[0].targetPort", 4000, "target-port", ""),
    (WEB, "spec.selector.matchLabels.color", "red", "workload-selector", "spec.selector"),
    ("PodDisruptionBudget/web", "spec.selector.matchLabels.color", "red", "budget-selector", "spec.selector"),
    ("NetworkPolicy/web", "spec.podSelector.matchLabels.color", "red", "network-selector", "spec.podSelector"),
    ("StatefulSet/db", "spec.serviceName", "other", "governing-service", ""),
    ("StatefulSet/db", "spec.serviceName", "web", "governing-service", ""),
    (ING, f"{PATHS}[0].backend.service.name", "api", "ingress-backend", ""),
    (ING, f"{PATHS}[0].backend.service.port", {"number": 81}, "ingress-backend", ""),
    # images
    (WEB, f"{FIRST}.image", "ghcr.io/acme/web", "image-tag", ""),
    (WEB, f"{FIRST}.image", "ghcr.io/acme/web:latest", "image-tag", ""),
    (WEB, f"{FIRST}.image", "ghcr.io/acme-evil/web:1", "image-registry", ""),
    (WEB, f"{FIRST}.image", "busybox:1", "image-registry", ""),
    (WEB, f"{FIRST}.image", "ghcr.io/acme/Web:1", "image-reference", ""),
    (WEB, f"{FIRST}.image", "ghcr.io/acme/web@sha256:abc", "image-reference", ""),
    # Pod Security
    (WEB, f"{POD}.hostNetwork", True, "host-namespaces", ""),
    (WEB, f"{POD}.hostPID", True, "host-namespaces", ""),
    (WEB, f"{FIRST}.securityContext.capabilities.add", ["KILL"], "capabilities-dropped", f"{FIRST}.securityContext.capabilities.add[0]"),
    (WEB, f"{FIRST}.ports[0].hostPort", 80, "host-port", ""),
    (WEB, f"{FIRST}.livenessProbe.httpGet.host", "example.com", "host-probe", ""),
    (WEB, f"{FIRST}.securityContext.appArmorProfile", {"type": "Unconfined"}, "app-armor", f"{FIRST}.securityContext.appArmorProfile.type"),
    (WEB, f"{FIRST}.securityContext.seLinuxOptions", {"user": "x"}, "selinux", f"{FIRST}.securityContext.seLinuxOptions.user"),
    (WEB, f"{FIRST}.securityContext.procMount", "Unmasked", "proc-mount", ""),
    (WEB, f"{POD}.securityContext.seccompProfile.type", "Unconfined", "seccomp", ""),
    (WEB, f"{POD}.securityContext.seccompProfile", GONE, "seccomp-set", f"{FIRST}.securityContext.seccompProfile"),
    (WEB, f"{POD}.securityContext.sysctls", [{"name": "kernel.msgmax", "value": "1"}], "sysctls", f"{POD}.securityContext.sysctls[0].name"),
    (WEB, f"{POD}.securityContext.windowsOptions", {"hostProcess": True}, "host-process", f"{POD}.securityContext.windowsOptions.hostProcess"),
    (WEB, f"{POD}.volumes[1]", {"name": "tmp", "nfs": {"server": "s", "path": "/"}}, "volume-types", f"{POD}.volumes[1].nfs"),
    (WEB, f"{FIRST}.securityContext.allowPrivilegeEscalation", GONE, "privilege-escalation", ""),
    (WEB, f"{FIRST}.securityContext.runAsNonRoot", GONE, "run-as-non-root", ""),
    (WEB, f"{FIRST}.securityContext.runAsNonRoot", False, "run-as-non-root", ""),
    (WEB, f"{FIRST}.securityContext.runAsUser", 0, "run-as-user", ""),
    (WEB, f"{FIRST}.securityContext.runAsUser", GONE, "numeric-user", ""),
    (WEB, f"{FIRST}.securityContext.readOnlyRootFilesystem", GONE, "read-only-root", ""),
    (WEB, f"{FIRST}.securityContext.capabilities.drop", ["NET_RAW"], "capabilities-dropped", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("target", "path", "value", "rule", "field"), SPOILT, ids=[f"{row[3]}-{index}" for index, row in enumerate(SPOILT)]
)
def test_one_spoilt_field_is_found_where_it_is(target: str, path: str, value: Any, rule: str, field: str) -> None:
    hits = [(name, where) for name, _, where in found(documents((target, path, value)))]
    assert (rule, field or path) in hits


# Spoilt fields that nothing else may complain of.
ALONE = {"capabilities-dropped", "unused-volume", "image-tag", "image-registry", "read-only-root", "numeric-user", "run-as-user",
         "request-limit", "env-name", "service-account", "claim", "probe-port", "seccomp-set", "label", "annotation", "target-port"}  # fmt: skip


@pytest.mark.parametrize("row", [row for row in SPOILT if row[3] in ALONE], ids=lambda row: row[3])
def test_one_fault_is_one_finding(row: tuple[str, str, Any, str, str]) -> None:
    assert [rule for rule, _, _ in found(documents(row[:3]))] == [row[3]]


def test_privileged_containers_are_found() -> None:
    context = {**container()["securityContext"], "privileged": True, "allowPrivilegeEscalation": True}
    rules = {rule for rule, _, _ in found(documents((WEB, f"{FIRST}.securityContext", context)))}
    assert rules == {"privileged", "privilege-escalation"}


def test_host_paths_are_found_at_both_levels() -> None:
    spoilt = (WEB, f"{POD}.volumes[1]", {"name": "tmp", "hostPath": {"path": "/"}})
    assert {rule for rule, _, _ in found(documents(spoilt))} == {"host-path", "volume-types"}


def test_every_container_of_a_pod_is_looked_at() -> None:
    init = {"name": "init", "image": "busybox"}
    hits = found(documents((WEB, f"{POD}.initContainers", [init])))
    assert ("image-tag", WEB, f"{POD}.initContainers[0].image") in hits
    assert ("privilege-escalation", WEB, f"{POD}.initContainers[0].securityContext.allowPrivilegeEscalation") in hits


@pytest.mark.parametrize(("level", "rules"), [("restricted", 3), ("baseline", 1), ("none", 0)])
def test_a_service_is_held_to_its_own_level(level: str, rules: int) -> None:
    spoils = ((WEB, f"{POD}.hostIPC", True), (WEB, f"{FIRST}.securityContext", {}), (WEB, f"{POD}.securityContext", {}))
    hits = {rule for rule, _, _ in found(documents(*spoils, hardening={"web": level}))}
    strict = {"host-namespaces", "privilege-escalation", "seccomp-set"}
    assert len(hits & strict) == rules


def test_a_probe_to_another_host_was_allowed_before_1_34() -> None:
    spoilt = (WEB, f"{FIRST}.livenessProbe.httpGet.host", "example.com")
    assert found(documents(spoilt, kubernetes="1.33")) == []


def test_objects_that_are_there_twice_are_found() -> None:
    hits = found(documents(extra=(GOOD["ConfigMap/web"],)))
    assert hits == [("duplicate-object", "ConfigMap/web", "metadata.name")]


def test_two_ingresses_do_not_claim_the_same_path() -> None:
    again = {**GOOD[ING], "metadata": {"name": "again"}}
    assert found(documents(extra=(again,))) == [("route-conflict", "Ingress/again", f"{PATHS}[0].path")]


def test_two_workloads_do_not_select_each_others_pods() -> None:
    twin = {**owner("Deployment", "web"), "metadata": {"name": "twin"}}
    rules = {(rule, target) for rule, target, _ in found(documents(extra=(twin,)))}
    assert rules == {("selector-overlap", "Deployment/twin"), ("selector-overlap", WEB)}


def test_two_autoscalers_do_not_share_a_target() -> None:
    again = {**GOOD[HPA], "metadata": {"name": "again"}}
    assert found(documents(extra=(again,))) == [
        ("scale-target", "HorizontalPodAutoscaler/again", "spec.scaleTargetRef")
    ]


def test_a_headless_service_governs_its_own_pods_only() -> None:
    hits = found(
        documents(
            ("StatefulSet/db", "spec.serviceName", "web-headless"), extra=(service("web-headless", clusterIP="None"),)
        )
    )
    assert ("governing-service", "StatefulSet/db", "spec.serviceName") in hits


def test_what_exists_outside_counts_as_there() -> None:
    spoils = (
        (WEB, f"{POD}.serviceAccountName", "other"),
        (WEB, f"{POD}.volumes[1]", {"name": "tmp", "persistentVolumeClaim": {"claimName": "data"}}),
    )
    assert found(documents(*spoils, external=("ServiceAccount/other", "PersistentVolumeClaim/data"))) == []


def test_optional_references_may_lead_nowhere() -> None:
    reference = {"configMapKeyRef": {"name": "other", "key": "x", "optional": True}}
    assert found(documents((WEB, f"{FIRST}.env[2].valueFrom", reference))) == []


def test_a_secret_that_is_here_must_have_the_key() -> None:
    secret = named("Secret", "v1", "keys", stringData={"other": "x"})
    assert found(documents(extra=(secret,)))[0][:2] == ("config-key", "CronJob/nightly")


def test_a_policy_may_select_by_expressions() -> None:
    selector = {"matchExpressions": [{"key": "app.kubernetes.io/name", "operator": "In", "values": ["web", "db"]}]}
    assert found(documents(("NetworkPolicy/web", "spec.podSelector", selector))) == []


def test_a_custom_resource_is_said_to_be_unchecked() -> None:
    monitor = named("ServiceMonitor", "monitoring.coreos.com/v1", "web")
    assert found(documents(extra=(monitor,))) == [("schema-unknown", "ServiceMonitor/web", "kind")]


def test_without_a_list_every_registry_is_allowed() -> None:
    assert found(documents((WEB, f"{FIRST}.image", "busybox:1"), registries=())) == []


@pytest.mark.parametrize(
    "image",
    ["busybox:1", "library/busybox:1", "docker.io/library/busybox:1", "docker.io/library/busybox@sha256:" + "a" * 64],
)
def test_a_registry_is_matched_by_whole_parts_however_the_image_is_spelled(image: str) -> None:
    assert found(documents((WEB, f"{FIRST}.image", image), registries=("ghcr.io/acme", "docker.io/library"))) == []


@pytest.mark.parametrize("seed", range(150))
def test_no_rule_raises_whatever_the_shape(seed: int) -> None:
    found(environment(random.Random(seed)))


@pytest.mark.parametrize("rule", [rule for rule in RULES if wrong(rule)], ids=lambda rule: rule.id)
def test_no_rule_raises_whatever_stands_in_its_own_example(rule: Rule) -> None:
    for seed in range(60):
        chance = random.Random(seed)
        [*rule.check(examples.environment(rule, wrong(rule), lambda value, chance=chance: junked(chance, value, 0.3)))]
