"""The stat index says "nothing changed" only when nothing did."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge.system import index
from kforge.system.disk import MODE, Disk
from tests import untouched
from tests.growth import SOON, computed

PATHS = ("app.kforge.yaml", "src", "src/main.py", "src/.gitignore", ".")


def settle(base: Path) -> int:
    """Wait until everything is clearly older than a check that begins now."""
    index.begin(base)  # makes the folder, which changes the one around it
    time.sleep(index.TICK * 2 / 1e9)
    began = index.begin(base)
    assert began is not None
    return began


@pytest.fixture
def base(tmp_path: Path) -> Path:
    base = tmp_path / "app"
    (base / "src").mkdir(parents=True)
    (base / "app.kforge.yaml").write_text("app: x\n")
    (base / "src" / "main.py").write_text("one")
    return base


def written(base: Path) -> Path:
    assert index.write(base, "app", "key", PATHS, settle(base), "note")
    return base


def holds(base: Path, key: str = "key", needed: tuple[str, ...] = ("app.kforge.yaml",)) -> bool:
    held = index.load(base, "app", key)
    return held is not None and held.holds(base, needed)


def test_nothing_changed(base: Path) -> None:
    assert holds(written(base))


def test_the_note_comes_back(base: Path) -> None:
    held = index.load(written(base), "app", "key")
    assert held and (held.note, held.paths) == ("note", tuple(sorted(PATHS)))


def same_size_same_time(base: Path) -> None:
    path = base / "src" / "main.py"
    before = path.stat()
    path.write_text("two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(base: Path) -> None:
    before = (base / "src" / "main.py").stat()
    (base / "src" / "new").write_text("two")
    os.utime(base / "src" / "new", ns=(before.st_atime_ns, before.st_mtime_ns))
    (base / "src" / "new").replace(base / "src" / "main.py")


def linked(base: Path) -> None:
    (base / "src" / "main.py").rename(base / "src" / "real.py")
    (base / "src" / "main.py").symlink_to("real.py")


@pytest.mark.parametrize(
    "change",
    [
        lambda base: (base / "src" / "main.py").write_text("longer"),
        same_size_same_time,
        replaced,
        linked,
        lambda base: (base / "src" / "main.py").unlink(),
        lambda base: (base / "src" / "main.py").chmod(0o600),
        lambda base: (base / "src" / "new.py").write_text(""),
        lambda base: (base / "src" / ".gitignore").write_text("x"),
        lambda base: (base / "new").mkdir(),
        lambda base: shutil.rmtree(base / "src"),
        lambda base: (base / "app.kforge.yaml").write_text("app: y\n"),
    ],
)  # fmt: skip
def test_any_change_ends_it(base: Path, change: Callable[[Path], object]) -> None:
    written(base)
    change(base)
    assert not holds(base)


def test_another_key_ends_it(base: Path) -> None:
    assert not holds(written(base), key="newer")


def test_an_index_that_does_not_cover_what_is_asked_does_not_hold(base: Path) -> None:
    assert not holds(written(base), needed=("app.kforge.yaml", "kforge.lock"))


def test_an_index_of_nothing_does_not_hold(base: Path) -> None:
    assert index.write(base, "app", "key", [], settle(base)) and not holds(base)


def test_a_copied_checkout_has_no_index(base: Path, tmp_path: Path) -> None:
    shutil.copytree(written(base), tmp_path / "copy")
    assert (holds(tmp_path / "copy"), holds(base)) == (False, True)


def test_a_moved_checkout_keeps_it(base: Path, tmp_path: Path) -> None:
    paths = [path for path in PATHS if path != "."]  # moving a folder changes it, not what is in it
    assert index.write(base, "app", "key", paths, settle(base))
    base.rename(tmp_path / "moved")
    assert holds(tmp_path / "moved")


def test_what_changed_during_the_check_is_not_remembered(base: Path) -> None:
    began = settle(base)
    (base / "src" / "main.py").write_text("two")
    assert not index.write(base, "app", "key", PATHS, began)


def test_what_changed_just_before_the_check_is_not_remembered(base: Path) -> None:
    settle(base)
    (base / "src" / "main.py").write_text("two")
    assert not index.write(base, "app", "key", PATHS, index.begin(base))


def test_whole_seconds_are_not_trusted_for_two(base: Path) -> None:
    began = settle(base)
    coarse = (began // 1_000_000_000 + 1) * 1_000_000_000
    assert not index.write(base, "app", "key", PATHS, coarse)
    assert index.write(base, "app", "key", PATHS, coarse + 2_000_000_000)


def test_a_link_is_not_remembered(base: Path) -> None:
    (base / "link").symlink_to("src/main.py")
    assert not index.write(base, "app", "key", ["link"], settle(base))


def test_a_name_with_a_line_break_is_not_remembered(base: Path) -> None:
    assert not index.write(base, "app", "key", ["a\nb"], settle(base))


def test_a_name_that_is_no_utf8_is_remembered(base: Path) -> None:
    name = os.fsdecode(b"src/\xff.py")
    (base / name).write_text("")
    assert index.write(base, "app", "key", [name, "app.kforge.yaml"], settle(base)) and holds(base)


def test_absolute_paths_are_told_from_relative_ones(base: Path, tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_text("x")
    assert index.write(base, "app", "key", [str(tmp_path / ".gitignore"), "app.kforge.yaml"], settle(base)) and holds(
        base
    )
    (tmp_path / ".gitignore").write_text("xy")
    assert not holds(base)


def test_where_nothing_can_be_written_nothing_is_remembered(base: Path) -> None:
    (base / ".kforge").write_text("")
    assert (index.begin(base), index.write(base, "app", "key", PATHS, None), index.load(base, "app", "key")) == (
        None,
        False,
        None,
    )


def test_a_full_disk_leaves_the_old_index(base: Path) -> None:
    written(base)
    began = settle(base)

    class Full(Disk):
        def write(
            self, name: str, content: bytes, durable: bool = False, folder: int | None = None, mode: int = MODE
        ) -> None:
            super().write(name, content[:9], durable, folder, mode)
            raise OSError(28, "No space left on device")

    assert (index.write(base, "app", "key", PATHS, began, disk=Full()), holds(base)) == (False, True)
    assert sorted(path.name for path in (base / ".kforge").iterdir()) == [".gitignore", "index-app"]


def test_a_half_written_index_is_none(base: Path) -> None:
    place = written(base) / ".kforge" / "index-app"
    whole = place.read_bytes()
    for length in range(len(whole)):
        place.write_bytes(whole[:length])
        assert index.load(base, "app", "key") is None


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=60), st.integers(0, 200))
def test_a_planted_index_never_holds(tmp_path_factory: pytest.TempPathFactory, data: bytes, at: int) -> None:
    base = tmp_path_factory.mktemp("planted", numbered=True)
    (base / "app.kforge.yaml").write_text("")
    (base / ".kforge").mkdir()
    text = b"\n".join([index.FORMAT.encode(), b"key", b"0" * 64, b"note", b"1", b".", b"app.kforge.yaml", b"/", b"end"])
    (base / ".kforge" / "index-app").write_bytes(text[:at] + data + text[at:])
    assert not holds(base)


def test_it_is_much_faster_than_hashing(tmp_path: Path) -> None:
    """6,000 outputs in 1,000 folders: a stat each, instead of open, read, hash and close."""
    import hashlib

    paths = [f"deploy/s{number // 6}/{number % 6}.yaml" for number in range(6000)]
    for number in range(1000):
        (tmp_path / f"deploy/s{number}").mkdir(parents=True)
    for path in paths:
        (tmp_path / path).write_bytes(b"x" * 2000)
    assert index.write(tmp_path, "app", "key", paths, settle(tmp_path))

    def hashed() -> list[bytes]:
        digests = []
        for path in paths:
            with open(f"{tmp_path}/{path}", "rb") as file:  # noqa: PTH123  # the floor: as plain as can be
                digests.append(hashlib.sha256(file.read()).digest())
        return digests

    looking, hashing = (
        min(computed(work) for _ in range(5)) for work in (lambda: holds(tmp_path, needed=(paths[0],)), hashed)
    )
    assert looking < 0.6 * hashing


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """A spec's folder two folders below its root, with outputs that lie deep and a source beside it."""
    base = tmp_path / "root" / "apps" / "shop"
    for path in ("deploy/kubernetes/web/service.yaml", "../web/src/main.py", "app.kforge.yaml"):
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_text("one")
    root = tmp_path / "root"
    paths = [
        "app.kforge.yaml",
        "deploy/kubernetes/web/service.yaml",
        "../web/src/main.py",
        "../web/src",
        str(root / ".gitignore"),
        str(root / "apps" / ".gitignore"),
    ]
    settle(base)
    assert index.write(base, "app", "key", paths, index.begin(base, root), root=root)
    return base


