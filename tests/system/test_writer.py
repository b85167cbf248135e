"""Files are written whole or not at all, and a failed build leaves everything as it was."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from kforge.domain.change import Change, Changes, Status, WantedFile
from kforge.domain.lock import Sums
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.errors import Error, InputError, WorldError
from kforge.stages.compare import compare
from kforge.system import locked, writer
from kforge.system.disk import DISK, MODE, Disk
from kforge.system.files import reader
from kforge.system.temporary import fresh
from kforge.system.unfinished import PENDING
from tests import untouched
from tests.system.builds import SPEC, build, clean, snapshot, wanted, whole


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "here" / "app").mkdir(parents=True)
    return tmp_path / "here" / "app"


class Recorder(Disk):
    """Does everything and keeps a list."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def make_folder(self, name: str, folder: int | None = None) -> None:
        self.note("make", name)
        super().make_folder(name, folder)

    def write(
        self, name: str, content: bytes, durable: bool = False, folder: int | None = None, mode: int = MODE
    ) -> None:
        self.note("sync" if durable else "write", name)
        super().write(name, content, durable, folder, mode)

    def replace(self, source: str, name: str, folder: int | None = None) -> None:
        self.note("replace", name)
        super().replace(source, name, folder)

    def link(self, source: str, name: str, folder: int | None = None) -> None:
        self.note("link", name)
        super().link(source, name, folder)

    def remove(self, name: str, folder: int | None = None) -> None:
        self.note("remove", name)
        super().remove(name, folder)

    def remove_folder(self, name: str, folder: int | None = None) -> None:
        self.note("rmdir", name)
        super().remove_folder(name, folder)

    def settle(self, name: str, folder: int | None = None) -> None:
        self.note("settle", name)
        super().settle(name, folder)

    def note(self, call: str, name: str) -> None:
        self.calls.append(f"{call} {name}")


