"""What a pod names exists: keys, volumes, claims, accounts, ports.

The API server takes any name; the pod then waits for ever.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import POD_PATHS, Document, Documents, pod_spec
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.names import DONE
from kforge.domain.kubernetes.objects import containers, items, mapping, text, workloads

_PODS = tuple(POD_PATHS)
PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_EVERYWHERE = "kube-root-ca.crt"  # the controller manager makes it in every namespace
Use = tuple[str, str, str, str]  # field path, kind, name, key ("" for the whole object)


def _named(documents: Documents, kind: str) -> dict[str, Document]:
    return {document.name: document for document in documents.objects(kind)}


def _missing(documents: Documents, kind: str, name: str, there: Mapping[str, Document]) -> bool:
    """Whether no document is that object; one that exists outside (`external`) counts as there."""
    return name not in there and f"{kind}/{name}" not in documents.external


@rule(
    "config-key",
    "error",
    "add the file or key, or make the reference optional",
    kinds=_PODS,
    sources=("https://kubernetes.io/docs/concepts/configuration/configmap/#using-configmaps-as-files-from-a-pod",),
)
def config_key(documents: Documents) -> Iterator[Hit]:
    """The ConfigMap that a pod reads is there, and so is the key.

    A container whose variable or file comes from a key that does not exist stays in `CreateContainerConfigError`, and
    its pod never starts. Secrets are made outside; of one that is an included manifest, the keys are checked as well.

    Wrong:
        env: [{name: FLAG, valueFrom: {configMapKeyRef: {name: web, key: flags}}}]
    Right:
        env: [{name: FLAG, valueFrom: {configMapKeyRef: {name: web, key: flag}}}]
    """
    there = {kind: _named(documents, kind) for kind in ("ConfigMap", "Secret")}
    for workload in workloads(documents):
        for path, kind, name, key in _uses(workload):
            found = there[kind].get(name)
            if found is None:
                if kind == "ConfigMap" and name != _EVERYWHERE and _missing(documents, kind, name, there[kind]):
                    yield Hit(workload, path, f"ConfigMap `{name}` does not exist")
            elif (
                key
                and not _written(documents, name, key)
                and not any(key in mapping(found.data, part) for part in ("data", "binaryData", "stringData"))
            ):
                yield Hit(workload, path, f"{kind} `{name}` has no key `{key}`")


def _written(documents: Documents, name: str, key: str) -> bool:
    """Whether a Job writes that key into the ConfigMap of its name when it is done."""
    return key == DONE and any(document.name == name for document in documents.objects("Job"))


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


@rule(
    "volume-mount",
    "error",
    "declare the volume or correct the name",
    kinds=_PODS,
    sources=("https://kubernetes.io/docs/concepts/storage/volumes/",),
    waivable=False,
)
def volume_mount(documents: Documents) -> Iterator[Hit]:
    """What a container mounts is a volume of its pod.

    The API server refuses a mount whose name no volume, and no claim template of a StatefulSet, has.

    Wrong:
        volumeMounts: [{name: conf, mountPath: /etc/web}]
    Right:
        volumeMounts: [{name: config, mountPath: /etc/web}]
    """
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


@rule("unused-volume", "warning", "mount it or drop it", kinds=_PODS)
def unused_volume(documents: Documents) -> Iterator[Hit]:
    """Every volume of a pod is mounted by a container.

    One that is not is work for the node and a question for the reader, and mostly the mount was forgotten: the program
    then writes where nothing is kept.

    Wrong:
        spec:
          volumes: [{name: cache, emptyDir: {}}]
          containers: [{name: web}]
    Right:
        spec:
          volumes: [{name: cache, emptyDir: {}}]
          containers: [{name: web, volumeMounts: [{name: cache, mountPath: /var/cache/web}]}]
    """
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


@rule(
    "claim",
    "error",
    "declare the volume in the spec, or add the claim to `include`",
    kinds=_PODS,
    sources=("https://kubernetes.io/docs/concepts/storage/persistent-volumes/#claims-as-volumes",),
)
def claim(documents: Documents) -> Iterator[Hit]:
    """The claim that a pod mounts is there.

    A pod whose claim does not exist stays `Pending`. One that the cluster's owners make outside is waived with the
    reason.

    Wrong:
        spec:
          volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
    Right:
        spec:
          volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata: {name: data}
    """
    there = _named(documents, "PersistentVolumeClaim")
    for workload in workloads(documents):
        where, pod = pod_spec(workload) or ("", {})
        for at, volume in items(pod, "volumes", where):
            name = text(mapping(volume, "persistentVolumeClaim"), "claimName")
            if name and _missing(documents, "PersistentVolumeClaim", name, there):
                yield Hit(workload, f"{at}.persistentVolumeClaim.claimName", f"claim `{name}` does not exist")


@rule(
    "service-account",
    "error",
    "name one that kforge writes, or add it to `include`",
    kinds=_PODS,
    sources=("https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/",),
)
def service_account(documents: Documents) -> Iterator[Hit]:
    """The service account that a pod runs as is there.

    Pods of an account that does not exist are never made: the controller writes an event, and nothing else shows it.

    Wrong:
        spec: {serviceAccountName: wbe}
    Right:
        spec: {serviceAccountName: web}
    """
    there = _named(documents, "ServiceAccount")
    for workload in workloads(documents):
        where, pod = pod_spec(workload) or ("", {})
        name = text(pod, "serviceAccountName")
        if name not in ("", "default") and _missing(documents, "ServiceAccount", name, there):
            yield Hit(workload, f"{where}.serviceAccountName", f"service account `{name}` does not exist")


@rule(
    "probe-port",
    "error",
    "use a port's name or number that the container declares",
    kinds=_PODS,
    sources=(
        "https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#use-a-named-port",
    ),
)
def probe_port(documents: Documents) -> Iterator[Hit]:
    """The port that a probe or hook names is declared by its container.

    The kubelet looks the name up among the container's ports. One that it does not find is a failed probe, and the
    container is restarted for ever, or never gets traffic.

    Wrong:
        livenessProbe: {httpGet: {path: /live, port: web}}
    Right:
        livenessProbe: {httpGet: {path: /live, port: http}}
    """
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


RULES = (config_key, volume_mount, unused_volume, claim, service_account, probe_port)
