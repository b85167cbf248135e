"""Bytes to one server and back, over HTTP/1.1: bounded in time and size, by the environment's proxy and authorities.

Knows no key but as a header that it is given, follows no redirect, keeps no cookie and repeats nothing.
"""

from __future__ import annotations

import re
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit, urlunsplit

import certifi
import httpcore

from kforge.domain.model import address, route, wire
from kforge.domain.model.request import Fault
from kforge.system.clock import Clock
from kforge.system.http.deadline import Backend, ExchangeDeadline

_IDLE = 4.0  # seconds that an unused connection is kept: llama-server closes its end after five
_CERTIFICATE = "CERTIFICATE_VERIFY_FAILED"
_AUTHORITY = "name a file with the certificate of its authority in SSL_CERT_FILE"


@dataclass(frozen=True, slots=True)
class HttpReply:
    """Header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Channel:
    """Connections to one base URL, shared by threads. Every failure is a Fault, `lost` once the request was sent."""

    def __init__(
        self, base_url: str, size: int, connect: float, most: int, environ: Mapping[str, str], clock: Clock
    ) -> None:
        if why := route.barred(base_url):
            raise Fault("request", f"cannot be asked: its address {why}", retry=False)
        parts = urlsplit(base_url)
        self._base, self._most, self._connect = base_url, most, connect
        self._netloc = parts.netloc
        self._watch, self._stopped = ExchangeDeadline(clock), False
        proxy = _proxy(base_url, environ)
        backend = Backend(self._watch, address.is_loopback(base_url))
        trust = _trust(environ) if parts.scheme == "https" or proxy.startswith("https:") else None
        self._via = f" through the proxy `{urlsplit(proxy).hostname}`" if proxy else ""
        settings: dict[str, Any] = {
            "ssl_context": trust,
            "max_connections": size,
            "max_keepalive_connections": size,
            "keepalive_expiry": _IDLE,
            "network_backend": backend,
        }
        self._pool = _through(proxy, trust, settings) if proxy else httpcore.ConnectionPool(**settings)

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes, until: float) -> HttpReply:
        """One exchange. `until` is a reading of the clock's `tick`, kept whatever the server does."""
        self._watch.begin(until)
        target = urlsplit(self._base)._replace(path=route.below(self._base, path))
        sent = {"host": self._netloc, "accept": "application/json", "accept-encoding": "gzip", **headers}
        if method == "POST":
            sent |= {"content-type": "application/json", "content-length": str(len(body))}
        try:
            timeouts = {"connect": self._connect, "pool": self._watch.left()}
            with self._pool.stream(
                method,
                urlunsplit(target),
                headers=[(name.encode("ascii"), value.encode("ascii")) for name, value in sent.items()],
                content=body if method == "POST" else None,
                extensions={"timeout": timeouts},
            ) as response:
                return self._read(response)
        except Fault:
            raise
        except (OSError, ValueError, RuntimeError, AttributeError, *_FAILURES) as error:
            if self._stopped:  # a connection cut under a reader's feet fails in whatever way it likes
                raise Fault("outage", "was interrupted", retry=False) from None
            raise self._fault(error) from None

    def _read(self, response: httpcore.Response) -> HttpReply:
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        coding = headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("identity", "", "gzip", "x-gzip"):
            raise Fault("garbled", f"sent an answer encoded as `{wire.shown(coding)[:40]}`, which was not asked for")
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in coding else None
        parts, size, raw = [], 0, 0
        for chunk in response.iter_stream():
            raw += len(chunk)
            try:
                part = inflate.decompress(chunk, self._most + 1 - size) if inflate else chunk
            except zlib.error:
                raise Fault("garbled", "sent an answer whose compression is broken") from None
            size += len(part)
            if max(size, raw) > self._most:
                raise Fault("garbled", f"sent an answer larger than {self._most >> 10} KiB")
            parts.append(part)
        if inflate and raw and not inflate.eof:
            raise Fault("garbled", "sent an answer whose compression breaks off")
        return HttpReply(response.status, headers, b"".join(parts))

    def _fault(self, error: Exception) -> Fault:
        """The fault of a failed exchange, in words that fit behind `host: `."""
        words = " ".join(str(error).split())[:200]
        if isinstance(error, httpcore.ProxyError):
            return Fault("outage", f"the proxy refused to connect: {words}", retry=False)
        if isinstance(error, (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout)):
            if _CERTIFICATE in words:
                why = re.sub(r"^.*verify failed: | \(_ssl\.c:\d+\)$", "", words)
                return Fault("key", f"`{address.host_of(self._base)}` cannot be trusted: {why}", hint=_AUTHORITY)
            return Fault("outage", f"cannot be reached{self._via}: {words or 'nobody answered in time'}")
        if isinstance(error, (httpcore.UnsupportedProtocol, httpcore.LocalProtocolError, ValueError)):
            return Fault("request", f"cannot be asked{self._via}: {words}", retry=False)
        if isinstance(error, (httpcore.ReadTimeout, httpcore.WriteTimeout)):
            return Fault("outage", "did not answer in time", lost=True)
        return Fault("outage", f"broke off its answer: {words or type(error).__name__}", lost=True)

    def stop(self) -> None:
        """End every exchange under way; each fails with a Fault."""
        self._stopped = True
        self._watch.cut()

    def close(self) -> None:
        self._pool.close()


_FAILURES = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.UnsupportedProtocol,
)


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
                    "request", f"cannot be asked: `{name}` names no file with certificates: {error}", retry=False
                ) from None
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _proxy(base_url: str, environ: Mapping[str, str]) -> str:
    """The proxy to go through, "" for none. Raises Fault for one that is no address."""
    proxy = route.proxy(base_url, environ)
    try:
        if proxy and not (urlsplit(proxy).hostname and urlsplit(proxy).port != 0):
            raise ValueError
    except ValueError:  # no number, or too large a one; or no host
        name = f"{urlsplit(base_url).scheme.upper()}_PROXY"
        message = f"`{address.host_of(base_url)}` cannot be asked: {name} or ALL_PROXY names no address"
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
