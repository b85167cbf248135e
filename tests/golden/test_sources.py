"""The sources in `specs/` run for real: installed from their lock files, wired as their spec wires them, on loopback.

A toolchain, a server or a package registry that is not here is a skip that names it.
"""

from __future__ import annotations

import contextlib
import http.cookiejar
import http.server
import json
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

SPECS = Path(__file__).parents[2] / "specs"
SECRETS = {"shop-db/password": "scratch", "web-session/value": "k" * 32}
GRACE = 20  # seconds: less than the 30 that the kubelet gives
UNREACHABLE = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|dial tcp|No matching distribution|dns error|[Cc]onnection refused"
    r"|Failed to fetch|Max retries|Name or service not known|Temporary failure"
)

pytestmark = pytest.mark.slow


# ---- installing -------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="kforge-sources-") as folder:
        Path(folder).chmod(0o755)  # the database's user must get through
        yield Path(folder)


def need(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not here")
    return found


def install(*command: str | Path, cwd: Path, **env: str) -> None:
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env={**os.environ, **env}, text=True, capture_output=True, check=False
    )
    if done.returncode and UNREACHABLE.search(done.stdout + done.stderr):
        pytest.skip(f"the package registry behind `{Path(command[0]).name}` is not reachable")
    assert done.returncode == 0, done.stdout + done.stderr


@cache
def copied(scratch: Path, source: str) -> Path:
    target = scratch / source
    shutil.copytree(SPECS / source, target, ignore=shutil.ignore_patterns("node_modules", "__pycache__", ".venv"))
    return target


@cache
def venv(scratch: Path, source: str) -> Path:
    """Interpreter of an environment with what the source's lock file pins."""
    folder = copied(scratch, source)
    install(sys.executable, "-m", "venv", ".venv", cwd=folder)
    python = folder / ".venv/bin/python"
    if (folder / "uv.lock").exists():
        install(uv(scratch), "sync", "--frozen", "--quiet", "--python", python, cwd=folder)
    else:
        install(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", "requirements.txt", cwd=folder)
    return python


@cache
def uv(scratch: Path) -> str:
    if found := shutil.which("uv"):
        return found
    install(sys.executable, "-m", "pip", "install", "--quiet", "--target", scratch / "uv", "uv", cwd=scratch)
    return str(scratch / "uv/bin/uv")


@cache
def node(scratch: Path, source: str) -> str:
    need("node")
    install(need("npm"), "ci", "--omit=dev", "--no-audit", "--no-fund", cwd=copied(scratch, source))
    return need("node")


@cache
def binary(scratch: Path, source: str) -> str:
    folder = copied(scratch, source)
    install(need("go"), "build", "-o", "program", ".", cwd=folder, CGO_ENABLED="0")
    return str(folder / "program")


# ---- running ----------------------------------------------------------------------------------------------------
@dataclass
class Program:
    """A process that is ended with the test, and what it wrote."""

    command: list[str]
    cwd: Path
    env: Mapping[str, str]
    user: str | None = None
    process: subprocess.Popen[bytes] = field(init=False)
    output: Path = field(init=False)

    def __enter__(self) -> Program:
        handle, name = tempfile.mkstemp(prefix="kforge-output-")
        self.output = Path(name)
        self.process = subprocess.Popen(
            self.command, cwd=self.cwd, env={**os.environ, **self.env}, stdout=handle, stderr=handle, user=self.user
        )
        os.close(handle)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGKILL)
        self.output.unlink()

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(by)
        return self.process.wait(GRACE)

    def until(self, url: str, status: int = 200) -> None:
        """Wait until a URL answers with a status."""
        seen: object = None
        for _ in range(150):
            seen = get(url)[0]
            if seen == status:
                return
            assert self.process.poll() is None, self.output.read_text()
            time.sleep(0.1)
        raise AssertionError(f"{url} answered {seen}: {self.output.read_text()}")

    def logs(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.output.read_text().splitlines() if line.startswith("{")]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def get(url: str, data: Mapping[str, str] | None = None, browser: urllib.request.OpenerDirector | None = None) -> tuple[int, str]:
    """Status and body of a GET, or of a form's POST; 0 while nobody listens."""
    body = None if data is None else urllib.parse.urlencode(data).encode()
    opener = browser or urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, body, timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return 0, ""


def browser() -> urllib.request.OpenerDirector:
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)


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
    make = [initdb, "-U", "shop", "-A", "scram-sha-256", "--pwfile", folder / "password", "--no-sync", "--locale=C", "-E", "UTF8", data]
    subprocess.run(make, cwd=folder, user=user, check=True, capture_output=True)
    single = [server, "--single", "-D", data, "postgres"]
    subprocess.run(single, cwd=folder, user=user, input=b"create database shop\n", check=True, capture_output=True)
    command = [server, "-D", str(data), "-h", "127.0.0.1", "-p", str(port), "-c", "fsync=off", "-c", "unix_socket_directories="]
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
def shop(scratch: Path, postgres: int, redis: int) -> Iterator[Shop]:
    ports = {"db": postgres, "cache": redis} | {name: free_port() for name in ("web", "catalog", "orders", "metrics")}
    with contextlib.ExitStack() as stack:
        yield Shop(scratch, ports, stack)


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
def test_shop_is_alive_but_not_ready_while_its_stores_are_away(shop: Shop, service: str) -> None:
    shop.ports |= {"db": free_port(), "cache": free_port()}
    program = shop.start(service)
    program.until(shop.url(service, "/healthz"))
    assert (get(shop.url(service, "/readyz"))[0], program.stop()) == (503, 0)


# ---- batch ------------------------------------------------------------------------------------------------------
class Feed(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        today = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
        self.wfile.write(f"receipt,day,store,cents\n1,{today},Riga,250\n2,{today},Riga,100\n3,{today},Porto,70\n".encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def feed() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Feed) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/sales.csv"
        server.shutdown()
        thread.join()


def test_batch_migrates_imports_and_reports_and_again_changes_nothing(scratch: Path, postgres: int, feed: str, tmp_path: Path) -> None:
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
    assert [line.split(",")[1:] for line in report.read_text().splitlines()] == [["store", "cents"], ["Porto", "70"], ["Riga", "350"]]


# ---- lock files -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("lock", sorted(path.relative_to(SPECS) for path in SPECS.glob("*/*/*") if path.name in ("package-lock.json", "uv.lock")), ids=str)
def test_lock_files_name_no_registry_but_the_public_one(lock: Path) -> None:
    fetched = re.findall(r'(?:"resolved": |registry = |url = )"https?://([^/"]+)', (SPECS / lock).read_text())
    assert set(fetched) <= {"registry.npmjs.org", "pypi.org", "files.pythonhosted.org"}
