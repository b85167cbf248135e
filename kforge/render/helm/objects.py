"""An object of one environment → its template with slots, and the values of its service that it shows.

One function a kind; what a kind does not name stays fixed. `condition` says which value an object depends on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kforge.artifacts import autoscaler
from kforge.domain.document import INCLUDED, Document
from kforge.domain.kubernetes.manifest import WAVE
from kforge.domain.kubernetes.objects import items, mapping, text
from kforge.render.helm import near_traffic, routes
from kforge.render.helm.expressions import SERVICE, among_fixed, below, block, called, mapped
from kforge.render.helm.pods import more, pod_labels, pod_template
from kforge.render.helm.scope import Scope
from kforge.render.helm.slots import ConditionSlot, LineSlot, ValueSlot

Data = dict[str, Any]
KEEP = "helm.sh/resource-policy: keep  # data outlive the release: delete the claim by hand"
_UTILISATION = {"cpu": "targetCPUUtilizationPercentage", "memory": "targetMemoryUtilizationPercentage"}


def template(document: Document, scope: Scope) -> Data:
    """The object with slots. Values go into the scope."""
    data: Data = dict(document.data or {})
    metadata = dict(mapping(data, "metadata"))
    if document.artifact == routes.LISTENERS:
        return _housed(routes.listener_set(document, {**data, "metadata": metadata}, scope))
    if document.artifact == INCLUDED or not scope.service:
        return _housed({**data, "metadata": metadata})
    own = OWN.get(document.kind)
    held = mapping(metadata, "annotations")
    metadata["labels"] = _labels(mapping(metadata, "labels"), scope)
    metadata["annotations"] = _annotations(held, scope, document.kind)
    out = {**data, "metadata": metadata}
    if document.kind in routes.ROUTES:
        out = routes.route(document, out, scope)
    spoken: Data = _spoken(_housed(own(out, scope) if own else out), scope)
    return spoken


def condition(document: Document) -> str:
    """The value without which an object is not there; "" for what always is."""
    if document.kind == "Namespace":
        return "$.Values.namespace.create"
    if document.artifact == INCLUDED:
        return ""
    return _CONDITIONS.get(document.kind, "")


SWITCHES = {
    "HorizontalPodAutoscaler": "autoscaling",
    "Ingress": "ingress",
    "PodDisruptionBudget": "disruptionBudget",
    **dict.fromkeys((*routes.ROUTES, "BackendTLSPolicy"), "route"),
}
_CONDITIONS = {
    **{kind: f"{SERVICE}.{key}.enabled" for kind, key in SWITCHES.items()},
    "NetworkPolicy": "$.Values.networkPolicy.enabled",
}


def _housed(data: Data) -> Data:
    """In the release's namespace, where an object is in one."""
    metadata = data["metadata"]
    if "namespace" in metadata:
        metadata = {**metadata, "namespace": ValueSlot("$.Release.Namespace")}
    if data.get("kind") == "Namespace":
        metadata = {**metadata, "name": ValueSlot("$.Release.Namespace")}
    return {**data, "metadata": metadata}


def _spoken(data: Any, scope: Scope) -> Any:
    """Names of one-off Jobs, which end in a digest of their templates, as the chart works them out."""
    if not scope.jobs:
        return data
    if isinstance(data, dict):
        return {key: _spoken(value, scope) for key, value in data.items()}
    if isinstance(data, list):
        return [_spoken(value, scope) for value in data]
    if isinstance(data, str) and data in scope.jobs:
        return ValueSlot(f'include "{scope.app}.{scope.jobs[data]}.job" $')
    return data


def _labels(held: Mapping[str, str], scope: Scope) -> Any:
    scope.values.setdefault("labels", {})
    extra = more(held, scope.standard)
    if extra is None:
        return dict(held)
    line = f"{{{{- {called(scope.app, 'labels', scope.service)} | nindent @2 }}}}"
    return mapped("labels", extra, (line,))


def _annotations(held: Mapping[str, str], scope: Scope, kind: str) -> Any:
    scope.values.setdefault("annotations", dict(scope.annotations))
    extra = more(held, scope.annotations)
    if extra is None:
        return dict(held)
    value, keep = f"{SERVICE}.annotations", (KEEP,) * (kind == "PersistentVolumeClaim")
    fixed = {key: said for key, said in extra.items() if key == WAVE or key.startswith("helm.sh/")}
    rest = {key: said for key, said in extra.items() if key not in fixed}
    if kind == "ServiceAccount":
        scope.values["serviceAccount"] = {"annotations": rest}
        value = f"merge (dict) {SERVICE}.serviceAccount.annotations {SERVICE}.annotations"
    elif kind in ("Ingress", *routes.ROUTES):
        way = SWITCHES[kind]
        scope.values.setdefault(way, {})["annotations"] = rest
        value = f"merge (dict) {SERVICE}.{way}.annotations {SERVICE}.annotations"
    else:
        fixed = extra
    written = (*fixed, *(line.partition(":")[0] for line in keep))
    return mapped("annotations", fixed, keep, among_fixed(value, written))


