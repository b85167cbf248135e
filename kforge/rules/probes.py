"""Probes as the API server validates them, beyond what a schema can say.

Source: k8s.io/kubernetes/pkg/apis/core/validation, and what kube-apiserver 1.34 was seen to refuse.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.document import POD_PATHS
from kforge.domain.finding import rule
from kforge.domain.kubernetes.each_container import Violation, each_container
from kforge.domain.kubernetes.objects import PORT_NAME, is_port, mapping

_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_TIMES = ("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold")


@rule(
    "probe",
    "error",
    "the API server refuses the object",
    kinds=tuple(POD_PATHS),
    sources=("https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/",),
    waivable=False,
)
@each_container
def probe(path: str, container: Mapping[str, Any]) -> Iterator[Violation]:
    """A probe asks in one way, on a port, and counts as its kind may.

    Exactly one of `exec`, `httpGet`, `tcpSocket` and `grpc`; no negative times; only readiness may need more than one
    success, and only the two others may end the container, so only they have a grace period. The API server refuses
    the object otherwise. In a spec the probes are the service's `probes`.

    Wrong:
        livenessProbe: {httpGet: {path: /live, port: http}, tcpSocket: {port: http}}
    Right:
        livenessProbe: {httpGet: {path: /live, port: http}}
    """
    for name in ("livenessProbe", "readinessProbe", "startupProbe"):
        asked = container.get(name)
        if not isinstance(asked, dict):
            continue
        at = f"{path}.{name}"
        handlers = [handler for handler in _HANDLERS if handler in asked]
        if len(handlers) != 1:
            yield at, f"a probe needs exactly one of {', '.join(f'`{handler}`' for handler in _HANDLERS)}"
        for handler in handlers:
            yield from _port(f"{at}.{handler}.port", mapping(asked, handler), handler)
        for key in _TIMES:
            if isinstance(asked.get(key), int) and asked[key] < 0:
                yield f"{at}.{key}", "a negative number"
        if name != "readinessProbe" and asked.get("successThreshold") not in (None, 0, 1):
            yield f"{at}.successThreshold", "only a readiness probe may need more than one success"
        if name == "readinessProbe" and "terminationGracePeriodSeconds" in asked:
            yield f"{at}.terminationGracePeriodSeconds", "a readiness probe ends no container"


def _port(path: str, handler: Mapping[str, Any], kind: str) -> Iterator[Violation]:
    port = handler.get("port")
    good = is_port(port) or (kind != "grpc" and isinstance(port, str) and PORT_NAME.fullmatch(port))
    if kind != "exec" and not good:
        yield path, f"`{port}` is not a port"


RULES = (probe,)
