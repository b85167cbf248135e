"""Inputs → the images that are built here, for the bake file, and those that manifests name. Light: `check` works them
out again.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from kforge.domain.build_inputs import mounts
from kforge.domain.images import repository
from kforge.domain.kubernetes.names import build_pins, image, image_owner, kubectl, tag
from kforge.domain.source.build_context import build_place
from kforge.domain.target import outputs_of
from kforge.render.dockerfile.bake import BakeTarget
from kforge.stages.inputs import Inputs, RawView


def targets(
    inputs: Inputs, services: Iterable[str], environments: Mapping[str, Any] | None = None
) -> tuple[BakeTarget, ...]:
    """One target for every image: services that share a source, and settle its build alike, share the image."""
    found = []
    for name in sorted(services):
        view = RawView(inputs, name)
        source = view.spec("source")
        if source is None or image_owner(view) != name:
            continue
        if "dockerfile" not in outputs_of(view):
            continue
        place = build_place(view)
        pins = build_pins(view)
        args, target = tuple(sorted(pins.get("args", {}).items())), pins.get("target", "")
        found.append(
            BakeTarget(
                name,
                place.context,
                place.dockerfile,
                (image(view), *_elsewhere(view, environments, name)),
                target,
                args,
                (*_secrets(pins.get("secrets", {})), *_mounted(view, source, pins.get("secrets", {}))),
                {"title": repository(image(view)).rpartition("/")[2], "version": tag(view)},
            )
        )
    return tuple(found)


def _elsewhere(view: RawView, environments: Mapping[str, Any] | None, name: str) -> Iterator[str]:
    """What the image is called in environments with a registry of their own, by whose manifests it is pulled.

    An environment with a `version` of its own runs what was built of another state of the source: it gets no tag here
    that would be moved to today's, but its registry has the image once it takes the version.
    """
    own = image(view)
    found = dict[str, None]()
    for block in (environments or {}).values():
        changed = (block.get("services") or {}).get(name) or {}
        registry = block.get("registry")
        if registry and not changed.get("omit"):
            found[f"{registry}/{own.rpartition('/')[2]}"] = None
    yield from (each for each in sorted(found) if each != own)


def _secrets(given: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """The secrets of a build as buildx takes them."""
    for name, secret in sorted(given.items()):
        yield f"id={name},env={secret['env']}" if "env" in secret else f"id={name},src={secret['file']}"


def _mounted(view: RawView, source: str, given: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Files of the source that a Dockerfile of kforge's mounts; their paths are relative to the spec's folder."""
    for name, path in mounts(view).items() if view.fact("dockerfile") is None else ():
        if name not in given:
            yield f"id={name},src={posixpath.normpath(posixpath.join(source, path))}"


def named(inputs: Inputs, raw: Mapping[str, Any], environment: str) -> frozenset[str] | None:
    """Images that the manifests of an environment (the base: "") name, without tags; None where only they can tell."""
    block = (raw.get("environments") or {}).get(environment) or {}
    services, changed = raw["services"], block.get("services") or {}
    written = [raw.get("patches"), block.get("patches"), (raw.get("defaults") or {}).get("kubernetes")]
    written += [(each or {}).get("kubernetes") for each in (*services.values(), *changed.values())]
    if any("image" in repr(each) for each in written):
        return None
    found = set()
    for name, service in services.items():
        view = RawView(inputs, name)
        if "kubernetes" in outputs_of(view) and not (changed.get(name) or {}).get("omit"):
            registry = block.get("registry") or view.app("registry")
            own = f"{registry}/" if registry else ""
            if service.get("before"):
                found.add(repository(kubectl(view)))
            found.add(repository(service.get("image") or f"{own}{view.app('app')}-{image_owner(view)}"))
    return frozenset(found)