# ---- one function a kind -------------------------------------------------------------------------------------------
def _workload(data: Data, scope: Scope) -> Data:
    spec = dict(mapping(data, "spec"))
    replicas = spec.get("replicas", scope.fewest)
    if isinstance(replicas, int):
        scope.values["replicas"] = replicas
        shown = f"replicas: {{{{ {SERVICE}.replicas }}}}"
        unless = (f"{{{{- if not {SERVICE}.autoscaling.enabled }}}}", shown, "{{- end }}")
        spec["replicas"] = LineSlot(unless if scope.autoscaled else (shown,))
    most = 2 if scope.fewest is not None else replicas if isinstance(replicas, int) else 1
    spec["template"] = pod_template(mapping(spec, "template"), scope, most)
    claims = spec.get("volumeClaimTemplates")
    if isinstance(claims, list):
        spec["volumeClaimTemplates"] = [_claim(each, scope, text(mapping(each, "metadata"), "name")) for each in claims]
    return {**data, "spec": spec}


def _job(data: Data, scope: Scope) -> Data:
    spec = dict(mapping(data, "spec"))
    spec["template"] = pod_template(mapping(spec, "template"), scope)
    return {**data, "spec": spec}


def _cronjob(data: Data, scope: Scope) -> Data:
    job = _job(dict(mapping(data, "spec", "jobTemplate")), scope)
    metadata = dict(mapping(job, "metadata"))
    if "labels" in metadata:
        metadata["labels"] = pod_labels(mapping(metadata, "labels"), scope)
    return {**data, "spec": {**mapping(data, "spec"), "jobTemplate": {**job, "metadata": metadata}}}


def _is_texts(data: Any) -> bool:
    return isinstance(data, dict) and all(isinstance(value, str) for value in data.values())


def _own_claim(data: Data, scope: Scope) -> Data:
    return _claim(data, scope, text(mapping(data, "metadata"), "name").removeprefix(f"{scope.service}-"))


def _claim(data: Data, scope: Scope, volume: str) -> Data:
    spec = dict(mapping(data, "spec"))
    size = mapping(spec, "resources", "requests").get("storage")
    if not isinstance(size, str):
        return data
    value = below(f"{SERVICE}.storage", volume)
    held = {"size": size, "className": spec.get("storageClassName", "")}
    scope.values.setdefault("storage", {})[volume] = held
    requests = {**mapping(spec, "resources", "requests"), "storage": ValueSlot(f"{value}.size | quote")}
    spec["resources"] = {**spec["resources"], "requests": requests}
    named = "storageClassName: {{ . | quote }}"
    spec["storageClassName"] = LineSlot((f"{{{{- with {value}.className }}}}", named, "{{- end }}"))
    return {**data, "spec": spec}


def _configmap(data: Data, scope: Scope) -> Data:
    if not _is_texts(data.get("data")):
        return data
    scope.values["config"] = dict(data["data"])
    return {**data, "data": block("data", f"{SERVICE}.config")}


def _autoscaler(data: Data, scope: Scope) -> Data:
    spec, value = dict(mapping(data, "spec")), f"{SERVICE}.autoscaling"
    held: Data = {}
    for key in ("minReplicas", "maxReplicas"):
        held[key], spec[key] = spec.get(key, 1), ValueSlot(f"{value}.{key}")
    metrics = spec.get("metrics")
    own = bool(metrics) and isinstance(metrics, list) and mapping(metrics[0]).get("type") == "ContainerResource"
    container = scope.service if own else ""
    targets = [_target(each, container) for each in metrics] if isinstance(metrics, list) else [None]
    known = [each for each in targets if each]
    if targets == known == sorted(known):
        held |= {_UTILISATION[name]: number for name, number in known}
        lines = [line for name in _UTILISATION for line in _metric(name, f"{value}.{_UTILISATION[name]}", container)]
        spec["metrics"] = LineSlot(("metrics:", *lines))
    scope.values["autoscaling"] = {"enabled": True, **held}
    return {**data, "spec": spec}


