"""A client that the app's own MySQL does not let in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import run, write

PASSWORD = "const mysql = require('mysql')\nmysql.createConnection(process.env.DATABASE_URL)\nrequire('express')().listen(3000)\n"


def told(folder: Path, dependencies: str, image: str, more: str = "") -> str:
    spec = (
        "apiVersion: kforge.dev/v1\napp: shop\nversion: 1.0.0\nservices:\n"
        "  web: {source: ./web, secrets: {DATABASE_URL: {secret: shop, key: url}}}\n"
        f"  db: {{image: '{image}', secrets: {{MYSQL_ROOT_PASSWORD: {{secret: shop, key: root}}}}{more}}}\n"
    )
    package = f'{{"name": "web", "main": "index.js", "dependencies": {{"express": "5.0.0", {dependencies}}}}}'
    write(folder, {"app.kforge.yaml": spec, "web/package.json": package, "web/index.js": PASSWORD})
    return run("build", cwd=folder, code=0).err


@pytest.mark.parametrize("image", ["docker.io/library/mysql:8.4", "mysql:9.1", "mysql:8.0.36-debian"])
def test_a_client_that_does_not_log_in_is_told_with_the_ways_out(image: str, tmp_path: Path) -> None:
    found = told(tmp_path, '"mysql": "2.18.1"', image)
    assert (
        "warning[store-login]: `mysql` of its source uses a login that MySQL 8.4 no longer accepts, but the app runs"
        in found
    )
    assert "deploy/kubernetes/web/deployment.yaml" in found and "mariadb" in found


@pytest.mark.parametrize(
    ("dependencies", "image", "more"),
    [
        ('"mysql2": "3.0.0"', "mysql:8.4", ""),
        ('"mysql": "2.18.1", "mysql2": "3.0.0"', "mysql:8.4", ""),
        ('"mysql": "2.18.1"', "mariadb:11.4", ""),
        ('"mysql": "2.18.1"', "mysql:5.7", ""),
        ('"mysql": "2.18.1"', "mysql:8.4", ", command: [mysqld, --mysql-native-password=ON]"),
        ('"mysql": "2.18.1"', "postgres:18.6", ""),
    ],
)
def test_one_that_logs_in_is_not(dependencies: str, image: str, more: str, tmp_path: Path) -> None:
    assert "store-login" not in told(tmp_path, dependencies, image, more)
