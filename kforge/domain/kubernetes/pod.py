"""A service → the pod template of its workload, whichever kind that is: container, probes, security, spread."""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from kforge.domain.digest import digest
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.amounts import resources
from kforge.domain.kubernetes.completion import marker, tells, token, wait_for
from kforge.domain.kubernetes.features import has
from kforge.domain.kubernetes.hardening import container_context, may_be_root, pod_context
from kforge.domain.kubernetes.manifest import labels, noted
from kforge.domain.kubernetes.platforms import fact, identity, platform, title
from kforge.domain.kubernetes.storage import Storage, storage
from kforge.domain.kubernetes.variables import literal, refers, variables
from kforge.domain.origin import sourced, split
from kforge.domain.port import Port
from kforge.domain.probe import WHICH, Probe
from kforge.domain.source.probe_headers import probe_headers
from kforge.domain.spec.replicas import most
from kforge.domain.target import outputs_of
from kforge.domain.topic_names import BUILD, PROBES, PROCESS, ROLLOUT
from kforge.domain.view import View

CONFIG_DIGEST = "kforge.dev/config"
_TOPOLOGIES = {
    "zone": ("topology.kubernetes.io/zone", "kubernetes.io/hostname"),
    "node": ("kubernetes.io/hostname",),
    "none": (),
}
_NO_LINKS = "kforge: a variable for every Service of the namespace would shadow the program's own"
_NO_KEY = "kforge: a program that does not call the API server needs no key to it"
_PINNED = "kforge: the tag names one image for good, so a node that has it need not ask"
_MAPPED = "kforge: root in the container is an ordinary user on the node"
_HEAP = "kforge: the runtime sizes its heap as it starts, so more memory takes a restart of the container, and CPU none"
_SOFT = "kforge: a full zone or node must not stop a rollout"


def pod_template(view: View) -> dict[str, Any]:
    """`metadata` and `spec` of the template. A change of the config files changes it, so that pods are replaced."""
    job, mounted = names.is_job(view), storage(view)
    wait_for({name: job_name(name, pod_template(view.of(name))) for name in view.awaited()}, mounted)
    config = view.spec("config")
    notes = {} if config is None else {CONFIG_DIGEST: sourced(digest(config.files), "spec.config")}
    drain = 0 if job else drained(view)
    grace = view.decided(ROLLOUT, "gracePeriod")
    program, marked = _container(view, mounted, job, drain), tells(view)
    spec = {
        "automountServiceAccountToken": sourced(False, _NO_KEY),
        "containers": [marker(view)] if marked else [program],
        "enableServiceLinks": sourced(False, _NO_LINKS),
        "hostUsers": sourced(False, _MAPPED) if _mapped(view) and not marked else None,
        "imagePullSecrets": _pulled(view),
        "initContainers": [program] if marked else None,
        "restartPolicy": sourced("Never", "kforge: each try is a pod of its own, whose log stays") if job else None,
        "securityContext": pod_context(view, mounted.claims) or None,
        "serviceAccountName": view.service,
        "terminationGracePeriodSeconds": None if grace is None else sourced(grace + drain, "rollout.gracePeriod"),
        "topologySpreadConstraints": _spread(view, job) or None,
        "volumes": [*mounted.volumes, *[token()] * marked] or None,
    }
    marks = {**labels(view), **_identified(view)}
    return {"metadata": {"labels": marks, "annotations": {**noted(view), **notes} or None}, "spec": spec}


def _pulled(view: View) -> list[dict[str, Any]] | None:
    """The Secret that the kubelet logs in with; in the pod, where charts and overlays change it."""
    name = view.app("pullSecret")
    return [{"name": sourced(name, "app.pullSecret")}] if name else None


def _identified(view: View) -> dict[str, Any]:
    """Labels by which a platform finds the pods that it gives an account of its own."""
    held = identity(platform(view)) if view.spec("identity") else None
    return {key: sourced(value, "spec.identity") for key, value in held.label.items()} if held else {}


def drained(view: View) -> int:
    """Seconds that a stopping pod waits. A shell may be missing, so none where the kubelet has no sleep of its own.

    https://kubernetes.io/docs/concepts/containers/container-lifecycle-hooks/
    """
    return int(view.decided(ROLLOUT, "drain") or 0) if has(view, "sleep") else 0


def job_name(service: str, template: dict[str, Any]) -> str:
    """Name of a one-off Job: a pod template is immutable, so another template is another Job.

    Fragments and patches that change the template afterwards name the Job again by this function.
    """
    return f"{short(service, 52)}-{digest(split(template)[0])[:10]}"


def short(name: str, limit: int) -> str:
    """The name, or its beginning and a digest of the whole where it is longer than allowed."""
    return name if len(name) <= limit else f"{name[: limit - 9].rstrip('-')}-{digest(name)[:8]}"


def _container(view: View, mounted: Storage, job: bool, drain: int) -> dict[str, Any]:
    ports = [] if job else names.ports(view)
    probes = {} if job else {f"{which}Probe": _probe(view, which, ports) for which in WHICH}
    env = variables(view)
    return {
        "name": view.service,
        "image": sourced(names.image(view), _image_origin(view)),
        "imagePullPolicy": sourced("IfNotPresent", _PINNED),
        "command": _command(view, {item["name"] for item in env}),
        "env": env or None,
        "lifecycle": {"preStop": {"sleep": {"seconds": sourced(drain, "rollout.drain")}}} if drain else None,
        "ports": [_port(port) for port in ports] or None,
        **probes,
        "resizePolicy": None if job else _resized(view),
        "resources": resources(view),
        "securityContext": container_context(view, mounted.writable_root),
        "volumeMounts": mounted.mounts or None,
    }


