"""The route to a server: the path of a request below its base URL, and the proxy."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

from kforge.domain.model.address import host_of, is_clear, is_loopback, odd

PORTS = {"http": 80, "https": 443}


def barred(url: str) -> str:
    """Why an address must not be asked, "" where it may."""
    if found := odd(url):
        return found
    if not url.isascii():
        return "has a character that must be escaped in an address"
    if is_clear(url):
        return "is not encrypted and leads beyond this machine: use `https://`, or a tunnel to a local port"
    return ""


def below(base: str, path: str) -> str:
    """The path of a request, with the base URL's own in front: `/openai/v1` and `/models` → `/openai/v1/models`.

    A version that both carry is there once, since vendors disagree whether it belongs to the base URL.
    """
    root = urlsplit(base).path.rstrip("/")
    last = root.rpartition("/")[2]
    if last and path.startswith(f"/{last}/"):
        root = root[: -len(last) - 1]
    return root + path


def proxy(url: str, environ: Mapping[str, str]) -> str:
    """The proxy that the environment names for an address, "" for none. This machine is never asked through one."""
    parts = urlsplit(url)
    host, port = host_of(url), parts.port or PORTS.get(parts.scheme, 0)
    if is_loopback(url) or _direct(host, port, _first(environ, "no_proxy")):
        return ""
    found = _first(environ, f"{parts.scheme}_proxy") or _first(environ, "all_proxy")
    return found if "://" in found or not found else f"http://{found}"


def _first(environ: Mapping[str, str], name: str) -> str:
    return (environ.get(name) or environ.get(name.upper()) or "").strip()


def _direct(host: str, port: int, exceptions: str) -> bool:
    """Whether `NO_PROXY` lists the host: a name with all below it, `name:port`, an address, a network, or `*`."""
    for entry in exceptions.lower().replace(",", " ").split():
        name, _, number = entry.partition(":") if entry.count(":") == 1 else (entry, "", "")
        if number and number != str(port):
            continue
        bare = name.lstrip(".*")
        if name == "*" or (bare and (host == bare or host.endswith("." + bare))) or _within(host, name):
            return True
    return False


def _within(host: str, network: str) -> bool:
    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False
