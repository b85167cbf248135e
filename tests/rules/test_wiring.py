"""What a source needs of its surroundings: hosts, variables, and what could only be guessed."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.document import Document, Documents
from kforge.domain.facts import Facts
from kforge.rules.podsecurity_restricted import read_only_root
from tests.rules.families import family
from tests.worlds import facts

RULES = family("wiring")


def workload(name: str, env: tuple[str, ...] = (), **container: Any) -> Document:
    box = {"name": name, "env": [{"name": variable, "value": "x"} for variable in env], **container}
    data = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"template": {"spec": {"containers": [box]}}},
    }
    return Document(path=f"{name}.yaml", artifact="deployment", service=name, data=data)


def service(name: str, *ports: int) -> Document:
    data = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"ports": [{"port": port} for port in ports]},
    }
    return Document(path=f"{name}-service.yaml", artifact="service", service=name, data=data)


def hits(*items: Document, known: dict[str, Facts] | None = None, **more: Any) -> list[tuple[str, str, str]]:
    documents = Documents(items=items, facts=known or {}, **more)
    return [(rule.id, hit.message, hit.hint) for rule in RULES for hit in rule.check(documents)]


def calls(host: str, port: int, **more: Any) -> dict[str, Facts]:
    return {"web": facts(hosts=[{"host": host, "port": port}], **more)}


WEB = workload("web")


def test_a_call_to_a_service_that_listens_there_is_fine() -> None:
    assert hits(WEB, workload("db"), service("db", 5432), known=calls("db", 5432)) == []


def test_a_call_to_a_service_that_listens_nowhere_is_told_with_the_port_to_pin() -> None:
    message = "the source calls `db:5432` (main.py:12), but `db` has no Service: no port is known that it listens on"
    assert hits(WEB, workload("db"), known=calls("db", 5432)) == [
        ("unknown-host", message, "pin `services.db.port: 5432`")
    ]


def test_a_call_to_another_port_is_told() -> None:
    message = "the source calls `db:5433` (main.py:12), but Service `db` has port 5432"
    assert hits(WEB, workload("db"), service("db", 5432), known=calls("db", 5433))[0][1] == message


def test_a_call_to_nobody_is_told() -> None:
    assert (
        hits(WEB, known=calls("cache", 0))[0][1]
        == "the source calls `cache` (main.py:12), and no service here has that name"
    )


def test_hosts_elsewhere_are_not_ours_to_judge() -> None:
    for host in ("api.example.com", "localhost", "db.other.svc"):
        assert hits(WEB, known=calls(host, 80)) == []
    assert hits(WEB, known=calls("db", 5432), external=("Service/db",)) == []


def test_a_default_that_the_spec_replaces_is_called_by_nobody() -> None:
    known = calls("db", 5432, env=[{"name": "DB_URL", "default": "postgres://db:5432/x", "required": False}])
    assert hits(workload("web", ("DB_URL",)), known=known) == []
    assert len(hits(WEB, known=known)) == 1


def test_a_needed_variable_that_nothing_sets_is_told() -> None:
    known = {"web": facts(env=[{"name": name, "default": None, "required": name != "C"} for name in "ABC"])}
    message = "the source needs `B` (main.py:12), and it is not set"
    assert hits(workload("web", ("A",)), known=known) == [
        ("unset-variable", message, "set it under `services.web.env` or `.secrets`")
    ]


def test_services_of_one_image_set_variables_for_each_other() -> None:
    known = dict.fromkeys(("web", "job"), facts(env=[{"name": "A", "default": None, "required": True}]))
    assert hits(workload("web", image="acme/web:1"), workload("job", ("A",), image="acme/web:1"), known=known) == []
    assert len(hits(workload("web", image="acme/web:1"), workload("job", ("A",), image="acme/job:1"), known=known)) == 1


def test_variables_may_come_in_bulk_or_from_the_dockerfile() -> None:
    needed = [{"name": "A", "default": None, "required": True}]
    assert hits(workload("web", envFrom=[{"secretRef": {"name": "all"}}]), known={"web": facts(env=needed)}) == []
    assert hits(WEB, known={"web": facts(env=needed, dockerfile={"env": {"A": "1"}})}) == []


def test_a_guess_is_said_aloud_with_its_way_out() -> None:
    reasons = {
        "web": {
            "process.user": "its number is not known here: pin `user:` if it has another",
            "resources.memory": "measure, then pin it",
        }
    }
    assert hits(WEB, reasons=reasons) == [("guess", "its number is not known here", "pin `user:` if it has another")]


def test_data_that_goes_with_its_pod_is_said_aloud() -> None:
    reasons = {
        "web": {
            "process.writable": "it keeps its data in folders that go with the pod: add `volumes:` for what must stay"
        }
    }
    assert [rule for rule, _, _ in hits(WEB, reasons=reasons)] == ["lost-data"]


# ---- data -----------------------------------------------------------------------------------------------------
KEPT = {"folder": "/app/data", "what": "a SQLite database", "env": ["DATABASE_URL"]}
LOST = "the source keeps a SQLite database in `/app/data` (main.py:12): lost with its pod"


def keeper(
    env: dict[str, str] | None = None, volume: dict[str, Any] | None = None, kind: str = "Deployment"
) -> Document:
    box = {
        "name": "web",
        "image": "shop",
        "env": [{"name": name, "value": value} for name, value in (env or {}).items()],
    }
    pod: dict[str, Any] = {"containers": [box]}
    if volume is not None:
        pod["volumes"], box["volumeMounts"] = [{"name": "d", **volume}], [{"name": "d", "mountPath": "/app/data"}]
    data = {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": "web"}, "spec": {"template": {"spec": pod}}}
    return Document(path="web.yaml", artifact="deployment", service="web", data=data)


def lost(*items: Document, **known: Any) -> list[tuple[str, str]]:
    found = hits(*items, known={"web": facts(**{"kept": [KEPT], **known})})
    return [(message, hint) for rule, message, hint in found if rule == "lost-data"]


@pytest.mark.parametrize("volume", [None, {"emptyDir": {}}])
def test_what_a_program_keeps_without_a_volume_is_told_with_both_ways_out(volume: dict[str, Any] | None) -> None:
    hint = (
        "add `services.web.volumes: [{name: data, path: /app/data, size: 1Gi}]`, or use another store by `DATABASE_URL`"
    )
    assert lost(keeper(volume=volume)) == [(LOST, hint)]


def test_what_a_program_keeps_in_a_claim_is_safe() -> None:
    assert lost(keeper(volume={"persistentVolumeClaim": {"claimName": "web-d"}})) == []


@pytest.mark.parametrize(
    ("value", "safe"),
    [("postgres://db/shop", True), ("sqlite:///data/a.db", False), ("file:./data/a.db", False), ("/srv/a.db", False), ("shop", True)],
)  # fmt: skip
def test_a_variable_that_names_another_store_makes_the_data_safe_unless_it_is_a_file(value: str, safe: bool) -> None:
    assert (lost(keeper({"DATABASE_URL": value})) == []) is safe


def test_a_file_that_a_variable_puts_into_a_claim_is_safe() -> None:
    volume = {"persistentVolumeClaim": {"claimName": "web-d"}}
    moved = {**KEPT, "folder": "/app/var"}
    assert lost(keeper({"DATABASE_URL": "sqlite:////app/data/a.db"}, volume), kept=[moved]) == []


def test_a_root_that_can_be_written_to_names_the_line_of_the_source_that_writes_there() -> None:
    documents = Documents(items=(WEB,), facts={"web": facts(occupied=["/app"])})
    assert [hit.message for hit in read_only_root.check(documents)] == [
        "the root file system can be written to, since the source writes to `/app`, where its files lie (main.py:12)"
    ]


def test_data_among_files_of_the_source_are_to_be_moved() -> None:
    message, hint = lost(keeper(), occupied=["/app/data"])[0]
    assert message == LOST
    assert hint.startswith(
        "`/app/data` holds files of the source: use another folder by `DATABASE_URL`, such as `/data`"
    )


def test_data_among_files_of_the_source_are_moved_by_the_variable_that_names_them_and_by_no_other() -> None:
    by_name = {**KEPT, "env": ["DB", "DB_HOST", "DB_NAME", "DB_PORT"], "moved": {"DB_NAME": "sqlite:///{}/a.db"}}
    assert lost(keeper(), kept=[by_name], occupied=["/app/data"])[0][1] == (
        "`/app/data` holds files of the source: set `DB_NAME` to `sqlite:////data/a.db`, and add "
        "`services.web.volumes: [{name: data, path: /data, size: 1Gi}]`, or use another store by `DB` or `DB_HOST` or `DB_PORT`"
    )


def test_of_many_variables_that_name_another_store_some_are_told() -> None:
    many = {**KEPT, "env": ["DB", "DB_HOST", "DB_NAME", "DB_PORT", "DB_USER"]}
    assert lost(keeper(), kept=[many])[0][1].endswith(
        "or use another store by `DB` or `DB_HOST` or `DB_NAME` or 2 more"
    )


def test_a_task_of_a_program_whose_data_are_in_a_claim_loses_nothing() -> None:
    claim = {"persistentVolumeClaim": {"claimName": "web-d"}}
    assert lost(keeper(kind="Job"), keeper(volume=claim)) == []


def test_services_of_one_image_are_told_once() -> None:
    assert len(lost(keeper(), keeper(kind="Job"))) == 1
