"""Model servers are told apart by what they say of themselves, quickly, whatever else listens on their ports."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from kforge.domain.model.machine import ModelServer
from kforge.domain.model.request import ServedModel
from kforge.system.http import servers
from kforge.system.http.dialects import size_of
from kforge.system.http.servers import fetch, probe, probe_one
from tests.growth import ENDLESS, SOON
from tests.models import fakes, tiny

tiny_model, tiny_server = tiny.tiny_model, tiny.tiny_server  # fixtures

ROOT = Path(__file__).parents[3]
CODER = f"sha256:{fakes.DIGEST}"


def seen(answers: Any) -> ModelServer:
    with fakes.serving(answers) as url:
        found = probe_one(url)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("answers", "kind", "provider", "path", "version"),
    [
        (fakes.OLLAMA, "ollama", "ollama", "", "0.12.6"), (fakes.DOCKER, "docker-model-runner", "openai", "/engines/v1", ""),
        (fakes.LLAMA, "llama-server", "openai", "/v1", "b6500-abc"), (fakes.VLLM, "vllm", "openai", "/v1", "0.12.1"),
        (fakes.SGLANG, "sglang", "openai", "/v1", ""), (fakes.STUDIO, "lmstudio", "openai", "/v1", ""),
        (fakes.OLD_STUDIO, "lmstudio", "openai", "/v1", ""), (fakes.LOCALAI, "localai", "openai", "/v1", ""),
        (fakes.PYTHON, "llama-cpp-python", "openai", "/v1", ""), (fakes.OTHER, "openai-compatible", "openai", "/v1", ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_every_server_is_recognised(answers: Any, kind: str, provider: str, path: str, version: str) -> None:
    server = seen(answers)
    assert (server.kind, server.provider, server.base_url.split(":", 2)[2].lstrip("0123456789"), server.version) == (
        kind,
        provider,
        path,
        version,
    )


@pytest.mark.parametrize(
    ("answers", "model"),
    [
        (fakes.OLLAMA, ServedModel("qwen2.5-coder:14b", CODER, True, 0, 14_800_000_000, 8_988_124_069)),
        (fakes.DOCKER, ServedModel("ai/qwen2.5-coder:latest", CODER, True, 0, 7_620_000_000, 4_681_514_352)),
        (
            fakes.LLAMA,
            ServedModel(
                "qwen.gguf",
                "n_params=14770033664;size=8988110688;ftype=Q4_K - Medium;n_vocab=354;n_embd=64",
                False,
                16384,
                14_770_033_664,
                8_988_110_688,
            ),
        ),
        (fakes.VLLM, ServedModel("coder", "Qwen/Qwen2.5-Coder-32B-Instruct", False, 32768)),
        (fakes.SGLANG, ServedModel("Qwen/Qwen3-8B", "Qwen/Qwen3-8B", False, 40960)),
        (
            fakes.STUDIO,
            ServedModel(
                "qwen2.5-coder-14b-instruct", "Q4_K_M;size=8988110688", False, 16384, 14_000_000_000, 8_988_110_688
            ),
        ),
        (fakes.OLD_STUDIO, ServedModel("qwen2.5-coder-7b", "Q4_K_M", False, 4096)),
    ],
    ids=["ollama", "docker", "llama", "vllm", "sglang", "studio", "old studio"],
)
def test_a_model_is_listed_with_what_is_known_of_it(answers: Any, model: ServedModel) -> None:
    assert seen(answers).offers[0].model == model


def test_embeddings_chat_not_and_cloud_models_are_elsewhere_with_a_weak_identity() -> None:
    offers = {offer.model.name: offer for offer in seen(fakes.OLLAMA).offers}
    assert not offers["nomic-embed-text:latest"].chats and offers["gpt-oss:120b-cloud"].elsewhere
    assert not offers["gpt-oss:120b-cloud"].model.strong and offers["qwen2.5-coder:14b"].loaded
    assert [offer.chats for offer in seen(fakes.LOCALAI).offers] == [True, False]


def test_a_server_that_loads_its_model_or_wants_a_key_says_so() -> None:
    assert (seen(fakes.LOADING).problem, seen(fakes.LOCKED).problem) == ("is loading its model", "wants a key")


@pytest.mark.parametrize(
    "answers",
    [
        {}, {"/": "hello"}, {"/v1/models": "no json"}, {"/v1/models": {"data": 7}}, {"/v1/models": {"data": [7, None]}},
        {"/v1/models": {"data": [{"id": 7}]}}, {"/v1/models": []}, {"/v1/models": (500, "")}, {"/api/v1/models": {"models": [{}]}},
    ],
    ids=str,
)  # fmt: skip
def test_whatever_else_answers_is_no_model_server(answers: Any) -> None:
    assert seen(answers).kind == "unknown"


@pytest.mark.parametrize("part", ["/api/tags", "/api/ps", "/api/version"])
@pytest.mark.parametrize(
    "broken", [None, 7, [], {"models": 7}, {"models": [7, {}, {"name": 7}, {"name": "x\x1b[31m"}]}, {"version": ["1"]}]
)
def test_nonsense_in_a_list_is_passed_over(part: str, broken: Any) -> None:
    assert seen({**fakes.OLLAMA, part: (200, broken)}).kind == "ollama"


WILD = "\x1b[2J\n- evil"
LOUD: dict[str, Any] = {"n_params": WILD, "size": "7", "ftype": "z" * 9999, "n_vocab": [7], "n_embd": 64}


@pytest.mark.parametrize(
    ("answers", "model"),
    [
        (
            {**fakes.LLAMA, "/v1/models": {"data": [{"id": "q", "meta": LOUD}]}},
            ServedModel("q", f"size=7;ftype={'z' * 300};n_embd=64", False, 16384),
        ),
        ({**fakes.DOCKER, "/models": [{"id": "sha256:1", "tags": [WILD]}]}, ServedModel("sha256:1", "sha256:1", True)),
        ({**fakes.DOCKER, "/models": [{"id": "sha256:1", "tags": [7]}]}, ServedModel("sha256:1", "sha256:1", True)),
        (
            {**fakes.STUDIO, "/api/v1/models": {"models": [{"key": "q", "quantization": WILD}]}},
            ServedModel("q", ";size=0"),
        ),
        (
            {**fakes.OLLAMA, "/api/tags": {"models": [{"name": "q", "details": {"parameter_size": "9" * 299 + "T"}}]}},
            ServedModel("q"),
        ),
    ],
    ids=["llama", "docker", "docker number", "studio", "ollama"],
)
def test_what_a_server_says_of_weights_is_printable_and_bounded(answers: Any, model: ServedModel) -> None:
    assert seen(answers).offers[0].model == model


def test_the_known_ports_are_probed_on_loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    connected: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], *rest: Any, **more: Any) -> None:
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", refuse)
    probe()
    assert sorted(connected) == sorted((host, port) for host in ("127.0.0.1", "::1") for port in servers.PORTS)


def test_an_address_beyond_this_machine_is_not_probed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *asked, **more: pytest.fail("looked up"))
    assert probe_one("https://model.test/v1") is None


def test_addresses_are_asked_side_by_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """None of eight servers answers before all of them are asked."""
    monkeypatch.setattr(servers, "PORTS", ())
    together = threading.Barrier(8, timeout=SOON)
    with ExitStack() as opened:
        probe([opened.enter_context(rude(lambda link, stop: together.wait())) for _ in range(8)], ENDLESS)
    assert not together.broken


def test_further_addresses_come_first_and_each_server_once() -> None:
    with fakes.serving(fakes.OLLAMA) as url:
        found = probe([url, f"{url}/"])
    assert [server.base_url for server in found if server.base_url == url] == [url] and found[0].base_url == url


@contextmanager
def rude(behave: Any) -> Iterator[str]:
    """A server that treats every connection its own way."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.05)
        stop = threading.Event()

        def loop() -> None:
            while not stop.is_set():
                try:
                    link, _ = listener.accept()
                except OSError:
                    continue
                threading.Thread(target=guarded, args=(link,), daemon=True).start()

        def guarded(link: socket.socket) -> None:
            with link:
                try:
                    link.settimeout(ENDLESS)
                    behave(link, stop)
                except OSError:
                    return

        thread = threading.Thread(target=loop, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        stop.set()
        thread.join()


def hang(link: socket.socket, stop: threading.Event) -> None:
    stop.wait(ENDLESS)


def drip(link: socket.socket, stop: threading.Event) -> None:
    link.sendall(b"HTTP/1.1 200 OK\r\n")
    while not stop.wait(0.05):
        link.sendall(b"x: y\r\n")


def drip_body(link: socket.socket, stop: threading.Event) -> None:
    link.recv(1000)
    link.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n")
    while not stop.wait(0.05):
        link.sendall(b"x")


def drip_and_close(link: socket.socket, stop: threading.Event) -> None:
    link.recv(1000)
    link.sendall(b"HTTP/1.0 200 OK\r\n\r\n")
    while not stop.wait(0.05):
        link.sendall(b"x")


def flood(link: socket.socket, stop: threading.Event) -> None:
    link.recv(1000)
    link.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while not stop.is_set():
        link.sendall(b"x" * 65536)


def garble(link: socket.socket, stop: threading.Event) -> None:
    link.recv(1000)
    link.sendall(b"SSH-2.0-OpenSSH_9.6\r\n")


@pytest.mark.parametrize(
    "behave", [hang, drip, drip_body, drip_and_close, flood, garble], ids=lambda behave: behave.__name__
)
def test_a_rude_server_costs_little_time(behave: Any) -> None:
    with rude(behave) as url:
        began = time.monotonic()
        assert fetch(url, "/", 0.3).status == 0
        assert time.monotonic() - began < SOON


def drip_a_handshake(link: socket.socket, stop: threading.Event) -> None:
    link.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 KiB is to come
    while not stop.wait(0.05):
        link.sendall(b"\x02")


@pytest.mark.parametrize("behave", [hang, drip_a_handshake], ids=lambda behave: behave.__name__)
def test_a_handshake_that_never_ends_costs_little_time(behave: Any) -> None:
    with rude(behave) as url:
        began = time.monotonic()
        assert fetch(url.replace("http:", "https:"), "/", 0.3).status == 0
        assert time.monotonic() - began < SOON


def test_no_proxy_sees_a_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    with fakes.serving({}, asked) as proxy, fakes.serving(fakes.OLLAMA) as url:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy)
        assert (found := probe_one(url)) and found.kind == "ollama" and asked == []


