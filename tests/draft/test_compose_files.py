"""Compose files are read in all their forms, the one for deployment before the one for development."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from kforge.domain.draft import UNKNOWN
from kforge.draft.compose_files import compose_files
from kforge.draft.compose_services import ComposeBuild, ComposeService, ComposeVolume, filled


@dataclass
class Files:
    """A tree in memory."""

    held: dict[str, str]

    @property
    def files(self) -> tuple[str, ...]:
        return tuple(sorted(self.held))

    def text(self, path: str) -> str:
        return self.held.get(path, "")


def services(text: str, **more: str) -> dict[str, ComposeService]:
    found = compose_files(Files({"compose.yaml": text, **more})).services
    return {one.name: one for one in found}


def test_both_forms_of_a_service_are_one() -> None:
    short = 'services: {web: {build: ./web, ports: ["9000:8080"], environment: ["A=1", B], volumes: ["data:/data"], depends_on: [db]}}'
    long = (
        "services:\n web:\n  build: {context: ./web}\n  ports: [{target: 8080, published: 9000}]\n"
        "  environment: {A: 1, B: }\n  volumes: [{type: volume, source: data, target: /data}]\n"
        "  depends_on: {db: {condition: service_healthy}}\n"
    )
    one, other = services(short)["web"], services(long)["web"]
    assert one.build == ComposeBuild("./web")
    assert (one.ports, one.env, one.after) == ((8080,), {"A": "1", "B": UNKNOWN}, ("db",))
    assert one.volumes == (ComposeVolume("named", "data", "/data"),)
    assert (other.build, other.ports, other.env, other.volumes, other.after) == (
        one.build,
        one.ports,
        one.env,
        one.volumes,
        one.after,
    )


@pytest.mark.parametrize(
    ("port", "number"),
    [("80", 80), ("127.0.0.1:8080:80", 80), ("3000-3002:4000-4002", 4000), ("53:53/udp", 0), ("[::1]:1:90/tcp", 90), ("${P:-81}:81", 81), ("${P}:82", 0), ("${P}:${Q:-83}", 0)],
)  # fmt: skip
def test_the_container_side_of_a_port_counts(port: str, number: int) -> None:
    assert services(f'services: {{a: {{image: x, ports: ["{port}"]}}}}')["a"].ports[:1] == ((number,) if number else ())


def test_a_port_that_a_router_in_front_is_told_counts() -> None:
    text = "services: {a: {image: x, labels: ['traefik.http.services.a.loadbalancer.server.port=8000']}}"
    assert services(text)["a"].ports == (8000,)


@pytest.mark.parametrize(
    ("text", "value"),
    [("a-${X:-b}", "a-b"), ("${X:-${Y:-z}}", "z"), ("$$HOME", "$HOME"), ("${X:?why}", UNKNOWN), ("v$X", f"v{UNKNOWN}"), ("${X:-}", "")],
)  # fmt: skip
def test_variables_take_their_defaults(text: str, value: str) -> None:
    assert filled(text) == value


def test_what_extends_another_service_has_its_keys() -> None:
    text = "services:\n  base: {image: a, environment: {X: 1, Y: 1}}\n  web: {extends: base, environment: {Y: 2}}\n"
    assert services(text)["web"].env == {"X": "1", "Y": "2"}
    assert services("services: {a: {extends: a, image: x}}")["a"].image == "x"


def test_included_files_and_those_of_other_folders_are_read() -> None:
    more = {"db/compose.yaml": "services: {db: {image: 'postgres:16'}}"}
    assert services("include: [db/compose.yaml]\nservices: {web: {build: .}}", **more).keys() == {"web", "db"}


def test_production_adds_to_the_usual_file_and_development_does_not() -> None:
    found = compose_files(
        Files(
            {
                "docker-compose.yml": "services: {web: {build: ., environment: {A: 1}}}",
                "docker-compose.prod.yml": "services: {web: {environment: [B=2]}}",
                "docker-compose.override.yml": "services: {web: {command: npm run dev}}",
            }
        )
    )
    assert found.services[0].env == {"A": "1", "B": "2"}
    assert found.services[0].command == ()
    assert found.left == ("docker-compose.override.yml",)


def test_a_file_in_a_folder_for_deployments_is_read_and_one_of_a_test_is_not() -> None:
    text = "services: {web: {build: ..}}"
    assert compose_files(Files({"docker/docker-compose.yml": text})).read == ("docker/docker-compose.yml",)
    assert compose_files(Files({"e2e/docker-compose.yml": text})).read == ()


def test_no_file_that_is_broken_ends_a_draft() -> None:
    for text in (
        "services: [",
        "services: [1]",
        "services: {a: 1}",
        "services: {a: {build: [1], ports: {}, environment: 7}}",
    ):
        assert all(one.name == "a" for one in compose_files(Files({"compose.yaml": text})).services)
