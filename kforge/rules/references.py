"""What an object names exists: keys, volumes, claims, accounts, targets, ports.

The API server takes any name; the pod then waits for ever, or the controller reports into the void. Secrets are made
elsewhere, so only the keys of one that is here are checked. `Kind/name` in `external` counts as there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import Document, Documents, pod_spec
from kforge.domain.finding import Hit, Rule
from kforge.domain.kubernetes.objects import containers, items, mapping, text, workloads

PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
Use = tuple[str, str, str, str]  # field path, kind, name, key ("" for the whole object)


def _named(documents: Documents, kind: str) -> dict[str, Document]:
    return {document.name: document for document in documents.objects(kind)}


def _missing(documents: Documents, kind: str, name: str, there: Mapping[str, Document]) -> bool:
    return name not in there and f"{kind}/{name}" not in documents.external


def _config_key(documents: Documents) -> Iterator[Hit]:
    there = {kind: _named(documents, kind) for kind in ("ConfigMap", "Secret")}
    for workload in workloads(documents):
        for path, kind, name, key in _uses(workload):
            found = there[kind].get(name)
            if found is None:
                if kind == "ConfigMap" and _missing(documents, kind, name, there[kind]):
                    yield Hit(workload, path, f"ConfigMap `{name}` is not there")
            elif key and not any(key in mapping(found.data, part) for part in ("data", "binaryData", "stringData")):
                yield Hit(workload, path, f"{kind} `{name}` has no key `{key}`")


def _uses(workload: Document) -> Iterator[Use]:
    for path, container in containers(workload):
        for at, variable in items(container, "env", path):
            for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
                source = mapping(variable, "valueFrom", field)
                if source and source.get("optional") is not True:
                    yield f"{at}.valueFrom.{field}", kind, text(source, "name"), text(source, "key")
        for at, source in items(container, "envFrom", path):
            for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
                whole = mapping(source, field)
                if whole and whole.get("optional") is not True:
                    yield f"{at}.{field}", kind, text(whole, "name"), ""
    where, pod = pod_spec(workload) or ("", {})
    for at, volume in items(pod, "volumes", where):
        yield from _volume_uses(at, volume, "secretName")
        for below, source in items(mapping(volume, "projected"), "sources", f"{at}.projected"):
            yield from _volume_uses(below, source, "name")


def _volume_uses(path: str, volume: Mapping[str, Any], secret_name: str) -> Iterator[Use]:
    for field, kind, named in (("configMap", "ConfigMap", "name"), ("secret", "Secret", secret_name)):
        source = mapping(volume, field)
        if not source or source.get("optional") is True:
            continue
        yield f"{path}.{field}", kind, text(source, named), ""
        for at, item in items(source, "items", f"{path}.{field}"):
            yield f"{at}.key", kind, text(source, named), text(item, "key")


def _volume_mount(documents: Documents) -> Iterator[Hit]:
    for workload in workloads(documents):
        there = _volumes(workload)
        for path, container in containers(workload):
            for key in ("volumeMounts", "volumeDevices"):
                for at, mount in items(container, key, path):
                    if (name := text(mount, "name")) not in there:
                        yield Hit(workload, f"{at}.name", f"volume `{name}` is not declared")


def _volumes(workload: Document) -> set[str]:
    where, pod = pod_spec(workload) or ("", {})
    declared = {text(volume, "name") for _, volume in items(pod, "volumes", where)}
    templates = items(mapping(workload.data, "spec"), "volumeClaimTemplates") if workload.kind == "StatefulSet" else ()
    return declared | {text(mapping(template, "metadata"), "name") for _, template in templates}


def _unused_volume(documents: Documents) -> Iterator[Hit]:
    for workload in workloads(documents):
        where, pod = pod_spec(workload) or ("", {})
        used = {
            text(mount, "name")
            for path, container in containers(workload)
            for key in ("volumeMounts", "volumeDevices")
            for _, mount in items(container, key, path)
        }
        for at, volume in items(pod, "volumes", where):
            if (name := text(volume, "name")) and name not in used:
                yield Hit(workload, at, f"volume `{name}` is mounted nowhere")


def _claim(documents: Documents) -> Iterator[Hit]:
    there = _named(documents, "PersistentVolumeClaim")
    for workload in workloads(documents):
        where, pod = pod_spec(workload) or ("", {})
        for at, volume in items(pod, "volumes", where):
            name = text(mapping(volume, "persistentVolumeClaim"), "claimName")
            if name and _missing(documents, "PersistentVolumeClaim", name, there):
                yield Hit(workload, f"{at}.persistentVolumeClaim.claimName", f"claim `{name}` is not there")


def _account(documents: Documents) -> Iterator[Hit]:
    there = _named(documents, "ServiceAccount")
    for workload in workloads(documents):
        where, pod = pod_spec(workload) or ("", {})
        name = text(pod, "serviceAccountName")
        if name not in ("", "default") and _missing(documents, "ServiceAccount", name, there):
            yield Hit(workload, f"{where}.serviceAccountName", f"service account `{name}` is not there")


def _probe_port(documents: Documents) -> Iterator[Hit]:
    for workload in workloads(documents):
        for path, container in containers(workload):
            names = {text(port, "name") for _, port in items(container, "ports")}
            for at, handler in _handlers(path, container):
                for kind in ("httpGet", "tcpSocket"):
                    port = text(mapping(handler, kind), "port")
                    if port and port not in names:
                        yield Hit(workload, f"{at}.{kind}.port", f"the container declares no port named `{port}`")


def _handlers(path: str, container: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for probe in PROBES:
        yield f"{path}.{probe}", mapping(container, probe)
    for hook in ("postStart", "preStop"):
        yield f"{path}.lifecycle.{hook}", mapping(container, "lifecycle", hook)


def _scale_target(documents: Documents) -> Iterator[Hit]:
    taken: dict[str, str] = {}
    for scaler in documents.objects("HorizontalPodAutoscaler"):
        reference = mapping(scaler.data, "spec", "scaleTargetRef")
        kind, name = text(reference, "kind"), text(reference, "name")
        target = f"{kind}/{name}"
        if documents.get(kind, name) is None:
            if target not in documents.external:
                yield Hit(scaler, "spec.scaleTargetRef", f"`{target}` is not there")
        elif target in taken:
            yield Hit(scaler, "spec.scaleTargetRef", f"`{target}` is already scaled by `{taken[target]}`")
        taken.setdefault(target, scaler.target)


def _scale_request(documents: Documents) -> Iterator[Hit]:
    for scaler in documents.objects("HorizontalPodAutoscaler"):
        spec = mapping(scaler.data, "spec")
        reference = mapping(spec, "scaleTargetRef")
        workload = documents.get(text(reference, "kind"), text(reference, "name"))
        for at, metric in items(spec, "metrics", "spec") if workload else ():
            resource = mapping(metric, "resource")
            if "averageUtilization" not in mapping(resource, "target"):
                continue
            for _, container in containers(workload, "containers") if workload else ():
                wanted, held = text(resource, "name"), mapping(container, "resources")
                if wanted not in mapping(held, "requests") and wanted not in mapping(held, "limits"):
                    message = (
                        f"container `{text(container, 'name')}` requests no {wanted} that a percentage could be of"
                    )
                    yield Hit(scaler, f"{at}.resource", message)


RULES = (
    Rule("config-key", "error", "add the file or key, or make the reference optional", _config_key),
    Rule("volume-mount", "error", "declare the volume or correct the name", _volume_mount, waivable=False),
    Rule("unused-volume", "warning", "mount it or drop it", _unused_volume),
    Rule("claim", "error", "declare the volume in the spec, or make the claim part of `include`", _claim),
    Rule("service-account", "error", "name one that is made here, or make it part of `include`", _account),
    Rule("probe-port", "error", "use a port's name or number that the container declares", _probe_port),
    Rule("scale-target", "error", "scale one workload by one autoscaler", _scale_target),
    Rule("scale-request", "error", "set the request; without it the autoscaler does nothing", _scale_request),
)
