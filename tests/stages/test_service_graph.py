"""The graph of services says what the spec, the sources and the decisions say: no more edges, and where each is shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from kforge.domain.service_graph import CRON, JOB, SERVICE, STORE, WEB, WORKER, Entrance, Exit, ServiceGraph, Shown
from kforge.domain.spec.project import Project
from kforge.outcome import Options
from kforge.pipeline import run
from kforge.stages.service_graph import service_graph
from tests.conftest import write
from tests.golden.examples import outcome

HEAD = "apiVersion: kforge.dev/v1\napp: app\nregistry: ghcr.io/acme\ndefaults: {resources: {memory: 64Mi}}\nservices:\n"
MORE = ", user: 1000, process: {writable: [/tmp]}"


def example(name: str, environment: str = "") -> ServiceGraph:
    held = outcome(name)
    return service_graph(held.loaded.world, held.settled.values, environment)


def made(folder: Path, text: str, environment: str = "", files: Mapping[str, str] | None = None) -> ServiceGraph:
    """The graph of the services in a text, with files beside the spec."""
    write(folder, {"app.kforge.yaml": HEAD + text, **(files or {})})
    held = run(Project(folder / "app.kforge.yaml", folder), Options(date(2026, 1, 2), looks=False))
    return service_graph(held.loaded.world, held.settled.values, environment)


def test_every_call_of_the_shop_is_an_edge_with_its_line() -> None:
    held = example("shop")
    found = {(edge.origin, edge.target): edge.shown for edge in held.calls}
    assert [*found] == [
        ("catalog", "db"),
        ("nightly", "db"),
        ("nightly", "orders"),
        ("orders", "catalog"),
        ("orders", "db"),
        ("web", "cache"),
        ("web", "catalog"),
        ("web", "orders"),
    ]
    assert found["web", "catalog"] == Shown("env CATALOG_URL", "app.kforge.yaml:17")


def test_a_service_says_what_it_is_made_of() -> None:
    assert {node.name: (node.kind, node.what) for node in example("shop").services} == {
        "cache": (STORE, "Redis 8.8.3"),
        "catalog": (WEB, "Python, FastAPI"),
        "db": (STORE, "PostgreSQL 18.6"),
        "nightly": (CRON, "Python"),
        "orders": (WEB, "Go"),
        "web": (WEB, "Node.js, Express"),
    }


def test_an_environment_has_its_hosts_and_replicas() -> None:
    held = example("shop", "prod")
    assert (held.named["web"].fewest, held.named["web"].most) == (3, 20)
    assert example("shop", "staging").entrances[0].name == "shop.staging.example.com"
    assert (held.title, example("shop", "staging").namespace) == ("shop in prod", "shop-staging")


def test_hosts_come_before_other_namespaces() -> None:
    assert example("shop").entrances == (
        Entrance("shop.example.com", "web", by="Ingress traefik"),
        Entrance("namespace monitoring", "web", port="metrics", host=False),
    )


def test_a_gateway_is_the_way_in_where_routes_lead_through_one() -> None:
    assert {each.by for each in example("edge").entrances} == {"Gateway infra/shared"}
    assert {each.by for each in example("edge", "classic").entrances} == {"Ingress haproxy"}


def test_what_waits_for_a_job_is_an_edge_and_no_call() -> None:
    held = example("notes")
    assert held.before("migrate") == ("api", "sender") and held.calls == ()
    assert {node.name: node.kind for node in held.services} == {
        "api": WEB,
        "migrate": JOB,
        "sender": WORKER,
        "site": WEB,
    }


def test_networks_and_hosts_outside_are_places_that_a_service_connects_to() -> None:
    found = example("batch").exits
    assert Exit("10.20.0.0/16 port 5432", "report", Shown("egress", found[-1].shown.place)) == found[-1]
    assert {each.name for each in found if each.shown.why.startswith("env")} == {"feeds.acme.example"}


@pytest.mark.parametrize(
    "value",
    ["https://www.example.com/back", "${services.api.url}/x", "http://10.0.0.1/", "plain.text", "file:///a.b/c"],
)
def test_a_host_of_the_application_and_what_is_no_host_is_no_place_outside(value: str, tmp_path: Path) -> None:
    text = f"""
  web: {{image: ghcr.io/acme/web:1, port: 80{MORE}, expose: {{host: www.example.com}}, env: {{A: "{value}"}}}}
  api: {{image: ghcr.io/acme/api:1, port: 80{MORE}}}
"""
    assert made(tmp_path, text).exits == ()


def test_a_host_that_a_source_names_is_a_call_with_its_line(tmp_path: Path) -> None:
    text = f"  web: {{source: ./web}}\n  api: {{image: ghcr.io/acme/api:1, port: 80{MORE}}}\n"
    code = "import urllib.request\nfrom flask import Flask\n\napp = Flask(__name__)\nurllib.request.urlopen('http://api:80/')\n"
    held = made(tmp_path, text, files={"web/app.py": code, "web/requirements.txt": "flask==3.1.0\n"})
    assert [edge.shown for edge in held.calls] == [Shown("named in its source", "web/app.py:5")]


def test_what_an_environment_says_has_the_line_of_the_environment(tmp_path: Path) -> None:
    text = f"""\
  web: {{image: ghcr.io/acme/web:1, port: 80{MORE}}}
  api: {{image: ghcr.io/acme/api:1, port: 80{MORE}, needs: [web]}}
  old: {{image: ghcr.io/acme/old:1, port: 80{MORE}, needs: [web]}}
environments:
  prod:
    services:
      web:
        env: {{API_URL: "${{services.api.url}}"}}
      old: {{omit: true}}
"""
    held = made(tmp_path, text, "prod")
    assert {(edge.origin, edge.target): edge.shown.place for edge in held.calls} == {
        ("api", "web"): "app.kforge.yaml:7",
        ("web", "api"): "app.kforge.yaml:13",
    }
    assert [node.name for node in held.services] == ["api", "web"]


def test_a_well_known_image_that_keeps_nothing_is_no_store(tmp_path: Path) -> None:
    text = f"""\
  mail: {{image: "docker.io/axllent/mailpit:v1.21"}}
  bus: {{image: "docker.io/library/rabbitmq:4.2"}}
  own: {{image: "ghcr.io/acme/redis:7"}}
  rpc: {{image: "ghcr.io/acme/rpc:1", ports: [{{name: grpc, port: 50051}}]{MORE}}}
"""
    found = {node.name: (node.kind, node.what) for node in made(tmp_path, text).services}
    assert found == {
        "bus": (STORE, "RabbitMQ 4.2"),
        "mail": (WEB, "Mailpit v1.21"),
        "own": (STORE, "Redis 7"),
        "rpc": (SERVICE, "rpc 1"),
    }
