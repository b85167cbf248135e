"""Containers as the API server validates them, beyond what a schema can say: ports, variables, mounts, amounts.

Source: k8s.io/kubernetes/pkg/apis/core/validation, and what kube-apiserver 1.34 was seen to refuse.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from kforge.domain.document import POD_PATHS
from kforge.domain.finding import rule
from kforge.domain.kubernetes.each_container import Violation, each_container
from kforge.domain.kubernetes.objects import PORT_NAME, is_port, items, mapping, text
from kforge.domain.kubernetes.quantity import number

_PODS = tuple(POD_PATHS)
_ENV_NAME = re.compile(r"[\x20-\x3c\x3e-\x7e]+")  # printable ASCII without `=`, since 1.34
_STRICT_ENV_NAME = re.compile(r"(?!\.\.?\Z)[-._a-zA-Z][-._a-zA-Z0-9]*")
_PLAIN_RESOURCES = ("cpu", "memory", "ephemeral-storage")
_SOURCES = ("configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef")
_REFUSED = "the API server refuses the object"
_REFERENCE = "https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/"


@rule(
    "container-port",
    "error",
    "use numbers from 1 to 65535, and each name once",
    kinds=_PODS,
    sources=(f"{_REFERENCE}#ports",),
    waivable=False,
)
@each_container
def container_port(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    """A container's ports have numbers from 1 to 65535, and names of their own.

    A Service finds a port by its name: at most 15 lower-case letters, digits and `-`, with a letter and without `--`.
    The API server refuses the object otherwise.

    Wrong:
        ports: [{name: http-of-the-storefront, containerPort: 3000}]
    Right:
        ports: [{name: http, containerPort: 3000}]
    """
    names: set[str] = set()
    for at, port in items(container, "ports", path):
        number, name = port.get("containerPort"), text(port, "name")
        if not is_port(number):
            yield f"{at}.containerPort", f"`{number}` is not a port from 1 to 65535"
        if name and not PORT_NAME.fullmatch(name):
            yield f"{at}.name", f"`{name}` is not a port name: at most 15 of a-z, 0-9, `-`, with a letter and no `--`"
        elif name and name in names:
            yield f"{at}.name", f"this container has another port named `{name}`"
        names.add(name)


@rule(
    "port-twice",
    "warning",
    "keep one: kustomize and kubectl treat them as the same port",
    kinds=_PODS,
    sources=(f"{_REFERENCE}#ports",),
)
@each_container
def port_twice(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    """A container declares a port number once a protocol.

    The API server takes two entries, and tools that merge the list keep one of them: ports are told apart by their
    number and protocol, so a patch or the next apply loses a name, and the Service that asks for it its target.

    Wrong:
        ports: [{name: http, containerPort: 3000}, {name: metrics, containerPort: 3000}]
    Right:
        ports: [{name: http, containerPort: 3000}]
    """
    seen: set[tuple[str, str]] = set()
    for at, port in items(container, "ports", path):
        key = (str(port.get("containerPort")), text(port, "protocol") or "TCP")
        if key in seen:
            yield f"{at}.containerPort", f"port {key[0]} is listed twice"
        seen.add(key)


@rule("env", "error", _REFUSED, kinds=_PODS, sources=(f"{_REFERENCE}#environment-variables",), waivable=False)
@each_container
def env(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    """A variable has a name, and a value or one source.

    The API server refuses a name with `=` or without printable characters, a value beside `valueFrom`, and a
    `valueFrom` with no source or several.

    Wrong:
        env: [{name: KEY, value: x, valueFrom: {secretKeyRef: {name: keys, key: value}}}]
    Right:
        env: [{name: KEY, valueFrom: {secretKeyRef: {name: keys, key: value}}}]
    """
    for at, variable in items(container, "env", path):
        name, source = text(variable, "name"), mapping(variable, "valueFrom")
        if not _ENV_NAME.fullmatch(name):
            yield f"{at}.name", f"`{name}` is not a variable name: printable ASCII without `=`"
        if source and variable.get("value"):
            yield f"{at}.valueFrom", f"variable `{name}` has both a value and a source"
        if "valueFrom" in variable and sum(key in source for key in _SOURCES) != 1:
            yield f"{at}.valueFrom", f"variable `{name}` needs exactly one source"
    for at, whole in items(container, "envFrom", path):
        if sum(key in whole for key in ("configMapRef", "secretRef")) != 1:
            yield at, "exactly one of `configMapRef` and `secretRef` is needed"


@rule(
    "env-name",
    "warning",
    "use each name once, of letters, digits and `_`",
    kinds=_PODS,
    sources=("https://kubernetes.io/docs/tasks/inject-data-application/define-environment-variable-container/",),
)
@each_container
def env_name(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    """A variable stands there once, under a name that a shell can read.

    Of two with one name the last holds, which a reader of the first does not see. A name that begins with a digit is
    invisible to a shell, and Kubernetes before 1.34 refuses it.

    Wrong:
        env: [{name: URL, value: "http://api"}, {name: URL, value: "http://old-api"}]
    Right:
        env: [{name: URL, value: "http://api"}]
    """
    seen: set[str] = set()
    for at, variable in items(container, "env", path):
        name = text(variable, "name")
        if name in seen:
            yield f"{at}.name", f"variable `{name}` is set twice; the last one wins"
        elif not _STRICT_ENV_NAME.fullmatch(name):
            yield f"{at}.name", f"variable `{name}` cannot be read by a shell, and Kubernetes before 1.34 refuses it"
        seen.add(name)


@rule(
    "mount-path",
    "error",
    "mount each path once",
    kinds=_PODS,
    sources=("https://kubernetes.io/docs/concepts/storage/volumes/#using-subpath",),
    waivable=False,
)
@each_container
def mount_path(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    """Every mount has a path of its own, and stays inside its volume.

    The API server refuses a path that is mounted twice, or that has `:`, which separates paths, and a `subPath` that
    begins with `/` or leads out of the volume by `..`.

    Wrong:
        volumeMounts: [{name: config, mountPath: /etc/web}, {name: tmp, mountPath: /etc/web}]
    Right:
        volumeMounts: [{name: config, mountPath: /etc/web}, {name: tmp, mountPath: /tmp}]
    """
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


@rule(
    "request-limit",
    "error",
    "lower the request or raise the limit",
    kinds=_PODS,
    sources=("https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",),
    waivable=False,
)
@each_container
def request_limit(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    """A request is not above its limit, and neither is negative.

    A container that is promised more than it may use is refused by the API server. Of what cannot be shared, GPUs and
    huge pages, request and limit are equal.

    Wrong:
        resources: {requests: {memory: 1Gi}, limits: {memory: 512Mi}}
    Right:
        resources: {requests: {memory: 512Mi}, limits: {memory: 512Mi}}
    """
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


@rule(
    "container",
    "error",
    _REFUSED,
    kinds=_PODS,
    sources=("https://kubernetes.io/docs/concepts/containers/images/#image-pull-policy",),
    waivable=False,
)
@each_container
def container(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    """A container names its image and when it is pulled, and denies no privilege that it takes.

    The pull policy is `Always`, `IfNotPresent` or `Never`. `allowPrivilegeEscalation: false` beside `privileged: true`
    or `SYS_ADMIN` is a contradiction. The API server refuses each.

    Wrong:
        imagePullPolicy: Sometimes
    Right:
        imagePullPolicy: IfNotPresent
    """
    policy = container.get("imagePullPolicy")
    if policy not in (None, "", "Always", "IfNotPresent", "Never"):
        yield f"{path}.imagePullPolicy", f"`{policy}` is not `Always`, `IfNotPresent` or `Never`"
    if not text(container, "image"):
        yield f"{path}.image", f"container `{text(container, 'name')}` has no image"
    context = mapping(container, "securityContext")
    added = mapping(context, "capabilities").get("add")
    strong = context.get("privileged") is True or any(
        str(name).removeprefix("CAP_") == "SYS_ADMIN" for name in (added if isinstance(added, list) else ())
    )
    if context.get("allowPrivilegeEscalation") is False and strong:
        yield f"{path}.securityContext.allowPrivilegeEscalation", "a privileged container has it anyway"


RULES = (container_port, port_twice, env, env_name, mount_path, request_limit, container)
