"""What a source needs of its surroundings: hosts, variables, and what could only be guessed."""

from __future__ import annotations

from typing import Any

from kforge.domain.document import Document, Documents
from kforge.domain.facts import Facts
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
    message = "the source calls `db:5432` (main.py:12), and `db` has no Service, since it is known to listen on no port"
    assert hits(WEB, workload("db"), known=calls("db", 5432)) == [
        ("unknown-host", message, "pin `services.db.port: 5432`")
    ]


def test_a_call_to_another_port_is_told() -> None:
    message = "the source calls `db:5433` (main.py:12), and Service `db` has port 5432"
    assert hits(WEB, workload("db"), service("db", 5432), known=calls("db", 5433))[0][1] == message


def test_a_call_to_nobody_is_told() -> None:
    assert (
        hits(WEB, known=calls("cache", 0))[0][1]
        == "the source calls `cache` (main.py:12), and nobody here is called that"
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
    message = "the source needs `B` (main.py:12), and nothing sets it"
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
