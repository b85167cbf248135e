"""Which stores `kforge init` drafts for a source that could speak to several."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import run
from tests.detectors.reading import lay

SERVES = "require('http').createServer().listen(3000)\n"
SQLITE = "const Database = require('better-sqlite3')\nnew Database('data/shop.db')\n"


def drafted(top: Path, needs: list[str], code: str) -> tuple[dict[str, Any], str]:
    folder = top / "shop"
    (folder / ".git").mkdir(parents=True)
    manifest = {"name": "shop", "scripts": {"start": "node s.js"}, "dependencies": dict.fromkeys(needs, "1.0.0")}
    lay(folder, {"package.json": json.dumps(manifest), "s.js": code + SERVES})
    ended = run("init", cwd=folder, code=0)
    return yaml.safe_load((folder / "app.kforge.yaml").read_text())["services"], ended.err


MONITOR = ["better-sqlite3", "mongodb", "redis", "pg", "mysql2"]


def test_a_program_with_a_database_of_its_own_gets_no_store_whose_place_nothing_names(tmp_path: Path) -> None:
    services, said = drafted(tmp_path, MONITOR, SQLITE)
    assert services.keys() == {"shop"}
    assert "`mongo`, which . could use, is left out: no address of one is configured" in said


def test_a_library_that_nobody_knows_shows_an_embedded_database_by_the_file_that_it_keeps(tmp_path: Path) -> None:
    code = "const config = {client: 'sqlite3', connection: {filename: 'data/shop.db'}}\n"
    services, _ = drafted(tmp_path, ["@acme/sqlite3", "knex", *MONITOR[1:]], code)
    assert services.keys() == {"shop"}


@pytest.mark.parametrize(
    "code",
    [
        "connect(process.env.REDIS_URL)\n",
        "connect({host: process.env.APP_REDIS_HOST})\n",
        "connect(process.env.QUEUE || 'redis://localhost:6379')\n",
        "connect('redis://redis:6379')\n",
    ],
)
def test_a_store_that_a_variable_a_default_or_a_host_names_is_drafted(code: str, tmp_path: Path) -> None:
    services, _ = drafted(tmp_path, MONITOR, SQLITE + code)
    assert {one["image"].rpartition("/")[2].partition(":")[0] for one in services.values() if "image" in one} == {
        "redis"
    }


def test_without_a_database_of_its_own_every_store_that_it_speaks_to_is_drafted(tmp_path: Path) -> None:
    services, _ = drafted(tmp_path, ["mongodb", "redis"], "")
    assert len(services) == 3


def test_the_only_store_beside_an_embedded_database_is_drafted(tmp_path: Path) -> None:
    services, _ = drafted(tmp_path, ["better-sqlite3", "redis"], SQLITE)
    assert len(services) == 2


def test_a_database_that_no_variable_names_is_not_drafted_beside_an_embedded_one(tmp_path: Path) -> None:
    services, said = drafted(tmp_path, ["better-sqlite3", "pg"], SQLITE)
    assert services.keys() == {"shop"}
    assert "`postgres`, which . could use, is left out: no address of one is configured" in said


@pytest.mark.parametrize("code", ["connect(process.env.DATABASE_URL)\n", "connect({host: process.env.DB_HOST})\n"])
def test_a_database_that_a_variable_may_name_is_drafted_beside_an_embedded_one(code: str, tmp_path: Path) -> None:
    services, _ = drafted(tmp_path, ["better-sqlite3", "pg"], SQLITE + code)
    assert "db" in services
