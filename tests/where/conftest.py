"""A repository of somebody who uses kforge: an example, built and committed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# The user's own git configuration (signing, hooks, templates) plays no part.
GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull, "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
}


def clean_environment() -> dict[str, str]:
    """This process's environment, less what git hooks and CI leave in it."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_"))} | GIT


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    ignored = shutil.ignore_patterns("node_modules", ".kforge", "__pycache__", ".venv")
    shutil.copytree(ROOT / "specs/hello", folder, ignore=ignored)
    (folder / ".gitignore").write_text(".kforge/\n")
    git(folder, "init", "-q", "-b", "main")
    kforge = subprocess.run([sys.executable, "-m", "kforge", "build"], cwd=folder, capture_output=True, text=True, check=False)
    assert kforge.returncode == 0, kforge.stderr
    commit(folder)
    return folder


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False, env=clean_environment())
    assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr}"
    return done.stdout.strip()


def commit(folder: Path) -> str:
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "change", "--no-verify")
    return git(folder, "rev-parse", "HEAD")


def run(folder: Path, *words: str, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Any program in a folder, its exit code left to the test."""
    environment = clean_environment() | dict(more or {})
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, env=environment, timeout=600)
