"""A file is put in its place whole or not at all, in the folder that was meant, and never through a link."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from kforge.errors import InputError, WorldError
from kforge.system import disk
from kforge.system.files import create, reader, replace
from kforge.system.temporary import fresh, is_temporary
from tests.system.test_writer import Failing, Recorder


def test_a_file_keeps_its_mode_and_a_new_one_has_the_usual(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"old")
    (tmp_path / "kept").chmod(0o600)
    old = os.umask(0o077)
    try:
        replace(tmp_path / "kept", b"new")
        replace(tmp_path / "made", b"new")
        create(tmp_path / "created", b"new")
    finally:
        os.umask(old)
    found = {path.name: (path.read_bytes(), path.stat().st_mode & 0o7777) for path in tmp_path.iterdir()}
    assert found == {"kept": (b"new", 0o600), "made": (b"new", 0o644), "created": (b"new", 0o644)}


@pytest.mark.parametrize(
    "make",
    [
        lambda path, to: path.symlink_to(to),
        lambda path, to: os.mkfifo(path),
        lambda path, to: path.mkdir(),
        lambda path, to: path.symlink_to("nowhere"),
    ],
)
def test_what_is_no_file_is_neither_replaced_nor_followed(make: object, tmp_path: Path) -> None:
    (tmp_path / "victim").write_bytes(b"precious")
    make(tmp_path / "x", tmp_path / "victim")  # type: ignore[operator]
    before = os.lstat(tmp_path / "x")
    with pytest.raises(InputError, match=r"`.*x` is "):
        replace(tmp_path / "x", b"new")
    with pytest.raises(FileExistsError):
        create(tmp_path / "x", b"new")
    assert (
        (tmp_path / "victim").read_bytes(),
        os.path.samestat(os.lstat(tmp_path / "x"), before),
        len([*tmp_path.iterdir()]),
    ) == (b"precious", True, 2)


@pytest.mark.parametrize("put", [replace, create])
def test_a_link_on_the_way_from_the_root_is_refused(put: object, tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "root" / "app").symlink_to(tmp_path / "outside")
    with pytest.raises(InputError, match="passes through `app`, which is a symbolic link"):
        put(tmp_path / "root" / "app" / "x", b"new", tmp_path / "root")  # type: ignore[operator]
    assert not [*(tmp_path / "outside").iterdir()]


@pytest.mark.parametrize(
    "path", [".git/config", "app/.git", ".GIT/config", "../.git/config", ".g\u200cit/config", "git~1/config"]
)
def test_no_way_leads_into_gits_own_folder(path: str, tmp_path: Path) -> None:
    for folder in (".git", "app/.git"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "config").write_bytes(b"[core]")
    with pytest.raises(InputError, match="lies in git's own folder"):
        reader(tmp_path / "app", tmp_path)(path)


def test_a_link_above_the_root_is_the_users_affair(tmp_path: Path) -> None:
    (tmp_path / "real" / "app").mkdir(parents=True)
    (tmp_path / "link").symlink_to("real")
    replace(tmp_path / "link" / "app" / "x", b"new", tmp_path / "link")
    assert (tmp_path / "real" / "app" / "x").read_bytes() == b"new"


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()],
    ids=["a full disk", "an interrupt"],
)
def test_what_fails_leaves_the_file_as_it_was_and_nothing_beside_it(error: BaseException, tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"old")
    recorder = Recorder()
    replace(tmp_path / "x", b"old", disk=recorder)
    for at in range(len(recorder.calls)):
        with pytest.raises((WorldError, KeyboardInterrupt)):
            replace(tmp_path / "x", b"new", disk=Failing(at, error))
        assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("x", b"old")]
    for at in range(2):
        with pytest.raises((WorldError, KeyboardInterrupt)):
            create(tmp_path / "y", b"new", disk=Failing(at, error))
        assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK])
def test_a_disk_without_links_takes_a_new_file_too_and_keeps_the_old_one(code: int, tmp_path: Path) -> None:
    class Linkless(disk.Disk):
        def link(self, source: str, name: str, folder: int | None = None) -> None:
            raise OSError(code, os.strerror(code))

    create(tmp_path / "x", b"one", disk=Linkless())
    with pytest.raises(FileExistsError):
        create(tmp_path / "x", b"two", disk=Linkless())
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("x", b"one")]


def test_a_temporary_name_is_never_the_same_and_ends_as_no_spec_does() -> None:
    names = {fresh() for _ in range(1000)}
    assert len(names) == 1000 and all(is_temporary(name) and not name.endswith(".kforge.yaml") for name in names)
    assert not any(
        map(
            is_temporary,
            ["", ".kforge-tmp-", f"{fresh()}\n", f"{fresh()}a", fresh().upper(), ".kforge-tmp-app.kforge.yaml"],
        )
    )
