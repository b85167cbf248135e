"""The way to a model: what is sent, what is kept back, and that nothing ever hangs."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from kforge.domain.model.request import Endpoint, Fault, Message, Request, ServedModel
from kforge.providers import anthropic, openai
from kforge.system.http.transport import Transport
from kforge.system.rate_limits import Budget, RateLimits
from tests.fault_injection import worlds
from tests.fault_injection.harness import KEY, QUICK, SCHEMA
from tests.fault_injection.server import MODEL, Proxy, running
from tests.growth import ENDLESS, SOON

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl is not here: no certificates for the test"
)
ROOT = str(Path(__file__).parents[3])
PATIENT = replace(QUICK, answer=30.0)


def asked(number=0):
    return Request(f"s{number}/size", (Message("user", f"question {number}"),), SCHEMA)


def to(url, provider=openai.PROVIDER, limits=None, patience=QUICK, environ=None, **more):
    endpoint = Endpoint(provider.name, ServedModel(MODEL), url, more.pop("key", KEY), **more)
    return Transport(endpoint, provider, limits or RateLimits(), patience=patience, environ=environ or {})


def test_the_key_travels_in_its_header_and_the_body_as_it_was_encoded():
    with running() as server, to(server.url) as transport:
        assert json.loads(transport.complete(asked(3)).text) == {"size": 3, "kind": "small"}
    assert server.seen[0]["authorization"] == f"Bearer {KEY}"
    assert server.seen[0]["path"] == "/v1/chat/completions"


def test_an_organization_is_told():
    with running() as server, to(server.url, headers={"OpenAI-Organization": "org-1"}) as transport:
        transport.complete(asked())
    assert server.seen[0]["openai-organization"] == "org-1"


def test_no_more_requests_are_under_way_than_the_endpoint_bears():
    now, most, lock = 0, 0, threading.Lock()

    def act(link):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.02)
        with lock:
            now -= 1
        return link.well()

    with (
        running(act) as server,
        to(server.url, parallel=3, patience=PATIENT) as transport,
        ThreadPoolExecutor(12) as pool,
    ):
        server.struck = set(range(12))
        list(pool.map(transport.complete, map(asked, range(12))))
    assert most == 3


def test_connections_are_kept():
    with running() as server, to(server.url) as transport:
        for number in range(5):
            transport.complete(asked(number))
        assert server.accepted == 1


def test_latency_is_not_added_to():
    """None of ten is answered before all of them are asked."""
    together = threading.Barrier(10, timeout=SOON)
    with (
        running(lambda link: together.wait() >= 0 and link.well()) as server,
        to(server.url, parallel=10, patience=PATIENT) as transport,
        ThreadPoolExecutor(10) as pool,
    ):
        server.struck = set(range(40))
        list(pool.map(transport.complete, map(asked, range(40))))
    assert not together.broken


def test_a_deadline_holds_whatever_the_patience():
    with running(lambda link: link.rest()) as server, to(server.url, patience=PATIENT) as transport:
        server.struck = {0}
        begin = time.monotonic()
        with pytest.raises(Fault, match="did not answer in time"):
            transport.complete(asked(), deadline=begin + 0.3)
        assert time.monotonic() - begin < SOON


def test_the_time_of_a_run_holds_for_every_request():
    limits = RateLimits(Budget(seconds=0.3))
    with running(lambda link: link.rest()) as server, to(server.url, limits=limits, patience=PATIENT) as transport:
        server.struck = {0}
        with pytest.raises(Fault) as caught:
            transport.complete(asked())
    assert caught.value.kind == "budget"
    assert "`--timeout 0.3`" in caught.value.message


@pytest.mark.parametrize("way", ["hang", "queue", "wait"])
def test_stopping_wakes_everybody(way):
    """Whether they wait for an answer, for a place, or to ask again."""
    patience = replace(PATIENT, first=30.0) if way == "wait" else PATIENT
    act = (lambda link: link.answer(500, "{}") or True) if way == "wait" else (lambda link: link.rest())
    with running(act) as server, ThreadPoolExecutor(4) as pool:
        server.struck = set(range(4))
        transport = to(server.url, parallel=1 if way == "queue" else 4, patience=patience)
        futures = [pool.submit(transport.complete, asked(number)) for number in range(4)]
        time.sleep(0.2)
        begin = time.monotonic()
        transport.stop()
        kinds = [future.exception(timeout=ENDLESS).kind for future in futures]
        transport.close()
    assert time.monotonic() - begin < SOON
    assert kinds == ["outage"] * 4


def test_an_interrupted_program_ends_at_once(tmp_path):
    code = """
import os, signal, sys, threading, time
from concurrent.futures import ThreadPoolExecutor
sys.path.insert(0, sys.argv[1])
from tests.system.http.test_transport import *
from tests.fault_injection.server import Server
server = Server(lambda link: link.rest())
server.struck = set(range(8))
threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT]).start()
try:
    with ThreadPoolExecutor(4) as pool, to(server.url, parallel=4, patience=PATIENT) as transport:
        for future in [pool.submit(transport.complete, asked(number)) for number in range(8)]:
            future.exception()
