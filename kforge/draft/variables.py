"""The variables that a service reads, or is given by the author's files → `env` and `secrets` of its block.

A value names another service by a reference where that is known to listen; a password is a reference to a Secret, and
what nothing here explains is told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from kforge.domain.draft import UNKNOWN
from kforge.domain.known_images import Store
from kforge.domain.secrets.credentials import known, names_one, userinfo
from kforge.domain.secrets.source_secrets import HIDDEN
from kforge.draft import addresses, brokers
from kforge.draft.asked_variables import as_example, asked
from kforge.draft.compose_roles import table
from kforge.draft.logins import ADDRESS, GENERAL, plain_name, value
from kforge.draft.stores import filled
from kforge.draft.variable_names import another, may_address, service_called, store_called
from kforge.draft.wiring_context import Wires, WiringContext

_ASPECT = {
    "HOST": "host",
    "HOSTNAME": "host",
    "ADDR": "address",
    "ADDRESS": "address",
    "PORT": "port",
}
_PUBLIC = re.compile(r"(?:^|_)(?:PUBLIC|EXTERNAL|SITE|FRONTEND|CORS|CALLBACK|REDIRECT|ORIGINS?)(?:_|$)")
_OUTSIDE = re.compile(
    r"(?:^|_)(?:PUBLIC|EXTERNAL|SITE|FRONTEND|CORS|CALLBACK|REDIRECT|ORIGINS?|ROOT|BASE|APP|WEB|DOMAIN|HOSTS?)(?:_|$)"
)
_EVERYWHERE = re.compile(r"(?:0\.0\.0\.0|\[::\]):[0-9]{1,5}")
_BINDING = re.compile(
    r"^(?:HOST|HOSTNAME|BIND|BIND_\w+|LISTEN\w*|(?=\w*?LISTEN_\w)\w++|ADDR|ADDRESS|SERVER_HOST|APP_HOST|IP)$"
)

# What sessions and tokens are signed with: whoever knows it is whom they please.
_SIGNS = re.compile(
    r"(?:(?:DJANGO|FLASK|APP|JWT|SESSION)_)?SECRET(?:_KEY(?:_BASE)?)?|(?:JWT|SESSION|COOKIE|SIGNING|ENCRYPTION|CSRF|TOKEN)_(?:SECRET_)?KEY"
    r"|(?:COOKIE|SIGNING|ENCRYPTION|CSRF|TOKEN|AUTH)_SECRET"
)
# What a program calls itself to others: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
_OWN_NAME = frozenset(("OTEL_SERVICE_NAME", "SERVICE_NAME"))


def settle(name: str, fact: Mapping[str, Any] | None, said: str | None, around: WiringContext, wires: Wires) -> None:
    """One variable: `fact` is how the source reads it, `said` what the author's file gives it."""
    part = around.logins.parts.get(name)
    if part and (given := value(part, around.stores[part.store], around.app)):
        if isinstance(given, str):
            wires.env[name] = given
        else:
            wires.secrets[name] = given
        return
    if fact and fact["required"] and fact["default"] is None and not said and fact.get("form") == "switch":
        wires.env[name] = "false"  # the program ends without it, and does no more than it must
        return
    default = str(fact["default"]) if fact and fact["default"] is not None else ""
    if _addressed(name, said if said else default, bool(said), around, wires):
        if not said and wires.env.get(name) == default:
            del wires.env[name]
        _without_scheme(name, fact, wires)
        return
    if _by_its_name(name, default, around, wires):
        _without_scheme(name, fact, wires)
        return
    if said:
        _given(name, said, fact, around, wires)
    elif fact and (fact["default"] is None or fact["required"] or default == HIDDEN):
        _left_to_the_user(name, fact, default, around, wires)
    elif _reaches(name, default) and (found := addresses.address(default)) and found.local:
        wires.lacks[name] = (
            f"defaults to `{default}`, which in a cluster is the pod itself: set the address that it needs"
        )


def _left_to_the_user(name: str, fact: Mapping[str, Any], default: str, around: WiringContext, wires: Wires) -> None:
    """A variable without a default, in one place at least, or with a secret for one, which is none where anyone can
    read it.
    """
    required = bool(fact["required"])  # one place insists, whatever another does without
    if required and name in _OWN_NAME and not as_example(name, around, wires):
        wires.env[name] = around.own
    elif not (required and _one_more(name, around, wires)):
        signs = _SIGNS.fullmatch(plain_name(name).removeprefix(around.prefix)) is not None
        asked(name, required or (default == HIDDEN and signs), around, wires)


