"""Wanted services and facts → blocks of a spec that hang together: variables, needs, references to Secrets, volumes.

It is the only place where a draft's values are written, so that no sentence and no model can write one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kforge.domain import known_images
from kforge.domain.draft import Draft, Drafted, FoundSource, WantedService
from kforge.domain.known_images import Store
from kforge.domain.secrets.credentials import names_one
from kforge.draft.logins import ADDRESS, GENERAL, Logins, logins, value
from kforge.draft.services import users
from kforge.draft.stores import block, filled

_ASPECT = {
    "URL": "url",
    "URI": "url",
    "HOST": "host",
    "HOSTNAME": "host",
    "ADDR": "address",
    "ADDRESS": "address",
    "PORT": "port",
}


def wired(
    app: str, description: str, services: Sequence[WantedService], found: Sequence[FoundSource], model: str = ""
) -> Draft:
    """The draft. Variables that nothing here explains are notes: only the user knows them."""
    facts = {item.path: item for item in found}
    drafted: dict[str, Drafted] = {}
    notes: list[str] = []
    for one in services:
        if one.kind == "store":
            store = known_images.stores()[one.store]
            drafted[one.name] = Drafted(block(store, app, one.name), one.why)
            if store.secrets:
                keys = ", ".join(f"`{key}`" for key in sorted({*store.secrets.values()}))
                notes.append(
                    f"make the Secret `{app}-{one.name}` with {keys}: kforge refers to it and never holds a value"
                )
            continue
        drafted[one.name] = Drafted(_service(app, one, services, facts.get(one.source), found, notes), one.why)
        if one.source not in facts:
            notes.append(
                f"`{one.source}` is not there yet: put the source of `{one.name}` into it before `kforge build`"
            )
        elif (
            one.kind in ("cron", "job", "worker")
            and not one.command
            and any(other.source == one.source and other is not one for other in services)
        ):
            notes.append(f"`{one.name}` runs the image of `{one.source}`: say with which `command`")
    notes += _strangers(app, services, drafted, found)
    if any(one.kind == "web" for one in services):
        notes.append("`expose: {host: …}` makes a service reachable from outside")
    return Draft(app, drafted, description, model, tuple(dict.fromkeys(notes)))


def _strangers(
    app: str, services: Sequence[WantedService], drafted: Mapping[str, Drafted], found: Sequence[FoundSource]
) -> Iterator[str]:
    """Clients that are given a store's address, or bring their own, and no password: a login of theirs would be
    refused.
    """
    for one in services:
        if one.kind != "store" or not (user := known_images.stores()[one.store].user):
            continue
        secret = f"{app}-{one.name}"
        clients = [
            other.name
            for other in services
            if other.source in users(known_images.stores()[one.store], found)
            or f"${{services.{one.name}." in str(drafted[other.name].block.get("env"))
        ]
        without = [
            name
            for name in clients
            if not any(held.get("secret") == secret for held in drafted[name].block.get("secrets", {}).values())
        ]
        if without:
            listed = ", ".join(f"`{name}`" for name in without)
            said = filled(user, app.replace("-", "_"), one.name)
            yield f"`{one.name}` lets in `{said}` with the `password` of the Secret `{secret}`, and {listed} read{'s' if len(without) == 1 else ''} neither from a variable: clients must log in as `{said}`"


def _service(
    app: str,
    one: WantedService,
    services: Sequence[WantedService],
    item: FoundSource | None,
    found: Sequence[FoundSource],
    notes: list[str],
) -> dict[str, Any]:
    held: dict[str, Any] = {"source": one.source}
    if one.command:
        held["command"] = list(one.command)
    if one.kind == "cron":
        held["schedule"] = one.schedule or "0 3 * * *"
    if one.kind == "job":
        held["job"] = True
    if one.port:
        held["port"] = one.port
    env: dict[str, str] = {}
    secrets: dict[str, Any] = {}
    needs = set(one.needs)
    others = {other.name: other for other in services if other is not one}
    stores = {name: known_images.stores()[other.store] for name, other in others.items() if other.store}
    used = {name for name, store in stores.items() if one.source in users(store, found)}
    needs |= used
    read = item.facts.value("env") if item else []
    held_by = logins([str(variable["name"]) for variable in read], stores, used)
    needs |= {*held_by.stores.values()}
    for variable in read:
        _variable(app, one, variable, others, stores, used, held_by, env, secrets, needs, notes)
    if item is None:  # nothing shows yet what it reads: the usual names
        for name in sorted(needs & stores.keys()):
            _store(
                app,
                name,
                stores[name],
                _usual(stores[name], {*env, *secrets}),
                "URL",
                False,
                env,
                secrets,
                needs,
                notes,
            )
    referred = {name for name in others if any(f"${{services.{name}." in value for value in env.values())}
    needs = {name for name in needs - referred if name in others}
    return {
        **held,
        **({"env": env} if env else {}),
        **({"secrets": secrets} if secrets else {}),
        **({"needs": sorted(needs)} if needs else {}),
    }


def _variable(
    app: str,
    one: WantedService,
    variable: Mapping[str, Any],
    others: Mapping[str, WantedService],
    stores: Mapping[str, Store],
    used: set[str],
    held_by: Logins,
    env: dict[str, str],
    secrets: dict[str, Any],
    needs: set[str],
    notes: list[str],
) -> None:
    """One variable that the source reads: another service's address, a store's, a credential, or a note."""
    name = str(variable["name"])
    part = held_by.parts.get(name)
    if part and (given := value(part, stores[part.store], app)):
        if isinstance(given, str):
            env[name] = given
        else:
            secrets[name] = given
        return
    match = ADDRESS.match(name)
    stem, ending = (match[1].rstrip("_"), match[2]) if match else ("", "")
    target = stem.lower().replace("_", "-")
    store = held_by.stores.get(stem) or next(
        (other for other in sorted(stores, key=lambda each: each not in used) if stem in stores[other].variables), ""
    )
    if store and (stem in held_by.stores or store in used or stem not in GENERAL or not used):
        _store(app, store, stores[store], name, ending, stem in held_by.stores, env, secrets, needs, notes)
    elif target in others and not others[target].store and others[target].kind == "web" and ending in _ASPECT:
        env[name] = f"${{services.{target}.{_ASPECT[ending]}}}"
    elif variable["default"] is not None or name in secrets:
        return
    elif names_one(name, "x1y2z3w4"):
        optional = {} if variable["required"] else {"optional": True}
        secrets[name] = {"secret": f"{app}-{one.name}", "key": name.lower().replace("_", "-"), **optional}
        notes.append(
            f"make the Secret `{app}-{one.name}` with `{name.lower().replace('_', '-')}`"
            + ("" if variable["required"] else ", or leave it out")
        )
    elif variable["required"]:
        notes.append(f"`{one.name}` needs `{name}`: set it under `env` or `secrets`")


def _usual(store: Store, taken: set[str]) -> str:
    """The variable that programs read a store's address from."""
    names = ("DATABASE", *store.variables) if store.service == "db" else store.variables
    return next((f"{name}_URL" for name in names if f"{name}_URL" not in taken), f"{store.key.upper()}_ADDRESS")


def _store(
    app: str,
    name: str,
    store: Store,
    variable: str,
    ending: str,
    apart: bool,
    env: dict[str, str],
    secrets: dict[str, Any],
    needs: set[str],
    notes: list[str],
) -> None:
    """A store's address; `apart` is a client that is given user and password beside it."""
    if ending in ("HOST", "HOSTNAME", "ADDR", "ADDRESS", "PORT"):
        env[variable] = f"${{services.{name}.{_ASPECT[ending]}}}"
    elif url := store.plain * apart or store.url:
        env[variable] = filled(url, app.replace("-", "_"), name)
    else:  # the password stands in the address: the whole of it comes from the Secret
        secrets[variable] = {"secret": f"{app}-{name}", "key": "url"}
        needs.add(name)
        notes.append(
            f"put `url` into the Secret `{app}-{name}`, too: the whole address of `{name}`, since a password stands in it"
        )
    for client, key in () if apart else store.client.items():
        secrets[client] = {"secret": f"{app}-{name}", "key": key}