def _target(metric: Any, container: str) -> tuple[str, int] | None:
    measured = mapping(metric, "containerResource" if container else "resource")
    name, number = text(measured, "name"), mapping(measured, "target").get("averageUtilization")
    plain = autoscaler.metric(name, number, container)
    return (name, number) if metric == plain and name in _UTILISATION and isinstance(number, int) else None


def _metric(name: str, value: str, container: str) -> tuple[str, ...]:
    head = ("- type: ContainerResource", "  containerResource:", f"    container: {container}")
    return (
        f"{{{{- with {value} }}}}",
        *(head if container else ("- type: Resource", "  resource:")),
        f"    name: {name}",
        "    target:",
        "      type: Utilization",
        "      averageUtilization: {{ . }}",
        "{{- end }}",
    )


def _budget(data: Data, scope: Scope) -> Data:
    held: Data = {"enabled": True}
    spec = dict(mapping(data, "spec"))
    if "maxUnavailable" in spec:
        held["maxUnavailable"] = spec["maxUnavailable"]
        spec["maxUnavailable"] = ValueSlot(f"{SERVICE}.disruptionBudget.maxUnavailable")
    scope.values["disruptionBudget"] = held
    return {**data, "spec": spec}


def _ingress(data: Data, scope: Scope) -> Data:
    spec, value = dict(mapping(data, "spec")), f"{SERVICE}.ingress"
    held = scope.values.setdefault("ingress", {})
    held |= {"enabled": True, "className": spec.get("ingressClassName", "")}
    named = "ingressClassName: {{ . | quote }}"
    spec["ingressClassName"] = LineSlot((f"{{{{- with {value}.className }}}}", named, "{{- end }}"))
    rules, tls = [each for _, each in items(spec, "rules")], [each for _, each in items(spec, "tls")]
    paths = [each for rule in rules for _, each in items(mapping(rule, "http"), "paths")]
    host, path = (text(each[0], key) if each else "" for each, key in ((rules, "host"), (paths, "path")))
    secret = text(tls[0], "secretName") if tls else f"{scope.service}-tls"
    plain = {"rules": [{"host": host, "http": {"paths": [{**(paths[0] if paths else {}), "path": path}]}}]}
    encrypted = {"tls": [{"hosts": [host], "secretName": secret}]} if tls else {}
    if {key: spec[key] for key in ("rules", "tls") if key in spec} == {**plain, **encrypted}:
        held |= {"host": host, "path": path, "tls": {"enabled": bool(tls), "secretName": secret}}
        route = {**paths[0], "path": ValueSlot(f"{value}.path | quote")}
        spec["rules"] = [{"host": ValueSlot(f"{value}.host | quote"), "http": {"paths": [route]}}]
        spec["tls"] = _encrypted(value)
    return {**data, "spec": spec}


def _encrypted(value: str) -> LineSlot:
    return LineSlot(
        (
            f"{{{{- if {value}.tls.enabled }}}}",
            "tls:",
            "- hosts:",
            f"  - {{{{ {value}.host | quote }}}}",
            f"  secretName: {{{{ {value}.tls.secretName | quote }}}}",
            "{{- end }}",
        )
    )


def _policy(data: Data, scope: Scope) -> Data:
    """The rule that lets every client in, to the port behind the Ingress or the route, goes with these."""
    spec, outside = dict(mapping(data, "spec")), routes.switch(scope.kinds)
    rules = [each for _, each in items(spec, "ingress")]
    if not outside or rules != spec.get("ingress", []):
        return data
    opened = rules.pop() if rules and rules[-1].keys() == {"ports"} else None
    if rules:
        spec["ingress"] = [*rules, ConditionSlot(outside, opened)]
    else:
        spec["ingress"] = ConditionSlot(outside, None if opened is None else [opened])
    return {**data, "spec": spec}


def _binding(data: Data, scope: Scope) -> Data:
    """Who is bound lives where the release does: without a namespace the API server would refuse the binding."""
    subjects = [{**each, "namespace": ValueSlot("$.Release.Namespace")} for _, each in items(data, "subjects")]
    return {**data, "subjects": subjects}


OWN: Mapping[str, Callable[[Data, Scope], Data]] = {
    "BackendTLSPolicy": routes.backend_policy,
    "ConfigMap": _configmap,
    "CronJob": _cronjob,
    "Deployment": _workload,
    "HorizontalPodAutoscaler": _autoscaler,
    "Ingress": _ingress,
    "Job": _job,
    "NetworkPolicy": _policy,
    "PersistentVolumeClaim": _own_claim,
    "PodDisruptionBudget": _budget,
    "RoleBinding": _binding,
    "Service": near_traffic.service,
    "StatefulSet": _workload,
}
