"""Addresses of model servers: whether one is this machine's own, whether one may be asked in the clear, what one lacks."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from urllib.parse import SplitResult, urlsplit


def odd(url: str) -> str:
    """Why a text is no base URL that kforge would use, "" when it is one. Never repeats the text: it may hold a key."""
    parts = _split(url)
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or not url.isprintable()
        or " " in url
    ):
        return "is not an http:// or https:// URL"
    if parts.username is not None or parts.password is not None:
        return "holds a user or a password"
    if parts.query or parts.fragment:
        return "holds a query or a fragment"
    return ""


def host_of(url: str) -> str:
    """The host, in lower case, without port."""
    parts = _split(url)
    return (parts.hostname or "").rstrip(".") if parts else ""


def is_loopback(url: str) -> bool:
    """Whether an address is this machine: `localhost`, 127.0.0.0/8, ::1. Names are not looked up: they may lie."""
    host = host_of(url)
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761: never resolved to anything else
        return True
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback


def is_clear(url: str) -> bool:
    """Whether the network could read what is sent to the address: no TLS, and not loopback."""
    return urlsplit(url).scheme == "http" and not is_loopback(url)


def consented(url: str, hosts: tuple[str, ...]) -> bool:
    """Whether a host is among those that the user lets kforge ask: `*` is any, `host` any of its ports, `host:8443`
    one.
    """
    host, parts = host_of(url), _split(url)
    if parts is None:
        return False
    bare = f"[{host}]" if ":" in host else host
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return any(each in ("*", host, bare, f"{bare}:{port}") for each in hosts)


def kin(url: str, other: str) -> bool:
    """Whether two hosts belong to one vendor: equal, or below the same domain (`eu.api.openai.com`, `api.openai.com`)."""
    one, two = host_of(url), host_of(other)
    domain = two.split(".", 1)[-1]
    return bool(one and two) and (one == two or (domain.count(".") > 0 and one.endswith(f".{domain}")))


def ollama(told: str) -> str:
    """OLLAMA_HOST → a base URL: `0.0.0.0`, `gpu:8080`, `:11434`, `https://host`. What it binds to is asked on loopback.

    https://github.com/ollama/ollama/blob/main/envconfig/config.go
    """
    told = told.strip().strip("\"'")
    scheme, found, rest = told.partition("://")
    scheme, rest = (scheme, rest) if found else ("http", told)
    place, slash, path = rest.partition("/")
    if place.count(":") > 1 and not place.startswith("["):
        place = f"[{place}]"
    host, _, port = place.rpartition(":") if ":" in place.rpartition("]")[2] else (place, "", "")
    if host in ("", "0.0.0.0", "[::]"):  # noqa: S104 - a server's address for "all", which a client cannot ask
        host = "127.0.0.1"
    usual = {"http": "80", "https": "443"}[scheme] if found and scheme in ("http", "https") else "11434"
    return f"{scheme}://{host}:{port or usual}{slash}{path}".rstrip("/")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    return parts
