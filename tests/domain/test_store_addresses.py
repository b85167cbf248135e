"""The address of a store, in the form that a caller's libraries take."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge.domain.known_images import stores
from tests.conftest import run, write

SQL = "sqlalchemy==2.0.36\n"


@pytest.mark.parametrize(
    ("key", "dependencies", "url"),
    [
        ("postgres", ["asyncpg"], "postgresql://"),
        ("postgres", ["psycopg2-binary", "sqlalchemy"], "postgresql://"),
        ("postgres", ["asyncpg", "tortoise-orm"], "postgres://"),
        ("postgres", ["psycopg", "tortoise-orm"], "psycopg://"),
        ("postgres", ["asyncpg", "SQLAlchemy"], "postgresql+asyncpg://"),
        ("postgres", ["asyncpg", "psycopg2-binary", "sqlalchemy"], "postgresql://"),  # which is meant, code alone says
        ("postgres", ["psycopg", "sqlmodel"], "postgresql+psycopg://"),
        ("postgres", ["psycopg", "django"], "postgresql://"),
        ("postgres", ["pg8000", "sqlalchemy"], "postgresql+pg8000://"),
        ("mysql", ["sqlalchemy", "pymysql"], "mysql+pymysql://"),
        ("mysql", ["sqlalchemy", "aiomysql"], "mysql+aiomysql://"),
        ("mysql", ["sqlalchemy", "mysqlclient", "pymysql"], "mysql://"),
        ("mysql", ["pymysql"], "mysql://"),
        ("mariadb", ["sqlalchemy", "mariadb"], "mariadb+mariadbconnector://"),
        ("mariadb", ["mariadb"], "mariadb://"),
        ("mariadb", ["sqlalchemy", "pymysql"], "mysql+pymysql://"),
        ("mariadb", ["sqlalchemy", "pymysql", "mariadb"], "mariadb+mariadbconnector://"),
        ("mariadb", ["mysql2"], "mysql://"),
        ("redis", ["redis"], "redis://"),
    ],
)
def test_the_scheme_is_one_that_the_library_takes(key: str, dependencies: list[str], url: str) -> None:
    store = stores()[key].spoken_to_by(dependencies)
    assert (store.whole or store.url).startswith(url) and (store.plain or store.url).startswith(url)


@pytest.mark.parametrize(
    ("key", "dependencies", "whole"),
    [
        ("postgres", ["prisma:postgresql"], "postgresql://{user}:PASSWORD@{name}:5432/{database}?schema=public"),
        ("mysql", ["github.com/go-sql-driver/mysql"], "{user}:PASSWORD@tcp({name}:3306)/{database}?parseTime=true"),
        ("mariadb", ["github.com/go-sql-driver/mysql"], "{user}:PASSWORD@tcp({name}:3306)/{database}?parseTime=true"),
        ("mongo", ["motor"], "mongodb://{user}:PASSWORD@{name}:27017/{app}?authSource=admin"),
        ("rabbitmq", ["pika"], "amqp://{user}:PASSWORD@{name}:5672"),
    ],
)
def test_a_whole_address_is_one_that_the_driver_takes(key: str, dependencies: list[str], whole: str) -> None:
    assert stores()[key].spoken_to_by(dependencies).whole == whole


def test_what_a_library_reads_from_the_address_alone_is_known() -> None:
    postgres = stores()["postgres"]
    found = {name: postgres.spoken_to_by([name]).alone for name in ("pg8000", "prisma:postgres", "psycopg", "pg")}
    assert found == {"pg8000": True, "prisma:postgres": True, "psycopg": False, "pg": False}


@pytest.mark.parametrize(
    ("image", "env", "needs", "url"),
    [
        ("postgres:16", "{POSTGRES_USER: shop, POSTGRES_DB: orders}", "psycopg2-binary==2.9\n", "postgresql://shop@db:5432/orders"),
        ("postgres:16", "{POSTGRES_USER: shop}", f"psycopg==3.2\n{SQL}", "postgresql+psycopg://shop@db:5432/shop"),
        ("postgres:16", "{POSTGRES_DB: orders}", f"asyncpg==0.30\n{SQL}", "postgresql+asyncpg://postgres@db:5432/orders"),
        ("postgres:16", "{POSTGRES_USER: shop}", "tortoise-orm==0.22\nasyncpg==0.30\n", "postgres://shop@db:5432/shop"),
        ("mysql:8.4", "{MYSQL_DATABASE: shop, MYSQL_USER: app}", f"pymysql==1.1\n{SQL}", "mysql+pymysql://app@db:3306/shop"),
        ("mariadb:11.4", "{MARIADB_DATABASE: shop, MARIADB_USER: app}", f"pymysql==1.1\n{SQL}", "mysql+pymysql://app@db:3306/shop"),
        ("mariadb:11.4", "{MYSQL_DATABASE: shop, MYSQL_USER: app}", "mysqlclient==2.2\ndjango==5\n", "mysql://app@db:3306/shop"),
        ("redis:8", "{}", "redis==5\n", "redis://db:6379"),
        ("rabbitmq:4", "{RABBITMQ_DEFAULT_USER: app}", "pika==1\n", "amqp://db:5672"),
        ("mongo:8", "{}", "pymongo==4\n", "mongodb://db:27017"),
        ("memcached:1.6", "{}", "pymemcache==4\n", "tcp://db:11211"),
    ],
)  # fmt: skip
def test_the_url_of_a_store_is_one_that_drivers_take(
    tmp_path: Path, image: str, env: str, needs: str, url: str
) -> None:
    spec = f"""apiVersion: kforge.dev/v1
app: shop
registry: registry.acme.dev/shop
services:
  web: {{source: ., env: {{STORE: "${{services.db.url}}"}}}}
  db: {{image: "docker.io/library/{image}", env: {env}}}
"""
    main = "from flask import Flask\napp = Flask(__name__)\n"
    write(
        tmp_path,
        {"app.kforge.yaml": spec, "requirements.txt": f"flask==3.1\ngunicorn==23\n{needs}", "app.py": main},
    )
    run("build", cwd=tmp_path, code=0)
    manifest = (tmp_path / "deploy/kubernetes/web/deployment.yaml").read_text()
    assert f'value: "{url}"' in manifest or f"value: {url}\n" in manifest
