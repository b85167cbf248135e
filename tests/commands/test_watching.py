"""`--watch` runs again when what it read has changed, and ends with Ctrl-C: a real process and real edits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kforge import watched_files
from tests.conftest import copied, edit, kforge
from tests.mutations import DEPLOYMENT, SPEC
from tests.terminal import PLAIN


class Watching:
    """A process that watches, and what it has said so far."""

    def __init__(self, folder: Path, *words: str) -> None:
        self.said = folder.parent / "said"
        kept = {name: value for name, value in os.environ.items() if name not in PLAIN}
        with self.said.open("wb") as stream:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kforge", *words], cwd=folder, stdout=stream, stderr=stream, env=kept
            )

    def waits(self, times: int) -> str:
        """What was said, once it waits for a change for the so-manieth time."""
        return self._until(lambda: self.text.count("watching ") == times)

    def _until(self, holds: Callable[[], bool]) -> str:
        end = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < end and self.process.poll() is None, self.text
            time.sleep(0.02)
        return self.text

    @property
    def text(self) -> str:
        return self.said.read_text()

    def interrupted(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=30)


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    folder = Path(copied("hello", tmp_path / "hello"))
    kforge("build", cwd=folder)
    return folder


@pytest.fixture
def watching(hello: Path) -> Iterator[Callable[..., Watching]]:
    started: list[Watching] = []

    def start(*words: str) -> Watching:
        started.append(Watching(hello, *words))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.process.wait(timeout=30)


def test_a_check_is_repeated_with_every_edit_and_ends_with_ctrl_c(
    hello: Path, watching: Callable[..., Watching]
) -> None:
    process = watching("check", "--watch")
    assert process.waits(1).startswith("hello: up to date (9 files)\nwatching ")
    edit(hello / SPEC, "{source: ./web}", "{source: ./web, sccale: 2}")
    assert "changed: `app.kforge.yaml`\nerror: `sccale` is not a key" in process.waits(2)
    edit(hello / SPEC, "sccale: 2", "scale: {min: 3}")
    assert "not current" in process.waits(3)
    assert process.interrupted() == 130
    assert process.text.endswith("interrupted: no file is half written\n")


def test_a_build_is_repeated_and_not_by_what_it_writes(hello: Path, watching: Callable[..., Watching]) -> None:
    process = watching("build", "--watch")
    process.waits(1)
    edit(hello / SPEC, "{source: ./web}", "{source: ./web, scale: {min: 3}}")
    said = process.waits(2)
    assert "replicas: 3" in (hello / DEPLOYMENT).read_text()
    assert process.interrupted() == 130
    assert said.count("changed:") == 1 and process.text.count("watching ") == 2


@pytest.mark.parametrize(
    ("name", "told"),
    [(name, name) for name in ("web/app.py", "kforge.lock", DEPLOYMENT)] + [("web/new.py", "web")],
)
def test_sources_lock_and_files_are_watched(
    name: str, told: str, hello: Path, watching: Callable[..., Watching]
) -> None:
    process = watching("check", "-w")
    process.waits(1)
    with (hello / name).open("a") as file:
        file.write("# a line\n")
    assert f"changed: `{told}`\n" in process.waits(2)


def test_a_file_that_an_editor_put_in_the_place_of_another_is_named_alone(
    hello: Path, watching: Callable[..., Watching]
) -> None:
    process = watching("check", "-w")
    process.waits(1)
    (hello / "web/app.py~").write_text((hello / "web/app.py").read_text() + "# a line\n")
    (hello / "web/app.py~").replace(hello / "web/app.py")
    assert "changed: `web/app.py`\n" in process.waits(2)


def test_a_spec_that_is_away_for_a_moment_is_taken_again(hello: Path, watching: Callable[..., Watching]) -> None:
    process = watching("check", "--watch", SPEC)
    process.waits(1)
    (hello / SPEC).rename(hello / "aside")
    assert "does not exist" in process.waits(2)
    (hello / "aside").rename(hello / SPEC)
    assert "does not exist" not in process.waits(3).rpartition("changed:")[2]


def test_a_first_run_without_a_spec_ends(tmp_path: Path) -> None:
    kforge("check", "--watch", cwd=tmp_path, code=2)


def test_what_changed_is_named_with_files_first(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    paths = [str(tmp_path / name) for name in ("a", "a/new", "a/other")]
    before = watched_files.looks(paths)
    (tmp_path / "a/new").write_text("x")
    assert watched_files.changed(before, watched_files.looks(paths)) == [paths[1], paths[0]]


def test_a_file_that_changes_while_a_run_reads_it_calls_for_another(tmp_path: Path) -> None:
    began = time.time_ns()
    for name in ("source", "written"):
        (tmp_path / name).write_text("x")
    source, written = str(tmp_path / "source"), str(tmp_path / "written")
    now = watched_files.looks([source, written, str(tmp_path)])
    assert watched_files.changed_since(began, now, frozenset([written])) == [source]
