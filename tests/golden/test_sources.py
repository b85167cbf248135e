"""The sources in `specs/` run for real: installed from their lock files, wired as their spec wires them, on loopback.

A toolchain, a server or a package registry that is not here is a skip that names it.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import pwd
import re
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.golden.running import GRACE, Program, browser, free_port, get
from tests.golden.toolchains import SPECS, binary, copied, need, node, venv

SECRETS = {"shop-db/password": "scratch", "web-session/value": "k" * 32}

# Environments and servers are made once: the tests that share them run in one worker.
pytestmark = [pytest.mark.performed, pytest.mark.xdist_group("sources")]


@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kforge-sources-") as folder:
        Path(folder).chmod(0o755)  # the database's user must get through
        yield Path(folder)


def wired(spec: Mapping[str, Any], service: str, ports: Mapping[str, int], folder: Path) -> dict[str, str]:
    """The variables that the spec gives a service, with its references pointing to loopback."""
    block = spec["services"][service]
    aspects = {"host": "127.0.0.1", "url": "http://127.0.0.1:{}", "address": "127.0.0.1:{}", "port": "{}"}
    env = {
        name: re.sub(r"\$\{services\.(\w+)\.(\w+)\}", lambda found: aspects[found[2]].format(ports[found[1]]), text)
        for name, text in block.get("env", {}).items()
    }
    env |= {name: SECRETS[f"{ref['secret']}/{ref['key']}"] for name, ref in block.get("secrets", {}).items()}
    if config := block.get("config"):
        for name, text in config["files"].items():
            (folder / name).write_text(text)
        env = {name: text.replace(config["path"], str(folder)) for name, text in env.items()}
    return env | ({"PORT": str(ports[service])} if service in ports else {})


@pytest.fixture(scope="module")
def postgres(scratch: Path) -> Iterator[int]:
    """Port of a PostgreSQL server with a database and a user `shop`."""
    server, initdb = need("postgres"), need("initdb")
    user = "nobody" if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    folder = scratch / "postgres"
    folder.mkdir()
    (folder / "password").write_text(SECRETS["shop-db/password"])
    if user:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)
    data, port = folder / "data", free_port()
    make = [
        initdb,
        "-U",
        "shop",
        "-A",
        "scram-sha-256",
        "--pwfile",
        folder / "password",
        "--no-sync",
        "--locale=C",
        "-E",
        "UTF8",
        data,
    ]
    subprocess.run(make, cwd=folder, user=user, check=True, capture_output=True)
    single = [server, "--single", "-D", data, "postgres"]
    subprocess.run(single, cwd=folder, user=user, input=b"create database shop\n", check=True, capture_output=True)
    command = [
        server,
        "-D",
        str(data),
        "-h",
        "127.0.0.1",
        "-p",
        str(port),
        "-c",
        "fsync=off",
        "-c",
        "unix_socket_directories=",
    ]
    with Program(command, folder, {}, user) as program:
        for _ in range(100):
            if "ready to accept connections" in program.output.read_text():
                break
            time.sleep(0.1)
        yield port
        program.stop(signal.SIGINT)


@pytest.fixture(scope="module")
def redis(scratch: Path) -> Iterator[int]:
    port = free_port()
    command = [need("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(scratch)]
    with Program(command, scratch, {}):
        yield port


# ---- hello ------------------------------------------------------------------------------------------------------
def test_hello_greets_tells_its_health_and_drains(scratch: Path) -> None:
    port = free_port()
    python = venv(scratch, "hello/web")
    with Program([str(python.with_name("gunicorn")), "app:app"], python.parents[2], {"PORT": str(port)}) as hello:
        hello.until(f"http://127.0.0.1:{port}/healthz")
        greeting = get(f"http://127.0.0.1:{port}/hello/you")
        assert (greeting, hello.stop()) == ((200, '{"message":"Hello, you"}\n'), 0)


# ---- shop -------------------------------------------------------------------------------------------------------
@dataclass
class Shop:
    """The shop's programs, each started when it is asked for."""

    scratch: Path
    ports: dict[str, int]
    stack: contextlib.ExitStack
    spec: Any = field(default_factory=lambda: yaml.safe_load((SPECS / "shop/app.kforge.yaml").read_text()))

    def start(self, service: str) -> Program:
        source = str(Path("shop") / self.spec["services"][service]["source"])
        command = {
            "shop/web": lambda: [node(self.scratch, source), "server.js"],
            "shop/catalog": lambda: [str(venv(self.scratch, source)), "main.py"],
            "shop/orders": lambda: [binary(self.scratch, source)],
        }[source]()
        if pinned := self.spec["services"][service].get("command"):
            command = [command[0], *pinned[1:]]
        folder = copied(self.scratch, source)
        env = wired(self.spec, service, self.ports, folder) | {"METRICS_PORT": str(self.ports["metrics"])}
        return self.stack.enter_context(Program(command, folder, env))

    def url(self, service: str, path: str = "/") -> str:
        return f"http://127.0.0.1:{self.ports[service]}{path}"


