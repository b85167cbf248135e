"""Finished documents → the tests of a chart: for each service a pod that connects to it as the app's own pods would.

With `network: strict` no pod but a caller gets through, so there is none. The image is a value, since a registry that
the spec does not allow is none that a chart may name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kforge.domain import images
from kforge.domain.document import Document, mark
from kforge.domain.kubernetes.objects import items, mapping, programs, text
from kforge.render.helm import assigned_users
from kforge.render.helm.expressions import SERVICE, begin
from kforge.render.helm.images import image_parts
from kforge.render.helm.shared_texts import SharedTexts
from kforge.render.helm.slots import LineSlot, ValueSlot
from kforge.render.helm.values import Values

if TYPE_CHECKING:
    from kforge.domain.spec.types import Spec

BUSYBOX = "docker.io/library/busybox:1.37.0"  # or what `bases` calls `busybox`
_NOBODY = 65534
_HOOK = {"helm.sh/hook": "test", "helm.sh/hook-delete-policy": "before-hook-creation,hook-succeeded"}


def test_image(spec: Spec) -> dict[str, str] | None:
    """The image of the tests; None where they cannot be."""
    image = spec.bases.get("busybox", BUSYBOX)
    return None if spec.network == "strict" or not images.allowed(image, spec.registries) else image_parts(image)


def tests(
    spec: Spec, services: Mapping[str, Document], workloads: Mapping[str, Document], values: Values, name: str
) -> Iterator[tuple[str, str, str]]:
    """Path, service and text of each test. `services` and `workloads` are the objects of a service, by its name."""
    shared = SharedTexts()
    for service, document in services.items():
        command = _command(document, workloads.get(service))
        if command:
            pod = _pod(spec, service, command)
            body = shared.text(assigned_users.conditional(pod) if assigned_users.VALUE in values else pod, service)
            if "enabled" in values["services"][service]:
                body = f"{{{{- if {SERVICE}.enabled }}}}\n{body}{{{{- end }}}}\n"
                body = f"{begin(service)}\n{body}"
            yield f"templates/tests/{service}.yaml", service, f"{mark(name, 'template')}\n{body}"


def _command(document: Document, workload: Document | None) -> list[str]:
    """What the readiness probe asks for over HTTP, else a connection to the main port."""
    port = next((each for _, each in items(mapping(document.data, "spec"), "ports")), {})
    number = port.get("port")
    if not isinstance(number, int) or port.get("protocol", "TCP") != "TCP":
        return []
    asked = next((mapping(each, "readinessProbe", "httpGet") for _, each in programs(workload)), {}) if workload else {}
    plain = asked.get("port") == port.get("targetPort") and asked.keys() == {"path", "port"}
    if plain and port.get("appProtocol") is None:
        return ["wget", "-q", "-T", "10", "-O", "/dev/null", f"http://{document.name}:{number}{text(asked, 'path')}"]
    return ["nc", "-z", "-w", "10", document.name, str(number)]


def _pod(spec: Spec, service: str, command: list[str]) -> dict[str, Any]:
    """Labelled as a pod of the application, which its network policies let in, and as none of the service's own."""
    labels = {"app.kubernetes.io/instance": spec.app, "app.kubernetes.io/name": f"{service}-test"[-63:].lstrip("-")}
    context = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}, "readOnlyRootFilesystem": True}
    container = {
        "name": "connect",
        "image": ValueSlot(f"include {json.dumps(f'{spec.app}.image')} $.Values.tests.image"),
        "command": command,
        "resources": {"limits": {"memory": "32Mi"}, "requests": {"cpu": "10m", "memory": "16Mi"}},
        "securityContext": context,
    }
    pulled = (
        "{{- with $.Values.imagePullSecrets }}",
        "imagePullSecrets:",
        "  {{- toYaml . | nindent @2 }}",
        "{{- end }}",
    )
    user = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    environments = ("", *spec.environments)
    if not all(assigned_users.assigns(spec.here(each, "platform")) for each in environments):
        user |= {"runAsGroup": _NOBODY, "runAsUser": _NOBODY}
    name = f"{service[:58].rstrip('-')}-test"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": ValueSlot("$.Release.Namespace"),
            "labels": labels,
            "annotations": dict(_HOOK),
        },
        "spec": {
            "automountServiceAccountToken": False,
            "containers": [container],
            "enableServiceLinks": False,
            "imagePullSecrets": LineSlot(pulled),
            "restartPolicy": "Never",
            "securityContext": user,
        },
    }
