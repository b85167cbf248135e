"""Words of a command → a kforge process of its own, forked from one that has imported everything: a few milliseconds
each.

The server is a process without threads; tests talk to it by lines of JSON. Every command has bounds of time and memory
and its own streams, so that one that hangs, eats memory or dies takes nothing with it. `watch` names a module of this
package whose `begin` and `end` run around the command, inside its process.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

# CPU seconds that a command may take, some three times what the worst takes on an idle machine: a slow one whose cores
# are shared takes twice as long. Bytes beyond those at the start. Seconds by the clock only tell one that waits
# for ever: a machine that others use as well may be slow.
CPU, MEMORY, WALL = 10.0, 500 << 20, 180.0
ENDLESS = 30  # CPU seconds after which the kernel ends a process that computes for ever
TORN = -signal.SIGKILL


@dataclass(frozen=True)
class Ran:
    """How a command ended: `code` is negative for a signal. `noted` is what the watching module reported; `held` are
    the bytes of memory it had at most, 0 where that was not measured.
    """

    words: tuple[str, ...]
    code: int
    out: bytes
    err: bytes
    cpu: float
    wall: float
    noted: Any = None
    held: int = 0

    @property
    def said(self) -> bytes:
        return self.out + b"\n" + self.err


@dataclass(frozen=True)
class Watch:
    """A module of this package, and what its `begin` is given."""

    module: str
    settings: Mapping[str, Any] = field(default_factory=dict)


class Forkserver:
    """Runs commands as children. Used by `with`; `environment` is that of the server, which its children have in /proc."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)

    def __enter__(self) -> Forkserver:
        # Not `-m`: the checkout is then no place for modules, as for an installed kforge.
        start = "import sys; sys.path.insert(0, sys.argv[1]); from tests.hostile.forkserver import serve; serve()"
        words = [sys.executable, "-P", "-c", start, str(Path(__file__).parents[2])]
        self._server = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self._environment)
        self._scratch = tempfile.TemporaryDirectory()
        self._ask({"ready": True})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server.stdin
        self._server.stdin.close()
        self._server.wait(WALL)
        self._scratch.cleanup()
        if self._server.stdout:
            self._server.stdout.close()

    def run(
        self, words: tuple[str, ...], cwd: Path, env: Mapping[str, str], watch: Watch | None = None, user: int = 0
    ) -> Ran:
        """One command. `user`: drop to this user's rights first."""
        streams = [str(Path(self._scratch.name, name)) for name in ("out", "err", "noted")]
        for place in streams:
            Path(place).write_bytes(b"")
            Path(place).chmod(0o666)
        Path(self._scratch.name).chmod(0o755)
        order = {"words": list(words), "cwd": str(cwd), "env": dict(env), "streams": streams, "user": user}
        ended = self._ask({**order, "watch": [watch.module, dict(watch.settings)] if watch else None})
        out, err, noted = (Path(place).read_bytes() for place in streams)
        return Ran(words, ended["code"], out, err, ended["cpu"], ended["wall"], json.loads(noted) if noted else None)

    def _ask(self, order: dict[str, Any]) -> dict[str, Any]:
        assert self._server.stdin and self._server.stdout
        self._server.stdin.write(json.dumps(order).encode() + b"\n")
        self._server.stdin.flush()
        return dict(json.loads(self._server.stdout.readline()))


def serve() -> None:
    """Answer orders until there are none."""
    _warm()
    for line in sys.stdin.buffer:
        order = json.loads(line)
        answer = {} if "ready" in order else _child(order)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _warm() -> None:
    """Import what any command needs, and read the schemas once."""
    from tests.conftest import copied, run

    with tempfile.TemporaryDirectory() as name:
        folder = Path(copied("shop", Path(name) / "shop"))  # it has every kind that there is a schema for
        for words in (
            ["build", "-j", "1"],
            ["check", "--full"],
            ["plan"],
            ["diff"],
            ["doctor"],
            ["schema"],
            ["explain", "web/process"],
        ):
            run(*words, cwd=folder)
        run("pin", "web/resources", "memory", "--dry-run", cwd=folder)
        run("refine", "web", "x", "--offline", "--dry-run", cwd=folder)
    gc.collect()
    gc.freeze()  # a collection in a child would copy every page that holds an object


def _child(order: dict[str, Any]) -> dict[str, Any]:
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _become(order)
    with suppress(AttributeError, OSError):  # os.pidfd_open is Linux's; elsewhere the loop below looks now and then
        ended = os.pidfd_open(child)
        select.select([ended], [], [], WALL)
        os.close(ended)
    while True:
        pid, status, used = os.wait4(child, os.WNOHANG)
        if pid:
            break
        if time.monotonic() - began > WALL:
            os.killpg(child, signal.SIGKILL)
        time.sleep(0.001)
    cpu = used.ru_utime + used.ru_stime
    return {"code": os.waitstatus_to_exitcode(status), "cpu": cpu, "wall": time.monotonic() - began}


def _become(order: dict[str, Any]) -> None:
    """Be the command, and end with its exit code."""
    code = 99
    try:
        os.setsid()
        _redirect(order["streams"])
        os.environ.update(order["env"])
        os.chdir(order["cwd"])
        if order["user"]:
            os.setgroups([])
            os.setresuid(order["user"], order["user"], order["user"])
        limit()
        code = _watched(order)
    except BaseException:
        import traceback

        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def _redirect(streams: list[str]) -> None:
    for number, place in ((0, os.devnull), (1, streams[0]), (2, streams[1])):
        handle = os.open(place, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_TRUNC)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdin, sys.stdout = open(0, encoding="utf-8", closefd=False), open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115


def limit() -> None:
    """Let this process compute for ENDLESS seconds, and grow by MEMORY where the system can tell how large it is."""
    resource.setrlimit(resource.RLIMIT_CPU, (ENDLESS, ENDLESS))
    with suppress(OSError, ValueError):
        now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY, now + MEMORY))


def _watched(order: dict[str, Any]) -> int:
    from kforge.cli import main

    sys.argv = ["kforge", *order["words"]]
    if order["watch"] is None:
        return _told(main())
    module, settings = order["watch"]
    watcher = import_module(f"tests.hostile.{module}")
    handle = os.open(order["streams"][2], os.O_WRONLY)
    held = watcher.begin(settings)
    try:
        return _told(main())
    finally:
        os.write(handle, json.dumps(watcher.end(held)).encode())


def _told(code: int) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    return code