def deep_holds(base: Path) -> bool:
    held = index.load(base, "app", "key", base.parents[1])
    return held is not None and held.holds(base, ("app.kforge.yaml",))


def test_the_folders_on_the_way_take_part_once(deep: Path) -> None:
    held = index.load(deep, "app", "key")
    assert (
        deep_holds(deep)
        and held
        and held.folders == (".", "..", "../web", "deploy", "deploy/kubernetes", "deploy/kubernetes/web")
    )


@pytest.mark.parametrize("path", ["deploy", "deploy/kubernetes", "deploy/kubernetes/web", "../web", "../web/src", "."])
def test_a_folder_on_the_way_that_became_a_link_ends_it(path: str, deep: Path, tmp_path: Path) -> None:
    place = Path(os.path.normpath(deep / path))
    place.rename(tmp_path / "elsewhere")
    place.symlink_to(tmp_path / "elsewhere")
    held = index.load(tmp_path / "elsewhere" if path == "." else deep, "app", "key")
    assert held and not held.holds(deep, ("app.kforge.yaml",))


def test_a_folder_above_the_specs_that_became_a_link_ends_it(deep: Path, tmp_path: Path) -> None:
    deep.parent.rename(tmp_path / "elsewhere")
    deep.parent.symlink_to(tmp_path / "elsewhere")
    held = index.load(tmp_path / "elsewhere" / "shop", "app", "key")
    assert held and not held.holds(deep, ("app.kforge.yaml",)) and not deep_holds(deep)


