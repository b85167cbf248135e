"""One spec and one source give the same bytes, wherever, whenever and by whomever they are built."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kforge.domain.spec.project import Project
from kforge.outcome import Options
from kforge.pipeline import digest
from kforge.pipeline import run as compute
from tests.conftest import SPECS, contents, copied, memory_folder, run
from tests.mutations import SPEC
from tests.trials import sample

EXAMPLES = sorted(path.parent.name for path in SPECS.glob(f"*/{SPEC}"))
TODAY = datetime.now(UTC).date()
# A script for a process of its own: the digest of what the folder's spec gives.
SCRIPT = """
import sys
from datetime import date
from pathlib import Path
from kforge.domain.spec.project import Project
from kforge.outcome import Options
from kforge.pipeline import digest, run
folder = Path(sys.argv[1])
print(digest(run(Project(folder / "app.kforge.yaml", folder), Options(date(2026, 1, 2), jobs=int(sys.argv[2])))))
"""


def digest_of(folder: Path, jobs: int = 1, today: date = TODAY) -> str:
    return digest(compute(Project(folder / SPEC, folder), Options(today, jobs=jobs)))


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """The shop without its generated files, and the digest that everybody must come to."""
    folder = copied("shop", tmp_path_factory.mktemp("plain") / "shop")
    return folder, digest_of(folder)


SURROUNDINGS = [
    {"PYTHONHASHSEED": "0"}, {"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "4242"},
    {"LC_ALL": "C", "PYTHONUTF8": "0"}, {"LC_ALL": "tr_TR.UTF-8"}, {"LANG": "de_DE.ISO-8859-1", "PYTHONCOERCECLOCALE": "0"},
    {"TZ": "Pacific/Kiritimati"}, {"TZ": "America/Los_Angeles"},
    {"HOME": "/nonexistent"}, {"COLUMNS": "20", "FORCE_COLOR": "1"},
]  # fmt: skip


@pytest.mark.parametrize(
    "environment",
    sample(SURROUNDINGS, 3),
    ids=lambda environment: ",".join(f"{name}={value}" for name, value in environment.items()),
)
def test_the_surroundings_do_not_show(environment: dict[str, str], shop: tuple[Path, str]) -> None:
    folder, expected = shop
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(folder), "1"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.stderr) == (expected, "")


@pytest.mark.parametrize("jobs", [1, 2, 4, 16])
def test_the_number_of_workers_does_not_show(jobs: int, shop: tuple[Path, str]) -> None:
    folder, expected = shop
    assert digest_of(folder, jobs) == expected


def test_the_day_does_not_show(shop: tuple[Path, str]) -> None:
    folder, expected = shop
    assert {digest_of(folder, today=day) for day in (date(2001, 1, 1), date(2099, 12, 31))} == {expected}


def test_the_place_does_not_show(shop: tuple[Path, str], tmp_path: Path) -> None:
    folder, expected = shop
    other = Path(shutil.copytree(folder, tmp_path / "a b" / "ünï" / "deeper" / "shop"))
    assert digest_of(other) == expected


def test_the_order_of_a_directory_does_not_show(shop: tuple[Path, str]) -> None:
    """Entries come in the order of their making or the reverse in memory, by hash on a disk."""
    folder, expected = shop
    held = sorted(contents(folder).items())
    for order in (held, held[::-1], held[1::2] + held[::2]):
        with memory_folder() as other:
            for path, content in order:
                (other / path).parent.mkdir(parents=True, exist_ok=True)
                (other / path).write_bytes(content)
            assert digest_of(other) == expected


def test_times_of_files_do_not_show(shop: tuple[Path, str], tmp_path: Path) -> None:
    folder, expected = shop
    other = Path(shutil.copytree(folder, tmp_path / "shop"))
    for number, path in enumerate(sorted(other.rglob("*"))):
        os.utime(path, (number, number))
    assert digest_of(other) == expected


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077, 0o027])
def test_the_umask_shows_in_no_file(umask: int, tmp_path: Path) -> None:
    folder = copied("hello", tmp_path / "hello")
    before = os.umask(umask)
    try:
        run("build", cwd=folder, code=0)
    finally:
        os.umask(before)
    written = [
        path for path in folder.rglob("*") if path.is_file() and ".kforge" not in path.parts and path.name != SPEC
    ]
    generated = [
        path for path in written if not (SPECS / "hello" / path.relative_to(folder)).exists() or "deploy" in path.parts
    ]
    assert {oct(path.stat().st_mode & 0o777) for path in generated} == {"0o644"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_build_of_what_is_built_gives_the_same(name: str, tmp_path: Path) -> None:
    """With the lock and without it, with the files and without them."""
    folder = copied(name, tmp_path / name)
    run("build", cwd=folder, code=0)
    built = contents(folder)
    for gone in (("kforge.lock",), ("kforge.sum",), ("kforge.lock", "kforge.sum"), ("deploy",), ()):
        for path in gone:
            shutil.rmtree(folder / path) if (folder / path).is_dir() else (folder / path).unlink()
        run("build", cwd=folder, code=0)
        assert contents(folder) == built, gone


@pytest.mark.parametrize("start", ["here", "above", "below", "elsewhere"])
def test_the_working_directory_does_not_show(start: str, tmp_path: Path) -> None:
    folder = copied("hello", tmp_path / "hello")
    clean = copied("hello", tmp_path / "clean" / "hello")
    run("build", cwd=clean, code=0)
    (tmp_path / "elsewhere").mkdir()
    cwd = {"here": folder, "above": tmp_path, "below": folder / "web", "elsewhere": tmp_path / "elsewhere"}[start]
    run("build", os.path.relpath(folder / SPEC, cwd), cwd=cwd, code=0)
    assert contents(folder) == contents(clean)


@pytest.mark.parametrize("name", EXAMPLES)
def test_nothing_of_this_machine_is_in_a_file(name: str, tmp_path: Path) -> None:
    folder = copied(name, tmp_path / name)
    before = contents(folder)
    run("build", cwd=folder, code=0)
    written = {path: content for path, content in contents(folder).items() if path not in before}
    for word in (str(tmp_path), str(SPECS.parent), os.uname().nodename, str(TODAY.year) + "-" + f"{TODAY.month:02}"):
        assert [path for path, content in written.items() if word.encode() in content] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_files_end_as_files_end(name: str, tmp_path: Path) -> None:
    """UTF-8, LF, one final newline, no blanks at the end of a line."""
    folder = copied(name, tmp_path / name)
    before = contents(folder)
    run("build", cwd=folder, code=0)
    for path, content in contents(folder).items():
        if path not in before:
            text = content.decode()
            assert text.endswith("\n") and not text.endswith("\n\n") and "\r" not in text, path
            assert not [line for line in text.split("\n") if line != line.rstrip(" \t")], path