@pytest.fixture
def lonely(scratch: Path) -> Iterator[Shop]:
    """A shop whose stores are away: nobody listens where it looks for them."""
    with contextlib.ExitStack() as stack:
        yield Shop(
            scratch, {name: free_port() for name in ("db", "cache", "web", "catalog", "orders", "metrics")}, stack
        )


@pytest.fixture
def shop(lonely: Shop, postgres: int, redis: int) -> Shop:
    lonely.ports |= {"db": postgres, "cache": redis}
    return lonely


def test_shop_takes_an_order_keeps_sessions_in_redis_and_drains(shop: Shop) -> None:
    programs = {name: shop.start(name) for name in ("catalog", "orders", "web")}
    for name, program in programs.items():
        program.until(shop.url(name, "/healthz"))
        program.until(shop.url(name, "/readyz"))
    visitor = browser()

    page = get(shop.url("web"), browser=visitor)[1]
    assert all(text in page for text in ("Hand grinder", "Stoneware mug", "Free shipping this week", "Cart: 0"))
    assert page.index("Hand grinder") < page.index("Stoneware mug"), "nothing is sold yet, so names decide"

    assert "Cart: 1" in get(shop.url("web", "/cart"), {"product": "mug"}, visitor)[1]
    assert "Cart: 1" in get(shop.url("web", "/cart"), {"product": "nonsense"}, visitor)[1]
    assert programs["web"].stop() == 0
    programs["web"] = shop.start("web")
    programs["web"].until(shop.url("web", "/readyz"))
    assert "Cart: 2" in get(shop.url("web", "/cart"), {"product": "mug"}, visitor)[1], "the session lives in redis"

    thanks = get(shop.url("web", "/checkout"), {}, visitor)[1]
    order = re.search(r"Order ([0-9a-f-]{36}), € 36.00", thanks)
    assert order, thanks
    kept = json.loads(get(shop.url("orders", f"/orders/{order[1]}"))[1])
    assert kept["lines"] == [{"product": "mug", "name": "Stoneware mug", "quantity": 2, "cents": 1800}]
    assert json.loads(get(shop.url("catalog", "/products/mug"))[1])["stock"] == 298
    assert "Cart: 0" in get(shop.url("web"), browser=visitor)[1]

    nightly = shop.start("nightly")
    assert nightly.process.wait(GRACE) == 0, nightly.output.read_text()
    page = get(shop.url("web"))[1]
    assert page.index("Stoneware mug") < page.index("Hand grinder"), "the bestseller comes first"

    assert "nodejs_eventloop_lag_seconds" in get(shop.url("metrics", "/metrics"))[1]
    assert all(program.logs() for program in programs.values()), "logs are JSON, an object a line"
    assert {name: program.stop() for name, program in programs.items()} == {"catalog": 0, "orders": 0, "web": 0}


def test_shop_sells_no_more_than_there_is_and_repeats_no_order(shop: Shop) -> None:
    for name in ("catalog", "orders"):
        shop.start(name).until(shop.url(name, "/readyz"))
    statuses = [place(shop, order, {"grinder": 20, "scale": 1}) for order in (1, 1, 2, 3)]
    assert statuses == [201, 201, 201, 409]
    assert json.loads(get(shop.url("catalog", "/products/grinder"))[1])["stock"] == 5
    assert json.loads(get(shop.url("catalog", "/products/scale"))[1])["stock"] == 78, "a refused order takes nothing"


