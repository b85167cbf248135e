"""Documents in which pods wait for jobs → the same with those jobs as hooks, which Helm runs before it installs the rest.

Helm ends a release whose hook fails, and the old pods go on. So pods need not wait, and the job need not say that it is
done. A job that needs what the release makes (a service of the application, a claim, another job that is no hook) stays
among the rest, and pods wait for it as they do under kustomize: docs/jobs.md. So does one that may need it: a Secret can hold
the address of a store that the release brings, and a hook that waits for a later object ends the first installation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kforge.domain.document import INCLUDED, POD_PATHS, Document, Documents
from kforge.domain.known_images import called
from kforge.domain.kubernetes.names import MARKER
from kforge.domain.kubernetes.objects import items, mapping, text
from kforge.domain.kubernetes.pod import short
from kforge.domain.spec_links import links_of

if TYPE_CHECKING:
    from kforge.domain.spec.types import Spec

Data = dict[str, Any]
_EVENTS = "pre-install,pre-upgrade"
_ANEW = "before-hook-creation"  # the last run and its log stay until the next


def hooked(spec: Spec, documents: Mapping[str, Documents]) -> dict[str, int]:
    """Jobs that can be hooks, each with its place in their order."""
    links = links_of(spec, documents[""].facts)
    environments = ("", *spec.environments)
    found: dict[str, int] = {}
    waiting = [
        name
        for name, service in spec.services.items()
        if service.job
        and service.before
        and not service.volumes
        and not any(links.callees(name, environment) for environment in environments)
        and not (_reads_secrets(spec, name) and _brings_store(spec))
    ]
    for _ in waiting:  # one that waits for another comes after it
        for name in waiting:
            earlier = links.awaited(name)
            if name not in found and all(each in found for each in earlier):
                found[name] = max((found[each] + 1 for each in earlier), default=0)
    return found


def _reads_secrets(spec: Spec, name: str) -> bool:
    """Whether a service has variables from Secrets, of which one may be the address of another service."""
    changed = (each.services[name] for each in spec.environments.values() if name in each.services)
    return bool(spec.services[name].secrets) or any(each.secrets for each in changed)


def _brings_store(spec: Spec) -> bool:
    """Whether a release brings a database, a cache or a queue, or another chart, which may be one."""
    images = (service.image for service in spec.services.values() if service.image)
    return bool(spec.chart.dependencies) or any((row := called(image)) and row.store for image in images)


def with_hooks(documents: Iterable[Document], jobs: Mapping[str, int]) -> Iterator[Document]:
    """The documents of an environment; `jobs` are the services that become hooks."""
    held = [item for item in documents if item.data]
    if not jobs:
        yield from held
        return
    names = {item.name for item in held if item.kind == "Job" and item.service in jobs and item.artifact != INCLUDED}
    for item in held:
        data: Data = dict(item.data or {})
        if item.artifact == INCLUDED:
            yield item
        elif item.artifact != "completion" or item.service not in jobs:
            started = _started(data, names) if names and item.kind in POD_PATHS else data
            yield replace(
                item, data=_hook(started, item.service, jobs[item.service]) if item.service in jobs else started
            )


def _hook(data: Data, service: str, order: int) -> Data:
    """What the job needs is made before it, and goes when all hooks have ended well."""
    metadata = dict(mapping(data, "metadata"))
    notes = {"helm.sh/hook": _EVENTS, "helm.sh/hook-delete-policy": f"{_ANEW},hook-succeeded"}
    weight = order - 100
    if data.get("kind") == "Job":
        notes["helm.sh/hook-delete-policy"], weight = _ANEW, order
        metadata["name"] = short(service, 63)
        template = dict(mapping(data, "spec", "template"))
        spec = {**mapping(data, "spec"), "template": {**template, "spec": _alone(dict(mapping(template, "spec")))}}
        data = {**data, "spec": spec}
    elif data.get("kind") == "NetworkPolicy":
        data = {**data, "spec": _closed(dict(mapping(data, "spec")))}
    notes["helm.sh/hook-weight"] = str(weight)
    return {**data, "metadata": {**metadata, "annotations": {**mapping(metadata, "annotations"), **notes}}}


def _alone(pod: Data) -> Data:
    """The pod with the program as its one container, which says to no one that it is done."""
    marks = [each for _, each in items(pod, "containers") if text(each, "name") == MARKER]
    if not marks:
        return pod
    mounted = {text(each, "name") for mark in marks for _, each in items(mark, "volumeMounts")}
    others = [each for _, each in items(pod, "containers") if text(each, "name") != MARKER]
    out = {**pod, "containers": [*(each for _, each in items(pod, "initContainers")), *others]}
    out["volumes"] = [each for _, each in items(pod, "volumes") if text(each, "name") not in mounted]
    return {key: value for key, value in out.items() if key != "initContainers" and value != []}


def _closed(policy: Data) -> Data:
    """Without the way to the API server, by which a job says that it is done: the rule to any address."""
    rules = [each for _, each in items(policy, "egress") if "to" in each]
    return {**policy, "egress": rules} if "egress" in policy else policy


def _started(data: Data, jobs: set[str]) -> Data:
    """A workload whose pods do not wait for these jobs."""
    if (
        isinstance(data.get("spec"), dict)
        and (inner := _started_pod(data, POD_PATHS[str(data["kind"])], jobs)) is not None
    ):
        return inner
    return data


def _started_pod(data: Data, path: tuple[str, ...], jobs: set[str]) -> Data | None:
    if path:
        inner = _started_pod(dict(mapping(data, path[0])), path[1:], jobs)
        return None if inner is None else {**data, path[0]: inner}
    waits = {
        text(each, "name") for _, each in items(data, "volumes") if text(mapping(each, "configMap"), "name") in jobs
    }
    if not waits:
        return None
    out = {**data, "volumes": [each for _, each in items(data, "volumes") if text(each, "name") not in waits]}
    for group in ("initContainers", "containers"):
        if isinstance(data.get(group), list):
            out[group] = [_unmounted(each, waits) for each in data[group]]
    return {key: value for key, value in out.items() if value != []}


def _unmounted(container: Any, waits: set[str]) -> Any:
    mounts = [each for _, each in items(container, "volumeMounts") if text(each, "name") not in waits]
    if not mapping(container) or "volumeMounts" not in container:
        return container
    return {key: value for key, value in {**container, "volumeMounts": mounts}.items() if value != []}