class Failing(Recorder):
    """Fails at the given call, and from then on when `forever`; a write fails after half of its bytes."""

    def __init__(self, at: int, error: BaseException, forever: bool = False) -> None:
        super().__init__()
        self.at, self.error, self.forever = at, error, forever

    def write(
        self, name: str, content: bytes, durable: bool = False, folder: int | None = None, mode: int = MODE
    ) -> None:
        try:
            super().write(name, content, durable, folder, mode)
        except type(self.error):
            if len(self.calls) == self.at + 1:
                Disk().write(name, content[: len(content) // 2], folder=folder)
            raise

    def note(self, call: str, name: str) -> None:
        super().note(call, name)
        if len(self.calls) - 1 == self.at or (self.forever and len(self.calls) > self.at):
            raise self.error


class Death(BaseException):
    """The process is gone: nothing it would still have done happens."""


def calls_of_a_build(tmp_path: Path) -> list[str]:
    base = tmp_path / "count" / "app"
    base.mkdir(parents=True)
    build(base, 1)
    recorder = Recorder()
    build(base, 2, recorder)
    return recorder.calls


def test_a_build_writes_what_is_wanted(base: Path) -> None:
    assert build(base, 1)
    assert {path: reader(base, base.parent)(path) for path in wanted(1)} == {
        path: file.content for path, file in wanted(1).items()
    }


def test_a_second_build_touches_nothing(base: Path) -> None:
    build(base, 1)
    before = {path: path.stat().st_mtime_ns for path in base.parent.rglob("*")}
    recorder = Recorder()
    written = build(base, 1, recorder)
    assert (written, recorder.calls, {path: path.stat().st_mtime_ns for path in base.parent.rglob("*")}) == (
        False,
        [],
        before,
    )


def test_a_file_that_does_not_change_is_not_touched(base: Path) -> None:
    build(base, 1)
    before = untouched.state(base / "same.yaml")
    build(base, 2)
    assert untouched.state(base / "same.yaml") == before


def test_everything_is_staged_before_anything_is_replaced_and_the_sums_come_last(tmp_path: Path) -> None:
    calls = calls_of_a_build(tmp_path)
    first = calls.index("replace Dockerfile")
    assert not [call for call in calls[first:] if call.startswith(("write", "sync", "make"))]
    gone = [call for call in calls if call.startswith(("replace", "remove", "settle"))]
    assert (gone[0], gone[-4:]) == (
        "replace pending",
        [f"replace {LOCK_FILE}", f"replace {SUMS_FILE}", "settle .", "remove pending"],
    )


def test_the_mode_is_the_same_under_any_umask(base: Path) -> None:
    old = os.umask(0o077)
    try:
        build(base, 1)
    finally:
        os.umask(old)
    files = [path for path in base.parent.rglob("*") if path.is_file() and ".kforge" not in path.parts]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o644}


def test_orphans_go_with_the_folders_they_leave_empty(base: Path) -> None:
    build(base, 1)
    build(base, 2)
    assert sorted(path.name for path in (base / "deploy").iterdir()) == ["even", "kustomization.yaml", "web"]


def test_a_folder_with_a_file_of_the_users_stays(base: Path) -> None:
    build(base, 1)
    (base / "deploy/odd/notes.txt").write_text("mine")
    build(base, 2)
    assert [path.name for path in (base / "deploy/odd").iterdir()] == ["notes.txt"]


def test_the_folder_of_the_spec_is_never_removed(base: Path) -> None:
    build(base, 1)
    changes = compare({}, locked.load(base, None, base.parent)[1], reader(base, base.parent), SPEC)
    writer.apply(base, base.parent, changes, "", "")
    assert snapshot(base.parent) == {"app": None, "app/kforge.lock": b"", "app/kforge.sum": b""}


def test_a_link_that_git_may_carry_is_not_written_through(base: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (base / ".kforge").symlink_to(tmp_path / "outside")
    with pytest.raises(InputError, match=r"`\.kforge` is not a folder"):
        build(base, 1)
    assert (list((tmp_path / "outside").iterdir()), snapshot(base.parent)) == ([], {"app": None})


@pytest.mark.parametrize("name", [LOCK_FILE, SUMS_FILE, "same.yaml", "deploy/web/service.yaml"])
def test_a_link_in_the_place_of_a_file_is_an_error_that_names_it(base: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "victim").write_bytes(b"")
    (base / name).parent.mkdir(parents=True, exist_ok=True)
    (base / name).symlink_to(tmp_path / "victim")
    before = snapshot(base.parent)
    with pytest.raises(InputError, match=f"`{name}` is a symbolic link|{base}/{name}` is a symbolic link"):
        build(base, 1)
    assert ((tmp_path / "victim").read_bytes(), (base / name).is_symlink(), snapshot(base.parent)) == (
        b"",
        True,
        before,
    )


def test_an_output_that_would_leave_the_root_writes_nothing(base: Path) -> None:
    changes = compare({"../../x": WantedFile(b"x")}, Sums(), reader(base, base.parent.parent), SPEC)
    with pytest.raises(InputError, match="outside the repository"):
        writer.apply(base, base.parent, changes, "lock", "sums")
    assert snapshot(base.parent) == {"app": None}


def test_stray_temporary_files_of_killed_builds_are_swept(base: Path) -> None:
    build(base, 1)
    for folder in (base, base / "deploy/web", base / ".kforge", base.parent / "web"):
        (folder / fresh()).write_bytes(b"half")
    (base / "deploy/web/.kforge-template").write_bytes(b"mine")
    assert not build(base, 1)
    assert [path.name for path in base.parent.rglob(".kforge-*")] == [".kforge-template"]


def test_only_files_with_a_temporary_name_are_swept(base: Path, tmp_path: Path) -> None:
    build(base, 1)
    (tmp_path / "kept").write_bytes(b"kept")
    names = [
        ".kforge-tmp-",
        ".kforge-tmp-1234",
        f"{fresh()}0",
        f"{fresh()}.yaml",
        f".kforge-tmp-{'A' * 16}",
        f"x{fresh()}",
    ]
    for name in names:
        (base / name).write_bytes(b"mine")
    odd = [base / fresh() for _ in range(3)]
    odd[0].mkdir()
    odd[1].symlink_to(tmp_path / "kept")
    os.mkfifo(odd[2])
    build(base, 2)
    assert all(os.path.lexists(path) for path in [*odd, *(base / name for name in names)])


LISTED = (
    "../.git/refs/heads/x.yaml",
    "../.GIT/hooks/x.yaml",
    "../tmp/cache/x.yaml",
    "data/volume/x.yaml",
    "web/Dockerfile",
)


@pytest.mark.parametrize("path", LISTED)
@pytest.mark.parametrize("status", ["removed", "left"])
def test_an_empty_folder_that_a_list_names_stays(base: Path, path: str, status: Status) -> None:
    """Anybody may write a path into the sums of a repository, and git shows no empty folder."""
    folder = (base / path).parent
    folder.mkdir(parents=True)
    changes = Changes((Change("a.yaml", "created", None, b"a"), Change(path, status, None, None)), Sums())
    assert writer.apply(base, base.parent, changes, None, None) and folder.is_dir()


@pytest.mark.parametrize("path", LISTED)
def test_a_file_with_a_temporary_name_stays_where_no_build_writes(base: Path, path: str) -> None:
    place = (base / path).parent / fresh()
    place.parent.mkdir(parents=True)
    place.write_bytes(b"mine")
    changes = Changes((Change("a.yaml", "created", None, b"a"), Change(path, "left", None, None)), Sums())
    assert writer.apply(base, base.parent, changes, None, None) and place.read_bytes() == b"mine"


def test_an_empty_folder_of_the_users_stays_where_a_build_writes_and_is_killed(base: Path) -> None:
    build(base, 1)
    (base / "deploy/even").mkdir()
    with suppress(Death):
        build(
            base,
            2,
            Failing(calls_of_a_build(base.parent / "count").index("replace pending") + 1, Death(), forever=True),
        )
    shutil.rmtree(base.parent / "count")
    build(base, 1)
    assert (base / "deploy/even").is_dir()


def test_a_list_of_a_killed_build_that_names_gits_folder_removes_nothing_there(base: Path) -> None:
    build(base, 1)
    (base.parent / ".git/refs/heads").mkdir(parents=True)
    (base / PENDING).write_text(f"{'0' * 64}  ../.git/refs/heads/x.yaml\nfolder  ../.git/refs/heads\n")
    build(base, 2)
    assert (base.parent / ".git/refs/heads").is_dir()


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EIO])
def test_whatever_fails_once_leaves_every_file_as_it_was(tmp_path: Path, code: int) -> None:
    calls = calls_of_a_build(tmp_path)
    tidying = next(index for index, call in enumerate(calls) if call.startswith("settle"))
    expected = clean(tmp_path / "clean", 2)
    for at in range(tidying + 1):
        base = tmp_path / str(at) / "app"
        base.mkdir(parents=True)
        build(base, 1)
        before = snapshot(base.parent)
        with pytest.raises(WorldError) as caught:
            build(base, 2, Failing(at, OSError(code, os.strerror(code))))
        (problem,) = caught.value.problems
        assert problem.message.endswith(f": {os.strerror(code).lower()}"), calls[at]
        assert (problem.hint, snapshot(base.parent)) == (
            "nothing was changed; fix that and run `kforge build` again",
            before,
        ), calls[at]
        build(base, 2)
        assert snapshot(base.parent) == expected, calls[at]