def place(shop: Shop, order: int, quantities: Mapping[str, int]) -> int:
    url = shop.url("orders", f"/orders/00000000-0000-0000-0000-{order:012d}")
    request = urllib.request.Request(url, json.dumps(quantities).encode(), method="PUT")
    return get(request)[0]


@pytest.mark.parametrize("service", ["catalog", "orders", "web"])
def test_shop_is_alive_but_not_ready_while_its_stores_are_away(lonely: Shop, service: str) -> None:
    program = lonely.start(service)
    program.until(lonely.url(service, "/healthz"))
    assert (get(lonely.url(service, "/readyz"))[0], program.stop()) == (503, 0)


# ---- batch ------------------------------------------------------------------------------------------------------
class Feed(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        today = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
        self.wfile.write(
            f"receipt,day,store,cents\n1,{today},Riga,250\n2,{today},Riga,100\n3,{today},Porto,70\n".encode()
        )

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def feed() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Feed) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/sales.csv"
        server.shutdown()
        thread.join()


def test_batch_migrates_imports_and_reports_and_again_changes_nothing(
    scratch: Path, postgres: int, feed: str, tmp_path: Path
) -> None:
    url = f"postgresql://shop:{SECRETS['shop-db/password']}@127.0.0.1:{postgres}/shop"
    env = {"DATABASE_URL": url, "FEED_URL": feed, "REPORTS": str(tmp_path), "DAYS": "7"}
    jobs = {
        "migrate": [binary(scratch, "batch/migrate")],
        "import": [node(scratch, "batch/import"), "index.js"],
        "report": [str(venv(scratch, "batch/report")), "main.py"],
    }
    for name, command in list(jobs.items()) * 2:
        with Program(command, copied(scratch, f"batch/{name}"), env) as job:
            assert job.process.wait(GRACE) == 0, job.output.read_text()
    (report,) = tmp_path.iterdir()
    assert [line.split(",")[1:] for line in report.read_text().splitlines()] == [
        ["store", "cents"],
        ["Porto", "70"],
        ["Riga", "350"],
    ]


# ---- notes ------------------------------------------------------------------------------------------------------
def test_a_note_is_kept_and_sent_on_once_the_tables_are_made(scratch: Path, postgres: int) -> None:
    url = f"postgresql://shop:{SECRETS['shop-db/password']}@127.0.0.1:{postgres}/shop"
    python, port = str(venv(scratch, "notes/api")), free_port()
    folder, env = copied(scratch, "notes/api"), {"DATABASE_URL": url, "LOG_LEVEL": "info", "PORT": str(port)}
    for _ in range(2):
        with Program([python, "migrate.py"], folder, env) as job:
            assert job.process.wait(GRACE) == 0, job.output.read_text()
    with Program([python, "main.py"], folder, env) as api, Program([python, "sender.py"], folder, env) as sender:
        api.until(f"http://127.0.0.1:{port}/healthz")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/notes", data=b"milk") as kept:
            assert kept.status == 201
        assert get(f"http://127.0.0.1:{port}/notes") == (200, '["milk"]')
        for _ in range(100):
            if "sent note 1: milk" in sender.output.read_text():
                break
            time.sleep(0.1)
        assert (sender.stop(), "sent note 1: milk" in sender.output.read_text()) == (0, True)


# ---- lock files -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "lock",
    sorted(path.relative_to(SPECS) for path in SPECS.glob("*/*/*") if path.name in ("package-lock.json", "uv.lock")),
    ids=str,
)
def test_lock_files_name_no_registry_but_the_public_one(lock: Path) -> None:
    fetched = re.findall(r'(?:"resolved": |registry = |url = )"https?://([^/"]+)', (SPECS / lock).read_text())
    assert set(fetched) <= {"registry.npmjs.org", "pypi.org", "files.pythonhosted.org"}
