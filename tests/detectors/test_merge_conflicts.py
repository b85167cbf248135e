"""Files that a merge left with conflict markers are faults of the source, where kforge reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts

SERVER = "require('http').createServer().listen(3000)\n"
MANIFEST = '{"scripts": {"start": "node server.js"}}'
OURS, MIDDLE, THEIRS = "<<<<<<< HEAD\n", "=======\n", ">>>>>>> feature/x\n"
CONFLICT = f"{OURS}const a = 1\n{MIDDLE}const a = 2\n{THEIRS}"


def told(root: Path, **files: str) -> list[tuple[str, str]]:
    named = {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}
    found = facts(root, {"package.json": MANIFEST, "server.js": SERVER, **named})
    return [(fact.value["said"], str(fact.evidence[0])) for fact in found.faults if "markers" in fact.value["said"]]


@pytest.mark.parametrize(
    ("file", "text", "line"),
    [
        ("server.js", f"const x = 0\n{CONFLICT}{SERVER}", 2),
        ("server.js", (CONFLICT + SERVER).replace("\n", "\r\n"), 1),
        ("server.js", f"{OURS}1\n||||||| base\n3\n{MIDDLE}2\n{THEIRS}{SERVER}", 1),
        ("package.json", f'{{\n{OURS}"main": "a.js",\n{MIDDLE}"main": "b.js",\n{THEIRS}"scripts": {{"start": "node server.js"}}}}', 2),
    ],
)  # fmt: skip
def test_both_sides_of_a_merge_are_a_fault_with_its_line(file: str, text: str, line: int, tmp_path: Path) -> None:
    assert told(tmp_path, **{file.replace(".", "_"): text}) == [
        (f"`{file}` holds both sides of a merge, between conflict markers", f"{file}:{line}")
    ]


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("server.js", f"/*\nTitle\n{MIDDLE}*/\n{SERVER}"),
        ("server.js", f"const s = `\n  {OURS}  a\n  {MIDDLE}  b\n  {THEIRS}`\n{SERVER}"),
        ("server.js", f"// {OURS}{SERVER}"),
        ("server.js", f"`\n{OURS}`\n{SERVER}"),
        ("README.md", f"How to merge:\n\n{CONFLICT}"),
        ("test__merge.js", f"const both = `\n{CONFLICT}`\n"),
    ],
)
def test_what_only_looks_like_one_is_none(file: str, text: str, tmp_path: Path) -> None:
    assert told(tmp_path, **{file.replace(".", "_"): text}) == []
