"""What runs in a container, by heuristics: from facts, from the user's Dockerfile, from what is known of an image."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kforge.domain.facts import NOTHING, Fact
from kforge.domain.images import qualified
from kforge.domain.known_images import known
from kforge.domain.secrets.source_secrets import HIDDEN
from kforge.errors import InputError
from tests.worlds import FRONT, GO, NODE, PYTHON, facts, one, world


def settled(made: Any) -> dict[str, Any]:
    return dict(made.values["web", "process"])


def reasons(made: Any) -> dict[str, str]:
    return dict(made.answers["web", "process"].reasons)


def ports(*found: dict[str, Any]) -> list[dict[str, Any]]:
    made = one(facts(language="node", start=[["node", "a.js"]], ports=list(found)))
    return list(settled(made)["ports"])


def test_a_source_runs_by_its_best_start_on_its_port() -> None:
    assert settled(one(NODE)) == {
        "command": ["node", "server.js"],
        "ports": [{"name": "http", "port": 3000, "protocol": "http", "env": "PORT"}],
        "user": 1000,
        "writable": ["/tmp"],
    }


@pytest.mark.parametrize(("source", "user"), [(PYTHON, 10001), (NODE, 1000), (GO, 65532), (FRONT, 101)])
def test_each_base_has_its_own_user(source: Any, user: int) -> None:
    assert settled(one(source))["user"] == user


@pytest.mark.parametrize("job", [{"job": True}, {"schedule": "0 3 * * *"}])
def test_a_job_has_no_ports(job: dict[str, Any]) -> None:
    assert settled(one(PYTHON, job))["ports"] == []


def test_ports_are_named_by_protocol_and_never_twice() -> None:
    http = {"protocol": "http", "env": ""}
    found = ports(
        {"port": 8080, **http},
        {"port": 9090, **http},
        {"port": 8081, **http},
        {"port": 50051, "protocol": "grpc", "env": ""},
        {"port": 8080, **http},
    )
    assert [port["name"] for port in found] == ["http", "metrics", "http-8081", "grpc"]


def test_a_privileged_port_that_a_variable_sets_is_moved() -> None:
    assert ports({"port": 80, "protocol": "http", "env": "PORT"})[0]["port"] == 8080


def test_a_privileged_port_in_the_code_stays() -> None:
    assert ports({"port": 80, "protocol": "http", "env": ""})[0]["port"] == 80


def test_a_pinned_port_is_told_to_the_command_that_names_one() -> None:
    known = replace(
        PYTHON,
        start=(Fact(["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]),),
        ports=(Fact({"port": 8000, "protocol": "http", "env": ""}),),
    )
    made = one(known, {"port": 9000})
    assert settled(made)["command"][-1] == "9000"
    assert settled(made)["ports"][0]["port"] == 9000


def test_writable_folders_are_sorted_and_lie_in_none_of_another() -> None:
    made = one(
        replace(NODE, writable=(Fact("/var/cache/web"), Fact("/app/uploads/big"), Fact("/app/uploads"), Fact("/tmp/x")))
    )
    assert settled(made)["writable"] == ["/app/uploads", "/tmp", "/var/cache/web"]


@pytest.mark.parametrize("folder", ["/app", "/app/data"])
def test_no_volume_hides_a_folder_that_holds_files_so_the_root_stays_writable(folder: str) -> None:
    made = one(replace(NODE, writable=(Fact("/app/cache"), Fact(folder)), occupied=(Fact(folder),)))
    assert settled(made)["writable"] == ["/", *sorted({folder, "/app/cache", "/tmp"})]
    assert f"`{folder}` holds files of the source" in reasons(made)["writable"]


def test_what_the_image_is_made_of_is_never_writable() -> None:
    made = one(replace(NODE, writable=(Fact("/etc"),)))
    assert settled(made)["writable"] == ["/tmp"]
    assert "`/etc` holds the program" in reasons(made)["writable"]


def test_a_source_that_shows_no_start_is_an_error_with_the_way_out() -> None:
    with pytest.raises(InputError, match="shows how it starts") as caught:
        one(replace(NODE, start=()))
    assert "services.web.command" in caught.value.problems[0].hint


def test_a_start_with_a_credential_is_an_error_that_does_not_repeat_it_unless_another_is_pinned() -> None:
    known = replace(NODE, start=(Fact(["node", "x.js", "--password", HIDDEN]),))
    with pytest.raises(InputError, match="holds a credential, after `--password`, which"):
        one(known)
    assert settled(one(known, {"command": ["node", "x.js"]}))["command"] == ["node", "x.js"]


def test_a_pinned_command_needs_no_start() -> None:
    assert settled(one(replace(NODE, start=()), {"command": ["node", "x.js"]}))["command"] == ["node", "x.js"]


# ---- the user's Dockerfile ------------------------------------------------------------------------------------
def described(**changes: Any) -> Any:
    value = {
        "path": "Dockerfile",
        "base": "rust:1.80",
        "user": "",
        "expose": [{"port": 3002, "protocol": "tcp"}],
        "volumes": [],
        **changes,
    }
    return one(replace(NOTHING, dockerfile=Fact(value)))


@pytest.mark.parametrize(
    ("user", "number"),
    [
        ("1234", 1234),
        ("1234:1234", 1234),
        ("node", 1000),
        ("nobody", 65534),
        ("nonroot:nonroot", 65532),
        ("", 10001),
        ("root", 10001),
        ("0", 10001),
        ("deploy", 10001),
        ("2147483648", 10001),
        ("9" * 5000, 10001),
        ("\u00b2", 10001),
        ("\u0663", 10001),
        ("1000:" + "9" * 5000, 1000),
    ],
)
def test_the_dockerfiles_user_becomes_a_number(user: str, number: int) -> None:
    assert settled(described(user=user))["user"] == number


def test_root_is_refused_with_a_reason() -> None:
    assert "pods here do not run as root" in reasons(described(user="root"))["user"]


def test_a_dockerfile_on_a_known_image_runs_as_that_images_user() -> None:
    assert settled(described(base="mongo:5"))["user"] == 999


def test_a_dockerfile_on_a_known_image_listens_and_writes_where_that_image_does() -> None:
    made = world(
        {"web": {"source": "./web"}}, {"web": facts(dockerfile={"base": "mysql:5.7", "volumes": ["/archive"]})}
    )
    assert [port["port"] for port in settled(made)["ports"]] == [3306]
    assert settled(made)["writable"] == ["/archive", "/tmp", "/var/lib/mysql", "/var/run/mysqld"]
    assert reasons(made)["ports"] == "its Dockerfile is based on mysql, and mysql images listen there"


def test_a_start_below_roots_home_is_told() -> None:
    assert "only root enters" in reasons(described(base="nginx:1.30", entrypoint=["/root/start.sh"]))["user"]
    assert (
        "only root enters"
        not in reasons(described(base="nginx:1.30", user="101", entrypoint=["/root/start.sh"]))["user"]
    )


@pytest.mark.parametrize("level", ["baseline", "none"])
def test_where_root_is_allowed_the_dockerfile_keeps_its_user(level: str) -> None:
    made = world({"web": {"source": "./web", "hardening": level}}, {"web": facts(dockerfile={"base": "nginx:1.30"})})
    assert settled(made)["user"] is None


@pytest.mark.parametrize(
    "block", [{"source": "./web"}, {"image": "docker.io/library/redis:8"}, {"image": "ghcr.io/acme/unheard-of:1"}]
)
def test_nothing_is_mounted_over_an_image_whose_root_is_writable(block: dict[str, Any]) -> None:
    made = world(
        {"web": {**block, "hardening": "baseline"}},
        {"web": facts(dockerfile={"base": "nginx:1.30", "volumes": ["/data"]})} if "source" in block else {},
    )
    assert settled(made)["writable"] == ["/"]


def test_a_named_number_holds_at_every_level() -> None:
    made = world(
        {"web": {"source": "./web", "hardening": "none"}},
        {"web": facts(dockerfile={"base": "nginx:1.30", "user": "1234"})},
    )
    assert settled(made)["user"] == 1234


def test_uwsgi_is_told_to_stay_who_it_is() -> None:
    source = replace(PYTHON, start=(Fact(["uwsgi", "--ini", "web.ini"]),))
    assert settled(one(source))["command"][3:] == ["--uid", "10001", "--gid", "10001"]
    assert settled(one(source, {"user": 5000}))["command"][3:] == ["--uid", "5000", "--gid", "5000"]


def test_a_dockerfile_says_ports_command_and_volumes() -> None:
    value = settled(described(volumes=["/data"]))
    assert (value["command"], [port["port"] for port in value["ports"]], value["writable"]) == (
        None,
        [3002],
        ["/data", "/tmp"],
    )


# ---- images built elsewhere -----------------------------------------------------------------------------------
def image(name: str, **more: Any) -> Any:
    return world({"web": {"image": name, **more}}, {})


def test_a_well_known_image_speaks_for_itself() -> None:
    assert settled(image("docker.io/library/redis:8.8.3")) == {
        "command": None,
        "ports": [{"name": "redis", "port": 6379, "protocol": "tcp", "env": ""}],
        "user": 999,
        "writable": ["/data", "/tmp"],
    }


@pytest.mark.parametrize(
    ("name", "user"),
    [
        ("postgres:18", 999),
        ("postgres:18-alpine", 70),
        ("rabbitmq:4-alpine", 100),
        ("registry.acme.internal/library/redis:8", 999),
        ("quay.io/keycloak/keycloak:26", 1000),
    ],
)
def test_users_of_variants_and_mirrors_are_known(name: str, user: int) -> None:
    assert settled(image(name))["user"] == user


@pytest.mark.parametrize(
    ("name", "numbers", "writable"),
    [
        ("rabbitmq:4.3-alpine", [5672], ["/tmp", "/var/lib/rabbitmq", "/var/log/rabbitmq"]),
        ("rabbitmq:3.13-management", [5672, 15672], ["/tmp", "/var/lib/rabbitmq", "/var/log/rabbitmq"]),
        ("rabbitmq:3.8-management-alpine", [5672, 15672], ["/"]),
        ("php:8.4-apache", [80], ["/tmp", "/var/lock/apache2", "/var/run/apache2"]),
        ("php:8.4-fpm-alpine", [9000], ["/tmp"]),
        ("php:8.4-cli", [], ["/tmp"]),
    ],
)
def test_a_tag_names_a_variant_or_an_age(name: str, numbers: list[int], writable: list[str]) -> None:
    value = settled(image(name))
    assert ([port["port"] for port in value["ports"]], value["writable"]) == (numbers, writable)


def test_a_store_without_a_volume_says_what_becomes_of_its_data() -> None:
    assert "add `volumes:`" in reasons(image("docker.io/library/postgres:18"))["writable"]
    assert "add `volumes:`" in reasons(described(base="mongo:5"))["writable"]
    kept = [{"name": "data", "path": "/var/lib/postgresql", "size": "1Gi"}]
    assert "volumes" not in reasons(image("docker.io/library/postgres:18", volumes=kept))["writable"]
    assert "volumes" not in reasons(image("docker.io/library/redis:8"))["writable"]


def test_an_unknown_image_is_run_as_it_says_where_root_is_allowed() -> None:
    assert settled(image("ghcr.io/acme/migrate:1.4.2", hardening="baseline"))["user"] is None


def test_an_unknown_image_gets_a_usual_user_and_says_so() -> None:
    made = image("ghcr.io/acme/migrate:1.4.2")
    assert (settled(made)["user"], settled(made)["ports"]) == (65532, [])
    assert "pin `user:`" in reasons(made)["user"]


def test_an_image_that_writes_beside_its_program_keeps_a_writable_root() -> None:
    assert settled(image("docker.io/apache/kafka:4.1.0"))["writable"] == ["/"]


def test_somebody_elses_image_of_the_same_name_is_no_mirror() -> None:
    assert known("docker.io/bitnami/redis:8") is None


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("redis:8", "docker.io/library/redis:8"),
        ("acme/web", "docker.io/acme/web"),
        ("ghcr.io/a/b", "ghcr.io/a/b"),
        ("localhost/a", "localhost/a"),
    ],
)
def test_short_names_are_docker_hubs(short: str, full: str) -> None:
    assert qualified(short) == full


def test_a_job_of_a_known_image_has_no_ports() -> None:
    assert settled(image("docker.io/library/postgres:18", job=True))["ports"] == []
