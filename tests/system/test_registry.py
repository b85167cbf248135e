"""What registries say of a tag: the digest of what they send, and every way in which one fails to answer."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from kforge.errors import InputError, OutageError, WorldError
from kforge.system.clock import CLOCK
from kforge.system.registry import image_digest
from tests.system.oci_server import Registry, digest_of, manifest, serving


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serving(Registry(manifests={"library/python:3.13-slim": manifest("one")})) as made:
        yield made


def ask(registry: Registry, image: str = "library/python:3.13-slim") -> str:
    return image_digest(f"{registry.host}/{image}", {}, CLOCK)


def test_the_digest_is_that_of_the_manifest(registry: Registry) -> None:
    assert ask(registry) == digest_of(manifest("one"))
    path, headers = registry.asked[0]
    assert path == "/v2/library/python/manifests/3.13-slim" and "image.index" in headers["accept"]


def test_a_token_for_anybody_is_taken_and_nothing_else_is_sent(registry: Registry) -> None:
    registry.token = "for-anybody"
    assert ask(registry) == digest_of(manifest("one"))
    assert [path.partition("?")[0] for path, _ in registry.asked][1] == "/token"
    assert "scope=repository%3Alibrary%2Fpython%3Apull" in registry.asked[1][0]
    assert "authorization" not in registry.asked[1][1] and "cookie" not in registry.asked[2][1]


@pytest.mark.parametrize(
    "realm",
    [
        "http://169.254.169.254/latest",
        "https://example.com/token",
        "file:///etc/passwd",
        "http://a@127.0.0.1/",
        "x",
        "",
    ],
)
def test_a_registry_cannot_make_kforge_ask_elsewhere(registry: Registry, realm: str) -> None:
    registry.token, registry.realm = "t", realm or "no-realm"
    with pytest.raises(InputError, match="needs a login"):
        ask(registry)
    assert len(registry.asked) == 1


def test_a_manifest_that_is_not_the_one_it_names_is_refused(registry: Registry) -> None:
    registry.says = f"sha256:{'0' * 64}"
    with pytest.raises(WorldError, match="sent a manifest that does not match its digest"):
        ask(registry)


def test_an_image_that_is_not_there_is_the_users_input(registry: Registry) -> None:
    with pytest.raises(InputError, match="the registry has no"):
        ask(registry, "library/python:9.9")


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ((401, {}, b""), InputError, "needs a login"),
        ((403, {}, b""), InputError, "needs a login"),
        ((429, {}, b""), OutageError, "answered with 429"),
        ((503, {}, b"<html>"), OutageError, "answered with 503"),
        ((307, {"Location": "http://169.254.169.254/"}, b""), WorldError, "answered with 307"),
        ((200, {}, b"<html>login</html>"), WorldError, "no manifest"),
        ((200, {}, b"[" * 100_000), WorldError, "no manifest"),
        ((200, {}, b'{"schemaVersion": 1}'), WorldError, "no manifest"),
        ((200, {}, b" " * (5 << 20)), WorldError, "larger than"),
    ],
    ids=["401", "403", "429", "503", "redirect", "html", "deep", "old", "large"],
)
def test_other_answers_are_told(
    registry: Registry, fault: tuple[int, dict[str, str], bytes], error: type[Exception], said: str
) -> None:
    registry.fault = fault
    with pytest.raises(error, match=said):
        ask(registry)
    assert len(registry.asked) == 1


def test_nobody_there_is_an_outage() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(OutageError, match="cannot be reached"):
        image_digest(f"127.0.0.1:{port}/a/b:1", {}, CLOCK)


# ---- the reference implementation -----------------------------------------------------------------------------
REGISTRY = shutil.which("registry")


@pytest.fixture
def distribution(tmp_path: Path) -> Iterator[str]:
    if REGISTRY is None:
        pytest.skip("registry is not here: go install github.com/distribution/distribution/v3/cmd/registry@v3.0.0")
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    (tmp_path / "config.yml").write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {tmp_path / 'data'}}}}}\nhttp: {{addr: '{host}'}}\n"
    )
    process = subprocess.Popen(
        [REGISTRY, "serve", str(tmp_path / "config.yml")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], "OTEL_TRACES_EXPORTER": "none"},
    )
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://{host}/v2/")
                break
            except urllib.error.URLError:
                time.sleep(0.1)
        yield host
    finally:
        process.terminate()
        process.wait()


def push(host: str, name: str, tag: str, note: str) -> str:
    """An image without layers; the registry's own word for its digest."""
    config = json.dumps({"architecture": "amd64", "os": "linux", "note": note}).encode()
    begin = urllib.request.Request(f"http://{host}/v2/{name}/blobs/uploads/", method="POST", data=b"")
    place = urllib.request.urlopen(begin).headers["Location"]
    mark = "&" if "?" in place else "?"
    put = urllib.request.Request(f"{place}{mark}digest={digest_of(config)}", method="PUT", data=config)
    put.add_header("Content-Type", "application/octet-stream")
    urllib.request.urlopen(put)
    kind = "application/vnd.oci.image.manifest.v1+json"
    described = {
        "mediaType": "application/vnd.oci.image.config.v1+json",
        "digest": digest_of(config),
        "size": len(config),
    }
    body = json.dumps({"schemaVersion": 2, "mediaType": kind, "config": described, "layers": []}).encode()
    put = urllib.request.Request(f"http://{host}/v2/{name}/manifests/{tag}", method="PUT", data=body)
    put.add_header("Content-Type", kind)
    return str(urllib.request.urlopen(put).headers["Docker-Content-Digest"])


def test_the_registry_of_distribution_says_the_same(distribution: str) -> None:
    first = push(distribution, "library/python", "3.13-slim", "one")
    assert image_digest(f"{distribution}/library/python:3.13-slim", {}, CLOCK) == first
    second = push(distribution, "library/python", "3.13-slim", "two")
    assert image_digest(f"{distribution}/library/python:3.13-slim", {}, CLOCK) == second != first
