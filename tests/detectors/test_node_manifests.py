"""Manifests that pnpm alone reads, `package.json5` and `package.yaml`, are read like `package.json`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, places, starts, values

JSON5 = """{
  // what pnpm reads
  name: 'api', version: "2.1.0",
  scripts: { start: "node main.js", },
  engines: { node: '22' },
  dependencies: { express: '^5.0.0' },
}
"""
YAML = """name: api
version: 2.1.0
scripts: {start: node main.js}
engines: {node: '22'}
dependencies: {express: ^5.0.0}
"""
CODE = "require('express')().listen(process.env.PORT || 3000)\n"


@pytest.mark.parametrize(("path", "text"), [("package.json5", JSON5), ("package.yaml", YAML)])
def test_another_manifest_of_pnpm_is_read_like_package_json(tmp_path: Path, path: str, text: str) -> None:
    found = facts(tmp_path, {path: text, "pnpm-lock.yaml": "lockfileVersion: '9.0'\n", "main.js": CODE})
    assert (values(found, "package_manager"), values(found, "version"), starts(found)[0]) == (
        "pnpm",
        "22",
        "node main.js",
    )
    assert (values(found, "manifests"), values(found, "dependencies")) == ([path, "pnpm-lock.yaml"], ["express"])


def test_places_name_the_file_that_is_there(tmp_path: Path) -> None:
    found = facts(tmp_path, {"package.json5": JSON5, "pnpm-lock.yaml": "", "main.js": CODE})
    assert places(found, "start")[:1] + places(found, "version") == ["package.json5", "package.json5"]


@pytest.mark.parametrize("beside", [{"package.json": "{}", "pnpm-lock.yaml": ""}, {"package-lock.json": "{}"}])
def test_it_counts_only_where_pnpm_would_read_it(tmp_path: Path, beside: dict[str, str | bytes]) -> None:
    found = facts(tmp_path, {"package.json5": JSON5, "server.js": CODE, **beside})
    assert values(found, "dependencies") == []


@pytest.mark.parametrize("text", ["", "{", "[1]", "{a: {b: [", "({})", "x => x", "{scripts: 1, dependencies: [2]}"])
def test_what_is_no_manifest_says_nothing(tmp_path: Path, text: str) -> None:
    found = facts(tmp_path, {"package.json5": text, "pnpm-lock.yaml": "", "server.js": CODE})
    assert (values(found, "language"), values(found, "dependencies")) == ("node", [])
