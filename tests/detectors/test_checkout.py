"""What of a checkout is not what it looks like is told, with the file and the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge import catalog
from kforge.stages.detect import detect
from kforge.system.tree import SourceTree
from tests.detectors.reading import facts, lay

APP: dict[str, str | bytes] = {"package.json": '{"scripts": {"start": "node server.js"}}', "server.js": "1"}
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n"


def told(top: Path, source: str = "") -> list[tuple[str, str]]:
    found = detect(SourceTree(top / source, top), catalog.detectors())
    return [(fact.value["said"], str(fact.evidence[0])) for fact in found.doubts]


def link(place: Path, target: str) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(target)


@pytest.mark.parametrize(
    "target", ["../real/server.js", "missing.js", "/home/someone/server.js", "../../outside", "sub/../../x"]
)
def test_a_link_that_the_image_does_not_have_is_told(tmp_path: Path, target: str) -> None:
    lay(tmp_path, {"web/package.json": "{}", "web/server.js": "1", "real/server.js": "1"})
    link(tmp_path / "web/lib/index.js", target)
    link(tmp_path / "web/index.js", target)
    (said, place), *_ = told(tmp_path, "web")
    assert said.startswith(f"`index.js` is a link to `{target}`")
    assert place == "index.js"


@pytest.mark.parametrize("target", ["server.js", "./lib", "lib/../server.js", "/dev/stdout", "/tmp/x", "."])
def test_a_link_that_holds_in_the_image_is_not(tmp_path: Path, target: str) -> None:
    lay(tmp_path, {"web/package.json": "{}", "web/server.js": "1", "web/lib/x.js": "1"})
    link(tmp_path / "web/index.js", target)
    assert [said for said, _ in told(tmp_path, "web") if "link" in said] == []


def test_a_link_of_tools_or_of_what_git_ignores_is_nobody_s(tmp_path: Path) -> None:
    lay(tmp_path, {**APP, ".gitignore": "data\n"})
    for name in ("node_modules", ".venv", "data"):
        link(tmp_path / name, "/elsewhere")
    assert told(tmp_path) == []


def test_many_links_are_one_message(tmp_path: Path) -> None:
    lay(tmp_path, APP)
    for number in range(9):
        link(tmp_path / f"l{number}", "/nowhere")
    assert [said.partition(", as are ")[2] for said, _ in told(tmp_path)] == ["`l1`, `l2`, `l3` and 5 more"]


MODULES = '[submodule "theme"]\n\tpath = web/theme\n\turl = https://git.example.com/theme\n[submodule "other"]\n\tpath = other\n\turl = x\n'


def test_a_submodule_that_was_not_checked_out_is_told(tmp_path: Path) -> None:
    lay(tmp_path, {"web/package.json": "{}", ".gitmodules": MODULES, "other/x.js": "1"})
    (tmp_path / "web/theme").mkdir()
    said = "the submodule `theme` is empty: it was not checked out, so the image lacks it"
    assert told(tmp_path, "web") == [(said, "../.gitmodules:2")]
    assert told(tmp_path) == [(said.replace("theme", "web/theme"), ".gitmodules:2")]


def test_a_submodule_with_files_is_not(tmp_path: Path) -> None:
    lay(tmp_path, {"web/package.json": "{}", ".gitmodules": MODULES, "other/x.js": "1", "web/theme/x.css": ""})
    assert told(tmp_path) == told(tmp_path, "web") == []


@pytest.mark.parametrize("pattern", ["*.onnx", "models/*.onnx", "/models/**", "m.onnx", "models/m.onnx"])
def test_a_pointer_of_git_lfs_is_told(tmp_path: Path, pattern: str) -> None:
    lay(
        tmp_path,
        {**APP, ".gitattributes": f"# all\n{pattern} filter=lfs diff=lfs merge=lfs -text\n", "models/m.onnx": POINTER},
    )
    assert told(tmp_path) == [("`models/m.onnx` is a pointer of Git LFS here, and so in the image", "models/m.onnx")]


def test_what_git_lfs_fetched_is_content(tmp_path: Path) -> None:
    lay(
        tmp_path,
        {**APP, ".gitattributes": "*.onnx filter=lfs -text\n*.txt text\n", "m.onnx": b"\0" * 2**20, "a.txt": POINTER},
    )
    assert told(tmp_path) == []


@pytest.mark.parametrize("path", ["entrypoint.sh", "docker/start.sh", "bin/web", "run"])
@pytest.mark.parametrize("first", ["#!/bin/sh", "#!/usr/bin/env bash", "#!/bin/bash -e"])
def test_a_script_with_the_line_ends_of_windows_is_told(tmp_path: Path, path: str, first: str) -> None:
    lay(tmp_path, {**APP, path: f"{first}\r\nexec node server.js\r\n"})
    said = f"`{path}` ends its lines with CR LF, so Linux looks for an interpreter named `sh\\r`"
    assert told(tmp_path) == [(said, f"{path}:1")]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("entrypoint.sh", "#!/bin/sh\nexec node server.js\n"),
        ("entrypoint.sh", "#!/bin/sh\necho '\r\n'\n"),
        ("run", "#!/usr/bin/env node\r\n1\r\n"),
        ("README.md", "#!/bin/sh\r\n"),
        ("tests/data/x.sh", "#!/bin/sh\r\n"),
    ],
)
def test_other_files_and_line_ends_are_not(tmp_path: Path, path: str, text: str) -> None:
    assert facts(tmp_path, {**APP, path: text}).value("doubts") == []


@pytest.mark.parametrize("path", ["Containerfile", "docker/Dockerfile", "Dockerfile.prod", "build/Containerfile"])
def test_a_dockerfile_in_another_place_is_said_to_be_unused(tmp_path: Path, path: str) -> None:
    said = f"`{path}` is not what the image is built by: kforge writes a Dockerfile of its own"
    assert [one["said"] for one in facts(tmp_path, {**APP, path: "FROM scratch\n"}).value("doubts")] == [said]


def test_one_beside_the_usual_one_is_the_author_s_affair(tmp_path: Path) -> None:
    found = facts(tmp_path, {**APP, "Containerfile": "FROM scratch\n", "Dockerfile": 'FROM scratch\nCMD ["x"]\n'})
    assert found.value("doubts") == []
