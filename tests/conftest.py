"""What many tests start from: kforge as a process or in this one, a copy of an example, built."""

from __future__ import annotations

import fcntl
import io
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from kforge.cli import BUG, main
from kforge.system.index import TICK

pytest_plugins = ["tests.trials"]

# A shell ignores SIGINT in what it starts behind itself (`tests/run &`), and all children of these tests would, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

SPECS = Path(__file__).parents[1] / "specs"
BUILT = (
    "deploy",
    "docker-bake.hcl",
    "kforge.lock",
    "kforge.sum",
    ".kforge",
    "Dockerfile",
    "Dockerfile.dockerignore",
    "node_modules",
)


# All that `check` says of one spec that is current.
CURRENT = re.compile(r"[a-z0-9-]+: up to date \([0-9]+ files?\)\n")


class Ended(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def kforge(*words, cwd, code=0, env=None):
    """Run kforge as a user does; assert the exit code and return the finished process."""
    done = subprocess.run(
        [sys.executable, "-m", "kforge", *words], cwd=cwd, capture_output=True, text=True, check=False, env=env
    )
    assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


def run(*words: str, cwd: Path, code: int | None = None) -> Ended:
    """Run a command inside this process, a hundred times faster. A bug of kforge fails the test, and so does a wrong
    code.
    """
    out, err = io.StringIO(), io.StringIO()
    with chdir(cwd), redirect_stdout(out), redirect_stderr(err):
        returned = main(words)
    ended = Ended(returned, out.getvalue(), err.getvalue())
    assert ended.code != BUG, ended.err
    assert code is None or ended.code == code, f"exit {ended.code}\n{ended.out}\n{ended.err}"
    return ended


def tree(folder: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file below a folder: mode, time and content. kforge's own ignored state and git's are left out."""
    return {
        path.relative_to(folder).as_posix(): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not {".kforge", ".git", "__pycache__"} & {*path.relative_to(folder).parts}
    }


def contents(folder: Path) -> dict[str, bytes]:
    """Every file's content, as `tree`."""
    return {path: held[2] for path, held in tree(folder).items()}


def edit(path: Path, old: str, new: str) -> None:
    """Replace a text that is there exactly once."""
    text = path.read_bytes().decode()
    assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {path.name}"
    path.write_bytes(text.replace(old, new).encode())


@contextmanager
def memory_folder() -> Iterator[Path]:
    """A folder in memory where there is one: 100,000 files take two seconds there and a minute on a disk."""
    shared = "/dev/shm"
    with TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as name:
        yield Path(name)


def settle() -> None:
    """Wait until the disk's clock has moved on, so that the stat index trusts what was written before."""
    time.sleep(TICK / 1e9 + 0.005)


def copied(name, target):
    """An example without its generated files, in a folder of its own."""
    shutil.copytree(SPECS / name, target, ignore=shutil.ignore_patterns(*BUILT))
    for path in Path(target).rglob(".dockerignore"):
        if b"kforge" in path.read_bytes()[:300]:
            path.unlink()
    return target


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Files below a folder; the folders are made."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A path that one process makes for all workers of a run."""
    base = factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    made, target = shared / f"{name}.made", shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            make(target)
            made.touch()
    return target


@pytest.fixture(scope="session")
def built_template(tmp_path_factory):
    """The shop, built once a run; `built_shop` gives each test its own copy."""
    return once(tmp_path_factory, "shop", lambda folder: kforge("build", cwd=copied("shop", folder)))


@pytest.fixture
def built_shop(built_template, tmp_path):
    return Path(shutil.copytree(built_template, tmp_path / "shop", ignore=shutil.ignore_patterns(".kforge")))


@pytest.fixture
def plain_environment(monkeypatch):
    """No variable that changes what is shown."""
    for name in ("NO_COLOR", "FORCE_COLOR", "KFORGE_DEBUG", "GITHUB_ACTIONS", "CI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
