"""A folder that is swapped for a link while kforge works leads nowhere: outside, nothing is written, read or removed."""

from __future__ import annotations

import ctypes
import gc
import hashlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from kforge import pipeline
from kforge.domain.document import mark
from kforge.domain.spec.project import Project
from kforge.errors import Error, InputError
from kforge.fast_check import fast_check
from kforge.outcome import Options
from kforge.system import index, locked
from kforge.system.files import create, read, replace
from kforge.system.project import ProjectLock
from kforge.system.search import search
from kforge.system.temporary import fresh
from kforge.system.tree import SourceTree
from tests.system.builds import build, clean, snapshot
from tests.system.test_writer import Recorder

FOLDERS = ("app/deploy", "app/deploy/web", "app/deploy/odd", "web", "app", "app/.kforge")


def outside(folder: Path) -> Path:
    """A tree that looks like the one inside, down to what a careless build would write over, sweep away or take for its
    own.
    """
    for path in (
        "web/Dockerfile",
        "deploy/web/service.yaml",
        "web/service.yaml",
        "odd/claim.yaml",
        "claim.yaml",
        "job.yaml",
        "service.yaml",
        "Dockerfile",
        "pending",
        "kforge.lock",
        "kforge.sum",
        fresh(),
        f"web/{fresh()}",
        f".kforge/{fresh()}",
    ):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(f"{mark('app.kforge.yaml')}\nprecious {path}\n")
    (folder / "empty").mkdir()
    return folder


def digests(folder: Path) -> dict[str, tuple[int, int, str]]:
    found = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        held = path.lstat()
        found[str(path)] = (
            held.st_ino,
            held.st_mtime_ns,
            hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "",
        )
    return found


def files(folder: Path) -> dict[str, bytes | None]:
    """As a snapshot, without folders: an empty one may be left, and git holds none."""
    return {path: content for path, content in snapshot(folder).items() if content is not None}


def swap(place: Path, target: Path) -> None:
    place.rename(place.with_name("moved-away"))
    place.symlink_to(target)


def swap_back(place: Path) -> None:
    if place.is_symlink():
        place.unlink()
        place.with_name("moved-away").rename(place)


class Swapping(Recorder):
    """Swaps a folder for a link just before a call; names count for nothing, since handles are open by then or not."""

    def __init__(self, at: int, place: Path, target: Path) -> None:
        super().__init__()
        self.at, self.place, self.target = at, place, target

    def note(self, call: str, name: str) -> None:
        super().note(call, name)
        if len(self.calls) == self.at + 1 and self.place.is_dir() and not self.place.is_symlink():
            swap(self.place, self.target)


@pytest.mark.parametrize("path", FOLDERS)
def test_a_swap_before_any_operation_of_a_build_leads_nowhere_and_the_next_build_heals(
    path: str, tmp_path: Path
) -> None:
    target = outside(tmp_path / "outside")
    before = digests(target)
    clean(tmp_path / "clean", 2)
    recorder = Recorder()
    (tmp_path / "count" / "app").mkdir(parents=True)
    build(tmp_path / "count" / "app", 1)
    build(tmp_path / "count" / "app", 2, recorder)
    ended = 0
    for at in range(len(recorder.calls)):
        base = tmp_path / str(at) / "app"
        base.mkdir(parents=True)
        build(base, 1)
        (base / "deploy/web" / fresh()).write_bytes(b"half")
        try:
            build(base, 2, Swapping(at, base.parent / path, target))
        except Error:
            ended += 1
        assert digests(target) == before, (recorder.calls[at], path)
        swap_back(base.parent / path)
        build(base, 2)
        assert files(base.parent) == files(tmp_path / "clean"), (recorder.calls[at], path)
    assert ended


def test_a_build_that_is_led_astray_says_what_is_left(tmp_path: Path) -> None:
    target = outside(tmp_path / "outside")
    base = tmp_path / "here" / "app"
    base.mkdir(parents=True)
    build(base, 1)
    recorder = Recorder()
    shutil.copytree(base.parent, tmp_path / "count")
    build(tmp_path / "count" / "app", 2, recorder)
    with pytest.raises(InputError) as caught:
        build(base, 2, Swapping(recorder.calls.index("replace Dockerfile"), base / "deploy", target))
    said = [problem.message for problem in caught.value.problems]
    assert (
        "passes through `app/deploy`, which is a symbolic link" in said[0]
        and said[1] == "the build stopped there: nothing was changed"
    )


SWAPPER = """
import ctypes, os, random, sys, time
exchange = ctypes.CDLL(None, use_errno=True).renameat2
target, *places = sys.argv[1:]
for place in places:
    os.symlink(target, place + ".link")
print("ready", flush=True)
while True:
    for place in places:
        for pause in (0.0005, 0.004):  # swapped, and back
            exchange(-100, os.fsencode(place), -100, os.fsencode(place + ".link"), 2)  # in one step: RENAME_EXCHANGE
            time.sleep(random.uniform(0, pause))
"""


def test_swaps_by_another_process_while_builds_run_lead_nowhere(tmp_path: Path) -> None:
    if not hasattr(ctypes.CDLL(None), "renameat2"):
        pytest.skip("this system cannot exchange two names in one step: swaps were tried between operations only")
    target = outside(tmp_path / "outside")
    base = tmp_path / "here" / "app"
    base.mkdir(parents=True)
    build(base, 1)
    before = digests(target)
    places = [str(base.parent / path) for path in ("app/deploy/web", "web", "app/deploy")]
    swapper = subprocess.Popen([sys.executable, "-c", SWAPPER, str(target), *places], stdout=subprocess.PIPE)
    assert swapper.stdout and swapper.stdout.readline() == b"ready\n"
    astray = built = 0
    try:
        for turn in range(400):
            try:
                built += build(base, turn % 2 + 1)
            except Error:
                astray += 1
    finally:
        swapper.kill()
        swapper.communicate()
    assert digests(target) == before and astray and built


