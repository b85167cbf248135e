"""The stores that a draft may name → the block of a spec, and which of them a source's dependencies show.

The stores are rows of the known images, with a tag that names a version: no sentence and no model can name another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
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
    return {key: found[0] for key, found in named.items() if key not in vague or stores()[key].service not in clear}


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


def signs(store: Store) -> tuple[str, ...]:
    """The names by which services and hosts may be called that are this store."""
    return (store.key, store.service, *store.words)


def filled(text: str, app: str, name: str) -> str:
    return text.format(app=app, name=name)


def block(store: Store, app: str, name: str) -> dict[str, Any]:
    """The service's block: data in a volume, passwords from a Secret that is made elsewhere."""
    held: dict[str, Any] = {"image": store.image}
    if store.env:
        held["env"] = {key: filled(value, app.replace("-", "_"), name) for key, value in store.env.items()}
    if store.secrets:
        held["secrets"] = {variable: {"secret": f"{app}-{name}", "key": key} for variable, key in store.secrets.items()}
    if store.path:
        held["volumes"] = [{"name": "data", "path": store.path, "size": store.size}]
    return held
