"""The wheel and the sdist as they would be published, built from this tree without a network."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Packages(NamedTuple):
    """The two files of a release."""

    wheel: Path
    sdist: Path


def build(folder: Path) -> Packages:
    """Build both as `python -m build` does: the wheel from the sdist. `hatchling` is here already, so nothing is fetched."""
    words = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,), (sdist,) = folder.glob("*.whl"), folder.glob("*.tar.gz")
    return Packages(wheel, sdist)


def names(package: Path) -> list[str]:
    """The files in a package, sorted; those of an sdist without its top folder."""
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as held:
            return sorted(held.namelist())
    with tarfile.open(package) as held:
        return sorted(name.partition("/")[2] for name in held.getnames())


def text(package: Path, name: str) -> str:
    """A file of a package; of an sdist below its top folder."""
    if package.suffix == ".whl":
        with zipfile.ZipFile(package) as held:
            return held.read(name).decode()
    with tarfile.open(package) as held:
        file = held.extractfile(f"{package.name.removesuffix('.tar.gz')}/{name}")
        assert file is not None
        return file.read().decode()