def _without_scheme(name: str, fact: Mapping[str, Any] | None, wires: Wires) -> None:
    """Leaves out the scheme that the code itself puts before what it reads."""
    text = wires.env.get(name, "")
    if fact and fact.get("form") == "address":
        wires.env |= {name: re.sub(r"^\$\{services\.([\w-]+)\.url\}", r"${services.\1.address}", text)} if text else {}
        scheme, mark, rest = wires.env.get(name, "").partition("://")
        wires.env |= {name: rest} if mark and "$" not in scheme else {}


def _reaches(name: str, text: str) -> bool:
    return ("://" in text or ":" in text) and not _BINDING.match(name) and not _OUTSIDE.search(name)


def _addressed(name: str, text: str, said: bool, around: WiringContext, wires: Wires) -> bool:
    """Whether the value is an address that is wired: of another service by its host, of a store also by its scheme."""
    found = addresses.address(text) if text else None
    if found is None or (not said and not found.scheme and not ADDRESS.match(plain_name(name))):
        return False
    target = around.called.get(found.host.lower(), "")
    if (
        target
        and said
        and not (
            found.scheme or found.port or ADDRESS.match(plain_name(name)) or name.endswith(("HOST", "SERVER", "ADDR"))
        )
    ):
        return False  # `MODE: web` is no host
    if not target and found.local:
        target = addresses.of_scheme(addresses.store_meant(text), around.stores)
    if not target:
        if said and found.host in around.gone:
            wires.lacks[name] = f"names `{found.host}`, which is left out: set the address of yours"
            return True
        return False
    if target in around.stores:
        _store_address(name, found, target, around, wires)
    elif found.login:
        _whole(name, target, around, wires)
    else:
        wires.env[name] = addresses.to_service(found, target, around.ports.get(target, 0), around.listening.get(target))
        wires.needs.add(target)
    return True


def _store_address(name: str, found: addresses.Address, target: str, around: WiringContext, wires: Wires) -> None:
    store = around.stores[target]
    wires.needs.add(target)
    text = addresses.to_store(found, target, store, around.app)
    if text and not (found.scheme and target in around.addressed):
        wires.env[name] = text
        if found.scheme:
            _client(store, target, around, wires)
    else:
        _whole(name, target, around, wires, found)


def _client(store: Store, target: str, around: WiringContext, wires: Wires) -> None:
    for variable, key in store.client.items():
        wires.secrets.setdefault(variable, {"secret": f"{around.app}-{target}", "key": key})


def _whole(name: str, target: str, around: WiringContext, wires: Wires, said: addresses.Address | None = None) -> None:
    """The password stands in the address: the whole of it comes from the Secret, in the form that was `said`."""
    wires.secrets[name] = {"secret": f"{around.app}-{target}", "key": "url"}
    wires.needs.add(target)
    store = around.stores.get(target)
    wires.urls[target] = addresses.whole(store, said, around.app, target) if store else ""


def _by_its_name(name: str, default: str, around: WiringContext, wires: Wires) -> bool:
    """Whether the name alone says what it is the address of: `DATABASE_URL`, `CATALOG_HOST`, `SHOP_CATALOG_URL`."""
    match = ADDRESS.match(plain_name(name))
    stem, ending = (match[1].rstrip("_"), match[2]) if match else ("", "")
    if not match and not default and brokers.NAMED.search(plain_name(name)):
        stem, ending = plain_name(name), "URL"
    if not stem:
        return False
    own = stem.removeprefix(around.prefix) if around.prefix else stem
    target = service_called(own, around)
    store = around.logins.stores.get(stem) or store_called(stem, around)
    if store and (stem in around.logins.stores or store in around.used or stem not in GENERAL or not around.used):
        by_stem = stem in around.logins.stores
        _store_named(name, ending, store, by_stem, around, wires)
        return True
    other = around.others.get(target)
    if other is None or other.store or other.kind != "web" or _PUBLIC.search(name):
        return False
    if other.seen and other.seen.base in around.known and ending not in _ASPECT:
        _whole(name, target, around, wires)  # a store that is built here: its password stands in its address
    else:
        found = addresses.address(default)
        form = "url" if "://" in default else "address" if found and found.port else _ASPECT.get(ending, "url")
        wires.env[name] = f"${{services.{target}.{form}}}"
    return True


