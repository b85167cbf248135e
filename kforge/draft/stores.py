"""The stores that a draft may name → the block of a spec, and which of them a source's dependencies show.

The stores are rows of the known images, with a tag that names a version: no sentence and no model can name another.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, get_args

from kforge.domain import known_images
from kforge.domain.known_images import Role, Store, stores

USUAL = {"database": "postgres"}  # what a role is drafted as where the sentence names none


def said_in(words: Collection[str]) -> dict[str, str]:
    """Stores that the words of a sentence name → the word that does. `a cache` is the one that is named beside it."""
    own = {key: [word for word in store.words if word in words] for key, store in stores().items()}
    named = {key: found for key, found in own.items() if found}
    vague = {key for key, found in named.items() if {*found} <= {*get_args(Role)}}
    clear = {stores()[key].service for key in named.keys() - vague}
    clear |= {role for key in named.keys() - vague for role in stores()[key].roles}
    return {
        key: found[0]
        for key, found in named.items()
        if key not in vague or ({*found} - clear and stores()[key].service not in clear)
    }


def that_are(role: Role) -> dict[str, str]:
    """Stores of a role → what their programs are called."""
    return {key: known_images.table()[key].program for key, store in stores().items() if role in store.roles}


def main_ports() -> frozenset[int]:
    """The ports that stores listen on, which are no other service's."""
    runs = [row.runs for row in known_images.table().values() if row.store and row.runs]
    return frozenset(port.number for each in runs for port in each.open_ports()[:1])


def shown_by(dependencies: Iterable[Any]) -> list[Store]:
    """Stores whose client libraries are among a source's direct dependencies."""
    names = {str(name).lower() for name in dependencies}
    return [
        store
        for store in stores().values()
        if any(_uses(name, library) for name in names for library in store.libraries)
    ]


def _uses(name: str, library: str) -> bool:
    return (
        f"{name}/".startswith(library) if library.endswith("/") else name == library or name.startswith(f"{library}/v")
    )


def alike(one: Store, other: Store) -> bool:
    """Whether two stores are spoken to by the same clients: Valkey and Redis, MariaDB and MySQL."""
    scheme = one.url.partition("://")[0] if "://" in one.url else ""
    same = bool(scheme) and scheme == other.url.partition("://")[0]
    return one.key == other.key or same or one.key == other.speaks or other.key == one.speaks


def signs(store: Store) -> tuple[str, ...]:
    """The names by which services and hosts may be called that are this store."""
    return (store.key, store.service, *store.words)


def filled(text: str, store: Store, app: str, name: str) -> str:
    """A template of a row: `{app}` and `{name}` are those of the draft, `{user}` and `{database}` the store's own."""
    word = app.replace("-", "_")
    user = store.user.format(app=word, name=name)
    database = store.database.format(app=word, name=name, user=user)
    return text.format(app=word, name=name, user=user, database=database)


def as_told(store: Store, image: str, env: Mapping[str, str]) -> Store:
    """The store as an author's file runs it: its version, its user and its database. A value that the file takes from
    elsewhere stays the draft's.
    """
    held = store.of(image) if image else store
    given = {key: env.get(key, held.unset.get(key, "")) if env else "" for key in held.env}
    own = {key: text for key, text in given.items() if re.fullmatch(r"[A-Za-z0-9_./-]{1,63}|\{user\}", text)}
    return replace(held, env={**held.env, **own})


def block(store: Store, app: str, name: str) -> dict[str, Any]:
    """The service's block: data in a volume, passwords from a Secret that is made elsewhere."""
    held: dict[str, Any] = {"image": store.image}
    if store.env:
        held["env"] = {key: filled(value, store, app, name) for key, value in store.env.items()}
    if store.secrets:
        held["secrets"] = {variable: {"secret": f"{app}-{name}", "key": key} for variable, key in store.secrets.items()}
    if store.path:
        held["volumes"] = [{"name": "data", "path": store.path, "size": store.size}]
    return held
