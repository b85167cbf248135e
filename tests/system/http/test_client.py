"""The one HTTP client: a deadline for a whole exchange, a bounded answer, no redirects, no cookies, no secrets in errors."""

import gzip
import shutil
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from kforge.domain.model.request import Fault
from kforge.system.clock import CLOCK
from kforge.system.http.client import HttpClient
from tests.fault_injection import worlds
from tests.fault_injection.server import running
from tests.fault_injection.troubles import BLANKS
from tests.growth import ENDLESS, SOON

ROOT = Path(__file__).parents[3]
HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n"
needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl is not here: no certificates for the test"
)


def client(url, most=1 << 20, environ=None):
    return HttpClient(url, 4, 1.0, most, environ or {}, CLOCK)


def got(asker, path="/", seconds=5.0, method="GET", body=b"", **headers):
    return asker.send(method, path, headers, body, CLOCK.tick() + seconds)


@contextmanager
def answering(act, **more):
    """A server that answers every request by `act`."""
    with running(act, number=lambda body: 0, **more) as server:
        server.struck = {0}
        yield server


def says(status, body, *headers):
    return lambda link: link.answer(status, body, *headers) or True


@pytest.mark.parametrize("sent", [HEAD * 200, HEAD + b" " * 5000], ids=["headers", "body"])
def test_a_drip_is_cut_at_the_deadline(sent):
    at = len(HEAD) if sent.endswith(b" ") else 0
    with (
        answering(lambda link: (link.send(sent[:at]), link.drip(sent[at:], 0.02))) as server,
        client(server.url) as asker,
    ):
        begin = time.monotonic()
        with pytest.raises(Fault, match="did not answer in time"):
            got(asker, seconds=0.4)
        assert 0.35 < time.monotonic() - begin < SOON


@contextmanager
def sipping():
    """The address of a server that takes what is sent in sips."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            with suppress(OSError), listener.accept()[0] as link:
                while link.recv(65536):
                    time.sleep(0.2)

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_a_server_that_takes_the_question_in_sips_is_cut_at_the_deadline():
    with sipping() as url, client(url) as asker:
        begin = time.monotonic()
        with pytest.raises(Fault, match="did not answer in time"):
            got(asker, seconds=0.4, method="POST", body=b"x" * (32 << 20))
        assert time.monotonic() - begin < SOON


@contextmanager
def tunnel(aim, context):
    """An HTTPS proxy that passes on a byte at a time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve():
            with suppress(OSError), context.wrap_socket(listener.accept()[0], server_side=True) as link:
                link.recv(65536)
                with socket.create_connection(("127.0.0.1", aim)) as end:
                    link.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    end.sendall(link.recv(65536))
                    for byte in end.recv(65536):
                        link.sendall(bytes([byte]))
                        time.sleep(0.02)

        threading.Thread(target=serve, daemon=True).start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"


@needs_openssl
def test_a_drip_within_tls_within_tls_is_cut_at_the_deadline(tmp_path):
    own, context = worlds.certificates(tmp_path, "127.0.0.1", "model.test")
    with running(tls=context) as server, tunnel(server.port, context) as proxy:
        environ = {"SSL_CERT_FILE": str(own), "https_proxy": proxy}
        with client("https://model.test/v1", environ=environ) as asker:
            begin = time.monotonic()
            with pytest.raises(Fault):
                got(asker, seconds=0.6)
            assert time.monotonic() - begin < SOON


def test_a_packed_answer_is_unpacked():
    with answering(says(200, gzip.compress(b"[1]"), "content-encoding: gzip")) as server, client(server.url) as asker:
        assert got(asker).json == [1]


def test_a_bomb_is_refused_at_the_limit():
    bomb = says(200, BLANKS, "content-encoding: gzip")
    with (
        answering(bomb) as server,
        client(server.url, most=1 << 20) as asker,
        pytest.raises(Fault, match="larger than 1024 KiB"),
    ):
        got(asker)


@pytest.mark.parametrize("location", ["{}/elsewhere", "http://[::bad", "//", "https://elsewhere.test/", ""])
def test_a_redirect_is_an_answer_and_is_not_followed(location):
    with running() as other:
        location = location.format(other.url)
        with answering(says(302, "", f"location: {location}")) as server, client(server.url) as asker:
            reply = got(asker)
        assert (reply.status, reply.headers["location"], other.accepted) == (302, location, 0)


def test_a_cookie_is_not_given_back():
    with answering(says(200, "{}", "set-cookie: id=7; path=/")) as server, client(server.url) as asker:
        got(asker), got(asker)
        assert ["cookie" in each for each in server.seen] == [False, False]


def test_an_error_does_not_repeat_a_header():
    with running() as server, client(server.url) as asker, pytest.raises(Fault) as caught:
        got(asker, **{"x-key": "s3cret\nline"})
    assert caught.value.message == "cannot be asked: Illegal header value"


def test_ctrl_c_ends_a_wait_at_once():
    code = """
import os, signal, threading
from tests.system.http.test_client import answering, client, got
threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT]).start()
with answering(lambda link: link.rest(300.0)) as server, client(server.url) as asker:
    try:
        got(asker, seconds=300.0)
    except KeyboardInterrupt:
        os._exit(130)
"""
    begin = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=2 * ENDLESS, check=False)
    assert (done.returncode, time.monotonic() - begin < ENDLESS) == (130, True), done.stderr
