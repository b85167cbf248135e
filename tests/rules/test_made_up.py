"""A rule is one function in one file and one entry of the catalog: it finds, is waived, documented, and stands junk."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs import rules as pages
from kforge import catalog, rules
from kforge.domain.finding import PAGES, Rule
from tests.conftest import run, write
from tests.rules import examples
from tests.rules.junk import environment, junked
from tests.rules.unlucky import UNLUCKY

ID = "unlucky-port"
SPEC = f"""apiVersion: kforge.dev/v1
app: shop
services:
  web: {{image: "ghcr.io/acme/web:1.4.2", port: {UNLUCKY}}}
"""
WAIVED = f"{SPEC}waivers:\n  - {{rule: {ID}, target: Deployment/web, reason: it is the 13th}}\n"


@pytest.fixture(autouse=True)
def unlucky(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """`tests/rules/unlucky.py` as if it lay in `kforge/rules/`, and its line in the catalog."""
    monkeypatch.setattr(rules, "__path__", [*rules.__path__, str(Path(__file__).parent)])
    monkeypatch.setattr(catalog, "RULES", (*catalog.RULES, "unlucky"))
    yield
    sys.modules.pop("kforge.rules.unlucky", None)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return write(tmp_path / "shop", {"app.kforge.yaml": SPEC})


def made_up() -> Rule:
    return next(rule for rule in catalog.rules() if rule.id == ID)


def test_a_build_that_it_refuses_writes_nothing_and_says_field_place_and_way_out(shop: Path) -> None:
    told = run("build", cwd=shop, code=1).err
    assert [path.name for path in shop.iterdir() if path.name[0] != "."] == ["app.kforge.yaml"]
    assert [line for line in told.splitlines() if line and "|" not in line][:4] == [
        f"error[{ID}]: container `web` listens on {UNLUCKY}",
        "  --> deploy/kubernetes/web/deployment.yaml: spec.template.spec.containers[0].ports[0].containerPort",
        "  from: app.kforge.yaml:4:48 web/process.ports",
        "  help: listen elsewhere",
    ]


def test_its_finding_leads_machines_to_its_page(shop: Path) -> None:
    findings = json.loads(run("build", "--format", "json", cwd=shop, code=1).out)["findings"]
    assert {found["rule"]: found["helpUri"] for found in findings}[ID] == f"{PAGES}#{ID}"


def test_a_waiver_silences_it(shop: Path) -> None:
    write(shop, {"app.kforge.yaml": WAIVED})
    assert run("build", cwd=shop).code == 0


def test_a_waiver_of_it_is_known_to_the_spec_only_with_it(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(shop, {"app.kforge.yaml": WAIVED})
    monkeypatch.setattr(catalog, "RULES", catalog.RULES[:-1])
    assert f"there is no rule `{ID}`" in run("build", cwd=shop, code=2).err


def test_a_full_check_asks_it(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as before:
        before.setattr(catalog, "RULES", catalog.RULES[:-1])
        run("build", cwd=shop, code=0)
    assert f"error[{ID}]" in run("check", "--full", cwd=shop, code=1).err


def test_its_docstring_is_its_page() -> None:
    written = pages.document()
    assert f"### `{ID}`\n\n*error · workloads · can be waived*\n\nNo container listens on port 1313." in written


def test_its_examples_are_held_against_it() -> None:
    shown = pages.examples(made_up().page)[1]
    assert [len([*made_up().check(examples.environment(made_up(), shown[name]))]) for name in ("Wrong", "Right")] == [
        1,
        0,
    ]


@pytest.mark.parametrize("seed", range(20))
def test_it_stands_whatever_shape_the_manifests_have(seed: int) -> None:
    chance, wrong = random.Random(seed), pages.examples(made_up().page)[1]["Wrong"]
    spoilt = examples.environment(made_up(), wrong, lambda value: junked(chance, value, 0.3))
    assert all(hit.field for held in (spoilt, environment(chance)) for hit in made_up().check(held))