def _one_more(name: str, around: WiringContext, wires: Wires) -> bool:
    """Whether a variable without which the program ends is one more address of the only store of its kind:
    `ACCOUNTS_DB_URI`, `METRICS_DATABASE_URL`.
    """
    match = ADDRESS.match(plain_name(name))
    ending = match[1].rstrip("_").rpartition("_")[2] if match else ""
    found = [each for each, store in around.stores.items() if ending in store.variables]
    if match is None or len(found) != 1 or another(name):
        return False
    _store_named(name, match[2], found[0], False, around, wires)
    wires.needs.add(found[0])
    return True


def only_addresses(read: Mapping[str, Mapping[str, Any]], around: WiringContext, wires: Wires) -> None:
    """A store that the libraries speak to, and that no variable is wired to, is reached by the only variable that may hold
    its address (`ACCOUNTS_DB_URI`).
    """
    for target in sorted({*around.used} & around.stores.keys()):
        told = any(f"${{services.{target}." in value for value in wires.env.values())
        if told or any(held["secret"] == f"{around.app}-{target}" for held in wires.secrets.values()):
            continue
        found = [
            name for name, fact in read.items() if fact["default"] is None and may_address(name, around.stores[target])
        ]
        found = [name for name in found if name not in wires.env and wires.secrets.get(name, {}).get("optional", True)]
        if len(found) == 1:
            wires.secrets.pop(found[0], None)
            _store_named(found[0], "URL", target, False, around, wires)


def _store_named(name: str, ending: str, target: str, apart: bool, around: WiringContext, wires: Wires) -> None:
    """A store's address; `apart` is a client that is given user and password beside it."""
    store = around.stores[target]
    if ending in _ASPECT:
        wires.env[name] = f"${{services.{target}.{_ASPECT[ending]}}}"
    elif (url := store.plain * apart or store.url) and target not in around.addressed:
        wires.env[name] = filled(url, store, around.app, target) + store.query
    else:
        _whole(name, target, around, wires)
    if not apart and target not in around.addressed:
        _client(store, target, around, wires)


def _given(name: str, said: str, fact: Mapping[str, Any] | None, around: WiringContext, wires: Wires) -> None:
    """A value of the author's file that names no service."""
    values = table()["values"]
    quieter = values["levels"].get(said.lower())
    if quieter and fact and fact["required"] and fact["default"] is None and "LEVEL" in name.upper():
        wires.env[name] = quieter.upper() if said.isupper() else quieter  # the program ends without one
        return
    if name.upper() in values["switches"] or said.lower().rpartition(".")[2] in values["development"]:
        return
    secret = names_one(name, "x1y2z3w4") or userinfo(said) or next(known(said), None) is not None
    required = bool(fact and fact["required"])
    if secret:
        asked(name, required or fact is None, around, wires, secret=True)
    elif UNKNOWN in said or "${" in said:
        if (required or fact is None) and not (said == UNKNOWN and as_example(name, around, wires)):
            wires.lacks[name] = "needs"
    elif (found := addresses.address(said)) and found.local and (found.port or found.scheme):
        if _EVERYWHERE.fullmatch(said):
            wires.env[name] = said  # where it listens, and no address that anybody calls
        elif not _BINDING.match(name):
            wires.lacks[name] = (
                f"is `{said}` in the author's file, which in a cluster is the pod itself: set the address that it needs"
            )
    else:
        wires.env[name] = said


def store_url(target: str, around: WiringContext, wires: Wires) -> None:
    """The address of a store by the variable that programs read it from, for a source that is still to be written."""
    store = around.stores[target]
    names = ("DATABASE", *store.variables) if store.service == "db" else store.variables
    taken = {*wires.env, *wires.secrets}
    name = next((f"{word}_URL" for word in names if f"{word}_URL" not in taken), f"{store.key.upper()}_ADDRESS")
    _store_named(name, "URL", target, False, around, wires)
