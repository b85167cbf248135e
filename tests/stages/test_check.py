"""Findings: order, origins, waivers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import pytest

from kforge.domain.document import Document, Documents
from kforge.domain.finding import Finding, Hit, Rule
from kforge.errors import InputError, Place
from kforge.stages.check import COMPARED, LOOKED, TOLD, WAIVER_PAGES, check, check_all

TODAY = date(2027, 1, 15)


@dataclass(frozen=True)
class Waiver:
    rule: str
    target: str = "*"
    until: str | None = None


def document(name: str, origins: dict[str, str] | None = None, environment: str = "") -> Document:
    data = {"kind": "Deployment", "metadata": {"name": name}}
    return Document(
        path=f"k/{name}.yaml", artifact="x", service=name, data=data, origins=origins or {}, environment=environment
    )


def rule(name: str, *fields: str, waivable: bool = True, message: str = "wrong") -> Rule:
    def find(documents: Documents) -> Iterator[Hit]:
        return (Hit(item, field, message) for item in documents for field in fields)

    return Rule(name, "error", "mend it", find, waivable)


def locate(document: Document, origin: str) -> Place | None:
    return Place("app.kforge.yaml", 7) if origin else None


def run(*rules: Rule, documents: Documents | None = None, waivers: tuple[Waiver, ...] = ()) -> tuple[Finding, ...]:
    return check(documents or Documents((document("web"),)), rules, waivers, TODAY, locate)


def test_a_field_may_have_a_name_of_any_digits() -> None:
    fields = [f'data["{digit * 5000}"]' for digit in ("9", "\u00b2", "\u0663")]
    assert len(run(rule("a", *fields))) == 3


def test_findings_come_in_one_order_with_numbers_as_numbers() -> None:
    documents = Documents((document("web"), document("api")))
    found = run(rule("b", "x[10]", "x[2]"), rule("a", "x[2]"), documents=documents)
    order = [(finding.file, finding.field, finding.rule) for finding in found]
    files = [("x[2]", "a"), ("x[2]", "b"), ("x[10]", "b")]
    assert order == [(path, field, name) for path in ("k/api.yaml", "k/web.yaml") for field, name in files]


@pytest.mark.parametrize(
    ("origins", "said"),
    [
        ({"a.b": "spec.image"}, "services.web.image"),
        ({"a": "resources.memory"}, "web/resources.memory"),
        ({"": "app.registry"}, "registry"),
        ({"a.b[0].c": "kforge: for a reason"}, "kforge: for a reason"),
        ({"a.b": "patches[0]: pools warm up"}, "patches[0]: pools warm up"),
        ({"a": "environments.prod.patches[0]: load"}, "environments.prod.patches[0]: load"),
        ({"x": "spec.image"}, ""),
    ],
)
def test_the_nearest_origin_is_attached_as_the_spec_says_it(origins: dict[str, str], said: str) -> None:
    finding = run(rule("a", "a.b[0].c"), documents=Documents((document("web", origins),)))[0]
    assert (finding.origin, finding.where) == (said, Place("app.kforge.yaml", 7) if said else None)


def test_a_field_that_cannot_be_read_as_a_path_is_no_failure() -> None:
    assert run(rule("a", "no path["))[0].origin == ""


@pytest.mark.parametrize("target", ["*", "Deployment/*", "Deployment/web", "Deployment/w*"])
def test_a_waiver_covers_its_targets(target: str) -> None:
    assert run(rule("a", "x"), waivers=(Waiver("a", target),)) == ()


@pytest.mark.parametrize("target", ["Deployment/api", "StatefulSet/*", "deployment/web"])
def test_a_waiver_covers_nothing_else_and_says_so(target: str) -> None:
    assert {finding.rule for finding in run(rule("a", "x"), waivers=(Waiver("a", target),))} == {"a", "unused-waiver"}


def test_a_waiver_counts_on_its_last_day() -> None:
    assert run(rule("a", "x"), waivers=(Waiver("a", until="2027-01-15"),)) == ()


def test_a_waiver_that_has_ended_no_longer_counts_and_is_a_finding() -> None:
    found = run(rule("a", "x"), waivers=(Waiver("a", until="2027-01-14"),))
    assert [(finding.rule, finding.level) for finding in found] == [("expired-waiver", "warning"), ("a", "error")]


def test_a_rule_that_cannot_be_waived_refuses_the_waiver() -> None:
    found = run(rule("a", "x", waivable=False), waivers=(Waiver("a"),))
    assert sorted((finding.rule, finding.level) for finding in found) == [("a", "error"), ("refused-waiver", "error")]


def test_a_waiver_of_a_rule_that_does_not_exist_names_the_nearest() -> None:
    assert run(rule("cpu-limits"), waivers=(Waiver("cpu-limit"),))[0].hint == "did you mean `cpu-limits`"


def test_a_waiver_is_at_its_place_in_the_spec() -> None:
    assert run(waivers=(Waiver("a"),))[0].where == Place("app.kforge.yaml", 7)


def test_what_an_environment_shares_with_the_base_is_said_once() -> None:
    base, prod = Documents((document("web"),)), Documents((document("web"), document("api")), environment="prod")
    found = check_all((prod, base), (rule("a", "x"),), (), TODAY, locate)
    assert [(finding.environment, finding.object) for finding in found] == [
        ("", "Deployment/web"),
        ("prod", "Deployment/api"),
    ]


def test_what_a_job_shares_with_the_base_is_said_once_though_its_name_tells_its_pod() -> None:
    def job(name: str) -> Document:
        data = {"kind": "Job", "metadata": {"name": name}}
        return Document(path="k/seed/job.yaml", artifact="job", service="seed", data=data)

    base, prod = Documents((job("seed-0a1b2c3d4e"),)), Documents((job("seed-5f6a7b8c9d"),), environment="prod")
    found = check_all((base, prod), (rule("a", "x"),), (), TODAY, locate)
    assert [(finding.environment, finding.object) for finding in found] == [("", "Job/seed-0a1b2c3d4e")]


def test_a_waiver_that_only_an_environment_needs_is_used() -> None:
    base, prod = Documents(()), Documents((document("web"),), environment="prod")
    assert check_all((base, prod), (rule("a", "x"),), (Waiver("a"),), TODAY, locate) == ()


def typed(*fields: str) -> Rule:
    def find(documents: Documents) -> Iterator[Hit]:
        return (Hit(item, field, "expected list", misfit=True) for item in documents for field in fields)

    return Rule("schema", "error", "mend it", find, waivable=False, types=True)


def failing(documents: Documents) -> Iterator[Hit]:
    raise AssertionError("it relies on types that are wrong")


def test_where_a_type_is_wrong_no_other_rule_looks_and_no_waiver_is_called_unused() -> None:
    found = run(Rule("b", "error", "mend it", failing), typed("spec"), waivers=(Waiver("b"),))
    assert [(finding.rule, finding.field) for finding in found] == [("schema", "spec")]


def test_where_no_type_is_wrong_every_rule_looks() -> None:
    assert [finding.rule for finding in run(rule("b", "x"), typed())] == ["b"]


def test_a_finding_in_the_user_s_own_file_has_the_line_of_its_field() -> None:
    own = Document(
        path="extra.yaml",
        artifact="included",
        data={"kind": "Pod", "metadata": {"name": "x"}},
        place=lambda field: Place("extra.yaml", len(field)),
    )
    assert run(rule("a", "spec"), documents=Documents((own,)))[0].where == Place("extra.yaml", 4)


def test_every_finding_about_a_waiver_has_a_page() -> None:
    waivers = (Waiver("strict"), Waiver("a", until="2026-12-31"), Waiver("nothing"))
    found = run(rule("strict", waivable=False), rule("a"), waivers=waivers)
    assert {finding.rule for finding in found} == {*WAIVER_PAGES}


def many(number: int, environment: str = "") -> Documents:
    return Documents(tuple(document(f"web{each}") for each in range(number)), environment=environment)


def test_of_many_findings_of_a_rule_the_first_are_told_and_one_says_that_there_are_more() -> None:
    found = run(rule("a", "x"), rule("b", "y"), documents=many(TOLD + 5))
    more = "this rule has more findings: the first 300 are shown"
    assert [(finding.rule, finding.level) for finding in found if finding.message == more] == [
        ("a", "error"),
        ("b", "error"),
    ]
    assert len(found) == 2 * (TOLD + 1)


def test_a_finding_behind_many_that_are_waived_is_told() -> None:
    waivers = (Waiver("a", "Deployment/web*"),)
    documents = Documents((*many(TOLD + 5), document("api")))
    assert [finding.object for finding in run(rule("a", "x"), documents=documents, waivers=waivers)] == [
        "Deployment/api"
    ]


def test_rules_stop_where_they_find_more_than_anybody_reads_and_that_is_an_error() -> None:
    asked = 0

    def find(documents: Documents) -> Iterator[Hit]:
        nonlocal asked
        for item in documents:
            for _ in range(LOOKED):
                asked += 1
                yield Hit(item, "x", "wrong")

    found = run(Rule("a", "warning", "mend it", find), documents=many(10), waivers=(Waiver("a"),))
    assert ([(finding.rule, finding.level) for finding in found], asked) == ([("unfinished", "error")], LOOKED + 1)


def test_waivers_are_held_against_each_object_once() -> None:
    documents = many(1000)
    waivers = tuple(Waiver("a", f"Deployment/x{number}*") for number in range(COMPARED // 1000))
    fields = tuple(f"x{number}" for number in range(3))
    assert len(run(rule("a", *fields), documents=documents, waivers=waivers)) > TOLD


def test_too_many_waivers_for_too_many_objects_are_refused() -> None:
    waivers = tuple(Waiver("a", f"Deployment/x{number}*") for number in range(COMPARED // 1000 + 1))
    with pytest.raises(InputError, match="too many waivers of rule `a` for so many objects"):
        run(rule("a", "x"), documents=many(1000), waivers=waivers)
