"""An address as an author wrote it → the same with references to services, and what it takes to log in there.

`postgresql+asyncpg://app:secret@db:5432/app?ssl=off` keeps its scheme and its options; user and database are those that
the store is drafted with, and the password is a Secret's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from kforge.domain.draft import UNKNOWN
from kforge.domain.known_images import Store, stores, with_scheme
from kforge.domain.secrets.source_secrets import public
from kforge.draft.stores import alike, filled

_ADDRESS = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,40}://)?(?:(?P<user>[^\s/@]{0,200})@)?"
    r"(?P<host>[A-Za-z0-9_.-]{1,253})(?::(?P<port>\d{1,5}|\0))?(?P<rest>[/?#][^\s]*)?"
)
LOCAL = frozenset(("localhost", "127.0.0.1", "0.0.0.0", "host.docker.internal"))  # noqa: S104  # read, never bound
_SCHEMES = {
    "postgresql": "postgres", "postgres": "postgres", "postgis": "postgres", "pgsql": "postgres", "mysql": "mysql", "mysql2": "mysql",
    "mariadb": "mariadb", "mongodb": "mongo", "redis": "redis", "rediss": "redis", "valkey": "valkey", "amqp": "rabbitmq", "amqps": "rabbitmq",
    "pyamqp": "rabbitmq", "nats": "nats", "memcached": "memcached",
}  # fmt: skip

_ENCRYPTED = re.compile(r"^(redis|valkey|amqp|pyamqp)s(\+\w+)?(?=://)")


@dataclass(frozen=True, slots=True)
class Address:
    """The parts of one; `rest` begins with its `/`, `?` or `#`."""

    scheme: str
    host: str
    port: str
    rest: str
    login: bool = False  # whether a user stands in it, and perhaps a password

    @property
    def local(self) -> bool:
        return self.host in LOCAL


def address(text: str) -> Address | None:
    """The parts of a text that is one address and nothing else."""
    if len(text) > 2000 or not (match := _ADDRESS.fullmatch(text)):
        return None
    if not match["scheme"] and match["rest"]:
        return None
    return Address(match["scheme"] or "", match["host"], match["port"] or "", match["rest"] or "", bool(match["user"]))


def store_meant(text: str) -> str:
    """The key of the store that the scheme of an address means, "" for none."""
    scheme = text.partition("://")[0].lower() if "://" in text[:60] else ""
    return _SCHEMES.get(scheme.partition("+")[0], "")


def to_service(found: Address, name: str, port: int, open_on: set[int] | None = None) -> str:
    """The address of another service that is drafted under a name and listens on a port, 0 where none is known.
    `open_on` are all ports of a source that is drafted.
    """
    # Another number is that of a Service of the author's in front of a program; ours listen where the program does.
    # https://kubernetes.io/docs/concepts/services-networking/service/#defining-a-service (`port`, `targetPort`)
    own = found.port in ("", UNKNOWN, "80", str(port))
    own = own or (open_on is not None and int(found.port) not in open_on)
    if not port or not own:
        return f"{found.scheme}{name}{f':{found.port}' * bool(found.port)}{found.rest}"
    if found.scheme == "http://":
        return f"${{services.{name}.url}}{found.rest}"
    if found.scheme or found.port:
        return f"{found.scheme}${{services.{name}.address}}{found.rest}"
    return f"${{services.{name}.host}}"


def to_store(found: Address, name: str, store: Store, app: str) -> str:
    """The address of a store; "" where a password stands in it, so that all of it is a Secret's."""
    found = replace(found, scheme=_plain(found.scheme))
    if not found.scheme:
        return to_service(found, name, main_port(store))
    if not store.user:
        return f"{found.scheme}${{services.{name}.address}}{found.rest}"
    if not store.url:
        return ""
    user, database = filled(store.user, store, app, name), filled(store.database, store, app, name)
    options = found.rest[found.rest.find("?") :] if "?" in found.rest else store.query
    return f"{found.scheme}{user}@${{services.{name}.address}}/{database}{options}"


def whole(store: Store, said: Address | None, app: str, name: str) -> str:
    """An example of an address with all that a client needs, with the scheme and the options that the author wrote."""
    text = filled(store.whole, store, app, name)
    if said is None or not said.scheme or "://" not in text:
        return text
    text = with_scheme(text, _plain(said.scheme).removesuffix("://"))
    given = said.rest.partition("?")[2]
    return text if not given or "?" in text else f"{text}?{public('', given)}"


def _plain(scheme: str) -> str:
    """A scheme less the encryption: a store of the draft has no certificate."""
    return _ENCRYPTED.sub(r"\1\2", scheme)


def main_port(store: Store) -> int:
    from kforge.domain.known_images import table

    row = table()[store.key]
    return int(row.runs.open_ports()[0].number) if row.runs and row.runs.ports else 0


def fits(store: Store, key: str) -> bool:
    """Whether a store speaks what a scheme of another one means."""
    return bool(key) and alike(store, stores()[key])


def of_scheme(key: str, known: Mapping[str, Store]) -> str:
    """The drafted store that a scheme means, "" where there is none or more than one."""
    found = [name for name, store in known.items() if fits(store, key)]
    return found[0] if len(found) == 1 else ""