except KeyboardInterrupt:
    sys.exit(130)
"""
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", code, ROOT],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=2 * ENDLESS,
    )
    assert done.returncode == 130, done.stderr
    assert "Traceback" not in done.stderr
    assert time.monotonic() - begin < SOON


def test_a_body_of_100_mb_does_not_fill_the_memory():
    code = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from tests.system.http.test_transport import *
from tests.fault_injection.troubles import bomb, huge
for act in (huge, bomb):
    with running(act) as server, to(server.url, patience=PATIENT) as transport:
        transport.complete(asked(1))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        server.struck = {0}
        try:
            transport.complete(asked(0))
        except Fault as fault:
            assert "larger than" in fault.message, fault.message
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
    done = subprocess.run([sys.executable, "-c", code, ROOT], capture_output=True, text=True, check=True)
    assert all(int(grown) < 40 for grown in done.stdout.split()), done.stdout


@needs_openssl
def test_an_authority_of_the_users_own_is_trusted(tmp_path):
    own, context = worlds.certificates(tmp_path, "127.0.0.1")
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        with running(tls=context) as server, to(server.url, environ={name: str(own)}) as transport:
            assert transport.complete(asked()).model == MODEL


@needs_openssl
def test_nothing_is_sent_to_a_server_that_nobody_vouches_for(tmp_path):
    _, context = worlds.certificates(tmp_path, "127.0.0.1")
    with running(tls=context) as server, to(server.url) as transport:
        with pytest.raises(Fault, match="cannot be trusted: self-signed certificate"):
            transport.complete(asked())
        assert not server.seen


@needs_openssl
def test_a_certificate_of_another_host_is_not_taken(tmp_path):
    own, context = worlds.certificates(tmp_path, "other.example")
    environ = {"SSL_CERT_FILE": str(own)}
    with (
        running(tls=context) as server,
        to(server.url, environ=environ) as transport,
        pytest.raises(Fault, match="cannot be trusted: IP address mismatch"),
    ):
        transport.complete(asked())


def test_an_authority_that_cannot_be_read_is_named(tmp_path):
    environ, words = {"SSL_CERT_FILE": str(tmp_path / "none.pem")}, "`SSL_CERT_FILE` is not a file with certificates"
    with to("https://127.0.0.1:9/v1", environ=environ) as transport, pytest.raises(Fault, match=words):
        transport.complete(asked())


@pytest.mark.parametrize(
    "proxy", ["http://127.0.0.1:notaport", "http://127.0.0.1:99999", "http://[::1", "http://", "127.0.0.1:x"]
)
def test_a_proxy_that_is_no_address_is_named(proxy):
    with (
        to("https://model.test/v1", environ={"https_proxy": proxy}, local=False) as transport,
        pytest.raises(Fault) as caught,
    ):
        transport.complete(asked())
    assert caught.value.kind == "request" and "HTTPS_PROXY or ALL_PROXY is not an address" in caught.value.message


def test_a_name_before_a_proxy_may_hold_any_letter():
    environ = {"https_proxy": "http://us%C3%A9r:p%C3%A4ss@127.0.0.1:9"}
    with (
        to("https://model.test/v1", environ=environ, local=False) as transport,
        pytest.raises(Fault, match="cannot be reached"),
    ):
        transport.complete(asked())


@needs_openssl
def test_a_proxy_is_taken_beyond_this_machine_and_sees_no_key(tmp_path):
    own, context = worlds.certificates(tmp_path, "model.test")
    with running(tls=context) as server:
        proxy = Proxy(server.port)
        with to(
            "https://model.test/v1", environ={"SSL_CERT_FILE": str(own), "https_proxy": proxy.url}, local=False
        ) as transport:
            assert transport.complete(asked()).model == MODEL
        proxy.stop()
    assert proxy.tunnels == 1
    assert proxy.heard and not any(KEY.encode() in head for head in proxy.heard)


def test_no_proxy_stands_between_this_machine_and_itself():
    with (
        running() as server,
        to(server.url, environ={"http_proxy": "http://127.0.0.1:9", "all_proxy": "http://127.0.0.1:9"}) as transport,
    ):
        assert transport.complete(asked()).model == MODEL


@pytest.mark.parametrize("scheme", ["socks5", "ftp"])
def test_a_proxy_of_another_kind_is_named(scheme):
    environ, words = {"ALL_PROXY": f"{scheme}://127.0.0.1:9"}, f"a proxy of the kind `{scheme}` is not supported"
    with to("https://model.test/v1", environ=environ, local=False) as transport, pytest.raises(Fault, match=words):
        transport.complete(asked())


@pytest.mark.parametrize(
    "url", ["http://10.255.255.1/v1", "https://user:pw@127.0.0.1/v1", "gopher://x", "http://model.test/v1"]
)
def test_an_address_that_is_not_safe_is_never_asked(url):
    with to(url) as transport, pytest.raises(Fault) as caught:
        transport.complete(asked())
    assert caught.value.kind == "request"
    assert "pw" not in caught.value.message


def test_a_name_for_this_machine_that_leads_elsewhere_is_not_followed(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **more: [(2, 1, 6, "", ("192.0.2.1", 80))])
    with to("http://localhost:8080/v1") as transport, pytest.raises(Fault, match="not this machine"):
        transport.complete(asked())


def test_a_resolver_that_hangs_does_not_hang_the_build(monkeypatch):
    go = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **more: [go.wait(ENDLESS)][:0])
    begin = time.monotonic()
    with to("https://model.test/v1", local=False) as transport, pytest.raises(Fault, match="was not resolved in time"):
        transport.complete(asked(), deadline=begin + 1.0)
    go.set()
    assert time.monotonic() - begin < SOON


@pytest.mark.parametrize("key", ["line\nbreak", "schlüssel", "x "])
def test_a_key_that_no_header_can_carry_is_never_sent(key):
    with running() as server, to(server.url, key=key) as transport:
        with pytest.raises(Fault) as caught:
            transport.complete(asked())
        assert caught.value.kind == "key"
        assert key not in caught.value.message
        assert not server.seen


def test_a_refused_key_stops_every_other_question():
    limits = RateLimits()
    with running(lambda link: link.answer(401, "{}") or True) as server, ThreadPoolExecutor(8) as pool:
        server.struck = set(range(40))
        with to(server.url, limits=limits, parallel=2) as transport:
            futures = [pool.submit(transport.complete, asked(number)) for number in range(40)]
            assert {future.exception().kind for future in futures} == {"key"}
        assert sum(server.asked.values()) <= 2


def test_a_server_that_is_down_costs_a_bounded_number_of_requests():
    with running(lambda link: link.answer(500, "{}") or True) as server, ThreadPoolExecutor(4) as pool:
        server.struck = set(range(200))
        with to(server.url, parallel=4) as transport:
            futures = [pool.submit(transport.complete, asked(number)) for number in range(200)]
            assert {future.exception().kind for future in futures} == {"outage"}
        # Each of four threads may have begun another question before the last strike fell.
        assert sum(server.asked.values()) <= 2 * 4 * QUICK.tries


def test_a_local_server_may_load_its_model_first():
    def act(link):
        if link.tries == 9:
            return link.well()
        link.answer(503, '{"error": {"message": "Loading model"}}')
        return True

    told = []
    with running(act) as server:
        server.struck = {0}
        endpoint = Endpoint("openai", ServedModel(MODEL), server.url)
        with Transport(
            endpoint, openai.PROVIDER, RateLimits(), patience=replace(QUICK, loading=5.0), tell=told.append
        ) as transport:
            assert transport.complete(asked()).model == MODEL
    assert told[0].startswith("s0/size: `127.0.0.1` is busy (503): Loading model; asking again in 0.0 s")


def test_a_local_server_that_limits_requests_is_not_waited_for_as_one_that_loads():
    with running(lambda link: link.answer(429, '{"error": {"message": "slow down"}}') or True) as server:
        server.struck = {0}
        endpoint = Endpoint("openai", ServedModel(MODEL), server.url)
        with (
            Transport(endpoint, openai.PROVIDER, RateLimits(), patience=replace(QUICK, loading=5.0)) as transport,
            pytest.raises(Fault) as caught,
        ):
            transport.complete(asked())
    assert caught.value.kind == "busy" and server.asked[0] == QUICK.tries


def test_health_is_one_request_and_no_exception():
    with running(lambda link: link.answer(500, "{}") or True) as server, to(server.url) as transport:
        server.struck = {-1}
        fault = transport.healthy()
        assert fault is not None and fault.kind == "outage"
        assert sum(server.asked.values()) == 1


def test_a_list_of_models_is_not_waited_for_long():
    with running(lambda link: link.rest()) as server, to(server.url) as transport:
        server.struck = {-1}
        begin = time.monotonic()
        assert transport.healthy() is not None
        assert time.monotonic() - begin < SOON


def test_anthropics_version_and_key_are_headers():
    with running() as server, to(server.url, anthropic.PROVIDER) as transport, pytest.raises(Fault):
        transport.complete(asked())  # the server speaks another protocol
    assert server.seen[0]["x-api-key"] == KEY
    assert server.seen[0]["anthropic-version"] == "2023-06-01"
    assert server.seen[0]["path"] == "/v1/messages"


def test_no_http_library_is_loaded_before_a_model_is_asked():
    code = "import sys, kforge.system.http.transport; sys.exit(any(name in sys.modules for name in ('httpcore', 'httpx', 'ssl', 'certifi')))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
