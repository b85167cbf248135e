"""Builds that are killed, and disks that refuse, leave whole files; the next build equals a clean one."""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from kforge.errors import WorldError
from kforge.system.project import ProjectLock
from tests.system.builds import build, clean, snapshot, unprivileged, whole

HITS, TRIALS = 35, 1500  # kills that meet a build at work; so many are tried where a busy machine lets few of them
SIZE = 60_000  # large enough that a plain write would be caught in the middle
VERSIONS = range(1, 12)


def killer(folder: Path, wanted: int) -> list[str]:
    """Kill builds at random moments until so many were at work; what was torn, left over, or other than a clean build
    afterwards.
    """
    expected = {version: clean(folder / f"clean{version}", version, SIZE) for version in VERSIONS}
    chance = random.Random(0)
    problems, hits = [], 0
    for trial in range(TRIALS):
        if hits == wanted:
            break
        base = folder / "here" / "app"
        base.mkdir(parents=True, exist_ok=True)
        child = os.fork()
        if child == 0:
            for version in count(trial):
                build(base, version % 10 + 1, size=SIZE)
        time.sleep(chance.uniform(0.0005, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        hits += any(folder.rglob(".kforge-tmp-*")) or (base / ".kforge" / "pending").exists()
        problems += [f"trial {trial}: torn: {path}" for path in whole(base.parent, VERSIONS, SIZE)]
        following = chance.choice(VERSIONS)
        build(base, following, size=SIZE)
        after = snapshot(base.parent)
        problems += [f"trial {trial}: {path}" for path in expected[following].keys() ^ after.keys()]
        problems += [
            f"trial {trial}: differs: {path}" for path in after if after[path] != expected[following].get(path)
        ]
    if hits < wanted:
        problems.append(f"only {hits} of {TRIALS} kills met a build at work")
    return problems


def test_builds_killed_at_random_moments_leave_whole_files_and_the_next_one_heals(tmp_path: Path) -> None:
    """In a process of its own, because a process with threads must not fork."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.system.test_crash", str(tmp_path), str(HITS)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_process_that_is_killed_frees_the_project_and_the_next_build_heals(tmp_path: Path) -> None:
    base = tmp_path / "here" / "app"
    base.mkdir(parents=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.system.builds", str(base), "2000", "1"],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
    )
    assert process.stdout and process.stdout.readline() == b"ready\n"
    time.sleep(0.05)
    process.kill()
    process.communicate()
    with ProjectLock([base], pytest.fail):
        build(base, 2)
    assert snapshot(base.parent) == clean(tmp_path / "clean", 2)


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """A small file system of its own; skips by name where this user may not mount one."""
    folder.mkdir(exist_ok=True)
    mount = shutil.which("mount")
    done = mount and subprocess.run(
        [mount, "-t", "tmpfs", *options, "tmpfs", str(folder)], capture_output=True, check=False
    )
    if not done or done.returncode:
        pytest.skip(
            "mounting a tmpfs is not permitted here: no real full or read-only disk was tried, only injected errors"
        )
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_leaves_every_file_as_it_was(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "-o", "size=128k") as disk:
        base = disk / "app"
        base.mkdir()
        build(base, 1, size=100)
        before = snapshot(disk)
        with pytest.raises(WorldError) as caught:
            build(base, 2, size=40_000)
        (problem,) = caught.value.problems
        assert (problem.message.endswith(": no space left on device"), snapshot(disk)) == (True, before)
        build(base, 2, size=100)
        assert snapshot(disk) == clean(tmp_path / "clean", 2, 100)


def test_a_disk_that_is_full_from_the_start_says_so(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "-o", "size=64k") as disk:
        base = disk / "app"
        base.mkdir()
        with suppress_full(), (disk / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(b"x" * 4096)
        with pytest.raises(WorldError, match="no space left on device"):
            build(base, 1)
        assert [path.name for path in base.rglob("*") if ".kforge" not in path.parts] == []


@contextmanager
def suppress_full() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        assert error.errno == errno.ENOSPC


def test_a_read_only_disk_is_named_and_a_build_of_nothing_new_passes(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk") as disk:
        base = disk / "app"
        base.mkdir()
        build(base, 1)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        before = snapshot(disk)
        with pytest.raises(WorldError, match="read-only file system"):
            build(base, 2)
        assert (build(base, 1), snapshot(disk)) == (False, before)


def test_a_read_only_disk_cannot_be_locked(tmp_path: Path) -> None:
    with (
        mounted(tmp_path / "disk", "-o", "ro") as disk,
        pytest.raises(WorldError, match=r"cannot lock .*: read-only file system"),
    ):
        ProjectLock([disk]).__enter__()


def test_a_file_that_cannot_be_replaced_puts_the_others_back(tmp_path: Path) -> None:
    base = tmp_path / "here" / "app"
    base.mkdir(parents=True)
    build(base, 1)
    stuck = base / "deploy" / "web" / "service.yaml"
    chattr = shutil.which("chattr")
    if not chattr or subprocess.run([chattr, "+i", str(stuck)], capture_output=True, check=False).returncode:
        pytest.skip(
            "chattr +i is not permitted here: a file that cannot be replaced was only tried with injected errors"
        )
    before = snapshot(base.parent)
    try:
        with pytest.raises(WorldError, match=r"cannot replace `deploy/web/service\.yaml`: operation not permitted"):
            build(base, 2)
    finally:
        subprocess.run([chattr, "-i", str(stuck)], check=True)
    assert snapshot(base.parent) == before
    build(base, 2)
    assert snapshot(base.parent) == clean(tmp_path / "clean", 2)


def test_a_folder_without_the_right_to_write_is_named() -> None:
    with unprivileged() as folder:
        base = folder / "app"
        base.mkdir()
        build(base, 1)
        before = snapshot(folder)
        (base / "deploy" / "web").chmod(0o555)
        try:
            with pytest.raises(WorldError, match=r"cannot write `deploy/web/deployment\.yaml`: permission denied"):
                build(base, 2)
            assert snapshot(folder) == before
        finally:
            (base / "deploy" / "web").chmod(0o755)


def test_a_spec_folder_without_the_right_to_write_cannot_be_locked() -> None:
    with unprivileged() as folder:
        folder.chmod(0o555)
        with pytest.raises(WorldError, match=r"cannot lock `.*`: permission denied"):
            ProjectLock([folder]).__enter__()


if __name__ == "__main__":
    for problem in killer(Path(sys.argv[1]), int(sys.argv[2])):
        print(problem)
