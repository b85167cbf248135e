"""httpx on a connection pool of httpcore, its own engine, whose network is kforge's.

httpx's `HTTPTransport` takes no network backend, and `deadline.py` is one: so this is a transport of our own, as
https://www.python-httpx.org/advanced/transports/#custom-transports has them. Proxy and authorities are the
environment's, read here and not by httpx, which would take a proxy to this machine, too.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import certifi
import httpcore
import httpx

from kforge.domain.model import address, route
from kforge.domain.model.request import Fault

_IDLE = 4.0  # seconds that an unused connection is kept: llama-server closes its end after five
_FAILURES = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


class PoolTransport(httpx.BaseTransport):
    """Sends what httpx would send over a pool that was made elsewhere."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        target = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        extensions = request.extensions
        with _told_as_httpx():
            answer = self._pool.handle_request(
                httpcore.Request(
                    request.method, target, headers=request.headers.raw, content=request.stream, extensions=extensions
                )
            )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with _told_as_httpx():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


@contextmanager
def _told_as_httpx() -> Iterator[None]:
    """Both libraries call their errors by the same names."""
    try:
        yield
    except _FAILURES as error:
        raise getattr(httpx, type(error).__name__, httpx.TransportError)(str(error)) from error


def connection_pool(
    base_url: str, proxy: str, size: int, environ: Mapping[str, str], backend: httpcore.NetworkBackend
) -> httpcore.ConnectionPool:
    """Connections to an address, through a proxy where one is named. Raises Fault for a file without certificates."""
    trust = _trust(environ) if "https" in (urlsplit(base_url).scheme, urlsplit(proxy).scheme) else None
    settings: dict[str, Any] = {
        "ssl_context": trust,
        "max_connections": size,
        "max_keepalive_connections": size,
        "keepalive_expiry": _IDLE,
        "network_backend": backend,
    }
    return _through(proxy, trust, settings) if proxy else httpcore.ConnectionPool(**settings)


def proxy_of(base_url: str, environ: Mapping[str, str]) -> str:
    """The proxy to go through, "" for none. Raises Fault for one that is no address."""
    proxy = route.proxy(base_url, environ)
    try:
        if proxy and not (urlsplit(proxy).hostname and urlsplit(proxy).port != 0):
            raise ValueError
    except ValueError:  # no number, or too large a one; or no host
        name = f"{urlsplit(base_url).scheme.upper()}_PROXY"
        message = f"`{address.host_of(base_url)}` cannot be asked: {name} or ALL_PROXY is not an address"
        raise Fault("request", message, retry=False, hint=f"write `http://host:port` into {name}") from None
    return proxy


def _through(proxy: str, trust: ssl.SSLContext | None, settings: Mapping[str, Any]) -> httpcore.HTTPProxy:
    parts = urlsplit(proxy)
    if parts.scheme not in route.PORTS or not parts.hostname:
        raise Fault(
            "request", f"cannot be asked: a proxy of the kind `{parts.scheme[:20]}` is not supported", retry=False
        )
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    own = (unquote_to_bytes(parts.username or ""), unquote_to_bytes(parts.password or ""))
    url = f"{parts.scheme}://{host}:{parts.port or route.PORTS[parts.scheme]}"
    secure = trust if parts.scheme == "https" else None
    return httpcore.HTTPProxy(proxy_url=url, proxy_auth=own if any(own) else None, proxy_ssl_context=secure, **settings)


def _trust(environ: Mapping[str, str]) -> ssl.SSLContext:
    """The authorities that are trusted: the user's own file, or the system's and the usual ones. Nothing turns this
    off.
    """
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        if environ.get(name):
            try:
                return ssl.create_default_context(cafile=environ[name])
            except (OSError, ssl.SSLError) as error:
                raise Fault(
                    "request", f"cannot be asked: `{name}` is not a file with certificates: {error}", retry=False
                ) from None
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context
