"""A source in `specs/` → something that runs, in a scratch folder, from its lock file.

A toolchain or a package registry that is not here is a skip that names it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

SPECS = Path(__file__).parents[2] / "specs"
UNREACHABLE = re.compile(
    r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|dial tcp|No matching distribution|dns error|[Cc]onnection refused"
    r"|Failed to fetch|Max retries|Name or service not known|Temporary failure"
)


def need(program: str) -> str:
    # Debian keeps PostgreSQL's programs off the PATH, a folder a version.
    debian = sorted(str(path) for path in Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which(program, path=os.pathsep.join([os.environ.get("PATH", os.defpath), *debian]))
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
