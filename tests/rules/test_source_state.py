"""What a source shows of itself becomes a finding: once an image, at the line that shows it."""

from __future__ import annotations

from dataclasses import replace

from kforge.domain.document import Dockerfile, Document, Documents, Stage
from kforge.domain.facts import NOTHING, Evidence, Fact
from tests.rules.families import family

RULES = family("source_state")
KNOWN = replace(
    NOTHING,
    faults=(
        Fact({"said": "`ui/dist` is embedded, and nothing makes it", "hint": "commit it"}, (Evidence("ui.go", 5),)),
    ),
    doubts=(Fact({"said": "no Node.js fits", "hint": "name another"}),),
)
IMAGE = Document(
    path="web/Dockerfile", artifact="dockerfile", service="web", dockerfile=Dockerfile((Stage("run", "x", ()),))
)


def workload(name: str) -> Document:
    return Document(path=f"{name}.yaml", artifact="deployment", service=name, data={"kind": "Deployment"})


def hits(*items: Document) -> list[tuple[str, str, str, str]]:
    documents = Documents(items=items, facts={"web": KNOWN, "worker": KNOWN})
    return [(rule.id, hit.document.path, hit.message, hit.hint) for rule in RULES for hit in rule.check(documents)]


def test_a_fault_is_an_error_and_a_doubt_a_warning_of_the_file_that_builds_the_source() -> None:
    assert hits(workload("web"), workload("worker"), IMAGE) == [
        ("source-fault", "web/Dockerfile", "`ui/dist` is embedded, and nothing makes it (ui.go:5)", "commit it"),
        ("source-doubt", "web/Dockerfile", "no Node.js fits", "name another"),
    ]
    assert {rule.id: rule.level for rule in RULES} == {"source-fault": "error", "source-doubt": "warning"}


def test_a_source_whose_dockerfile_is_the_users_is_told_of_at_one_workload() -> None:
    assert [place for _, place, _, _ in hits(workload("web"), workload("worker"))] == ["web.yaml", "web.yaml"]