def test_another_folder_with_the_same_files_ends_it(deep: Path) -> None:
    """Nothing that was consulted changes; a folder two levels above it does."""
    before = untouched.state(deep / "deploy/kubernetes/web/service.yaml")
    (deep / "deploy" / "kubernetes").rename(deep / "old")
    (deep / "deploy" / "kubernetes").mkdir()
    (deep / "old" / "web").rename(deep / "deploy" / "kubernetes" / "web")
    assert untouched.state(deep / "deploy/kubernetes/web/service.yaml") == before and not deep_holds(deep)


def test_a_link_above_the_root_is_the_users_affair(deep: Path, tmp_path: Path) -> None:
    (tmp_path / "root").rename(tmp_path / "moved")
    (tmp_path / "root").symlink_to("moved")
    assert deep_holds(deep)


def test_what_is_made_beside_the_spec_does_not_end_it(deep: Path) -> None:
    (deep / ".other").mkdir()
    assert deep_holds(deep)


@pytest.mark.parametrize(
    "make",
    [
        os.mkfifo,
        lambda path: path.symlink_to("/dev/zero"),
        lambda path: path.mkdir(),
        lambda path: path.touch() or os.truncate(path, 50 << 30),
    ],
)
def test_something_else_in_the_place_of_an_index_is_none_and_does_not_wait(
    make: Callable[[Path], object], base: Path
) -> None:
    place = written(base) / ".kforge" / "index-app"
    place.unlink()
    make(place)
    start = time.monotonic()
    assert index.load(base, "app", "key") is None
    index.write(base, "app", "key", PATHS, settle(base))
    assert time.monotonic() - start < SOON and (holds(base) or place.is_dir())


def test_nothing_is_written_through_a_link_of_any_name(base: Path, tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("precious")
    (base / ".kforge").mkdir()
    for name in ("index-app", "index-app.clock", f"index-app.{os.getpid()}.new", ".gitignore"):
        (base / ".kforge" / name).symlink_to(tmp_path / "victim")
    assert index.write(base, "app", "key", PATHS, settle(base)) and holds(base)
    assert (tmp_path / "victim").read_text() == "precious"
    assert sorted(path.name for path in (base / ".kforge").iterdir() if not path.is_symlink()) == ["index-app"]


def test_a_state_folder_that_is_a_link_is_not_entered(base: Path, tmp_path: Path) -> None:
    shutil.copytree(written(base) / ".kforge", tmp_path / "kept")
    shutil.rmtree(base / ".kforge")
    (base / ".kforge").symlink_to(tmp_path / "kept")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()}
    assert (index.load(base, "app", "key"), index.begin(base), index.write(base, "app", "key", PATHS, 1 << 62)) == (
        None,
        None,
        False,
    )
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "kept").iterdir()} == before
