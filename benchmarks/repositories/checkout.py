"""A checkout → a copy without what its authors wrote for containers, as a user of kforge would have it."""

from __future__ import annotations

import fnmatch
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from benchmarks.repositories.rows import Row

# What describes images and clusters. A .dockerignore goes with the Dockerfile that it was written for.
CONTAINER_FILES = (
    "Dockerfile*",
    "*.Dockerfile",
    "*.dockerfile",
    "Containerfile*",
    ".dockerignore",
    "*.dockerignore",
    "compose*.y*ml",
    "docker-compose*.y*ml",
    "docker-stack*.y*ml",
    "podman-compose*.y*ml",
    "docker-bake.*",
    "skaffold.y*ml",
    "kustomization.y*ml",
    "Chart.y*ml",
)
MANIFEST = "kind: Deployment"


def folder_name(row: Row) -> str:
    return row.repository.replace("/", "+")


def copy(row: Row, checkouts: Path, target: Path, keep: bool) -> None:
    """Copy the row's commit; `keep` leaves the authors' container files in. Raises FileNotFoundError without a clone."""
    clone = checkouts / folder_name(row)
    if not clone.exists():
        raise FileNotFoundError(f"git clone https://github.com/{row.repository} {clone}")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    subprocess.run(["git", "clone", "--quiet", "--no-checkout", "--shared", clone, target], check=True)
    subprocess.run(["git", "checkout", "--quiet", row.commit], cwd=target, check=True)
    if not keep:
        for path in _container_files(target, row.remove):
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        subprocess.run(["git", "add", "--all"], cwd=target, check=True)


def _container_files(root: Path, more: Iterable[str]) -> list[Path]:
    found = [path for pattern in more for path in sorted(root.glob(pattern))]
    for place, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name != ".git")
        here = Path(place)
        found += [here / name for name in sorted(names) if _is_container_file(here / name)]
    return [path for path in found if not any(above in found for above in path.parents)]


def _is_container_file(path: Path) -> bool:
    if any(fnmatch.fnmatch(path.name, pattern) for pattern in CONTAINER_FILES):
        return True
    return (
        path.suffix in (".yaml", ".yml")
        and path.is_file()
        and MANIFEST in path.read_text(encoding="utf-8", errors="replace")
    )
