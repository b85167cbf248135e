"""Manifests that no list names: found in every folder below, through no link, within a bound."""

from __future__ import annotations

import os
from pathlib import Path

from kforge.system.beneath import Beneath
from kforge.system.listings import Listings
from kforge.system.unlisted import unlisted


def write(folder: Path, *paths: str) -> None:
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text("x")


def test_what_kubectl_takes_is_found_at_every_depth_whatever_it_is_called(tmp_path: Path) -> None:
    write(
        tmp_path,
        "k/a.yaml",
        "k/listed.yaml",
        "k/b/c/d.YML",
        "k/.hidden.json",
        "k/readme.md",
        "k/yaml",
        "other/a.yaml",
        "k/z.yaml/in.json",
    )
    found = unlisted(Listings(Beneath(tmp_path)), ["k"], {"k/listed.yaml"})
    assert found.paths == ("k/.hidden.json", "k/a.yaml", "k/b/c/d.YML", "k/z.yaml/in.json") and found.whole
    assert sorted(found.folders) == ["k", "k/b", "k/b/c", "k/z.yaml"]


def test_gits_own_folder_is_not_looked_into(tmp_path: Path) -> None:
    write(tmp_path, "k/.git/x.yaml", "k/a.yaml")
    assert unlisted(Listings(Beneath(tmp_path)), ["k"], ()).paths == ("k/a.yaml",)


def test_links_and_pipes_are_named_and_not_followed(tmp_path: Path) -> None:
    write(tmp_path, "out/secret.yaml", "k/x.txt")
    (tmp_path / "k" / "folder").symlink_to(tmp_path / "out")
    (tmp_path / "k" / "file.yaml").symlink_to("/dev/zero")
    (tmp_path / "k" / "loop").symlink_to(".")
    os.mkfifo(tmp_path / "k" / "pipe.json")
    assert unlisted(Listings(Beneath(tmp_path)), ["k"], ()).paths == ("k/file.yaml", "k/pipe.json")


def test_a_source_among_manifests_is_left_out(tmp_path: Path) -> None:
    write(tmp_path, "k/web/package.json", "k/web/deep/x.yaml", "k/webx/a.yaml")
    assert unlisted(Listings(Beneath(tmp_path)), ["k"], (), {"k/web"}).paths == ("k/webx/a.yaml",)
    assert unlisted(Listings(Beneath(tmp_path)), ["k"], (), {"k"}).paths == ()


def test_more_than_the_bound_is_said(tmp_path: Path) -> None:
    write(tmp_path, *(f"k/{number}/x.yaml" for number in range(30)))
    found = unlisted(Listings(Beneath(tmp_path)), ["k"], (), most=20)
    assert not found.whole and len(found.paths) < 20
    assert unlisted(Listings(Beneath(tmp_path)), ["k"], (), most=100).whole
    assert unlisted(Listings(Beneath(tmp_path)), ["k"], {f"k/{number}/x.yaml" for number in range(30)}, most=10).whole


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert unlisted(Listings(Beneath(tmp_path)), ["gone"], ()).paths == ()
