"""What is generated is marked for reviews, once, and nothing that the user has said of a place is touched."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from kforge import catalog
from kforge.render.git_attributes import attributes, joined, missing
from tests.conftest import copied, run


def marked(folder: str, paths: dict[str, str] | None) -> tuple[str, ...]:
    return attributes(folder, catalog.targets().values(), paths)


def test_sums_bake_file_and_manifests_are_marked() -> None:
    assert marked("apps/shop", None) == (
        "/apps/shop/kforge.sum linguist-generated",
        "/apps/shop/docker-bake.hcl linguist-generated",
        "/apps/shop/deploy/kubernetes/** linguist-generated",
        "/apps/shop/deploy/overlays/** linguist-generated",
        "/apps/shop/deploy/helm/** linguist-generated",
    )


@pytest.mark.parametrize("odd", ["a b", "a*", '"a"', "a\n/etc filter=x", "!a", "[a]"])
def test_a_path_that_git_would_read_otherwise_is_left_out(odd: str) -> None:
    assert not [line for line in marked(".", {"kubernetes": odd, "bake": odd}) if odd in line]


@pytest.mark.parametrize("theirs", ["kforge.sum -diff", "/kforge.sum linguist-generated=false", "  kforge.sum text"])
def test_what_the_user_says_of_a_place_stands(theirs: str) -> None:
    assert missing(f"# x\n{theirs}\n", marked(".", None)) == marked(".", None)[1:]


@pytest.mark.parametrize("before", ["", "* text=auto\n", "* text=auto"])
def test_lines_are_added_once(before: str) -> None:
    once = joined(before, missing(before, marked(".", None)))
    assert missing(once, marked(".", None)) == () and once.startswith(before)


def test_a_build_offers_the_marks_and_writes_them_where_it_is_told_to(tmp_path: Path) -> None:
    folder = copied("hello", tmp_path / "hello")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    offered = run("build", cwd=folder, code=0).err
    untouched = not (folder / ".gitattributes").exists()
    written = run("build", "--gitattributes", cwd=folder, code=0).err
    again = run("build", "--gitattributes", cwd=folder, code=0).err
    told = subprocess.run(
        ["git", "check-attr", "linguist-generated", "kforge.sum", "kforge.lock", "deploy/kubernetes/web/service.yaml"],
        cwd=folder, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert ("--gitattributes" in offered, untouched, "as generated" in written, ".gitattributes" in again) == (
        True,
        True,
        True,
        False,
    )
    assert [line.rpartition(" ")[2] for line in told.splitlines()] == ["set", "unspecified", "set"]


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    folder = copied("hello", tmp_path / "hello")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (tmp_path / "outside").write_text("mine\n")
    (folder / ".gitattributes").symlink_to(tmp_path / "outside")
    run("build", "--gitattributes", cwd=folder, code=2)
    assert (tmp_path / "outside").read_text() == "mine\n"
