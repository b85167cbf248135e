"""kforge's HTTP client: httpx for one base URL, bounded in time and in size. Every failure is a Fault.

Knows no key but as a header that it is given, follows no redirect, keeps no cookie and repeats nothing.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from http.cookiejar import CookieJar
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpcore
import httpx

from kforge.domain.model import address, route, wire
from kforge.domain.model.request import Fault
from kforge.system.clock import Clock
from kforge.system.http.deadline import Backend, ExchangeDeadline
from kforge.system.http.httpx_transport import PoolTransport, connection_pool, proxy_of
from kforge.system.http.reply import HttpReply

_HEADERS = {"accept": "application/json", "accept-encoding": "gzip", "user-agent": "kforge"}
_CERTIFICATE = "CERTIFICATE_VERIFY_FAILED"
_AUTHORITY = "set SSL_CERT_FILE to a file with the certificate of its authority"


class HttpClient:
    """Connections to one base URL, shared by threads. Every failure is a Fault, `lost` once the request was sent."""

    def __init__(
        self, base_url: str, size: int, connect: float, most: int, environ: Mapping[str, str], clock: Clock
    ) -> None:
        """At most `size` connections, each made within `connect` seconds; answers of at most `most` bytes."""
        if why := route.barred(base_url):
            raise Fault("request", f"cannot be asked: its address {why}", retry=False)
        self.base_url, self._most, self._connect, self._clock = base_url, most, connect, clock
        self._watch, self._stopped = ExchangeDeadline(clock), False
        self._backend = Backend(self._watch, address.is_loopback(base_url))
        proxy = proxy_of(base_url, environ)
        self._via = f" through the proxy `{urlsplit(proxy).hostname}`" if proxy else ""
        self._client = httpx.Client(
            transport=PoolTransport(connection_pool(base_url, proxy, size, environ, self._backend)),
            headers=_HEADERS,
            cookies=_NoCookies(),
            event_hooks={"response": [_end_at_redirect]},
            trust_env=False,
        )

    def __enter__(self) -> HttpClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind:
            self.stop()
        self.close()

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes, until: float) -> HttpReply:
        """One exchange. `until`, a reading of the clock's `tick`, ends it even while a server keeps sending."""
        url = urlunsplit(urlsplit(self.base_url)._replace(path=route.below(self.base_url, path)))
        own = {"content-type": "application/json", **headers} if method == "POST" else headers
        content = body if method == "POST" else None
        try:
            with self._watch.exchange(until) as left:
                patience = httpx.Timeout(None, connect=self._connect, pool=left)
                with self._client.stream(method, url, headers=own, content=content, timeout=patience) as response:
                    return self._read(response)
        except _Redirect as redirect:
            return redirect.reply
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            raise self._fault(error, self._clock.tick() >= until) from None
        except (RuntimeError, AttributeError):
            if not self._stopped:
                raise
            # a connection that is cut while another thread uses it fails in ways that no library names
            raise Fault("outage", "was interrupted", retry=False) from None

    def listens(self, seconds: float) -> bool:
        """Whether a TCP connection to the address is accepted."""
        parts = urlsplit(self.base_url)
        try:
            with self._watch.exchange(self._clock.tick() + seconds):
                self._backend.connect_tcp(parts.hostname or "", parts.port or route.PORTS[parts.scheme]).close()
        except (httpcore.NetworkError, httpcore.TimeoutException):
            return False
        return True

    def _read(self, response: httpx.Response) -> HttpReply:
        """The whole body, decompressed here within a limit: httpx would decompress a chunk to any size before it is counted."""
        headers = _plain(response)
        coding = headers.get("content-encoding", "identity").strip().lower()
        if coding not in ("identity", "", "gzip", "x-gzip"):
            raise Fault(
                "garbled", f"sent an answer encoded as `{wire.shown(coding)[:40]}`, which kforge did not ask for"
            )
        inflate = zlib.decompressobj(zlib.MAX_WBITS | 16) if "gzip" in coding else None
        parts, size, raw = [], 0, 0
        for chunk in response.iter_raw():
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
        return HttpReply(response.status_code, headers, b"".join(parts))

    def _fault(self, error: Exception, late: bool) -> Fault:
        """The fault of a failed exchange, in words that fit behind `host: `."""
        words = " ".join(str(error).split())[:200]
        if self._stopped:
            return Fault("outage", "was interrupted", retry=False)
        if isinstance(error, httpx.ProxyError):
            return Fault("outage", f"the proxy refused to connect: {words}", retry=False)
        if isinstance(error, (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)):
            if _CERTIFICATE in words:
                why = re.sub(r"^.*verify failed: | \(_ssl\.c:\d+\)$", "", words)
                return Fault("key", f"`{address.host_of(self.base_url)}` cannot be trusted: {why}", hint=_AUTHORITY)
            return Fault("outage", f"cannot be reached{self._via}: {words or 'no answer in time'}")
        if isinstance(error, httpx.LocalProtocolError):  # its words end in the header's value, which may be a key
            return Fault("request", f"cannot be asked{self._via}: {words.partition(' b')[0]}", retry=False)
        if isinstance(error, (httpx.UnsupportedProtocol, httpx.InvalidURL, ValueError)):
            return Fault("request", f"cannot be asked{self._via}: {words}", retry=False)
        if late or isinstance(error, (httpx.ReadTimeout, httpx.WriteTimeout)):
            return Fault("outage", "did not answer in time", lost=True)
        return Fault("outage", f"ended its answer early: {words or type(error).__name__}", lost=True)

    def stop(self) -> None:
        """End every exchange under way; each fails with a Fault."""
        self._stopped = True
        self._watch.cut()

    def close(self) -> None:
        self._client.close()


class _NoCookies(CookieJar):
    """Takes none, where httpx would give a server's cookies back to it with the next question."""

    def extract_cookies(self, response: Any, request: Any) -> None:
        pass


class _Redirect(Exception):
    def __init__(self, reply: HttpReply) -> None:
        super().__init__()
        self.reply = reply


def _end_at_redirect(response: httpx.Response) -> None:
    """Take a redirect as the answer that it is: httpx follows none, but works out the next request, and fails where
    the location is no address.
    """
    if response.has_redirect_location:
        raise _Redirect(HttpReply(response.status_code, _plain(response)))


def _plain(response: httpx.Response) -> dict[str, str]:
    return dict(response.headers.multi_items())
