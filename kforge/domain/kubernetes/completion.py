"""A job that others wait for: how it says that it is done, and what keeps their pods from starting until then.

The Job has a ConfigMap of its own name. Its pod runs the program first and then writes the key `done` into it; pods that
wait mount that key, and the kubelet starts no container while it is missing. docs/jobs.md weighs this against others.
"""

from __future__ import annotations

from typing import Any

from kforge.domain.kubernetes.amounts import fitted
from kforge.domain.kubernetes.hardening import assigned, container_context, level
from kforge.domain.kubernetes.names import DONE, KUBECTL, MARKER, kubectl
from kforge.domain.kubernetes.storage import Storage
from kforge.domain.origin import sourced
from kforge.domain.topic_names import PROCESS
from kforge.domain.view import View

FOLDER = "/run/kforge/after"  # where pods that wait mount it
_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"  # where clients look for the key to the API server
_TOKEN = "kforge-token"  # noqa: S105 -- name of a volume
_OTHER_USER = 65532  # where the pod names none, or root: `nonroot` of distroless images
_WAITS = "kforge: the kubelet starts no container until `{}` has said that it is done"
_TELLS = "kforge: it runs once the program has ended well, and tells those that wait"
_FEW = "kforge: one request to the API server takes little"
_KEY = "kforge: this container alone gets a key to the API server, valid for ten minutes"


def tells(view: View) -> bool:
    """Whether this service is a job that others wait for."""
    return bool(view.spec("job") and view.spec("before"))


def wait_for(jobs: dict[str, str], held: Storage) -> None:
    """Adds to a pod's storage what keeps it from starting; `jobs` are names of services, and of their Jobs."""
    taken = {volume["name"] for volume in held.volumes} | {mount["name"] for mount in held.mounts}
    for service, job in jobs.items():
        name = next(
            each for each in (f"after-{service}", f"kforge-{service}", f"kforge-after-{service}") if each not in taken
        )
        items = [{"key": DONE, "path": DONE}]
        source = {"name": job, "items": sourced(items, _WAITS.format(service))}
        held.volumes.append({"name": name, "configMap": source})
        path = sourced(f"{FOLDER}/{service}", _WAITS.format(service))
        held.mounts.append({"name": name, "mountPath": path, "readOnly": True})
    held.sort()


def marker(view: View) -> dict[str, Any]:
    """The container that says that the program before it has ended well."""
    patch = f'{{"data":{{"{DONE}":"true"}}}}'
    words = ["kubectl", "patch", "configmap", "$(JOB)", "--type=merge", f"--patch={patch}", "--field-manager=kforge"]
    job = {"fieldRef": {"fieldPath": "metadata.labels['job-name']"}}
    few = {
        field: sourced(value, _FEW) for field, value in (("cpu", "10m"), ("memory", "64Mi"), ("memoryLimit", "128Mi"))
    }
    return {
        "name": MARKER,
        "image": sourced(kubectl(view), "app.bases" if kubectl(view) != KUBECTL else _TELLS),
        "imagePullPolicy": "IfNotPresent",
        "command": sourced(words, _TELLS),
        "env": [
            {"name": "JOB", "valueFrom": sourced(job, "kforge: the Job's own name, which no pod template can hold")}
        ],
        "resources": fitted(view, few),
        "securityContext": _context(view),
        "volumeMounts": [{"name": _TOKEN, "mountPath": sourced(_ACCOUNT, _KEY), "readOnly": True}],
    }


def _context(view: View) -> dict[str, Any] | None:
    context = container_context(view, writable_root=False)
    if level(view) == "none" or view.decided(PROCESS, "user") or assigned(view):
        return context
    why = "kforge: the image names no user, and the pod none either"
    return {**(context or {}), "runAsUser": sourced(_OTHER_USER, why), "runAsNonRoot": sourced(True, why)}


def token() -> dict[str, Any]:
    """The volume with the key to the API server, which only the marker mounts."""
    return {
        "name": _TOKEN,
        "projected": {
            "sources": [
                {"serviceAccountToken": {"path": "token", "expirationSeconds": sourced(600, _KEY)}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
                {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
            ]
        },
    }
