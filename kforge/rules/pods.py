"""Pods as the API server validates them, beyond what a schema can say: names, volumes, restarts, scheduling.

Source: k8s.io/kubernetes/pkg/apis/core/validation, and what kube-apiserver 1.34 was seen to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import POD_PATHS, Document, Documents, pod_spec
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.each_container import Violation
from kforge.domain.kubernetes.objects import containers, items, text, workloads

_PODS = tuple(POD_PATHS)
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_REFUSED = "the API server refuses the object"


@rule(
    "pod-names",
    "error",
    "give each container and volume a name of its own",
    kinds=_PODS,
    sources=("https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names",),
    waivable=False,
)
def pod_names(documents: Documents) -> Iterator[Hit]:
    """A pod has a container, and its containers and volumes have names of their own, DNS labels.

    Mounts, logs and `kubectl exec` find a container or volume by its name. The API server refuses a pod without
    containers, a name twice, and a name with anything but lower-case letters, digits and `-`.

    Wrong:
        name: Web_1
    Right:
        name: web-1
    """
    for document in workloads(documents):
        where, pod = pod_spec(document) or ("", {})
        if not pod.get("containers"):
            yield Hit(document, f"{where}.containers", "the pod has no container")
        yield from (Hit(document, *fault) for fault in _unique(containers(document), "container"))
        yield from (Hit(document, *fault) for fault in _unique(items(pod, "volumes", where), "volume"))


def _unique(found: Iterator[tuple[str, Mapping[str, Any]]], what: str) -> Iterator[Violation]:
    seen: set[str] = set()
    for path, item in found:
        name = text(item, "name")
        if not _LABEL.fullmatch(name):
            yield f"{path}.name", f"`{name}` is not a {what} name: at most 63 of a-z, 0-9, `-`"
        elif name in seen:
            yield f"{path}.name", f"another {what} is named `{name}`"
        seen.add(name)


@rule(
    "volume-source",
    "error",
    "split it into several volumes",
    kinds=_PODS,
    sources=("https://kubernetes.io/docs/concepts/storage/volumes/#volume-types",),
    waivable=False,
)
def volume_source(documents: Documents) -> Iterator[Hit]:
    """A volume has one source.

    A volume is a claim, or a ConfigMap, or an empty folder, never two of them: the API server refuses it. Several
    sources below one folder are one `projected` volume.

    Wrong:
        spec:
          volumes: [{name: tmp, emptyDir: {}, configMap: {name: web}}]
    Right:
        spec:
          volumes: [{name: tmp, emptyDir: {}}, {name: config, configMap: {name: web}}]
    """
    for document in workloads(documents):
        where, pod = pod_spec(document) or ("", {})
        for at, volume in items(pod, "volumes", where):
            sources = sorted(key for key in volume if key != "name")
            if len(sources) > 1:
                said = ", ".join(f"`{source}`" for source in sources)
                yield Hit(document, at, f"volume `{text(volume, 'name')}` has several sources: {said}")


@rule(
    "restart-policy",
    "error",
    _REFUSED,
    kinds=_PODS,
    sources=("https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#restart-policy",),
    waivable=False,
)
def restart_policy(documents: Documents) -> Iterator[Hit]:
    """A workload restarts its containers as its kind does.

    What serves is restarted `Always`; what ends, a Job or CronJob, `OnFailure` or `Never`, or it would run again and
    again. The API server refuses the object otherwise.

    Wrong:
        kind: Job
        spec: {template: {spec: {restartPolicy: Always}}}
    Right:
        kind: Job
        spec: {template: {spec: {restartPolicy: OnFailure}}}
    """
    for document in workloads(documents):
        where, pod = pod_spec(document) or ("", {})
        policy = pod.get("restartPolicy")
        if document.kind in ("Job", "CronJob") and policy not in ("OnFailure", "Never"):
            yield Hit(document, f"{where}.restartPolicy", f"a {document.kind} needs `OnFailure` or `Never`")
        elif document.kind not in ("Job", "CronJob", "Pod") and policy not in (None, "Always"):
            yield Hit(document, f"{where}.restartPolicy", f"a {document.kind} restarts `Always`, not `{policy}`")


@rule(
    "scheduling",
    "error",
    _REFUSED,
    kinds=_PODS,
    sources=(
        "https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/",
        "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
    ),
    waivable=False,
)
def scheduling(documents: Documents) -> Iterator[Hit]:
    """Tolerations and spread constraints agree with themselves.

    `Exists` takes no value, `Equal` needs a key, and seconds need the effect `NoExecute`; a spread constraint has a
    skew above 0, and stands there once for a topology key. The API server refuses the object otherwise.

    Wrong:
        spec:
          tolerations: [{key: spot, operator: Exists, value: "true"}]
    Right:
        spec:
          tolerations: [{key: spot, operator: Exists}]
    """
    for document in workloads(documents):
        for control in (_spread, _tolerations):
            yield from (Hit(document, field, message) for field, message in control(document))


def _spread(document: Document) -> Iterator[Violation]:
    where, pod = pod_spec(document) or ("", {})
    seen: set[tuple[str, str]] = set()
    for at, constraint in items(pod, "topologySpreadConstraints", where):
        key = (text(constraint, "topologyKey"), text(constraint, "whenUnsatisfiable"))
        if key in seen:
            yield at, f"`{key[0]}` with `{key[1]}` is listed twice"
        skew = constraint.get("maxSkew")
        if isinstance(skew, int) and skew < 1:
            yield f"{at}.maxSkew", "the skew must be above 0"
        seen.add(key)


def _tolerations(document: Document) -> Iterator[Violation]:
    where, pod = pod_spec(document) or ("", {})
    for at, toleration in items(pod, "tolerations", where):
        operator = text(toleration, "operator") or "Equal"
        if operator not in ("Equal", "Exists"):
            yield f"{at}.operator", f"`{operator}` is not `Equal` or `Exists`"
        elif operator == "Exists" and toleration.get("value"):
            yield f"{at}.value", "`Exists` takes no value"
        elif operator == "Equal" and not toleration.get("key"):
            yield f"{at}.key", "without a key the operator must be `Exists`"
        if "tolerationSeconds" in toleration and toleration.get("effect") != "NoExecute":
            yield f"{at}.tolerationSeconds", "seconds need `effect: NoExecute`"


RULES = (pod_names, volume_source, restart_policy, scheduling)
