"""Two branches that touch different services merge in git, in the lock and in the sums.

Changing a service never conflicts with anything done to another one. Adding or removing a service conflicts only
with adding or removing its direct neighbour in the order of names: git cannot tell the order of two insertions at one
place, whatever the layout. A build takes both sides then.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest

from kforge.domain.decider import HEURISTICS
from kforge.domain.digest import digest
from kforge.domain.lock import Lock, LockedDecision, ServiceLock, Sums
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.errors import InputError
from kforge.system import locked, merged_lock

pytestmark = pytest.mark.skipif(
    shutil.which("git") is None, reason="git is not here: merging lock and sums was not tried"
)

App = dict[str, int]  # service → version of everything in it
START: App = {"api": 1, "billing": 1, "catalog": 1, "web": 1}


def service(name: str, version: int) -> ServiceLock:
    """A block whose every part depends on the version, next to parts that are alike in all services."""
    decisions = {
        topic: LockedDecision(
            value={"memory": f"{version}Gi"},
            reasons={"memory": "what most services of this kind need"},
            decider=HEURISTICS,
            revision=1,
            inputs={"facts.framework": digest([name, version]), "facts.language": digest("python"), "spec.scale": "-"},
        )
        for topic in ("build", "probes", "resources")
    }
    inputs = {"app.labels": "-", "facts.language": digest("python"), "spec.scale": digest([name, version])}
    return ServiceLock(decisions=decisions, inputs=inputs, detector="python", detector_revision=1)


def texts(app: App) -> dict[str, str]:
    lock = Lock(services={name: service(name, version) for name, version in app.items()}, inputs={"app.labels": "-"})
    files = {
        path: hashlib.sha256(f"{path} {version}".encode()).hexdigest()
        for name, version in app.items()
        for path in (
            f"{name}/Dockerfile",
            f"{name}/.dockerignore",
            f"deploy/{name}/deployment.yaml",
            f"deploy/{name}/service.yaml",
        )
    }
    revisions = {f"deploy/{name}/service.yaml": 2 for name in app}
    held = Sums(files=files, revisions=revisions, aggregates=("deploy/kustomization.yaml", "docker-bake.hcl"))
    return dict(zip((LOCK_FILE, SUMS_FILE), locked.render(lock, held), strict=True))


class Repository:
    """A scratch repository that holds nothing but a lock and sums."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.git("init", "-q", "-b", "main")
        self.commit(START)
        self.git("branch", "start")

    def git(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        settings = (
            "-c",
            "user.name=x",
            "-c",
            "user.email=x@example.com",
            "-c",
            "commit.gpgsign=false",
            "-c",
            "core.hooksPath=none",
        )
        environment = {
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_SYSTEM": "/dev/null",
            "PATH": "/usr/bin:/bin:/usr/local/bin",
        }
        return subprocess.run(
            ["git", *settings, *arguments],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def commit(self, app: App) -> None:
        for name, text in texts(app).items():
            (self.folder / name).write_text(text, encoding="utf-8")
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "x", "--allow-empty")

    def merged(self, ours: App, theirs: App) -> bool:
        """Whether two branches off the start merge with git's default strategy."""
        self.git("checkout", "-q", "-f", "--detach", "start")
        self.commit(theirs)
        side = self.git("rev-parse", "HEAD").stdout.strip()
        self.git("checkout", "-q", "-f", "--detach", "start")
        self.commit(ours)
        return self.git("merge", "-q", "-m", "x", side).returncode == 0

    def texts(self) -> dict[str, str]:
        return {name: (self.folder / name).read_text(encoding="utf-8") for name in (LOCK_FILE, SUMS_FILE)}


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def change(name: str) -> Callable[[App], App]:
    return lambda app: {**app, name: app[name] + 1}


def add(name: str) -> Callable[[App], App]:
    return lambda app: {**app, name: 1}


def remove(name: str) -> Callable[[App], App]:
    return lambda app: {other: version for other, version in app.items() if other != name}


CHANGES = [change(name) for name in START]
MOVES = [add("aaa"), add("bbb"), add("carts"), add("users"), add("zzz"), *(remove(name) for name in START)]


def test_changes_to_different_services_merge(repository: Repository) -> None:
    for ours, theirs in product(CHANGES, CHANGES):
        if ours is not theirs:
            assert repository.merged(ours(START), theirs(START))
            assert repository.texts() == texts(theirs(ours(START)))


def test_a_change_merges_with_adding_or_removing_any_other_service(repository: Repository) -> None:
    for ours, theirs in product(CHANGES, MOVES):
        expected = theirs(ours(START))
        if 2 not in expected.values():  # one removed what the other changed
            continue
        assert repository.merged(ours(START), theirs(START)), expected
        assert repository.texts() == texts(expected)


def test_services_added_in_different_places_merge(repository: Repository) -> None:
    for ours, theirs in [("aaa", "bbb"), ("bbb", "carts"), ("carts", "zzz"), ("aaa", "zzz")]:
        expected = add(theirs)(add(ours)(START))
        assert repository.merged(add(ours)(START), add(theirs)(START)), expected
        assert repository.texts() == texts(expected)


def test_services_that_are_no_neighbours_merge_whatever_is_done_to_them(repository: Repository) -> None:
    for ours, theirs in [
        (remove("api"), remove("catalog")),
        (remove("api"), add("carts")),
        (add("aaa"), remove("web")),
    ]:
        expected = theirs(ours(START))
        assert repository.merged(ours(START), theirs(START)), expected
        assert repository.texts() == texts(expected)


def test_neighbours_added_at_one_place_conflict_and_the_way_out_is_named(repository: Repository) -> None:
    assert not repository.merged(add("carts")(START), add("carrier")(START))
    for name, text in repository.texts().items():
        with pytest.raises(InputError, match="has conflict markers") as caught:
            locked.parse({name: text.encode()}, None)
        assert caught.value.problems[0].hint == "run `kforge build`: it takes what both branches settled"


def test_either_side_of_a_conflict_is_a_lock_again(repository: Repository) -> None:
    for side in ("--ours", "--theirs"):
        assert not repository.merged(add("carts")(START), add("carrier")(START))
        repository.git("checkout", side, LOCK_FILE, SUMS_FILE)
        added = "carts" if side == "--ours" else "carrier"
        assert repository.texts() == texts(add(added)(START))


def test_one_sum_over_everything_would_conflict_every_time(repository: Repository) -> None:
    """Why no such line may enter: the test of the test."""
    lock, held = locked.parse({name: text.encode() for name, text in texts(START).items()}, None)
    sides = [replace(lock, inputs={"everything": digest(number)}) for number in (1, 2)]
    for name, side in zip(("ours", "theirs"), sides, strict=True):
        repository.git("checkout", "-q", "-f", "-B", name, "start")
        (repository.folder / SUMS_FILE).write_text(locked.render(side, held)[1], encoding="utf-8")
        repository.git("commit", "-q", "-a", "-m", "x")
    assert repository.git("merge", "-q", "-m", "x", "ours").returncode != 0


def test_a_build_reads_both_sides_of_neighbours_added_at_one_place(repository: Repository) -> None:
    assert not repository.merged(add("carts")(START), add("carrier")(START))
    lock, held = merged_lock.load(repository.folder, None, repository.folder)
    expected, listed = locked.parse(
        {name: text.encode() for name, text in texts(add("carts")(add("carrier")(START))).items()}, None
    )
    assert (lock.services, held.files, held.revisions) == (expected.services, listed.files, listed.revisions)
    assert (lock.rivals, held.others, lock.merged) == ({}, {}, (LOCK_FILE, SUMS_FILE))


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
def test_what_both_changed_is_there_from_both_sides(style: str, repository: Repository) -> None:
    repository.git("config", "merge.conflictStyle", style)
    assert not repository.merged({**START, "web": 2}, {**START, "web": 3})
    lock, held = merged_lock.load(repository.folder, None, repository.folder)
    topics = ("build", "probes", "resources")
    values = [lock.services["web"].decisions[topic].value["memory"] for topic in topics]
    others = [lock.rivals[f"web/{topic}"].value["memory"] for topic in topics]
    assert sorted({*values, *others}) == ["2Gi", "3Gi"] and not {*values} & {*others}
    assert held.others.keys() == {path for path in held.files if "web/" in path}


def test_sides_that_cannot_be_told_apart_are_an_error_with_a_way_out(repository: Repository) -> None:
    text = repository.texts()[LOCK_FILE]
    broken = text.replace("lock: 2\n", "<<<<<<< ours\nlock: 2\n=======\nlock: 1\n>>>>>>> theirs\n")
    (repository.folder / LOCK_FILE).write_text(broken)
    with pytest.raises(InputError, match="has conflict markers") as caught:
        merged_lock.load(repository.folder, None, repository.folder)
    assert caught.value.problems[0].hint.startswith("take either side (`git checkout --ours kforge.lock`)")


def test_a_newer_kforge_on_one_side_is_told_as_such(repository: Repository) -> None:
    text = repository.texts()[LOCK_FILE]
    newer = text.replace("lock: 2\n", "<<<<<<< ours\nlock: 2\n=======\nlock: 3\n>>>>>>> theirs\n")
    (repository.folder / LOCK_FILE).write_text(newer)
    with pytest.raises(InputError, match="written by a newer kforge"):
        merged_lock.load(repository.folder, None, repository.folder)
