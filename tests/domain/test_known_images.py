"""The table of known images: every row is whole and sourced, and one more row is all that another image takes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest
import yaml

from kforge.domain import known_images
from kforge.domain.images import is_reference, qualified
from kforge.domain.known_images import KnownImage, Role, called, known, rows, stores, table
from kforge.domain.kubernetes.quantity import number
from tests.conftest import run, write

ROWS = [*table().values()]
# A store that no table has, as a contributor would write it.
MADE_UP = {
    "quokkadb": {
        "repositories": ["docker.io/quokka/quokkadb"],
        "sources": ["https://example.com/quokkadb/Dockerfile"],
        "program": "QuokkaDB",
        "runs": {
            "ports": ["quokka 7654 tcp", "admin 7655 http"],
            "user": 4321,
            "account": "quokka",
            "writable": ["/var/lib/quokka"],
            "keeps": True,
        },
        "needs": {"cpu": "300m", "memory": "640Mi", "startup": 90, "grace": 45, "stateful": True, "health": ["/ok"]},
        "store": {
            "tag": "7.1",
            "roles": ["database"],
            "service": "quokka",
            "words": ["quokkadb"],
            "variables": ["QUOKKA"],
            "libraries": ["quokka-client"],
            "url": "quokka://${{services.{name}.address}}",
            "path": "/var/lib/quokka",
        },
    }
}


@pytest.fixture
def one_row_more(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    whole = {**table(), **rows(json.dumps(MADE_UP))}
    monkeypatch.setattr(known_images, "table", lambda: whole)
    yield


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_every_row_names_the_pages_that_it_rests_on(row: KnownImage) -> None:
    assert row.sources and all(re.fullmatch(r"https://\S+", url) for url in row.sources)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.key)
def test_every_row_is_found_by_the_places_that_publish_it(row: KnownImage) -> None:
    assert all(
        is_reference(name) and qualified(name) == name and called(f"{name}:1") is row for name in row.repositories
    )


@pytest.mark.parametrize("row", [row for row in ROWS if row.runs], ids=lambda row: row.key)
def test_every_port_has_a_name_a_number_and_a_protocol(row: KnownImage) -> None:
    variants = [known(f"{row.repositories[0]}:{tag}") for tag in ("1", "1-alpine", "1-management", "1-apache", "1-fpm")]
    ports = [port for runs in variants if runs for port in runs.open_ports()]
    assert all(0 < port.number < 65536 and port.protocol in ("http", "https", "grpc", "tcp") for port in ports)


@pytest.mark.parametrize("row", [row for row in ROWS if row.runs], ids=lambda row: row.key)
def test_no_image_runs_as_root_and_every_folder_is_absolute(row: KnownImage) -> None:
    assert row.runs and row.runs.user > 0 and all(path.startswith("/") for path in row.runs.writable)


@pytest.mark.parametrize("row", [row for row in ROWS if row.needs], ids=lambda row: row.key)
def test_what_a_program_needs_is_more_than_nothing(row: KnownImage) -> None:
    needs = row.needs
    assert needs and row.program and number(needs.cpu) > 0 and number(needs.memory) > 0 and needs.startup > 0


@pytest.mark.parametrize("store", stores().values(), ids=lambda store: store.key)
def test_a_store_keeps_its_data_where_the_image_writes(store: known_images.Store) -> None:
    runs = known(store.image)
    assert runs and (not store.path or store.path in runs.writable) and {*store.roles} <= {*get_args(Role)}


def test_a_field_that_no_row_has_is_no_row() -> None:
    with pytest.raises(TypeError):
        rows('{"redis": {"repositories": ["docker.io/library/redis"], "sources": [], "port": 6379}}')


SPEC = "apiVersion: kforge.dev/v1\napp: x\nservices:\n  q: {image: 'docker.io/quokka/quokkadb:7.1'}\n"


@pytest.mark.usefixtures("one_row_more")
def test_one_row_more_and_a_spec_with_that_image_is_built_by_it(tmp_path: Path) -> None:
    run("build", "--offline", cwd=write(tmp_path, {"app.kforge.yaml": SPEC}), code=0)
    workload = yaml.safe_load((tmp_path / "deploy/kubernetes/q/deployment.yaml").read_text())["spec"]
    (container,) = workload["template"]["spec"]["containers"]
    assert (
        [port["containerPort"] for port in container["ports"]],
        workload["template"]["spec"]["securityContext"]["runAsUser"],
        [mount["mountPath"] for mount in container["volumeMounts"]],
        container["resources"]["requests"],
        container["readinessProbe"]["httpGet"]["path"],
        workload["template"]["spec"]["terminationGracePeriodSeconds"],
        workload["strategy"]["type"],
    ) == ([7654, 7655], 4321, ["/tmp", "/var/lib/quokka"], {"cpu": "300m", "memory": "640Mi"}, "/ok", 45, "Recreate")


@pytest.mark.usefixtures("one_row_more")
def test_one_row_more_and_a_draft_knows_the_store_by_its_client_library(tmp_path: Path) -> None:
    source = {
        "api/requirements.txt": "flask==3.1.0\nquokka-client==1\n",
        "api/app.py": "from flask import Flask\napp = Flask(__name__)\napp.run(port=5001)\n",
    }
    run("init", cwd=write(tmp_path, source), code=0)
    drafted = yaml.safe_load((tmp_path / "app.kforge.yaml").read_text())["services"]
    assert drafted["quokka"]["image"] == "docker.io/quokka/quokkadb:7.1"


@pytest.mark.usefixtures("one_row_more")
def test_one_row_more_and_a_dockerfile_on_top_of_it_runs_as_its_account(tmp_path: Path) -> None:
    files = {
        "q/Dockerfile": "FROM docker.io/quokka/quokkadb:7.1\nUSER quokka\n",
        "app.kforge.yaml": "apiVersion: kforge.dev/v1\napp: x\nservices:\n  q: {source: ./q}\n",
    }
    run("build", "--offline", cwd=write(tmp_path, files), code=0)
    assert "runAsUser: 4321" in (tmp_path / "deploy/kubernetes/q/deployment.yaml").read_text()
