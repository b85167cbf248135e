"""A variable whose default is the pod itself is told, with what to set."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kforge.domain.document import Documents
from tests.rules.families import family
from tests.rules.test_wiring import service, workload
from tests.worlds import facts

(RULE,) = family("wiring_local_default")


def hits(name: str, default: str, given: tuple[str, ...] = (), ports: Any = ()) -> list[tuple[str, str]]:
    known = {
        "web": facts(env=[{"name": name, "default": default, "required": False}], ports=[*ports]),
    }
    cache = workload("cache", image="docker.io/library/redis:8")
    items = (workload("web", given), cache, service("cache", 6379), workload("rates"), service("rates", 50051))
    assert RULE.id == "local-default"
    return [(hit.message, hit.hint) for hit in RULE.check(Documents(items=items, facts=known))]


@pytest.mark.parametrize(
    ("name", "default", "value"),
    [
        ("REDIS_URL", "redis://localhost:6379/0", "redis://${services.cache.address}/0"),
        ("REDIS_URL", "redis://127.0.0.1/0", "redis://${services.cache.address}/0"),
        ("RATES_ADDR", "localhost:50051", "${services.rates.address}"),
    ],
)
def test_what_to_set_names_the_service_that_fits(name: str, default: str, value: str) -> None:
    said = f"`{name}` is not set, and its default `{default}` (main.py:12) is the pod itself"
    assert hits(name, default) == [(said, f"set `{name}` under `services.web.env`, for instance to `{value}`")]


@pytest.mark.parametrize(
    ("name", "default", "hint"),
    [
        ("DATABASE_URL", "postgresql+asyncpg://localhost/shop", "set `DATABASE_URL` under `services.web.env` or `.secrets` to where that runs"),
        ("DB_HOST", "localhost", "set `DB_HOST` under `services.web.env` or `.secrets` to where that runs"),
        ("CORS_ORIGIN", "http://localhost:3000", "set `CORS_ORIGIN` under `services.web.env` to the address that browsers use"),
        ("DEFAULT_DOMAIN", "localhost:3000", "set `DEFAULT_DOMAIN` under `services.web.env` to the address that browsers use"),
    ],
)  # fmt: skip
def test_where_nothing_fits_the_variable_is_named(name: str, default: str, hint: str) -> None:
    assert [hint for _, hint in hits(name, default)] == [hint]


@pytest.mark.parametrize(
    ("name", "default"),
    [
        ("HOST", "localhost"),
        ("LISTEN_ADDR", "127.0.0.1:8080"),
        ("BIND", "localhost:8080"),
        ("SERVER_HOST", "127.0.0.1"),
        ("ALLOWED_HOSTS", "localhost,127.0.0.1"),
        ("NAME", "localhost"),
        ("CATALOG_URL", "http://catalog:8000"),
        ("NOTE", "not localhost at all"),
        ("URL", "http://localhost.example.com/"),
    ],
)
def test_what_leads_elsewhere_or_says_where_the_program_listens_is_fine(name: str, default: str) -> None:
    assert hits(name, default) == []


def test_a_variable_that_is_set_is_fine() -> None:
    assert hits("REDIS_URL", "redis://localhost:6379", given=("REDIS_URL",)) == []


def test_the_variable_of_a_port_is_fine() -> None:
    ports = [{"port": 8080, "protocol": "http", "env": "API_ENDPOINT"}]
    assert hits("API_ENDPOINT", "localhost:8080", ports=ports) == []


def test_a_headless_service_of_its_own_is_not_what_to_set() -> None:
    known = {"web": facts(env=[{"name": "RATES_ADDR", "default": "localhost:3000", "required": False}])}
    own = service("web-headless", 3000)
    own = replace(own, service="web")
    (hit,) = RULE.check(Documents(items=(workload("web"), own), facts=known))
    assert hit.hint == "set `RATES_ADDR` under `services.web.env` or `.secrets` to where that runs"
