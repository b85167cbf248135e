"""Sources that mean harm, or mean nothing: bounded in time, answered in words, never followed outside."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from kforge import catalog
from kforge.domain.facts import NOTHING
from kforge.stages.detect import as_json, detect
from kforge.system.tree import Limits, SourceTree
from tests.conftest import memory_folder
from tests.detectors.reading import facts, lay, notes, values

SECONDS = 10  # generous for a loaded machine: what is quadratic takes minutes


def test_an_empty_source_says_so(tmp_path: Path) -> None:
    assert "no files" in notes(facts(tmp_path, {}))


def test_a_binary_source_is_recognized_as_nothing(tmp_path: Path) -> None:
    found = facts(tmp_path, {"a.bin": bytes(range(256)) * 100, "main.exe": b"MZ\x00\x01", "b.py": b"\x00\x01\x02"})
    assert values(found, "start") == [] or values(found, "language") == "python"


def test_invalid_utf8_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    found = facts(tmp_path, {"main.py": b"# \xff\xfe caf\xe9\nimport os\nos.environ['A']\n"})
    assert [one["name"] for one in values(found, "env")] == ["A"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("server.js", "app.listen(" * 40_000),
        ("server.js", "`${" * 100_000),
        ("server.js", "`" * 400_001),
        ("server.js", "/*" * 200_000),
        ("server.js", "'" * 400_000),
        ("server.js", "a = (" * 80_000),
        ("server.js", "x.get('/a'," * 40_000),
        ("server.js", "const a = b || " * 30_000),
        ("main.go", "package main\nfunc main() {" + "net.Listen(" * 40_000),
        ("main.go", "package main\n" + "`" * 400_001),
        ("main.go", "package main\n" + "a := b + " * 50_000),
        ("main.go", "package main\nfunc main() {}\n" + "func f(a string) {\n" * 20_000),
        ("main.py", "(" * 400_000),
        ("main.py", "-" * 400_000 + "1"),
        ("main.py", "x = " + " + ".join(["a"] * 4_000)),
        ("main.py", "a = b\nb = a\n" + "print(a)\n" * 30_000),
        ("Dockerfile", "FROM a\n" + "RUN <<A <<B <<C\n" * 20_000),
        ("Dockerfile", "FROM a\nENV " + "$" * 400_000),
        ("Dockerfile", "FROM a\nENV A=" + "${A" * 100_000),
        ("Dockerfile", "FROM a\nRUN x \\\n" * 30_000),
        ("package.json", '{"scripts": ' + '{"a": ' * 50_000),
        ("requirements.txt", "a-" * 200_000),
        ("pyproject.toml", "[project]\nname = " + "[" * 100_000),
        ("nginx.conf", "server {\n" + "location / {\n" * 30_000),
        ("Procfile", "web: " + "a " * 200_000),
        (".gitignore", "*a" * 200 + "b\n" + "**/" * 150 + "x\n"),
    ],
)  # fmt: skip
def test_no_text_takes_long(tmp_path: Path, name: str, text: str) -> None:
    started = time.monotonic()
    facts(tmp_path, {"package.json": "{}", name: text, "a" * 200: "x", "a/a/a/a/a/a/a/a/a/a/a/y": "x"})
    assert time.monotonic() - started < SECONDS


def test_a_script_that_calls_itself_ends(tmp_path: Path) -> None:
    facts(tmp_path, {"package.json": '{"scripts": {"start": "npm run a", "a": "npm run start"}}', "requirements.txt": "-r requirements.txt\n"})


@pytest.mark.slow  # to lay that many files, not to read them
def test_a_hundred_thousand_files_are_answered_quickly() -> None:
    with memory_folder() as root:
        for folder in range(100):
            (root / f"d{folder:03}").mkdir()
            for number in range(1000):
                os.close(os.open(f"{root}/d{folder:03}/f{number}.py", os.O_CREAT))
        started = time.monotonic()
        found = detect(SourceTree(root), catalog.detectors())
        assert time.monotonic() - started < SECONDS
    assert "more than 20000 files" in notes(found)


def test_facts_are_the_same_whatever_the_order_on_disk(tmp_path: Path) -> None:
    files = {f"m{number}.py": f'import os\nos.environ["V{number}"]\nopen("/d{number}/x", "w")\nU = "http://h{number}:80/"\n' for number in range(20)}
    one = facts(tmp_path / "one", dict(files))
    two = facts(tmp_path / "two", dict(reversed(files.items())))
    assert as_json(one) == as_json(two)


def test_what_was_left_out_is_a_note(tmp_path: Path) -> None:
    tree = SourceTree(lay(tmp_path, {"main.py": "x = 1\n", "big.py": "x = 1\n" * 1000}), limits=Limits(file_bytes=1000))
    assert "`big.py`: larger than 0 KiB" in notes(detect(tree, catalog.detectors()))


def test_a_missing_source_has_no_facts(tmp_path: Path) -> None:
    assert detect(SourceTree(tmp_path / "no"), ()).value("ports") == NOTHING.value("ports")
