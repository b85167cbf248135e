"""Surroundings that fail: nobody listens, a name that does not resolve, a certificate, a proxy."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fault_injection.harness import World
from tests.fault_injection.server import Proxy, running
from tests.fault_injection.troubles import OUTAGE, WORLD, Trouble


def nothing(link: object) -> None:
    """The server itself is well."""


REFUSED = Trouble("refused", nothing, sort=OUTAGE, most=0, kind="outage")
UNRESOLVED = Trouble("DNS failure", nothing, sort=OUTAGE, most=0, kind="outage")
UNTRUSTED = Trouble("TLS failure: an unknown authority", nothing, sort=WORLD, most=0, kind="key", ends=True)
NO_TLS = Trouble("TLS failure: no TLS at all", nothing, sort=OUTAGE, most=0, kind="outage")
PROXIED = Trouble("proxy 407", nothing, sort=OUTAGE, most=0, kind="outage")


def certificates(folder: Path, *names: str) -> tuple[Path, ssl.SSLContext]:
    """An authority's file, and the context of a server with a certificate for the names."""
    key, own = folder / "key.pem", folder / "own.pem"
    alternatives = ",".join(f"{'IP' if name[0].isdigit() else 'DNS'}:{name}" for name in names)
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-keyout",
            key,
            "-out",
            own,
            "-subj",
            "/CN=kforge test",
            "-addext",
            f"subjectAltName={alternatives}",
            "-addext",
            "basicConstraints=critical,CA:TRUE",
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own, key)
    return own, context


@contextmanager
def refused() -> Iterator[World]:
    """The server is gone for one question."""
    with running() as server:
        yield World(
            server, strike=lambda number: server.deaf() if number in server.struck else None, heal=server.listen
        )


@contextmanager
def unresolved(monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A name of this machine that is not known for one question. The resolver alone is not real."""
    name, gone, real = "model.localhost", set(), socket.getaddrinfo

    def lookup(host, port, *rest, **more):
        if host == name and gone:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real("127.0.0.1" if host == name else host, port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with running() as server:

        def strike(number: int) -> None:
            if number in server.struck:
                gone.add(name)
                server.drop()

        yield World(server, f"http://{name}:{server.port}/v1", strike=strike, heal=gone.clear)


@contextmanager
def untrusted(folder: Path) -> Iterator[World]:
    """For one question, the server shows a certificate of an authority that nobody knows."""
    own, context = certificates(_made(folder / "known"), "127.0.0.1")
    _, other = certificates(_made(folder / "unknown"), "127.0.0.1")
    with running(tls=context) as server:

        def strike(number: int) -> None:
            if number in server.struck:
                server.tls = other
                server.drop()

        def heal() -> None:
            if server.tls is other:
                server.tls = context

        yield World(server, environ={"SSL_CERT_FILE": str(own)}, strike=strike, heal=heal)


@contextmanager
def without_tls(folder: Path) -> Iterator[World]:
    """For one question, the server speaks plain HTTP where TLS is spoken."""
    own, context = certificates(_made(folder / "known"), "127.0.0.1")
    with running(tls=context) as server:
        url = server.url

        def strike(number: int) -> None:
            if number in server.struck:
                server.tls = None
                server.drop()

        def heal() -> None:
            server.tls = context

        yield World(server, url, {"SSL_CERT_FILE": str(own)}, strike, heal)


@contextmanager
def proxied(folder: Path) -> Iterator[World]:
    """A host beyond this machine that only the proxy reaches, which refuses for one question."""
    own, context = certificates(_made(folder / "known"), "model.test")
    with running(tls=context) as server:
        proxy = Proxy(server.port)

        def strike(number: int) -> None:
            if number in server.struck:
                proxy.refuses = True
                proxy.drop()

        def heal() -> None:
            proxy.refuses = False

        try:
            yield World(
                server, "https://model.test/v1", {"SSL_CERT_FILE": str(own), "HTTPS_PROXY": proxy.url}, strike, heal
            )
        finally:
            proxy.stop()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
