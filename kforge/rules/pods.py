"""Containers as the API server validates them, beyond what a schema can say: ports, variables, mounts, probes, amounts.

Source: k8s.io/kubernetes/pkg/apis/core/validation, and what kube-apiserver 1.34 was seen to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from kforge.domain.document import Document, Documents, pod_spec
from kforge.domain.finding import Hit, Rule
from kforge.domain.kubernetes.objects import containers, items, mapping, text, workloads
from kforge.domain.kubernetes.quantity import number

Violation = tuple[str, str]  # field path, message
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_PORT_NAME = re.compile(r"(?=.{1,15}\Z)(?=.*[a-z])(?!.*--)[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_ENV_NAME = re.compile(r"[\x20-\x3c\x3e-\x7e]+")  # printable ASCII without `=`, since 1.34
_STRICT_ENV_NAME = re.compile(r"(?!\.\.?\Z)[-._a-zA-Z][-._a-zA-Z0-9]*")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_TIMES = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")
_PLAIN_RESOURCES = ("cpu", "memory", "ephemeral-storage")
_SOURCES = ("configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef")


def _each(control: Callable[[str, Mapping[str, Any]], Iterator[Violation]]) -> Callable[[Documents], Iterator[Hit]]:
    """A check of every container: field paths and messages become hits."""

    def check(documents: Documents) -> Iterator[Hit]:
        for document in workloads(documents):
            for path, container in containers(document):
                yield from (Hit(document, field, message) for field, message in control(path, container))

    return check


def is_port(number: Any) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and 1 <= number <= 65535


def _names(documents: Documents) -> Iterator[Hit]:
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
            yield f"{path}.name", f"`{name}` is no name for a {what}: at most 63 of a-z, 0-9, `-`"
        elif name in seen:
            yield f"{path}.name", f"there is another {what} `{name}`"
        seen.add(name)


def _ports(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    names: set[str] = set()
    for at, port in items(container, "ports", path):
        number, name = port.get("containerPort"), text(port, "name")
        if not is_port(number):
            yield f"{at}.containerPort", f"`{number}` is no port: 1 to 65535"
        if name and not _PORT_NAME.fullmatch(name):
            yield f"{at}.name", f"`{name}` is no port name: at most 15 of a-z, 0-9, `-`, with a letter and no `--`"
        elif name and name in names:
            yield f"{at}.name", f"there is another port `{name}` in this container"
        names.add(name)


def _ports_twice(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    seen: set[tuple[str, str]] = set()
    for at, port in items(container, "ports", path):
        key = (str(port.get("containerPort")), text(port, "protocol") or "TCP")
        if key in seen:
            yield f"{at}.containerPort", f"port {key[0]} is there twice"
        seen.add(key)


def _env(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    for at, variable in items(container, "env", path):
        name, source = text(variable, "name"), mapping(variable, "valueFrom")
        if not _ENV_NAME.fullmatch(name):
            yield f"{at}.name", f"`{name}` is no name for a variable: printable ASCII without `=`"
        if source and variable.get("value"):
            yield f"{at}.valueFrom", f"variable `{name}` has a value and a source"
        if "valueFrom" in variable and sum(key in source for key in _SOURCES) != 1:
            yield f"{at}.valueFrom", f"variable `{name}` needs exactly one source"
    for at, whole in items(container, "envFrom", path):
        if sum(key in whole for key in ("configMapRef", "secretRef")) != 1:
            yield at, "exactly one of `configMapRef` and `secretRef` is needed"


def _env_twice(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    seen: set[str] = set()
    for at, variable in items(container, "env", path):
        name = text(variable, "name")
        if name in seen:
            yield f"{at}.name", f"variable `{name}` is there twice; the last one holds"
        elif not _STRICT_ENV_NAME.fullmatch(name):
            yield f"{at}.name", f"variable `{name}` cannot be read by a shell, and Kubernetes before 1.34 refuses it"
        seen.add(name)


def _mounts(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    seen: set[str] = set()
    for at, mount in items(container, "volumeMounts", path):
        folder, below = text(mount, "mountPath"), text(mount, "subPath")
        if not folder:
            yield f"{at}.mountPath", "the mount has no path"
        elif folder in seen:
            yield f"{at}.mountPath", f"`{folder}` is mounted twice"
        elif ":" in folder:
            yield f"{at}.mountPath", f"`{folder}` contains `:`"
        if below.startswith("/") or ".." in below.split("/"):
            yield f"{at}.subPath", f"`{below}` leads out of the volume"
        seen.add(folder)


def _volume_source(documents: Documents) -> Iterator[Hit]:
    for document in workloads(documents):
        where, pod = pod_spec(document) or ("", {})
        for at, volume in items(pod, "volumes", where):
            sources = sorted(key for key in volume if key != "name")
            if len(sources) > 1:
                said = ", ".join(f"`{source}`" for source in sources)
                yield Hit(document, at, f"volume `{text(volume, 'name')}` has several sources: {said}")


def _probes(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        probe = container.get(name)
        if not isinstance(probe, dict):
            continue
        at = f"{path}.{name}"
        handlers = [handler for handler in _HANDLERS if handler in probe]
        if len(handlers) != 1:
            yield at, f"a probe needs exactly one of {', '.join(f'`{handler}`' for handler in _HANDLERS)}"
        for handler in handlers:
            yield from _port(f"{at}.{handler}.port", mapping(probe, handler), handler)
        for key in _TIMES:
            if isinstance(probe.get(key), int) and probe[key] < 0:
                yield f"{at}.{key}", "a negative number"
        if name != "readinessProbe" and probe.get("successThreshold") not in (None, 0, 1):
            yield f"{at}.successThreshold", "only a readiness probe may need more than one success"
        if name == "readinessProbe" and "terminationGracePeriodSeconds" in probe:
            yield f"{at}.terminationGracePeriodSeconds", "a readiness probe ends nothing"


def _port(path: str, handler: Mapping[str, Any], kind: str) -> Iterator[Violation]:
    port = handler.get("port")
    good = is_port(port) or (kind != "grpc" and isinstance(port, str) and _PORT_NAME.fullmatch(port))
    if kind != "exec" and not good:
        yield path, f"`{port}` is no port"


def _amounts(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    held = mapping(container, "resources")
    requests, limits = mapping(held, "requests"), mapping(held, "limits")
    for group, amounts in (("requests", requests), ("limits", limits)):
        for name, amount in amounts.items():
            if str(amount).startswith("-"):
                yield _amount(path, group, name), f"`{amount}` is negative"
    for name, amount in requests.items():
        least, most = _exact(amount), _exact(limits.get(name))
        if least is not None and most is not None and least > most:
            yield _amount(path, "requests", name), f"the {name} request `{amount}` is above the limit `{limits[name]}`"
        elif _extended(name) and least != most:
            yield _amount(path, "requests", name), f"request and limit of `{name}` must be equal"


def _exact(amount: Any) -> Fraction | None:
    """The number that a quantity means, None for what is no quantity: that is the schema's to say."""
    try:
        return number(str(amount))
    except ValueError:
        return None


