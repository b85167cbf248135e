"""A protocol is one file, and the API that speaks it one row: found, consented to, asked, locked. A copy of kforge has both."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import kforge
from tests import wishes
from tests.conftest import copied

MODEL, KEY = "quokka-9", "not-a-real-key"
ROW = '    Vendor("quokka", "quokka", "https://api.quokka.example", ("QUOKKA_API_KEY",), ("QUOKKA_URL",), ("quokka-",)),\n'
FIRST = "VENDORS = (\n"


@dataclass
class Asked:
    """What a server heard, and where it listens."""

    url: str = ""
    keys: set[str | None] = field(default_factory=set)
    bodies: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of kforge with one more file, and one more row."""
    root = tmp_path_factory.mktemp("package")
    there = root / "kforge"
    shutil.copytree(Path(kforge.__file__).parent, there, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).with_name("quokka.py"), there / "providers")
    vendors = there / "domain/model/vendors.py"
    text = vendors.read_text()
    assert text.count(FIRST) == 1
    vendors.write_text(text.replace(FIRST, FIRST + ROW))
    return root


@pytest.fixture
def server() -> Iterator[Asked]:
    """Says to every question that no wish asks for anything."""
    asked = Asked()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/burrow":  # what tells servers apart is asked of every server, without a key
                asked.keys.add(self.headers["x-quokka"])
            self.send(200 if self.path == "/burrow" else 404, {"quokkas": [MODEL]})

        def do_POST(self) -> None:
            asked.keys.add(self.headers["x-quokka"])
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            word = body["form"].get("properties", {}).get("word")
            said = json.dumps({"word": word["enum"][0]} if word else wishes.silent(body["form"]))
            if not word:
                asked.bodies.append(body)
            self.send(200, {"said": said, "who": MODEL, "heard": 7, "spoke": 3})

        def send(self, status: int, told: Any) -> None:
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *words: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        asked.url = f"http://127.0.0.1:{listening.server_address[1]}"
        yield asked
        listening.shutdown()
        thread.join()


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    """An example whose spec leaves one topic to the model."""
    folder = copied("hello", tmp_path / "hello")
    wishes.wish(folder / "app.kforge.yaml")
    with (folder / "app.kforge.yaml").open("a") as spec:
        spec.write(f"model: {{name: {MODEL}, decides: [resources]}}\n")
    return folder


def run(package: Path, folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """kforge as in the copy, in an environment of its own."""
    own = {
        "PYTHONPATH": str(package),
        "HOME": str(package),
        "XDG_CONFIG_HOME": str(package),
        "PATH": os.environ["PATH"],
    }
    return subprocess.run(
        [sys.executable, "-m", "kforge", *words], cwd=folder, capture_output=True, text=True, check=False,
        env={**own, "KFORGE_CACHE_DIR": str(folder.parent / "cache"), **variables},
    )  # fmt: skip


def choice(package: Path, folder: Path, *words: str, **variables: str) -> dict[str, Any]:
    done = run(package, folder, "doctor", "--format", "json", *words, **variables)
    held: dict[str, Any] = json.loads(done.stdout)["choice"]
    return held


def test_its_variable_is_named_where_its_key_is_missing(package: Path, hello: Path) -> None:
    told = choice(package, hello, "--provider", "quokka")["problem"]
    assert "set QUOKKA_API_KEY (or KFORGE_API_KEY)" in told["hint"]


def test_its_key_alone_sends_nothing_anywhere(package: Path, hello: Path) -> None:
    told = choice(package, hello, QUOKKA_API_KEY=KEY)
    assert told["endpoint"] is None and "needs your consent" in told["problem"]["message"]


def test_a_build_stops_before_it_asks_without_consent(package: Path, hello: Path) -> None:
    done = run(package, hello, "build", QUOKKA_API_KEY=KEY)
    assert done.returncode == 2 and "quokka at api.quokka.example: asking it needs your consent" in done.stderr


def test_doctor_shows_its_key_by_name_and_whether_it_answers(package: Path, hello: Path, server: Asked) -> None:
    done = run(package, hello, "doctor", QUOKKA_API_KEY=KEY, QUOKKA_URL=server.url)
    assert (done.returncode, "QUOKKA_API_KEY" in done.stdout, KEY in done.stdout + done.stderr) == (0, True, False)


def test_a_model_of_its_family_is_asked_at_its_address_with_its_key(package: Path, hello: Path, server: Asked) -> None:
    told = choice(package, hello, QUOKKA_API_KEY=KEY, QUOKKA_URL=server.url)["endpoint"]
    assert (told["provider"], told["model"]["name"], server.keys) == ("quokka", MODEL, {KEY})


def test_a_build_asks_it_and_locks_its_answer(package: Path, hello: Path, server: Asked) -> None:
    done = run(package, hello, "build", QUOKKA_API_KEY=KEY, QUOKKA_URL=server.url)
    assert done.returncode == 0, done.stderr
    assert {body["who"] for body in server.bodies} == {MODEL} and MODEL in (hello / "kforge.lock").read_text()


def test_the_same_build_elsewhere_is_current_without_it(package: Path, hello: Path, server: Asked) -> None:
    run(package, hello, "build", QUOKKA_API_KEY=KEY, QUOKKA_URL=server.url)
    heard = len(server.bodies)
    assert (run(package, hello, "check").returncode, len(server.bodies)) == (0, heard)


def test_a_misspelt_name_of_it_is_told(package: Path, hello: Path) -> None:
    assert "did you mean `quokka`?" in run(package, hello, "doctor", "--provider", "quoka").stderr
