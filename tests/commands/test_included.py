"""The user's own manifests through the commands: listed, watched, and refused with their line."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import contents, copied, edit, run, settle, write

EXTRA = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\ndata: {a: b}\n"
DOORS = (["build"], ["check"], ["check", "--full"], ["plan"], ["diff"])


@pytest.fixture
def hello(tmp_path: Path) -> Path:
    folder = Path(copied("hello", tmp_path / "hello"))
    spec = folder / "app.kforge.yaml"
    spec.write_text(spec.read_text() + "include: [deploy/extra/**/*.yaml]\n")
    return write(folder, {"deploy/extra/a.yaml": EXTRA})


def test_an_included_file_is_listed_and_watched(hello: Path) -> None:
    run("build", cwd=hello, code=0)
    assert b"- a.yaml" in (hello / "deploy/extra/kustomization.yaml").read_bytes()
    for _ in range(2):  # the second time, the index knows
        settle()
        run("check", cwd=hello, code=0)
    write(hello, {"deploy/extra/more/b.yaml": EXTRA.replace("extra", "b")})
    assert "included.deploy/extra/more/b.yaml" in run("check", cwd=hello, code=1).out


@pytest.mark.parametrize(
    "make",
    [
        lambda place: place.mkdir(),
        lambda place: place.symlink_to("../one/x.yaml"),
        os.mkfifo,
        lambda place: None,
    ],
    ids=["folder", "link", "pipe", "nothing"],
)
def test_a_manifest_in_the_place_of_something_else_is_noticed(make: Callable[[Path], object], hello: Path) -> None:
    edit(hello / "app.kforge.yaml", "include: [deploy/extra/**/*.yaml]", 'include: ["more/*/x.yaml"]')
    write(hello, {"more/one/x.yaml": EXTRA, "more/two/other.txt": ""})
    place = hello / "more/two/x.yaml"
    make(place)
    run("build", cwd=hello, code=0)
    for _ in range(2):
        settle()
        run("check", cwd=hello, code=0)
    if os.path.lexists(place):
        place.rmdir() if place.is_dir() and not place.is_symlink() else place.unlink()
    place.write_text(EXTRA.replace("extra", "evil"))
    run("check", cwd=hello, code=1)


def test_a_file_that_changes_is_noticed(hello: Path) -> None:
    run("build", cwd=hello, code=0)
    write(hello, {"deploy/extra/a.yaml": EXTRA.replace("a: b", "a: c")})
    run("check", cwd=hello, code=1)


@pytest.mark.parametrize(
    ("text", "line"),
    [("a: &a [1]\n", 5), ("spec: {containers: [*a]}\n", 5), ("kind: Pod\n", 5), ("data: {5: b}\n", 5), ("---\nkind: List\napiVersion: v1\nitems: []\n", 6),
     ("---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [nginx]}}}\n", 9)],
)  # fmt: skip
def test_a_bad_manifest_ends_with_its_line_and_nothing_is_written(hello: Path, text: str, line: int) -> None:
    write(hello, {"deploy/extra/a.yaml": EXTRA + text})
    before = contents(hello)
    for door in DOORS:
        assert f"deploy/extra/a.yaml:{line}:" in run(*door, cwd=hello, code=2).err
    assert contents(hello) == before


def test_a_finding_about_a_manifest_names_its_line(hello: Path) -> None:
    write(hello, {"deploy/extra/a.yaml": f"{EXTRA}---\n{EXTRA}\n"})
    assert "--> deploy/extra/a.yaml:8:18" in run("build", cwd=hello, code=1).err
