"""Addresses keep their form, and name what is drafted."""

from __future__ import annotations

import pytest

from kforge.domain.known_images import stores
from kforge.draft.addresses import address, store_meant, to_service, to_store
from kforge.draft.stores import as_told


def shop(text: str, key: str) -> str:
    found = address(text)
    assert found
    return to_store(found, "x", stores()[key], "shop")


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("postgresql+asyncpg://u:p@localhost/db?ssl=off", "postgres", "postgresql+asyncpg://shop@${services.x.address}/shop?ssl=off"),
        ("postgres://db:5432/a", "postgres", "postgres://shop@${services.x.address}/shop"),
        ("redis://localhost:6379/2", "redis", "redis://${services.x.address}/2"),
        ("cache:6379", "redis", "${services.x.address}"),
        ("cache", "redis", "${services.x.host}"),
        ("mysql://u:p@db/x", "mysql", ""),
    ],
)  # fmt: skip
def test_a_store_is_reached_in_the_form_that_was_written(text: str, key: str, value: str) -> None:
    assert shop(text, key) == value


@pytest.mark.parametrize(
    ("text", "port", "value"),
    [
        ("http://api:8000/v1", 8000, "${services.api.url}/v1"),
        ("grpc://api:8000", 8000, "grpc://${services.api.address}"),
        ("http://api:9", 8000, "http://api:9"),
        ("api:8000", 0, "api:8000"),
        ("api", 8000, "${services.api.host}"),
    ],
)
def test_a_service_is_referred_to_where_it_listens(text: str, port: int, value: str) -> None:
    found = address(text)
    assert found
    assert to_service(found, "api", port) == value


@pytest.mark.parametrize(
    ("text", "open_on", "value"),
    [
        ("mail:5000", {8080}, "${services.api.address}"),
        ("http://mail:5000/send", {8080}, "${services.api.url}/send"),
        ("mail:9090", {8080, 9090}, "api:9090"),
        ("mail:5000", None, "api:5000"),
    ],
)
def test_a_port_that_only_the_authors_service_had_is_that_of_the_program(
    text: str, open_on: set[int] | None, value: str
) -> None:
    found = address(text)
    assert found
    assert to_service(found, "api", 8080, open_on) == value


def test_what_is_no_address_is_none() -> None:
    assert [address(text) for text in ("hello world", "a,b", "x/y", "http://")] == [None] * 4
    assert store_meant("pyamqp://x") == "rabbitmq"
    assert store_meant("https://x") == ""


def test_an_older_version_of_a_store_keeps_its_own_folder() -> None:
    store = as_told(stores()["postgres"], "docker.io/library/postgres:16-alpine", {"POSTGRES_USER": "app"})
    assert (store.path, store.env["PGDATA"], store.user) == (
        "/var/lib/postgresql/data",
        "/var/lib/postgresql/data/pgdata",
        "app",
    )
    assert as_told(stores()["postgres"], "docker.io/library/postgres:18", {}).path == "/var/lib/postgresql"


def test_what_the_author_leaves_to_the_image_is_as_the_image_has_it() -> None:
    store = as_told(stores()["postgres"], "", {"POSTGRES_PASSWORD": "x"})
    assert (store.user, store.database) == ("postgres", "{user}")
