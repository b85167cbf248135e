"""kforge.lock and kforge.sum are read, and written, as one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kforge.domain.decider import HEURISTICS
from kforge.domain.lock import Lock, LockedDecision, Revisions, ServiceLock, Sums
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.errors import InputError, WorldError
from kforge.system import locked
from tests.system.builds import unprivileged

KNOWN = Revisions(topics={"probes": 2}, detectors={"python": 1})
DECISION = LockedDecision(
    value={"readiness": {"path": "/ready"}},
    reasons={"readiness": "the source serves it"},
    decider=HEURISTICS,
    revision=2,
    inputs={"facts.health": "0123456789abcdef", "spec.port": "-"},
)
WEB = ServiceLock(decisions={"probes": DECISION}, inputs={"spec.env": "-"}, detector="python", detector_revision=1)
LOCK = Lock(services={"web": WEB}, inputs={"app.labels": "fedcba9876543210"})
SUMS = Sums(files={"web/Dockerfile": "0" * 64}, aggregates=("docker-bake.hcl",))
NAMES = (LOCK_FILE, SUMS_FILE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in zip(NAMES, locked.render(LOCK, SUMS), strict=True):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_what_is_written_reads_back(folder: Path) -> None:
    lock, sums = locked.load(folder, KNOWN, folder)
    assert (lock, sums, lock.lost, sums.lost, lock.odd) == (LOCK, SUMS, False, False, False)


def test_lost_files_are_empty_and_say_so(tmp_path: Path) -> None:
    lock, sums = locked.load(tmp_path, KNOWN, tmp_path)
    assert (lock, sums, lock.lost, sums.lost) == (Lock(), Sums(), True, True)


def test_a_lost_lock_leaves_the_files(folder: Path) -> None:
    (folder / LOCK_FILE).unlink()
    lock, sums = locked.load(folder, KNOWN, folder)
    assert (lock, lock.lost, sums) == (Lock(), True, SUMS)


def test_answers_without_their_sums_are_made_of_nothing_that_there_is(folder: Path) -> None:
    (folder / SUMS_FILE).unlink()
    lock, sums = locked.load(folder, KNOWN, folder)
    alone = replace(DECISION, revision=1, inputs={"kforge.sum": "?"})
    assert (lock, sums.lost, lock.odd) == (Lock(services={"web": ServiceLock(decisions={"probes": alone})}), True, True)


def test_sums_of_another_lock_lend_it_no_service(folder: Path) -> None:
    other = Lock(services={"job": WEB, "web": WEB})
    (folder / SUMS_FILE).write_text(locked.render(other, SUMS)[1])
    assert locked.load(folder, KNOWN, folder)[0].services.keys() == {"web"}


def test_an_answer_that_was_changed_alone_is_not_as_a_build_left_it(folder: Path) -> None:
    text = (folder / LOCK_FILE).read_text()
    (folder / LOCK_FILE).write_text(text.replace("/ready", "/other"))
    lock, _ = locked.load(folder, KNOWN, folder)
    changed = replace(DECISION, value={"readiness": {"path": "/other"}})
    assert (lock.services["web"].decisions["probes"], lock.odd) == (changed, True)


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_in_the_place_of_a_file_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match=f"`{name}` is a folder"):
        locked.load(tmp_path, None, tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_cannot_be_read_is_the_worlds_fault(name: str) -> None:
    with unprivileged() as folder:
        (folder / name).touch(mode=0o000)
        with pytest.raises(WorldError, match=f"cannot read `{name}`: permission denied"):
            locked.load(folder, None, folder)


@pytest.mark.parametrize("name", NAMES)
def test_a_link_in_the_place_of_a_file_is_the_inputs_fault(name: str, tmp_path: Path) -> None:
    (tmp_path / name).symlink_to(name)
    with pytest.raises(InputError, match=f"`{name}` is a symbolic link"):
        locked.load(tmp_path, None, tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_would_take_too_much_memory_is_named(name: str, tmp_path: Path) -> None:
    with (tmp_path / name).open("wb") as file:
        file.truncate(25 << 20)  # a hole: it takes no room on the disk
    with pytest.raises(InputError, match=f"`{name}`.*(MiB|large|bytes)"):
        locked.load(tmp_path, None, tmp_path)


def test_revisions_are_judged_only_by_those_that_are_known(folder: Path) -> None:
    with pytest.raises(InputError, match="topic `probes`"):
        locked.load(folder, Revisions(topics={"probes": 1}, detectors={"python": 1}), folder)
    assert locked.load(folder, None, folder)[0] == LOCK