def test_no_key_is_sent_by_a_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setenv("OPENAI_API_KEY", "hunter2")
    with fakes.serving(fakes.VLLM, asked) as url:
        probe_one(url)
    assert asked and not any(" " in line for line in asked)


def test_an_interrupted_probe_ends_at_once(tmp_path: Path) -> None:
    code = """
import os, signal, sys, threading
from tests.system.http.test_servers import hang, rude
from kforge.system.http.servers import probe
threading.Timer(0.5, os.kill, [os.getpid(), signal.SIGINT]).start()
with rude(hang) as url:
    try:
        probe([url], 300.0)
    except KeyboardInterrupt:
        os._exit(130)
"""
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, timeout=2 * ENDLESS, check=False)
    assert (done.returncode, time.monotonic() - began < ENDLESS) == (130, True), done.stderr


@pytest.mark.parametrize(
    ("text", "size"),
    [("256 MiB", 256 << 20), ("4.7 GB", 4_700_000_000), ("1000B", 1000), ("huge", 0), ("", 0), ("9" * 400 + "GB", 0)],
)
def test_sizes_are_read_as_they_are_written(text: str, size: int) -> None:
    assert size_of(text) == size


def test_a_real_llama_server_is_recognised_with_its_file(tiny_model: Any, tiny_server: str) -> None:
    server = probe_one(tiny_server)
    assert server and (server.kind, server.base_url) == ("llama-server", tiny_server)
    offer = server.offers[0]
    assert (offer.model.name, offer.file, offer.model.context, offer.loaded) == (
        "kforge-tiny",
        str(tiny_model),
        32768,
        True,
    )