def test_a_first_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    for at in range(20):
        base = tmp_path / str(at) / "app"
        base.mkdir(parents=True)
        with pytest.raises(WorldError):
            build(base, 1, Failing(at, OSError(errno.ENOSPC, "No space left on device")))
        assert snapshot(base.parent) == {"app": None}


def test_the_message_names_the_file_that_could_not_be_written(base: Path) -> None:
    build(base, 1)
    at = next(index for index, call in enumerate(calls_of_a_build(base)) if call == "replace deployment.yaml")
    with pytest.raises(WorldError, match=r"cannot replace `deploy/web/deployment\.yaml`: input/output error"):
        build(base, 2, Failing(at, OSError(errno.EIO, "Input/output error")))


def test_a_tidying_up_that_fails_does_not_fail_the_build(tmp_path: Path) -> None:
    calls = calls_of_a_build(tmp_path)
    tidying = next(index for index, call in enumerate(calls) if call.startswith("settle")) + 1
    for at in range(tidying, len(calls)):
        base = tmp_path / str(at) / "app"
        base.mkdir(parents=True)
        build(base, 1)
        assert build(base, 2, Failing(at, OSError(errno.EIO, "Input/output error")))


@pytest.mark.parametrize(
    "error", [OSError(errno.EROFS, "Read-only file system"), Death()], ids=["broken disk", "death"]
)
def test_a_disk_that_stays_broken_or_a_process_that_dies_leaves_whole_files_and_the_next_build_heals(
    tmp_path: Path, error: BaseException
) -> None:
    calls = calls_of_a_build(tmp_path)
    expected = {version: clean(tmp_path / f"clean{version}", version) for version in (2, 3)}
    for at in range(len(calls)):
        for following in (2, 3):  # the same build again, and one of a spec that changed meanwhile
            base = tmp_path / f"{at}-{following}" / "app"
            base.mkdir(parents=True)
            build(base, 1)
            with suppress(Error, Death):  # what fails after the sums is only tidying up
                build(base, 2, Failing(at, error, forever=True))
            assert whole(base.parent, range(1, 3)) == [], calls[at]
            build(base, following)
            assert snapshot(base.parent) == expected[following], (calls[at], following)
            assert sorted(path.name for path in (base / ".kforge").iterdir()) == [".gitignore"], calls[at]


