"""Which of several databases `kforge init` drafts, by what names them and by libraries that bring their clients."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import run, write
from tests.draft.test_wanted_stores import drafted


@pytest.mark.parametrize(
    ("code", "stores"),
    [
        ("connect(process.env.DATABASE_URL)\n", {"postgres"}),
        ("connect(process.env.DATABASE_URL, process.env.MONGODB_URI)\n", {"postgres", "mongo"}),
        ("connect(process.env.DATABASE_URL, 'mongodb://mongo:27017/events')\n", {"postgres", "mongo"}),
    ],
)
def test_of_a_relational_and_a_document_database_the_one_that_is_named_is_drafted(
    code: str, stores: set[str], tmp_path: Path
) -> None:
    services, _ = drafted(tmp_path, ["pg", "mongoose"], code)
    assert {one["image"].rpartition("/")[2].partition(":")[0] for one in services.values() if "image" in one} == stores


@pytest.mark.parametrize(
    ("library", "store"),
    [
        ("bull", "redis"),
        ("bee-queue", "redis"),
        ("agenda", "mongo"),
        ("pg-boss", "postgres"),
        ("@mikro-orm/mysql", "mysql"),
    ],
)
def test_a_library_that_brings_its_client_shows_the_store(library: str, store: str, tmp_path: Path) -> None:
    services, _ = drafted(tmp_path, [library], "")
    assert store in [one["image"].rpartition("/")[2].partition(":")[0] for one in services.values() if "image" in one]


PASSWORD = "connect(process.env.DB_HOST, process.env.DB_USER, process.env.DB_PASSWORD, process.env.DB_NAME)\n"


@pytest.mark.parametrize(
    ("libraries", "image"),
    [
        (["mysql"], "mariadb:11.4"),
        (["knex", "mysql"], "mariadb:11.4"),
        (["mysql2"], "mysql:8.4"),
        (["mysql", "mysql2"], "mysql:8.4"),
    ],
)
def test_a_client_that_mysql_lets_in_no_more_is_drafted_with_mariadb(
    libraries: list[str], image: str, tmp_path: Path
) -> None:
    services, _ = drafted(tmp_path, libraries, PASSWORD)
    assert [one["image"].rpartition("/")[2] for one in services.values() if "image" in one] == [image]


@pytest.mark.parametrize(
    ("libraries", "image"),
    [
        ("pymysql\n", "mariadb:11.4"),
        ("aiomysql\n", "mariadb:11.4"),
        ("pymysql\ncryptography\n", "mysql:8.4"),
        ("mysqlclient\n", "mysql:8.4"),
        ("mysql-connector-python\n", "mysql:8.4"),
    ],
)
def test_pymysql_logs_in_to_mysql_with_cryptography_alone(libraries: str, image: str, tmp_path: Path) -> None:
    code = "import os\nfrom flask import Flask\napp = Flask(__name__)\nHOST, USER, WORD = os.environ['DB_HOST'], os.environ['DB_USER'], os.environ['DB_PASSWORD']\n"
    write(tmp_path, {"web/requirements.txt": f"flask\ngunicorn\n{libraries}", "web/app.py": code})
    run("init", cwd=tmp_path, code=0)
    text = (tmp_path / "app.kforge.yaml").read_text()
    assert f"library/{image}" in text
    assert ("MariaDB, since `" in text) == image.startswith("mariadb")
    assert all(
        part in text
        for part in ('DB_HOST: "${services.db.host}"', "DB_USER: ", "MYSQL_USER: ", "DB_PASSWORD: {secret: ")
    )


def test_a_database_that_the_authors_file_runs_stays_what_it_is(tmp_path: Path) -> None:
    compose = "services:\n  api: {build: ., ports: ['3000:3000'], environment: {DB_HOST: db}}\n  db: {image: 'mysql:8.0', environment: {MYSQL_DATABASE: x, MYSQL_USER: x, MYSQL_PASSWORD: y}}\n"
    package = '{"name": "api", "main": "index.js", "dependencies": {"express": "4", "mysql": "2"}}'
    code = "require('express')().listen(3000)\n"
    write(tmp_path, {"compose.yaml": compose, "package.json": package, "index.js": code})
    run("init", cwd=tmp_path, code=0)
    assert "mysql:8.0" in (tmp_path / "app.kforge.yaml").read_text()