def _port(port: Port) -> dict[str, Any]:
    return {"name": sourced(port.name, "process.ports"), "containerPort": sourced(port.number, "process.ports")}


def _image_origin(view: View) -> str:
    if view.spec("image"):
        return "spec.image"
    return "spec.version" if view.spec("version") else "app.version" if view.app("version") else "spec.source"


def _command(view: View, held: Set[str]) -> Any:
    """The start command where the image does not bring the right one.

    An image that kforge builds starts its owner's command; another image starts its own, unless the spec pins one.
    `$(NAME)` of a variable is expanded here alone: an image's CMD would hand it to the program as it is written.
    """
    command = view.decided(PROCESS, "command")
    if command is None:
        return None
    if view.spec("image") or any(refers(word, held) for word in command):
        needed = True
    elif "dockerfile" in outputs_of(view) and view.fact("dockerfile") is None:
        owner = names.image_owner(view)
        needed = owner != view.service and view.of(owner).decided(PROCESS, "command") != command
    else:
        needed = view.spec("command") is not None or view.pin(PROCESS, "command") is not None
    return sourced([literal(word, held) for word in command], "process.command") if needed else None


def _probe(view: View, which: str, ports: list[Port]) -> dict[str, Any] | None:
    """One probe. The kubelet's gRPC probe takes a number; the others take the port's name."""
    probe = Probe.of(view.decided(PROBES, which))
    if probe.type == "exec":  # the kubelet expands no `$(NAME)` in it, so no word needs an escape
        return {
            "exec": {"command": sourced([*(probe.command or ())], f"probes.{which}.command")},
            **_times(probe, which),
        }
    if probe.type == "none" or not ports:
        return None
    name = probe.port or ports[0].name
    named = sourced(name, f"probes.{which}.port")
    spoken = next((port.protocol for port in ports if port.name == name), "")
    if probe.type == "http":
        asked = {"path": sourced(probe.path or "/", f"probes.{which}.path"), "port": named, **_headers(view)}
        handler = {"httpGet": {**asked, "scheme": sourced("HTTPS", "process.ports") if spoken == "https" else None}}
    elif probe.type == "grpc":
        number = next((port.number for port in ports if port.name == name), ports[0].number)
        handler = {"grpc": {"port": sourced(number, f"probes.{which}.port")}}
    else:
        handler = {"tcpSocket": {"port": named}}
    return {**handler, **_times(probe, which)}


def _times(probe: Probe, which: str) -> dict[str, Any]:
    return {
        "periodSeconds": sourced(probe.period, f"probes.{which}.period"),
        "timeoutSeconds": sourced(probe.timeout, f"probes.{which}.timeout"),
        "failureThreshold": sourced(probe.failures, f"probes.{which}.failures"),
    }


def _headers(view: View) -> dict[str, Any]:
    """The headers with which a source answers a probe."""
    found = [
        {"name": name, "value": sourced(value, "facts.allowed_hosts")} for name, value in probe_headers(view) or ()
    ]
    return {"httpHeaders": found} if found else {}


def _mapped(view: View) -> bool:
    """Whether the pod gets users of its own on the node: where the program may be root and every volume allows it.

    Network file systems, which shared volumes lie on, mostly refuse it; the kubelet's own volumes on tmpfs take a newer
    kernel than the rest. https://kubernetes.io/docs/concepts/workloads/pods/user-namespaces/
    """
    shared = any(volume.shared for volume in view.spec("volumes"))
    unknown = fact(platform(view), "no-user-namespaces")
    return may_be_root(view) and not shared and not unknown and has(view, "user-namespace")


def _resized(view: View) -> Any:
    """What a change of a running pod's resources does; None where it does what it should, without a restart."""
    if view.spec("image"):
        return None
    name = view.decided(BUILD, "recipe")
    recipe, language = view.languages.recipe(name), view.languages.building(name)
    sized = language is not None and language.heap is not None and recipe is not None and recipe.server is None
    if not sized or not has(view, "resize"):
        return None
    kept = {"resourceName": "cpu", "restartPolicy": "NotRequired"}
    return sourced([kept, {"resourceName": "memory", "restartPolicy": "RestartContainer"}], _HEAP)


def _spread(view: View, job: bool) -> list[dict[str, Any]]:
    """Even over zones and nodes, softly. Pods of an older revision do not count: they leave in a moment."""
    if job or most(view) < 2:
        name = platform(view)
        why = f"kforge: {title(name)} adds rules of its own where there is none"
        return [_lone(view, why)] if fact(name, "spreads") else []
    counted = names.workload_kind(view) == "Deployment" and has(view, "revision-spread")
    return [
        {
            "maxSkew": 1,
            "topologyKey": sourced(key, "rollout.spread"),
            "whenUnsatisfiable": sourced("ScheduleAnyway", _SOFT),
            "labelSelector": {"matchLabels": names.selector(view)},
            "matchLabelKeys": ["pod-template-hash"] if counted else None,
        }
        for key in _TOPOLOGIES[view.decided(ROLLOUT, "spread") or "none"]
    ]


def _lone(view: View, why: str) -> dict[str, Any]:
    """The constraint of a pod that runs alone: it changes nothing but what a platform would add."""
    return {
        "maxSkew": 1,
        "topologyKey": sourced("kubernetes.io/hostname", why),
        "whenUnsatisfiable": "ScheduleAnyway",
        "labelSelector": {"matchLabels": names.selector(view)},
    }