@pytest.mark.parametrize("put", [replace, create])
def test_a_swap_while_one_file_is_written_leads_nowhere(put: Callable[..., None], tmp_path: Path) -> None:
    target = outside(tmp_path / "outside")
    before = digests(target)
    for at in range(3):
        base = tmp_path / str(at) / "app"
        base.mkdir(parents=True)
        with suppress(InputError):
            put(base / "app.kforge.yaml", b"new", tmp_path / str(at), Swapping(at, base, target))
        assert digests(target) == before


@pytest.mark.parametrize("path", ["app", "app/.kforge"])
def test_a_swap_while_a_check_is_remembered_leads_nowhere(path: str, tmp_path: Path) -> None:
    target = outside(tmp_path / "outside")
    before = digests(target)
    for at in range(6):
        base = tmp_path / str(at) / "app"
        base.mkdir(parents=True)
        (base / "x").touch()
        disk = Swapping(at, base.parent / path, target)
        began = index.begin(base, base.parent, disk)
        index.write(base, "app", "key", ["x"], (began or 0) + (1 << 40), root=base.parent, disk=disk)
        assert digests(target) == before


def test_a_swapped_folder_is_not_locked_in(tmp_path: Path) -> None:
    target = outside(tmp_path / "outside")
    before = digests(target)
    (tmp_path / "here" / ".git").mkdir(parents=True)
    (tmp_path / "here" / "app").symlink_to(target)
    with (
        pytest.raises(InputError, match="passes through `app`, which is a symbolic link"),
        ProjectLock([tmp_path / "here" / "app"]),
    ):
        pass
    assert digests(target) == before


def test_a_swap_between_listing_and_reading_a_source_leads_nowhere(tmp_path: Path) -> None:
    target = outside(tmp_path / "outside")
    for path in ("web/service.yaml", "web/sub/Dockerfile", "other/x"):
        (tmp_path / "here" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "here" / path).write_text("mine")
    for place in ("web", "web/sub"):
        tree = SourceTree(tmp_path / "here" / "web", tmp_path / "here")
        assert tree.files == ("service.yaml", "sub/Dockerfile")
        swap(tmp_path / "here" / place, target)
        assert (tree.text("sub/Dockerfile"), tree.text("service.yaml")) == ("", "" if place == "web" else "mine")
        swap_back(tmp_path / "here" / place)


def _readers(here: Path) -> list[Callable[[], object]]:
    project = Project(here / "app/app.kforge.yaml", here)
    return [
        lambda: read(project.spec, root=here),
        lambda: locked.load(project.folder, None, here),
        lambda: pipeline.read_spec(project),
        lambda: fast_check(project, date(2026, 1, 1)),
        lambda: pipeline.load(project, Options(today=date(2026, 1, 1))),
    ]


@pytest.mark.parametrize("number", range(5))
def test_a_spec_and_its_lists_are_read_through_no_link(number: int, tmp_path: Path) -> None:
    target = outside(tmp_path / "outside")
    (target / "app.kforge.yaml").write_text("app: precious\n")
    (tmp_path / "here/app").mkdir(parents=True)
    swap(tmp_path / "here/app", target)
    with pytest.raises(InputError, match="passes through `app`, which is a symbolic link"):
        _readers(tmp_path / "here")[number]()


def swapping(place: Path, target: Path, stop: threading.Event) -> None:
    while not stop.is_set():
        swap(place, target)
        swap_back(place)


def test_swaps_while_sources_and_specs_are_looked_for_lead_nowhere(tmp_path: Path) -> None:
    target = outside(tmp_path / "outside")
    (target / "secret.kforge.yaml").touch()
    (target / "secret.py").touch()
    here = tmp_path / "here"
    (here / "a" / "b").mkdir(parents=True)
    (here / "a" / "b" / "app.kforge.yaml").touch()
    stop = threading.Event()
    thread = threading.Thread(target=swapping, args=(here / "a", target, stop))
    thread.start()
    try:
        found = {path.name for _ in range(1500) for path in search(here, here).specs}
        read = {path for _ in range(1500) for path in SourceTree(here, here).files}
    finally:
        stop.set()
        thread.join()
    assert found == {"app.kforge.yaml"} and read <= {"a/b/app.kforge.yaml", "moved-away/b/app.kforge.yaml"}


def test_handles_are_let_go(tmp_path: Path) -> None:
    """A process has few: 256 on macOS. A thousand sources, a failed build and a refused way leave none behind."""
    gc.collect()  # what other tests left open is not let go between the two counts
    before = len([*Path("/dev/fd").iterdir()])
    trees = []
    for number in range(300):
        (tmp_path / "sources" / str(number) / "deep" / "er").mkdir(parents=True)
        (tmp_path / "sources" / str(number) / "deep" / "er" / "a.py").write_text("x")
        trees.append(SourceTree(tmp_path / "sources" / str(number), tmp_path))
        assert trees[-1].files == ("deep/er/a.py",)
    base = tmp_path / "here" / "app"
    base.mkdir(parents=True)
    build(base, 1)
    with suppress(Error):
        build(base, 2, Swapping(9, base / "deploy", outside(tmp_path / "outside")))
    with suppress(InputError):
        replace(base / "deploy" / "x", b"", base.parent)
    assert len([*Path("/dev/fd").iterdir()]) == before
