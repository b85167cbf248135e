"""Programs that run for the length of a test, and what answers on loopback."""

from __future__ import annotations

import http.cookiejar
import json
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

GRACE = 20  # seconds: less than the 30 that the kubelet gives


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


def get(
    url: str, data: Mapping[str, str] | None = None, browser: urllib.request.OpenerDirector | None = None
) -> tuple[int, str]:
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
