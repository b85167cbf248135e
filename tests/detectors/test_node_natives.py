"""Modules with compiled parts: the Node.js that they have binaries for, and a compiler where they may not find one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kforge.detectors import node_natives
from kforge.domain.facts import Facts
from tests.detectors.reading import facts, notes, places

GYP = ["g++", "make", "python3"]


def read(root: Path, dependencies: dict[str, str], files: dict[str, str] | None = None, **more: Any) -> Facts:
    table = {"dependencies": dependencies, "scripts": {"start": "node server.js"}, **more}
    return facts(root, {"package.json": json.dumps(table, indent=1), "server.js": "1", **(files or {})})


@pytest.mark.parametrize("spec", ["^0.26.2", "0.26.2", "~0.27.0"])
def test_a_module_that_fetches_its_binary_from_elsewhere_may_compile_it(tmp_path: Path, spec: str) -> None:
    found = read(tmp_path, {"argon2": spec})
    assert (found.value("build_packages"), found.value("packages"), found.value("version")) == (GYP, [], None)


@pytest.mark.parametrize("name", ["argon2", "bcrypt", "better-sqlite3", "sharp"])
def test_a_release_that_brings_its_binaries_needs_nothing(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, {name: "^99.0.0"})
    assert (found.value("build_packages"), found.value("version"), found.value("doubts")) == ([], None, [])


@pytest.mark.parametrize(
    ("name", "spec", "engines", "version"),
    [
        ("better-sqlite3", "11.8.1", "", "22"),
        ("better-sqlite3", "^11.8.1", ">=18", "22"),
        ("better-sqlite3", "12.2.0", ">=18", "24"),
        ("better-sqlite3", "^12.0.0", "", None),
        ("better-sqlite3", "12.0.0", "", "22"),
        ("better-sqlite3", "8.5.0", ">=20", "20"),
        ("better-sqlite3", ">=8", "", None),
        ("node-sass", "^7.0.0", "", "16"),
        ("node-sass", "9.0.0", ">=16 <24", "20"),
        ("canvas", "^2.11.2", "", "20"),
        ("fibers", "^5.0.0", "", "14"),
        ("grpc", "^1.24.0", ">=12", "14"),
    ],
)
def test_the_newest_node_with_a_binary_is_taken_within_what_the_project_allows(
    tmp_path: Path, name: str, spec: str, engines: str, version: str | None
) -> None:
    more = {"engines": {"node": engines}} if engines else {}
    found = read(tmp_path, {name: spec}, **more)
    assert found.value("version") == version
    assert bool(notes(found)) == (version not in (None, "24"))


def test_a_pinned_node_stays_and_the_module_is_told_and_compiled(tmp_path: Path) -> None:
    found = read(tmp_path, {"canvas": "2.11.2"}, {".nvmrc": "24"})
    assert (found.value("version"), places(found, "version")) == ("24", [".nvmrc:1"])
    assert [one["said"] for one in found.value("doubts")] == [
        "`canvas` 2.11.2 has no binary for Node.js 24 and is compiled, if it can be"
    ]
    assert {"libcairo2-dev", "g++"} <= set(found.value("build_packages"))
    assert {"libcairo2", "librsvg2-2"} <= set(found.value("packages"))


LOCKS = {
    "package-lock.json": '{"lockfileVersion": 3, "packages": {"": {}, "node_modules/better-sqlite3": {\n  "version": "11.8.1"\n}}}',
    "yarn.lock": 'better-sqlite3@^12.0.0:\n  version "11.8.1"\n',
    "pnpm-lock.yaml": "importers:\n  .:\n    dependencies:\n      better-sqlite3:\n        specifier: ^12.0.0\npackages:\n\n  better-sqlite3@11.8.1:\n    resolution: {}\n",
    "bun.lock": '{"workspaces": {"": {"dependencies": {"better-sqlite3": "^12.0.0"}}}, "packages": {"better-sqlite3": ["better-sqlite3@11.8.1", "", {}]}}',
}


@pytest.mark.parametrize("lock", LOCKS)
def test_the_release_is_that_of_the_lock(tmp_path: Path, lock: str) -> None:
    assert read(tmp_path, {"better-sqlite3": "^12.0.0"}, {lock: LOCKS[lock]}).value("version") == "22"


def test_a_module_that_only_the_lock_has_counts_too(tmp_path: Path) -> None:
    lock = '{"lockfileVersion": 3, "packages": {"": {}, "node_modules/knex/node_modules/bcrypt": {"version": "5.1.1"}}}'
    assert read(tmp_path, {}, {"package-lock.json": lock}).value("build_packages") == GYP


def test_what_only_tests_need_counts_for_nothing(tmp_path: Path) -> None:
    lock = '{"packages": {"": {}, "node_modules/canvas": {"version": "2.11.2"}}}'
    found = read(tmp_path, {}, {"package-lock.json": lock}, devDependencies={"canvas": "2.11.2"})
    assert (found.value("build_packages"), found.value("version")) == ([], None)


def test_every_row_names_its_page_and_knows_rising_releases() -> None:
    for name, row in node_natives._table().items():
        assert row["page"].startswith("https://"), name
        firsts = [node_natives._numbers(first) for first in row.get("first", {}).values() if first]
        assert firsts == sorted(firsts), name
