"""Wanted services and facts → blocks of a spec that hang together: variables, needs, references to Secrets, volumes.

It is the only place where a draft's values are written, so that no sentence and no model can write one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from kforge.detectors.debug_switches import OFF
from kforge.domain import known_images
from kforge.domain.commands.read_command import read
from kforge.domain.draft import UNKNOWN, Draft, Drafted, FoundSource, WantedService
from kforge.domain.known_images import Store, known
from kforge.domain.kubernetes.variables import as_text
from kforge.domain.topic_names import BUILD, PROBES, RESOURCES
from kforge.draft import addresses, notes
from kforge.draft.allowed_hosts import allow
from kforge.draft.awaiting import awaiting
from kforge.draft.beside import lasting, single
from kforge.draft.by_sentence import offered
from kforge.draft.kept_data import apart, claims, keepers
from kforge.draft.key_files import fragment
from kforge.draft.logins import logins
from kforge.draft.schemes import known_by_scheme
from kforge.draft.sharing import once_each
from kforge.draft.store_switches import choose
from kforge.draft.stores import block
from kforge.draft.variable_names import prefix_of
from kforge.draft.variables import only_addresses, settle, store_url
from kforge.draft.wanted_stores import drafted_store, users
from kforge.draft.whole_addresses import tell_apart
from kforge.draft.wiring_context import Wires, WiringContext

_PORT = re.compile(r"(?:\w+_)?PORT")
_SIZE = "10Gi"  # of a volume: no file of an author's says how large one is


def wired(
    app: str,
    description: str,
    services: Sequence[WantedService],
    found: Sequence[FoundSource],
    model: str = "",
    gone: Collection[str] = (),
) -> Draft:
    """The draft. Variables that nothing here explains are notes: only the user knows them. `gone` are names of services
    that the author has and the draft has not.
    """
    facts = {item.path: item for item in found}
    taken = {one.name: drafted_store(one, found) for one in services if one.store}
    stores = {name: store for name, (store, _) in taken.items()}
    drafted: dict[str, Drafted] = {}
    wires: dict[str, Wires] = {}
    held = keepers(services)
    for one in services:
        if one.store:
            why = "; ".join(filter(None, (one.why, taken[one.name][1])))
            drafted[one.name] = Drafted(block(stores[one.name], app, one.name), why)
            continue
        item = one.seen or facts.get(one.source)
        around = _around(app, one, services, item, stores, found, gone)
        wires[one.name] = _wires(one, item, around)
        keeps = (
            claims(item, wires[one.name], [path for _, path in one.told.volumes] if one.told else [])
            if held[one.source] == one.name and item
            else ()
        )
        blocked = _block(one, item, wires[one.name], around, keeps)
        drafted[one.name] = Drafted(blocked, one.why, wires[one.name].taken)
    tell_apart(app, wires)
    drafted = once_each(services, drafted)
    listed = [
        *notes.secrets(app, stores, drafted, wires),
        *notes.lacks(wires, drafted),
        *notes.examples(drafted),
        *notes.named(wires),
        *_missing(services, facts),
    ]
    listed += _strangers(app, services, stores, drafted, found)
    if any("volumes" in drafted[one.name].block and not one.store for one in services):
        listed.append("the sizes under `volumes` are guesses: write how much each must hold")
    listed += notes.reached(services)
    return Draft(app, drafted, description, model, tuple(dict.fromkeys(listed)))


def _missing(services: Sequence[WantedService], facts: Mapping[str, FoundSource]) -> Iterator[str]:
    """Sources that are still to be written, and commands that are still to be said."""
    for one in services:
        if not one.source:
            continue
        if one.source not in facts:
            yield f"`{one.source}` does not exist yet: put the source of `{one.name}` into it before `kforge build`"
        elif (
            one.kind in ("cron", "job", "worker")
            and not (one.command or (one.seen and one.seen.pins.get("command")))
            and any(other.source == one.source and other is not one for other in services)
        ):
            yield f"`{one.name}` runs the image of `{one.source}`: add its `command`"


def _strangers(
    app: str,
    services: Sequence[WantedService],
    stores: Mapping[str, Store],
    drafted: Mapping[str, Drafted],
    found: Sequence[FoundSource],
) -> Iterator[str]:
    """Clients that are given a store's address, or bring their own, and no password: a login of theirs would be
    refused.
    """
    for one in services:
        if not one.store or not stores[one.name].user:
            continue
        secret = f"{app}-{one.name}"
        using = users(known_images.stores()[one.store], found)
        clients = [
            other.name
            for other in services
            if not other.store
            and (
                (other.source in using and other.source)
                or f"${{services.{one.name}." in str(drafted[other.name].block.get("env"))
            )
        ]
        without = [
            name
            for name in clients
            if "like" not in drafted[name].block
            and not any(held.get("secret") == secret for held in drafted[name].block.get("secrets", {}).values())
        ]
        if without:
            yield notes.stranger(app, one.name, stores[one.name], without)


def _around(
    app: str,
    one: WantedService,
    services: Sequence[WantedService],
    item: FoundSource | None,
    stores: Mapping[str, Store],
    found: Sequence[FoundSource],
    gone: Collection[str],
) -> WiringContext:
    others = {other.name: other for other in services if other is not one}
    used = {
        name for name in stores if one.source and one.source in users(known_images.stores()[others[name].store], found)
    }
    dependencies = {str(each) for each in item.facts.value("dependencies")} if item else set()
    names = [str(variable["name"]) for variable in item.facts.value("env")] if item else []
    names += [*(one.told.env if one.told else ())]
    called = {name: name for name in others}
    for other in others.values():
        called.update({alias.lower(): other.name for alias in (other.told.names if other.told else ())})
    ports = {name: port for name, other in others.items() if (port := _port(other, stores))}
    listening = {name: {*other.seen.ports} for name, other in others.items() if other.seen and other.source}
    stores = {name: store.spoken_to_by(dependencies) for name, store in stores.items()}
    addressed = {name for name in used if stores[name].alone}
    held = logins(names, stores, used)
    project = str(item.facts.value("project_name") or "") if item else ""
    own = {
        word.lower().replace("-", "_").partition("_")[0] for word in (app, one.name, project.rpartition("/")[2]) if word
    }
    own -= {name for store in stores.values() for name in map(str.lower, store.variables)}
    prefix = prefix_of(names, own)
    return WiringContext(
        app,
        one.name,
        others,
        called,
        ports,
        stores,
        used,
        held,
        gone,
        prefix,
        addressed,
        frozenset(known_images.stores()),
        frozenset(map(str, item.facts.value("named_files"))) if item else (),
        listening,
        names,
        item.examples if item else {},
    )


def _port(one: WantedService, stores: Mapping[str, Store]) -> int:
    """Where a service listens, as a build will know it; 0 where it will not."""
    if one.store:
        return addresses.main_port(stores[one.name])
    if one.kind != "web":
        return 0
    row = known(one.told.image) if one.told and one.told.image else None
    shown = one.seen.ports[:1] if one.seen else ()
    image = [port.number for port in row.open_ports()[:1]] if row else []
    return one.port or (one.told.port if one.told else 0) or next(iter((*shown, *image)), 0)


def _wires(one: WantedService, item: FoundSource | None, around: WiringContext) -> Wires:
    wires = Wires(needs={*one.needs, *around.used, *around.logins.stores.values()})
    read = {str(variable["name"]): variable for variable in (item.facts.value("env") if item else ())}
    read |= known_by_scheme(item, read, around) if item else {}
    said = dict(one.told.env) if one.told else {}
    asked = [name for name, value in said.items() if value == UNKNOWN and one.kind == "job" and name not in read]
    whole = replace(around, addressed=around.used)  # what its program reads nothing beside
    for name in asked:
        del said[name]
        settle(name, {"name": name, "default": None, "required": True}, None, whole, wires)
    listens = {str(port["env"]) for port in (item.facts.value("ports") if item else ())}
    if item and item.facts.dockerfile is None:
        listens.add("PORT")  # what kforge starts is told by it, or by its command
    named = {name for name in listens if _PORT.fullmatch(name)} | (listens - said.keys())  # `port` says these
    for name in (*read, *(name for name in said if name not in read)):
        if name not in named:
            settle(name, read.get(name), said.get(name), around, wires)
    only_addresses(read, around, wires)
    if item is None and not one.told:  # nothing shows yet what it reads: the usual names
        for name in sorted(wires.needs & around.stores.keys()):
            store_url(name, around, wires)
    choose(item.facts.value("switches") if item else (), around, wires)
    for name in [name for name, value in wires.env.items() if value == said.get(name)]:
        wires.env[name] = as_text(wires.env[name], {*wires.env, *wires.secrets})
    if one.kind == "web" and item and (allowed := item.facts.value("allowed_hosts")):
        allow(one.name, allowed, wires)
    image = (item.facts.value("dockerfile") or {}).get("env", {}) if item else {}
    if item and item.facts.dockerfile:  # an image of kforge's own sets these itself
        off = {str(one["name"]): str(one["value"]) for one in item.facts.value("production")}
        wires.env |= {
            name: word
            for name, word in off.items()
            if word.lower() in OFF and name not in image and name not in wires.env and name not in wires.secrets
        }
    wires.lacks = {name: why for name, why in wires.lacks.items() if why != "needs" or not image.get(name)}
    wires.needs |= {
        around.called[name.lower()] for name in (one.told.needs if one.told else ()) if name.lower() in around.called
    }
    return wires


def _block(
    one: WantedService,
    item: FoundSource | None,
    wires: Wires,
    around: WiringContext,
    keeps: Sequence[tuple[str, str]],
) -> dict[str, Any]:
    """The service's block, keys in the order in which a person would write them."""
    told = one.told
    held: dict[str, Any] = {"source": one.source} if one.source else {"image": told.image if told else ""}
    pins = dict(item.pins) if item else {}
    command = [*one.command] or pins.get("command")
    build = {**(item.build if item else {}), **(told.build if told else {})}
    held |= {BUILD: build} if build else {}
    if one.source and command:
        held["command"] = command
    if one.kind == "cron":
        held["schedule"] = one.schedule or "0 3 * * *"
    if one.kind == "job":
        held["job"] = True
        waiting = awaiting(one, around.others)
        held |= {"before": waiting} if waiting else {}
    if port := _pinned_port(one, item, pins):
        held["port"] = port
    held |= lasting(one)
    held |= offered(one)
    referred = {name for name in around.others if any(f"${{services.{name}." in value for value in wires.env.values())}
    held |= {"env": wires.env} if wires.env else {}
    held |= {"secrets": wires.secrets} if wires.secrets else {}
    if volumes := [*apart((*(told.volumes if told else ()), *keeps))]:
        held["volumes"] = [{"name": name, "path": path, "size": _SIZE} for name, path in volumes]
    if told and told.health and one.kind == "web" and told.health not in (item.facts.value("health") if item else ()):
        held[PROBES] = {"readiness": {"type": "http", "path": told.health}}
    if told and told.memory:
        held[RESOURCES] = {"memory": told.memory}
    held |= single(one)
    needs = sorted(name for name in wires.needs - referred if name in around.others and name != one.name)
    held |= {"needs": needs} if needs else {}
    held |= fragment(one.name, wires.files, waited="before" in held)
    if not one.source and told and told.command:
        held["kubernetes"] = {"Pod": {"containers": [{"name": one.name, "args": [*told.command]}]}}
    return held


def _pinned_port(one: WantedService, item: FoundSource | None, pins: Mapping[str, Any]) -> int:
    """The port that a build would not find by itself."""
    if one.kind != "web":
        return 0
    told = one.told.port if one.told else 0
    shown = item.ports if item else ()
    if told and item is not None and not pins.get("port"):
        silent = bool(one.command) and read(one.command).portless  # a build would take that it listens on nothing
        return told if silent or told not in shown[:1] else 0
    if told and item is None:
        row = known(one.told.image) if one.told else None
        return told if row is None or told not in [port.number for port in row.open_ports()[:1]] else 0
    return one.port or int(pins.get("port") or 0)