def _amount(path: str, group: str, name: str) -> str:
    return f'{path}.resources.{group}["{name}"]' if "/" in name or "." in name else f"{path}.resources.{group}.{name}"


def _extended(name: str) -> bool:
    return name not in _PLAIN_RESOURCES and ("/" in name or name.startswith("hugepages-"))


def _pull_policy(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    policy = container.get("imagePullPolicy")
    if policy not in (None, "", "Always", "IfNotPresent", "Never"):
        yield f"{path}.imagePullPolicy", f"`{policy}` is none of `Always`, `IfNotPresent`, `Never`"
    if not text(container, "image"):
        yield f"{path}.image", f"container `{text(container, 'name')}` has no image"
    context = mapping(container, "securityContext")
    added = mapping(context, "capabilities").get("add")
    strong = context.get("privileged") is True or any(
        str(name).removeprefix("CAP_") == "SYS_ADMIN" for name in (added if isinstance(added, list) else ())
    )
    if context.get("allowPrivilegeEscalation") is False and strong:
        yield f"{path}.securityContext.allowPrivilegeEscalation", "the container is privileged all the same"


def _restart(documents: Documents) -> Iterator[Hit]:
    for document in workloads(documents):
        where, pod = pod_spec(document) or ("", {})
        policy = pod.get("restartPolicy")
        if document.kind in ("Job", "CronJob") and policy not in ("OnFailure", "Never"):
            yield Hit(document, f"{where}.restartPolicy", f"a {document.kind} needs `OnFailure` or `Never`")
        elif document.kind not in ("Job", "CronJob", "Pod") and policy not in (None, "Always"):
            yield Hit(document, f"{where}.restartPolicy", f"a {document.kind} restarts `Always`, not `{policy}`")


def _spread(document: Document) -> Iterator[Violation]:
    where, pod = pod_spec(document) or ("", {})
    seen: set[tuple[str, str]] = set()
    for at, constraint in items(pod, "topologySpreadConstraints", where):
        key = (text(constraint, "topologyKey"), text(constraint, "whenUnsatisfiable"))
        if key in seen:
            yield at, f"`{key[0]}` with `{key[1]}` is there twice"
        skew = constraint.get("maxSkew")
        if isinstance(skew, int) and skew < 1:
            yield f"{at}.maxSkew", "the skew must be above 0"
        seen.add(key)


def _tolerations(document: Document) -> Iterator[Violation]:
    where, pod = pod_spec(document) or ("", {})
    for at, toleration in items(pod, "tolerations", where):
        operator = text(toleration, "operator") or "Equal"
        if operator not in ("Equal", "Exists"):
            yield f"{at}.operator", f"`{operator}` is none of `Equal`, `Exists`"
        elif operator == "Exists" and toleration.get("value"):
            yield f"{at}.value", "`Exists` takes no value"
        elif operator == "Equal" and not toleration.get("key"):
            yield f"{at}.key", "without a key the operator must be `Exists`"
        if "tolerationSeconds" in toleration and toleration.get("effect") != "NoExecute":
            yield f"{at}.tolerationSeconds", "seconds need `effect: NoExecute`"


def _scheduling(documents: Documents) -> Iterator[Hit]:
    for document in workloads(documents):
        for control in (_spread, _tolerations):
            yield from (Hit(document, field, message) for field, message in control(document))


_HINT = "the API server refuses the object"
RULES = (
    Rule("pod-names", "error", "give each container and volume a name of its own", _names, waivable=False),
    Rule(
        "container-port", "error", "use numbers from 1 to 65535 and names of their own", _each(_ports), waivable=False
    ),
    Rule("port-twice", "warning", "keep one: kustomize and kubectl take them for the same", _each(_ports_twice)),
    Rule("env", "error", _HINT, _each(_env), waivable=False),
    Rule("env-name", "warning", "use each name once, of letters, digits and `_`", _each(_env_twice)),
    Rule("mount-path", "error", "mount each path once", _each(_mounts), waivable=False),
    Rule("volume-source", "error", "split it into several volumes", _volume_source, waivable=False),
    Rule("probe", "error", _HINT, _each(_probes), waivable=False),
    Rule("request-limit", "error", "lower the request or raise the limit", _each(_amounts), waivable=False),
    Rule("container", "error", _HINT, _each(_pull_policy), waivable=False),
    Rule("restart-policy", "error", _HINT, _restart, waivable=False),
    Rule("scheduling", "error", _HINT, _scheduling, waivable=False),
)
