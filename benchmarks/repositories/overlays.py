"""Folders over folders as a file system of their own, and commands that run in it. Needs root and a mount namespace.

Unaware of Dockerfiles and of Kubernetes.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

Layers = tuple[Path, ...]  # the top one first; an image's are only read


STEP = 1800  # seconds for a step: a large front end is built on two shared cores here


class Failed(Exception):
    """A command ended with failure, or not in time; its last lines are the text."""


def mount(*words: str | Path) -> None:
    subprocess.run(["mount", *map(str, words)], check=True, capture_output=True)


@contextlib.contextmanager
def entered(layers: Layers) -> Iterator[Path]:
    """Mount layers, the top one writable, with /proc and /dev, and the network's files of this machine."""
    top, *lower = layers
    with tempfile.TemporaryDirectory(dir=top.parent, prefix="mounted-") as scratch:
        root, work = Path(scratch, "root"), Path(scratch, "work")
        root.mkdir()
        work.mkdir()
        if lower:
            options = f"lowerdir={':'.join(map(str, lower))},upperdir={top},workdir={work}"
            mount("-t", "overlay", "overlay", "-o", options, root)
        else:
            mount("--bind", top, root)
        try:
            for name in ("proc", "dev"):
                (root / name).mkdir(exist_ok=True)
                mount("--rbind", f"/{name}", root / name)
            (root / "etc").mkdir(exist_ok=True)
            for name in ("resolv.conf", "hosts"):
                (root / "etc" / name).touch()
                mount("--bind", f"/etc/{name}", root / "etc" / name)
            yield root
        finally:
            subprocess.run(["umount", "--recursive", "--lazy", root], check=True)


def home(root: Path, user: str) -> str:
    """Where the image's accounts have the home of a user; that of root where none is called so."""
    name, place = user.partition(":")[0], root / "etc/passwd"
    accounts = [line.split(":") for line in place.read_text().splitlines()] if place.is_file() else []
    return next((each[5] for each in accounts if len(each) > 5 and name in (each[0], each[2])), "/root")


def numbered(root: Path, owner: str) -> str:
    """`app:web` as the numbers that an image's accounts and groups give these names."""
    found = []
    for name, file in zip(owner.split(":"), ("passwd", "group"), strict=False):
        place = root / "etc" / file
        known = [line.split(":") for line in place.read_text().splitlines()] if place.is_file() else []
        found.append(next((each[2] for each in known if len(each) > 2 and each[0] == name), name))
    return ":".join(found)


def in_root(
    root: Path, words: Sequence[str], env: Mapping[str, str], workdir: str = "/", user: str = "0", seconds: float = STEP
) -> str:
    """Run a command below a root and return what it said. Raises Failed."""
    uid, _, gid = user.partition(":")
    process = subprocess.Popen(
        ["chroot", f"--userspec={uid}:{gid or uid}", root, *words],
        env={"PWD": workdir, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
        errors="replace",
    )
    try:
        said, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise Failed(f"`{' '.join(words)[:200]}` took more than {seconds:.0f} s") from None
    if process.returncode:
        raise Failed(f"`{' '.join(words)[:300]}` ended with {process.returncode}:\n{said[-3000:]}")
    return said
