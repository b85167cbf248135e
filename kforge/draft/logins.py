"""Variables that a source reads → which of them log in to a drafted store, and with what. Unaware of how they are set.

A store lets in one user, whose password lies in one Secret: a client that reads both from variables is given these, and
no Secret of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kforge.domain.known_images import Store
from kforge.draft.stores import filled

ADDRESS = re.compile(
    r"^([A-Z][A-Z0-9_]*?)_?(URL|URI|DSN|CONN(?:ECTION)?_?STR(?:ING)?|SOURCE|HOST|HOSTNAME|ADDR|ADDRESS|PORT)$"
)
GENERAL = ("DATABASE", "DB", "CACHE")  # words that name no store where the source uses another one
_PART = re.compile(r"^([A-Z][A-Z0-9_]*?)_?(USER|USERNAME|USER_NAME|PASS|PASSWORD|PASSWD|PWD|DB|DBNAME|NAME|DATABASE)$")
_PERSON = re.compile(r"(?:^|_)(?:USER|USERNAME|USER_NAME|SUPERUSER|ADMIN|LOGIN|EMAIL|MAIL|OPERATOR|OWNER)$")
_USER, _PASSWORD = ("USER", "USERNAME", "USER_NAME"), ("PASS", "PASSWORD", "PASSWD", "PWD")


@dataclass(frozen=True, slots=True)
class LoginPart:
    """What one variable is of a login."""

    store: str
    is_a: Literal["user", "password", "database"]


@dataclass(frozen=True, slots=True)
class Logins:
    """The logins of one source: what its variables are of them, and the store that a prefix of variables means."""

    parts: Mapping[str, LoginPart]
    stores: Mapping[str, str]


def logs_in(name: str, read: Collection[str]) -> bool:
    """Whether a variable is the user of a login whose password is another variable: `ADMIN` of `ADMIN_PASSWORD`,
    `SMTP_USER` of `SMTP_PASS`.
    """
    whole = plain_name(name)
    person = _PERSON.search(whole)
    stems = {whole, whole[: person.start()]} - {""} if person else ()
    return not {f"{stem}_{word}" for stem in stems for word in _PASSWORD}.isdisjoint(map(plain_name, read))


def plain_name(name: str) -> str:
    """A variable as most are written: `SHOP_DB_HOST` of `SHOP_db__host`."""
    return re.sub("_+", "_", name).upper()


def logins(read: Collection[str], stores: Mapping[str, Store], used: Collection[str]) -> Logins:
    """Every login that has a password."""
    found = {name: match for name in sorted(read) if (match := _PART.match(plain_name(name)))}
    addresses = {match[1] for name in read if (match := ADDRESS.match(plain_name(name)))}
    meant: dict[str, str] = {}
    for match in found.values():
        if match[2] in _PASSWORD and (store := _named(match[1], match[1] in addresses, stores, used)):
            meant[match[1]] = store
    return Logins(
        {name: LoginPart(meant[match[1]], _is_a(match[2])) for name, match in found.items() if match[1] in meant}, meant
    )


def _is_a(ending: str) -> Literal["user", "password", "database"]:
    return "user" if ending in _USER else "password" if ending in _PASSWORD else "database"


def _named(stem: str, addressed: bool, stores: Mapping[str, Store], used: Collection[str]) -> str:
    """The one store that a prefix means: `POSTGRES`, and `ORDER_QUEUE` of `queue` where an address begins the same."""
    word = stem.rpartition("_")[2] if addressed else stem
    meant = [name for name, store in stores.items() if store.user and word in (*store.variables, *_words(store, name))]
    meant = [name for name in meant if name in used] or ([] if used and word in GENERAL else meant)
    return meant[0] if len(meant) == 1 else ""


def _words(store: Store, name: str) -> list[str]:
    return [word.upper().replace("-", "_") for word in (name, *store.words)]


def value(part: LoginPart, store: Store, app: str) -> str | dict[str, Any]:
    """A text for `env`, "" for none, or a reference for `secrets`."""
    if part.is_a == "password":
        return {"secret": f"{app}-{part.store}", "key": "password"}
    return filled(store.user if part.is_a == "user" else store.database, store, app, part.store)
