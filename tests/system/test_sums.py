"""The sums: `sha256sum -c` reads them, they read back, and damage is named."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge.domain.lock import Lock, Sums
from kforge.errors import InputError
from kforge.system import sums
from tests.growth import LINEAR, growth

PATHS = (
    "../web/Dockerfile",
    "deploy/kubernetes/web/deployment.yaml",
    "deploy/kubernetes/web/service.yaml",
    "web/.dockerignore",
    "web/two words",
)
SUMS = Sums(
    files={path: hashlib.sha256(path.encode()).hexdigest() for path in PATHS},
    revisions={"deploy/kubernetes/web/service.yaml": 2, "docker-bake.hcl": 3},
    aggregates=("deploy/kubernetes/kustomization.yaml", "docker-bake.hcl"),
    seeds=("deploy/images/base/kustomization.yaml",),
)
HEX = "0" * 64


def message(data: bytes) -> str:
    with pytest.raises(InputError) as caught:
        sums.parse(data, "kforge.sum")
    (only,) = caught.value.problems
    assert only.hint and only.where and only.where.file == "kforge.sum"
    return f"{only.where}: {only.message}"


def test_what_is_written_reads_back() -> None:
    assert sums.parse(sums.render(SUMS, Lock()).encode(), "kforge.sum") == SUMS


def test_nothing_owned_reads_back() -> None:
    assert sums.parse(sums.render(Sums(), Lock()).encode(), "kforge.sum") == Sums()


def test_a_folder_may_have_any_name() -> None:
    held = Sums(files={"aggregate x/y": HEX, "seeded z/y": HEX, "revision 3 a/b": HEX})
    assert sums.parse(sums.render(held, Lock()).encode(), "kforge.sum") == held


def test_two_unchanged_lines_stand_between_the_files_of_two_folders() -> None:
    lines = sums.render(Sums(files={"a/x": HEX, "b/x": HEX}), Lock()).splitlines()
    assert lines[1:] == ["#", "## a/", f"{HEX}  a/x", "#", "## b/", f"{HEX}  b/x", "#", "## app", "# app", "#"]


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not here: the format was not tried on it")
def test_sha256sum_verifies_the_files_without_a_warning(tmp_path: Path) -> None:
    base = tmp_path / "app"
    for path in PATHS:
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_text(path)
    (base / "kforge.sum").write_text(sums.render(SUMS, Lock()), encoding="utf-8")
    done = subprocess.run(
        ["sha256sum", "--strict", "--warn", "-c", "kforge.sum"], cwd=base, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr, len(done.stdout.splitlines())) == (0, "", len(PATHS))


@pytest.mark.skipif(shutil.which("shasum") is None, reason="shasum is not here: the format was not tried on it")
def test_shasum_verifies_the_files_without_a_warning(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    held = Sums(files={"x": hashlib.sha256(b"x").hexdigest()}, aggregates=("y",))
    (tmp_path / "kforge.sum").write_text(sums.render(held, Lock()), encoding="utf-8")
    done = subprocess.run(
        ["shasum", "-a", "256", "--warn", "-c", "kforge.sum"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "x: OK\n", "")


def test_windows_line_ends_are_read() -> None:
    assert sums.parse(sums.render(SUMS, Lock()).replace("\n", "\r\n").encode(), "kforge.sum") == SUMS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            f"# head\n{HEX}  a\n<<<<<<< HEAD\n{HEX}  b\n=======\n{HEX}  c\n>>>>>>> side\n",
            "kforge.sum:3: `kforge.sum` has conflict markers",
        ),
        ("# head\nwhat is this\n", "kforge.sum:2: `kforge.sum` is damaged: this line"),
        (f"{HEX[1:]}g  a\n", "kforge.sum:1: `kforge.sum` is damaged: this line"),
        (f"{HEX[1:]}  a\n", "kforge.sum:1: `kforge.sum` is damaged: this line"),
        (f"{HEX} *a\n", "kforge.sum:1: `kforge.sum` is damaged: this line"),
        (f"{HEX}  \n", "the path `` is empty"),
        (f"{HEX}  a\n\n{HEX}  b\n", "kforge.sum:2: `kforge.sum` is damaged: this line"),
        (f"{HEX}  a", "kforge.sum:1: `kforge.sum` is damaged: its last line does not end"),
        (f"{HEX}  a\n{HEX}  a\n", "lists `a` twice"),
        (f"{HEX}  a\n# aggregate a\n", "lists `a` twice"),
        ("# revision 2 a\n", "gives `a` a revision, but has no line for it"),
        (f"{HEX}  /etc/passwd\n", "is not relative"),
        (f"{HEX}  a/../../../etc\n", "shortest form"),
        (f"{HEX}  ..\n", "shortest form"),
        (f"{HEX}  ./a\n", "shortest form"),
        (f"{HEX}  a/\n", "shortest form"),
        (f"{HEX}  a\\nb\n", "a character"),
        (f"{HEX}  c:/a\n", "not relative"),
        (f"{HEX}  a\u202eb\n", "a character"),
        (f"{HEX}  a\rb\n", "a character"),
        ("# seeded ../../a/./b\n", "shortest form"),
        (f"{HEX}  ../.git/refs/heads/x.yaml\n", "git's own folder"),
        (f"{HEX}  web/.GIT/x.yaml\n", "git's own folder"),
        ("# aggregate ../GIT~1/hooks/x.yaml\n", "git's own folder"),
        ("# seeded ../.git. /x.yaml\n", "git's own folder"),
        (f"{HEX}  .git/x.yaml\n", "git's own folder"),
    ],
)
def test_damage_is_named_with_its_line(text: str, said: str) -> None:
    assert said in message(text.encode())


def test_what_is_no_text_is_named() -> None:
    assert "is not UTF-8 text" in message(b"# \n\xff\xff")


@settings(deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet="#\n\r 0a/.", max_size=200).map(str.encode))
def test_any_bytes_give_sums_or_an_error(data: bytes) -> None:
    try:
        sums.parse(data, "kforge.sum")
    except InputError as error:
        assert error.problems[0].message


@settings(deadline=None)
@given(st.sampled_from(sums.render(SUMS, Lock()).splitlines()), st.integers(0, 80), st.text(max_size=3))
def test_any_damage_to_a_line_gives_sums_or_an_error(line: str, at: int, text: str) -> None:
    try:
        held = sums.parse(
            (sums.render(SUMS, Lock()).replace(line, line[:at] + text + line[at + 1 :])).encode(errors="replace"),
            "kforge.sum",
        )
    except InputError:
        return
    assert sums.parse(sums.render(held, Lock()).encode(), "kforge.sum") == held


def test_what_is_listed_twice_is_found_in_time_in_proportion_to_the_list() -> None:
    def work(size: int) -> None:
        assert "lists `f1` twice" in message("".join(f"{HEX}  f{number}\n" for number in [*range(size), 1]).encode())

    assert growth(work, 10_000) < LINEAR
