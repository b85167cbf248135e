"""`${services.NAME.host|port|url|address}` in a value, found and expanded; `$${…}` is the text `${…}`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kforge.domain.known_images import Store, row_of
from kforge.domain.kubernetes.names import ports

if TYPE_CHECKING:
    from kforge.domain.view import View

REFERENCE = re.compile(r"(?<!\$)\$\{([^}]{0,1000})\}")
ASPECTS = ("host", "port", "url", "address")
SCHEMES = {"http": "http", "https": "https", "grpc": "grpc", "tcp": "tcp"}


def references(text: str) -> Iterator[tuple[str, ...]]:
    """Parts of every reference in a text: ("services", "catalog", "url")."""
    return (tuple(match.group(1).split(".")) for match in REFERENCE.finditer(text))


def expand(text: str, view: View) -> str:
    """The text with every reference replaced by what the other service is reached at, from inside the namespace."""
    return REFERENCE.sub(lambda match: _value(match.group(1), view), text).replace("$${", "${")


def _value(reference: str, view: View) -> str:
    _, name, aspect = reference.split(".")
    if aspect == "host":
        return name
    main = ports(view.of(name))[0]
    if aspect == "port":
        return str(main.number)
    address = f"{name}:{main.number}"
    if aspect == "address":
        return address
    store = _store(name, view) if main.protocol == "tcp" else None
    return _data_source(store, address, name, view) if store else f"{SCHEMES[main.protocol]}://{address}"


def _store(name: str, view: View) -> Store | None:
    """The database, cache or queue that a service's image is, as the caller's libraries speak to it."""
    image = view.of(name).spec("image")
    row = row_of(image) if image else None
    store = row.store.of(image) if row and row.store else None
    return store.spoken_to_by({str(each) for each in view.fact("dependencies") or ()}) if store else None


def _data_source(store: Store, address: str, name: str, view: View) -> str:
    """The address as drivers take it: with the user and the database that the store is made with, and no password."""
    scheme, mark, _ = (store.url or store.plain).partition("://")
    if not mark:
        return f"tcp://{address}"
    if not store.database:
        return f"{scheme}://{address}"
    user, database = store.made_with(view.of(name).spec("env") or {})
    if "$" in f"{user}{database}":
        return f"{scheme}://{address}"
    return f"{scheme}://{f'{user}@' if user else ''}{address}{f'/{database}' if database else ''}{store.query}"
