"""A pipe, a socket, a device, a link, a folder or something huge in the place of a file: an answer at once, nothing
read.
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path

import pytest

from tests import untouched
from tests.conftest import copied, run

SECONDS, MEGABYTES = 5, 500


def bound(path: Path) -> None:
    with chdir(path.parent), socket.socket(socket.AF_UNIX) as end:  # the whole path may be too long for a socket
        end.bind(path.name)


KINDS: dict[str, Callable[[Path], object]] = {
    "a pipe": os.mkfifo,
    "a socket": lambda path: bound(path),  # noqa: PLW0108 - it is defined below
    "a link to a device": lambda path: path.symlink_to("/dev/zero"),
    "a link to a file": lambda path: path.symlink_to("/etc/passwd"),
    "a link to nowhere": lambda path: path.symlink_to("nowhere"),
    "a link to itself": lambda path: path.symlink_to(path.name),
    "a folder": Path.mkdir,
    "50 GB of nothing": lambda path: path.touch() or os.truncate(path, 50 << 30),
}
COMMITTED = (
    "app.kforge.yaml",
    "kforge.lock",
    "kforge.sum",
    "web/Dockerfile",
    "docker-bake.hcl",
    "deploy/kubernetes/web/service.yaml",
)
STATE = (
    ".kforge",
    ".kforge/.gitignore",
    ".kforge/index-app.kforge.yaml",
    ".kforge/index-specs",
    ".kforge/lock",
    ".kforge/pending",
)
NEEDED = {".kforge": "a folder", ".kforge/lock": "50 GB of nothing", ".kforge/pending": ""}  # and what each may be


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Path(copied("hello", tmp_path_factory.mktemp("special") / "hello"))
    run("build", cwd=folder, code=0)
    return folder


@pytest.fixture
def hello(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "hello"))


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """Each test ends in time and memory."""

    def late(number: int, frame: object) -> None:
        raise AssertionError(f"not done within {SECONDS} seconds")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    yield
    signal.alarm(0)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEGABYTES * 1024


def put(kind: str, place: Path) -> None:
    if place.is_dir():
        shutil.rmtree(place)
    place.unlink(missing_ok=True)
    place.parent.mkdir(exist_ok=True)
    KINDS[kind](place)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", COMMITTED)
def test_in_the_place_of_what_is_committed_it_is_an_error_that_names_it(path: str, kind: str, hello: Path) -> None:
    put(kind, hello / path)
    before = untouched.state(hello / path)
    for words in (["check"], ["check", "--full"], ["build"]):
        ended = run(*words, cwd=hello)
        assert "root:" not in ended.out + ended.err
        assert (ended.code, path in ended.err or (path == "app.kforge.yaml" and kind == "a folder")) == (2, True), ended
    assert untouched.state(hello / path) == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "words", [["pin", "web/resources", "memory"], ["approve", "--all"], ["plan"], ["diff"]], ids=lambda words: words[0]
)
def test_other_commands_end_as_well(words: list[str], kind: str, hello: Path) -> None:
    put(kind, hello / "kforge.lock")
    assert run(*words, cwd=hello).code == 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", STATE)
def test_in_the_place_of_state_a_check_does_without_it(path: str, kind: str, hello: Path) -> None:
    put(kind, hello / path)
    assert [run("check", cwd=hello).code for _ in range(2)] == [0, 0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", STATE)
def test_in_the_place_of_state_a_build_heals_or_names_it(path: str, kind: str, hello: Path) -> None:
    put(kind, hello / path)
    ended = run("build", cwd=hello)
    heals = path not in NEEDED or NEEDED[path] == kind
    assert ended.code == (0 if heals else 2) and (heals or path in ended.err), ended
