"""Folders that a build enters are installed first, where no script does it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.detectors.reading import facts

VITE = json.dumps({"name": "client", "scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}})


def first(tmp_path: Path, scripts: dict[str, str], lock: str = "package-lock.json", **keys: Any) -> list[str]:
    table = {
        "name": "shop",
        "scripts": {"start": "node server.js", **scripts},
        "dependencies": {"express": "5"},
        **keys,
    }
    files: dict[str, str | bytes] = {
        "package.json": json.dumps(table, indent=1),
        "package-lock.json": "{}",
        "server.js": "require('express')().listen(3000)\n",
        "client/package.json": VITE,
        f"client/{lock}": "{}",
        "tool/package.json": '{"name": "tool", "scripts": {"build": "node x.js"}}',
    }
    return [" ".join(fact.value) for fact in facts(tmp_path, files).build_first]


@pytest.mark.parametrize(
    ("scripts", "lock", "expected"),
    [
        ({"build": "npm --prefix client run build"}, "package-lock.json", "npm --prefix client ci"),
        ({"build": "npm run build --prefix=client"}, "package-lock.json", "npm --prefix client ci"),
        ({"build": "cd client && npm run build"}, "package-lock.json", "npm --prefix client ci"),
        ({"build": "(cd ./client && npm run build) && echo done"}, "package-lock.json", "npm --prefix client ci"),
        ({"build": "npm run ui && tsc", "ui": "yarn --cwd client build"}, "yarn.lock", "yarn --cwd client install --frozen-lockfile"),
        ({"prebuild": "cd client && npm run build", "build": "tsc"}, "README", "npm --prefix client install"),
    ],
)  # fmt: skip
def test_a_folder_that_only_builds_is_installed_first(
    tmp_path: Path, scripts: dict[str, str], lock: str, expected: str
) -> None:
    assert first(tmp_path, scripts, lock) == [expected]


@pytest.mark.parametrize(
    "scripts",
    [
        {"build": "npm install --prefix client && npm run build --prefix client"},
        {"build": "cd client && npm ci && npm run build"},
        {"build": "npm --prefix client run build", "install": "npm --prefix client install"},
        {"build": "npm run setup && cd client && yarn build", "setup": "cd client && yarn"},
        {"build": "npm --prefix tool run build"},
        {"build": "npm --prefix ../other run build"},
        {"build": "npm run build", "client": "npm --prefix client run build"},
        {"client": "npm --prefix client run build"},
    ],
)
def test_one_that_a_script_installs_or_that_needs_nothing_is_not(tmp_path: Path, scripts: dict[str, str]) -> None:
    assert [words for words in first(tmp_path, scripts) if words != "npm run install"] == []


def test_members_of_a_workspace_are_installed_with_it(tmp_path: Path) -> None:
    assert first(tmp_path, {"build": "npm --prefix client run build"}, workspaces=["client"]) == []
