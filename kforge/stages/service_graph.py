"""Spec, facts and decisions → the graph of services in one environment. Every edge says what shows it, and where."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from kforge.domain import images
from kforge.domain.facts import NOTHING
from kforge.domain.framework_titles import framework_title
from kforge.domain.known_images import KnownImage, called, row_of
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.routing import gateway, ingress_class
from kforge.domain.port import WEB as WEB_PROTOCOLS
from kforge.domain.service_graph import (
    CRON,
    JOB,
    SERVICE,
    STORE,
    WEB,
    WORKER,
    ClaimedVolume,
    Entrance,
    Exit,
    ServiceEdge,
    ServiceGraph,
    ServiceNode,
    Shown,
)
from kforge.domain.spec.replicas import fewest, most
from kforge.domain.spec_links import links_of
from kforge.domain.view import View
from kforge.domain.world import World

_OUTSIDE = re.compile(r"://(?:[^\s/@?#]*@)?([A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9-]+)+)")


def service_graph(
    world: World, values: Mapping[tuple[str, str], Mapping[str, Any]], environment: str = ""
) -> ServiceGraph:
    """The services of an environment, less those that it omits; "" is the base."""
    links = links_of(world.spec, world.facts)
    app = View(world.spec, world.facts, values, "", environment, links=links, languages=world.languages)
    views = [app.of(name) for name in app.services()]
    said = partial(_place, world, environment)
    entrances = [each for view in views for each in _entrances(view)]
    own = {each.name for each in entrances}
    return ServiceGraph(
        app=world.spec.app,
        environment=environment,
        namespace=names.namespace(app) or "",
        description=world.spec.description or "",
        services=tuple(map(_node, views)),
        edges=tuple(edge for view in views for edge in _edges(world, view, said)),
        entrances=tuple(sorted(entrances, key=lambda each: (not each.host, each.name, each.path, each.service))),
        exits=tuple(each for view in views for each in _exits(view, own, said)),
    )


def _node(view: View) -> ServiceNode:
    image, ports = names.image(view), names.ports(view)
    volumes = [ClaimedVolume(one.name, one.path, one.size, one.shared) for one in view.spec("volumes")]
    return ServiceNode(
        name=view.service,
        kind=_kind(view),
        what=_made_of(view, image),
        image=image,
        ports=() if names.is_job(view) else tuple(ports),
        fewest=fewest(view),
        most=most(view),
        schedule=view.spec("schedule") or "",
        claims=tuple(volumes),
        source=posixpath.normpath(view.spec("source")) if view.spec("source") else "",
        like=view.spec("like") or "",
    )


def _kind(view: View) -> str:
    job = {"CronJob": CRON, "Job": JOB}.get(names.workload_kind(view))
    if job:
        return job
    row = _row(view)
    if row and (row.store or (row.needs and row.needs.stateful)):
        return STORE
    ports = names.ports(view)
    if not ports:
        return WORKER
    return WEB if any(port.protocol in WEB_PROTOCOLS for port in ports) else SERVICE


def _row(view: View) -> KnownImage | None:
    """The row of a well-known image; of a team's own build only that of a store, whose name says what it is."""
    image = view.spec("image")
    if not image:
        return None
    own = called(image)
    return row_of(image) or (own if own and own.store else None)


def _made_of(view: View, image: str) -> str:
    """`Python, FastAPI` of a source, `PostgreSQL 18.6` of a well-known image, else the image's own name."""
    if not view.spec("image"):
        language, framework = view.language(), _framework(view)
        if language and language.proposed:
            return framework
        return ", ".join(filter(None, (language.title if language else "", framework)))
    row = _row(view)
    program = row.program if row else ""
    name = program[:1].upper() + program[1:] if program and " " not in program else _last(image)
    return f"{name} {images.tag(image)}".rstrip()


def _framework(view: View) -> str:
    """That of what listens, or of what works on a queue: a source's job runs without its web framework."""
    name, language = view.fact("framework") or "", view.language()
    listens = names.ports(view) and not names.is_job(view)
    return framework_title(name) if listens or (language and name in language.consumers) else ""


def _last(image: str) -> str:
    return images.repository(image).rpartition("/")[2]


def _edges(world: World, view: View, said: Any) -> Iterator[ServiceEdge]:
    for target, why in view.callees().items():
        yield ServiceEdge(view.service, target, _shown(world, view.service, target, why, said))
    for number, target in enumerate(view.spec("before")):
        if not view.omitted(target):
            place = said("services", view.service, "before", number)
            yield ServiceEdge(view.service, target, Shown("before", place), waits=True)


def _shown(world: World, service: str, target: str, why: str, said: Any) -> Shown:
    """What an edge's recorded origin says to a reader: `spec.env.CATALOG_URL` is `env CATALOG_URL`, and its line."""
    if why == "facts.hosts":
        found = [fact for fact in world.facts.get(service, NOTHING).hosts if fact.value["host"] == target]
        lines = [str(line) for fact in found for line in fact.evidence]
        source = world.spec.services[service].source or ""
        return Shown("named in its source", posixpath.normpath(f"{source}/{lines[0]}") if lines else "")
    if why == "spec.needs":
        number = world.spec.services[service].needs.index(target)
        return Shown("needs", said("services", service, "needs", number))
    variable = why.removeprefix("spec.env.")
    return Shown(f"env {variable}", said("services", service, "env", variable))


def _place(world: World, environment: str, *keys: str | int) -> str:
    """Where the environment's block says something, else the service's: `app.kforge.yaml:21`."""
    block: Any = world.raw
    path: tuple[str | int, ...] = ("environments", environment, *keys) if environment else keys
    for key in path:
        inside = isinstance(block, Mapping) and key in block
        block = block[key] if inside else None
    place = world.place(path if block is not None else keys)
    return f"{place.file}:{place.line}" if place else ""


def _entrances(view: View) -> Iterator[Entrance]:
    expose, ports = view.spec("expose"), [] if names.is_job(view) else names.ports(view)
    if expose is not None and ports:
        held, class_ = gateway(view), ingress_class(view, expose)
        by = f"Ingress {class_[0]}" if class_ else "Ingress"
        if held:
            by = f"Gateway {held.namespace}/{held.name}" if held.namespace else f"Gateway {held.name}"
        port = names.exposed(expose, ports)
        path = "" if expose.path == "/" else expose.path
        yield Entrance(expose.host, view.service, path, by, port.name if port is not ports[0] else "")
    for allowed in view.spec("allowFrom") if ports else ():
        port_name = next((port.name for port in ports if allowed.port in (port.name, port.number)), "")
        yield Entrance(f"namespace {allowed.namespace}", view.service, port=port_name, host=False)


def _exits(view: View, own: set[str], said: Any) -> Iterator[Exit]:
    """Networks of `egress`, and hosts with a dot in variables, less those that are ways into the application itself."""
    found: dict[str, Shown] = {}
    for number, one in enumerate(view.spec("egress")):
        name = f"{one.cidr} port {one.port}" if one.port else one.cidr
        found.setdefault(name, Shown("egress", said("services", view.service, "egress", number)))
    for variable, value in sorted(view.spec("env").items()):
        for host in _OUTSIDE.findall(value):
            if host not in own and not host.replace(".", "").isdigit():
                found.setdefault(host, Shown(f"env {variable}", said("services", view.service, "env", variable)))
    for name, shown in sorted(found.items()):
        yield Exit(name, view.service, shown)
