"""`${services.NAME.host|port|url|address}` in a value, found and expanded."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kforge.domain.kubernetes.names import ports

if TYPE_CHECKING:
    from kforge.domain.view import View

REFERENCE = re.compile(r"\$\{([^}]{0,1000})\}")
ASPECTS = ("host", "port", "url", "address")
SCHEMES = {"http": "http", "https": "https", "grpc": "grpc", "tcp": "tcp"}


def references(text: str) -> Iterator[tuple[str, ...]]:
    """Parts of every reference in a text: ("services", "catalog", "url")."""
    return (tuple(match.group(1).split(".")) for match in REFERENCE.finditer(text))


def expand(text: str, view: View) -> str:
    """The text with every reference replaced by what the other service is reached at, from inside the namespace."""
    return REFERENCE.sub(lambda match: _value(match.group(1), view), text)


def _value(reference: str, view: View) -> str:
    _, name, aspect = reference.split(".")
    if aspect == "host":
        return name
    main = ports(view.of(name))[0]
    if aspect == "port":
        return str(main.number)
    address = f"{name}:{main.number}"
    return address if aspect == "address" else f"{SCHEMES[main.protocol]}://{address}"
