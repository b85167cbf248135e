"""What a platform refuses or rewrites, where the spec's `platform` names one: docs/platforms.md lists it with sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import POD_PATHS, Document, Documents, pod_spec
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import containers, items, mapping, text, workloads
from kforge.domain.kubernetes.platforms import fact, title
from kforge.domain.kubernetes.quantity import number
from kforge.domain.origin import join

_PODS = tuple(POD_PATHS)
_SERVING = ("Deployment", "StatefulSet", "DaemonSet")
_SAFEGUARDS = "https://learn.microsoft.com/azure/aks/deployment-safeguards"


@rule(
    "platform-user",
    "error",
    "leave `user` out, or let the account use the SCC `nonroot-v2` and write a waiver",
    kinds=_PODS,
    sources=(
        "https://docs.redhat.com/en/documentation/openshift_container_platform/4.20/html/authentication_and_authorization/managing-pod-security-policies",
    ),
)
def platform_user(documents: Documents) -> Iterator[Hit]:
    """Pods have no user of their own where the platform gives them one.

    OpenShift takes user and group from a range of the namespace, and the SCC that every account may use refuses others:
    no pod starts, and the Deployment says so in its events alone. kforge writes neither there, unless the spec pins
    `user`; then this rule says where.

    Wrong, with `platform: openshift`: `securityContext: {runAsUser: 1000, fsGroup: 1000}`. Right: `runAsNonRoot: true`
    alone.
    """
    if not fact(documents.platform, "assigns-users"):
        return
    for workload in workloads(documents):
        path, spec = pod_spec(workload) or ("", {})
        contexts = [(f"{path}.securityContext", mapping(spec, "securityContext"))]
        contexts += [(f"{at}.securityContext", mapping(each, "securityContext")) for at, each in containers(workload)]
        for at, context in contexts:
            for key in ("runAsUser", "fsGroup"):
                if key in context:
                    message = f"`{key}` is {context[key]}, and {title(documents.platform)} assigns its own"
                    yield Hit(workload, f"{at}.{key}", message)


@rule(
    "platform-resources",
    "error",
    "write an amount that the platform gives, or leave the pin out",
    kinds=_PODS,
    sources=(
        f"{_SAFEGUARDS}#resource-requests-mutator",
        "https://cloud.google.com/kubernetes-engine/docs/concepts/autopilot-resource-requests",
    ),
)
def platform_resources(documents: Documents) -> Iterator[Hit]:
    """Containers ask for no less than the platform gives.

    AKS Automatic and GKE Autopilot raise a smaller request, in the Deployment itself. What runs then is not what the
    repository says: a GitOps tool puts the smaller one back, and the platform raises it again, for ever. What is settled
    is raised by kforge; this is about what the spec pins.

    Wrong, with `platform: aks-automatic`: `resources: {requests: {cpu: 50m}}`. Right: `cpu: 100m`.
    """
    name = documents.platform
    for workload in workloads(documents):
        own = workload.service or workload.name
        for at, container in containers(workload, "initContainers", "containers"):
            held = mapping(container, "resources")
            for field in ("cpu", "memory"):
                least = fact(name, f"least-{field}")
                # Autopilot sums up a pod, so the helper beside a program may ask for less.
                if least and (text(container, "name") == own or not fact(name, "memory-per-cpu")):
                    yield from _small(workload, at, held, field, least, name)
            if span := fact(name, "memory-per-cpu"):
                yield from _uneven(workload, at, held, span, name)


def _small(workload: Document, at: str, held: Mapping[str, Any], field: str, least: str, name: str) -> Iterator[Hit]:
    for part in ("requests", "limits"):
        amount = _number(mapping(held, part).get(field))
        if amount is not None and amount < number(least):
            message = f"{mapping(held, part)[field]} of {field} is less than {title(name)} gives: {least}"
            yield Hit(workload, f"{at}.resources.{part}.{field}", message)


def _uneven(workload: Document, at: str, held: Mapping[str, Any], span: list[str], name: str) -> Iterator[Hit]:
    requests = mapping(held, "requests")
    cpu, memory = _number(requests.get("cpu")), _number(requests.get("memory"))
    if cpu and memory and not number(span[0]) * cpu <= memory <= number(span[1]) * cpu:
        said = f"{requests['memory']} of memory to {requests['cpu']} of CPU"
        yield Hit(
            workload,
            f"{at}.resources.requests.memory",
            f"{said} is outside of what {title(name)} gives: {span[0]} to {span[1]} to a CPU",
        )


def _number(value: Any) -> Any:
    try:
        return number(str(value))
    except ValueError:  # none, or no quantity: the rule `schema` says so
        return None


@rule(
    "platform-probes",
    "error",
    "pin what is asked under `probes`, a route or a command, or exclude the namespace there and write a waiver",
    kinds=_SERVING,
    sources=(f"{_SAFEGUARDS}#general-safeguard-error-messages",),
)
def platform_probes(documents: Documents) -> Iterator[Hit]:
    """Every container has a readiness and a liveness probe, where the platform asks for them.

    AKS Automatic refuses a workload with a container that lacks one. A program that listens on nothing can be asked by a
    command: `probes: {readiness: {command: [./ready]}, liveness: {command: [./alive]}}`.

    Wrong, with `platform: aks-automatic`: a container without `livenessProbe`. Right: one with both probes.
    """
    if not fact(documents.platform, "needs-probes"):
        return
    for workload in documents.objects(*_SERVING):
        for at, container in containers(workload, "containers"):
            missing = [name for name in ("readinessProbe", "livenessProbe") if name not in container]
            if missing:
                said = " and ".join(f"`{name}`" for name in missing)
                message = (
                    f"container `{text(container, 'name')}` has no {said}, and {title(documents.platform)} refuses it"
                )
                yield Hit(workload, at, message)


@rule(
    "platform-class",
    "warning",
    "name a class that the cluster has: `class: gp3`",
    kinds=("PersistentVolumeClaim", "StatefulSet"),
    sources=("https://docs.aws.amazon.com/eks/latest/userguide/create-storage-class.html",),
)
def platform_class(documents: Documents) -> Iterator[Hit]:
    """A claim names its storage class, where the platform has no default one.

    New EKS clusters have none: a claim without a class waits, and its pod with it, until a class is made the
    default. Where that is so this can be waived. `class` of a volume holds in every environment; where only one of them is
    on such a platform, a patch of that environment names it, and a chart has it among the environment's values.

    Wrong, with `platform: eks`: `volumes: [{name: data, path: /data, size: 5Gi}]`. Right: the same with `class: gp3`.
    """
    if not fact(documents.platform, "class-needed"):
        return
    for claim in documents.objects("PersistentVolumeClaim"):
        yield from _classless(claim, "spec", mapping(claim.data, "spec"), documents)
    for workload in documents.objects("StatefulSet"):
        for at, template in items(mapping(workload.data, "spec"), "volumeClaimTemplates", "spec"):
            yield from _classless(workload, f"{at}.spec", mapping(template, "spec"), documents)


def _classless(document: Document, at: str, spec: Mapping[str, Any], documents: Documents) -> Iterator[Hit]:
    if "storageClassName" in spec:
        return
    field = f"{at}.storageClassName"
    said = f"has no class, and {title(documents.platform)} has no default class"
    patch = f"{{target: {document.target}, path: '{field}', value: gp3, reason: the class there}}"
    here = (
        f"name one that the cluster has in this environment: `environments.{documents.environment}.patches: [{patch}]`"
    )
    yield Hit(document, field, said, here if documents.environment else "")


@rule(
    "platform-selector",
    "error",
    "add a label to one selector that only its pods have",
    kinds=("Service",),
    sources=(f"{_SAFEGUARDS}#deployment-safeguards-policies",),
)
def platform_selector(documents: Documents) -> Iterator[Hit]:
    """No two Services have one selector, where the platform asks for that.

    AKS Automatic refuses the second. One Service with several ports does what two would, or one of them selects by one
    more label that the pods have.

    Wrong, with `platform: aks-automatic`: two Services with `selector: {app: web}`. Right: one of them with
    `{app: web, tier: front}`.
    """
    seen: dict[tuple[tuple[str, str], ...], str] = {}
    for service in documents.objects("Service") if fact(documents.platform, "unique-selectors") else ():
        selector = mapping(service.data, "spec", "selector")
        key = tuple(sorted((name, str(value)) for name, value in selector.items()))
        if key and key in seen:
            message = f"has the selector of `{seen[key]}`, and {title(documents.platform)} refuses it"
            yield Hit(service, "spec.selector", message)
        seen.setdefault(key, service.target)


@rule(
    "platform-label",
    "error",
    "choose another name",
    sources=(f"{_SAFEGUARDS}#general-safeguard-error-messages",),
)
def platform_label(documents: Documents) -> Iterator[Hit]:
    """No label is of a name that the platform keeps for itself.

    AKS Automatic refuses objects with labels below `kubernetes.azure.com`.

    Wrong, with `platform: aks-automatic`: `labels: {kubernetes.azure.com/team: shop}`. Right:
    `labels: {example.com/team: shop}`.
    """
    reserved = fact(documents.platform, "reserved-label")
    for item in documents.objects() if reserved else ():
        for label in mapping(item.data, "metadata", "labels"):
            prefix = str(label).partition("/")[0]
            if "/" in str(label) and (prefix == reserved or prefix.endswith(f".{reserved}")):
                message = f"label `{label}` is {title(documents.platform)}'s own"
                yield Hit(item, join("metadata.labels", str(label)), message)


RULES = (platform_user, platform_resources, platform_probes, platform_class, platform_selector, platform_label)
