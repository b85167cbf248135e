"""Names that several artifacts must agree on: images, labels, selectors, ports. Pure functions of a view."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from kforge.domain.port import Port
from kforge.domain.topic_names import BUILD, PROCESS

PLACE_KEYS = ("context", "dockerfile", "target", "args", "secrets")  # of `build`, besides what is decided
DEFAULT_TAG = "0.1.0"
# How a job that others wait for says that it is done: a container writes a key into a ConfigMap.
MARKER, DONE = "kforge-done", "done"
# Of the default minor, so that it gets fixes; writing a key is the same to every API server.
KUBECTL = "registry.k8s.io/kubectl:v1.36.6"


class Window(Protocol):
    """What is needed of a view here; `check` brings a lighter one than `domain.view.View`."""

    @property
    def service(self) -> str: ...
    def spec(self, key: str) -> Any: ...
    def app(self, key: str) -> Any: ...
    def fact(self, name: str) -> Any: ...
    def pin(self, topic: str, field: str) -> Any: ...
    def decided(self, topic: str, field: str) -> Any: ...
    def sharers(self) -> list[str]: ...
    def of(self, service: str) -> Window: ...


def workload_kind(view: Window) -> str:
    """Deployment; StatefulSet when a volume is not shared; Job; CronJob."""
    if view.spec("schedule"):
        return "CronJob"
    if view.spec("job"):
        return "Job"
    return "StatefulSet" if any(not volume.shared for volume in view.spec("volumes")) else "Deployment"


def is_job(view: Window) -> bool:
    return workload_kind(view) in ("Job", "CronJob")


def image_owner(view: Window) -> str:
    """The service that names the image: services that share a source and build alike share the image of the first."""
    sharing = view.sharers()
    if len(sharing) == 1:
        return view.service
    # All are asked, not only up to the first: what is recorded then does not depend on the answers.
    pins = {name: _plain_pins(view.of(name)) for name in sharing}
    said = next(filter(None, pins.values()), {})
    build, own = _build(view), pins[view.service] or said
    alike = [name for name in sharing if _build(view.of(name)) == build and (pins[name] or said) == own]
    return alike[0]


def _build(view: Window) -> tuple[str, ...]:
    fields = ("recipe", "base", "runtime", "packages", "buildPackages", "steps")
    return tuple(repr(view.decided(BUILD, field)) for field in fields)


def build_pins(view: Window) -> dict[str, Any]:
    """What the spec says of where an image is built and what its build is given, as plain data. A service that says
    nothing of it shares what the others of its source say.
    """
    return _plain_pins(view) or next(filter(None, (_plain_pins(view.of(name)) for name in view.sharers())), {})


def _plain_pins(view: Window) -> dict[str, Any]:
    held = {field: view.pin(BUILD, field) for field in PLACE_KEYS}
    return {field: _plain(value) for field, value in held.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return value.model_dump(exclude_none=True) if hasattr(value, "model_dump") else value


def image(view: Window) -> str:
    """Image reference of a service: the one named, or `REGISTRY/APP-SERVICE:TAG` for what is built here."""
    return str(view.spec("image") or f"{repository(view)}:{tag(view)}")


def kubectl(view: Window) -> str:
    """The image of `kubectl`: the spec's, under `bases`, or the Kubernetes project's own."""
    return str((view.app("bases") or {}).get("kubectl") or KUBECTL)


def repository(view: Window) -> str:
    """Image without tag of what is built here; without a registry, `APP-SERVICE`."""
    registry = view.app("registry")
    name = f"{view.app('app')}-{image_owner(view)}"
    return f"{registry}/{name}" if registry else name


def tag(view: Window) -> str:
    """`version` of the service, then of the app, then what the project's own manifest declares."""
    return str(view.spec("version") or view.app("version") or view.fact("project_version") or DEFAULT_TAG)


def namespace(view: Window) -> str | None:
    declared = view.app("namespace")
    return declared if isinstance(declared, str) or declared is None else str(declared.name)


def labels(view: Window) -> dict[str, Any]:
    """Standard labels of every object of a service:
    https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels/
    """
    return {
        **(view.app("labels") or {}),
        **(view.spec("labels") or {}),
        **selector(view),
        "app.kubernetes.io/managed-by": "kforge",
        "app.kubernetes.io/part-of": view.app("app"),
    }


def selector(view: Window) -> dict[str, str]:
    """What selects a service's pods. It never changes: selectors are immutable."""
    return {"app.kubernetes.io/instance": view.app("app"), "app.kubernetes.io/name": view.service}


def exposed(expose: Any, held: list[Port]) -> Port:
    """The port that an Ingress or a route leads to: the one that `expose` names, else the main one."""
    return next((port for port in held if port.name == expose.port), held[0])


def ports(view: Window) -> list[Port]:
    """Settled ports, the main one first."""
    return [Port.of(port) for port in view.decided(PROCESS, "ports") or ()]