def test_two_builds_that_die_one_after_the_other_are_healed(tmp_path: Path) -> None:
    calls = calls_of_a_build(tmp_path)
    expected = clean(tmp_path / "clean", 4)
    for first in range(0, len(calls), 3):
        for second in range(1, len(calls), 3):
            base = tmp_path / f"{first}-{second}" / "app"
            base.mkdir(parents=True)
            build(base, 1)
            for version, at in ((2, first), (3, second)):
                with suppress(Death):
                    build(base, version, Failing(at, Death(), forever=True))
            build(base, 4)
            assert snapshot(base.parent) == expected, (calls[first], calls[second])


def test_an_interrupt_puts_everything_back(base: Path) -> None:
    build(base, 1)
    before = snapshot(base.parent)
    at = calls_of_a_build(base.parent / "other").index(f"replace {SUMS_FILE}")
    shutil.rmtree(base.parent / "other")
    with pytest.raises(KeyboardInterrupt):
        build(base, 2, Failing(at, KeyboardInterrupt()))
    assert snapshot(base.parent) == before


def test_a_planted_list_of_a_killed_build_removes_nothing_of_the_users(base: Path) -> None:
    build(base, 1)
    (base / "main.py").write_bytes(b"print()\n")
    digest = "7d2f8ee8ac1a3e6c8ae6e2b9e8c4d4f0d0ad1b7a52f1f3b4c5b6a7988796a5b4"
    (base / PENDING).write_text(
        f"{digest}  main.py\n../../../etc/passwd\n\xff\n{digest}  /etc/passwd\n", encoding="latin-1"
    )
    build(base, 2)
    assert (base / "main.py").read_bytes() == b"print()\n"


def test_changes_without_work_write_only_texts(base: Path) -> None:
    assert writer.apply(base, base.parent, Changes((), Sums()), "a", "b", DISK)
    assert snapshot(base.parent) == {"app": None, "app/kforge.lock": b"a", "app/kforge.sum": b"b"}
