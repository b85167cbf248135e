"""Every rule is a page of documentation: a claim, a reason, a way out, and examples that the rule itself judges."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs import rules as pages
from kforge import catalog
from kforge.domain.document import Document
from kforge.domain.finding import PAGES, Finding, Rule
from kforge.output.json_text import finding
from kforge.stages.check import WAIVER_PAGES
from kforge.stages.support import SUPPORT_PAGES
from tests.rules.examples import environment

RULES: tuple[Rule, ...] = catalog.rules()
PAGE = Path(pages.__file__).with_name("rules.md")
EXAMPLES = {rule.id: pages.examples(rule.page)[1] for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_has_a_page_that_begins_with_its_claim_and_gives_a_reason(rule: Rule) -> None:
    claim, blank, *reason = pages.examples(rule.page)[0].splitlines()
    assert claim.endswith(".") and not blank and len(" ".join(reason)) > 40, "write it as the docstring of the check"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_says_what_to_do_without_a_full_stop(rule: Rule) -> None:
    assert re.fullmatch(r"[^A-Z\s].*[^.\s]", rule.hint)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.sources], ids=lambda rule: rule.id)
def test_every_source_is_an_address(rule: Rule) -> None:
    assert all(re.fullmatch(r"https://[\w./#&~()-]+", url) for url in rule.sources)


@pytest.mark.parametrize("rule", [rule for rule in RULES if EXAMPLES[rule.id]], ids=lambda rule: rule.id)
def test_a_rule_finds_what_its_page_calls_wrong(rule: Rule) -> None:
    assert [*rule.check(environment(rule, EXAMPLES[rule.id]["Wrong"]))]


@pytest.mark.parametrize("rule", [rule for rule in RULES if "Right" in EXAMPLES[rule.id]], ids=lambda rule: rule.id)
def test_a_rule_takes_what_its_page_calls_right(rule: Rule) -> None:
    assert [hit.message for hit in rule.check(environment(rule, EXAMPLES[rule.id]["Right"]))] == []


def test_a_rule_without_an_example_is_tested_by_its_name() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parents[1].rglob("test_*.py"))
    named = {*re.findall(r'"([a-z-]+)"|\[([a-z-]+)\]', texts)}
    assert [rule.id for rule in RULES if not EXAMPLES[rule.id] and not any(rule.id in each for each in named)] == []


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.kinds and EXAMPLES[rule.id]], ids=lambda rule: rule.id)
def test_a_rule_names_documents_of_the_kinds_that_its_page_says(rule: Rule) -> None:
    hits = rule.check(environment(rule, EXAMPLES[rule.id]["Wrong"]))
    assert {kind(hit.document) for hit in hits} <= {*rule.kinds}


def kind(document: Document) -> str:
    if document.dockerfile:
        return "Dockerfile"
    return document.kind or ("Component" if document.artifact == "images" else document.path.rpartition("/")[2])


def test_the_pages_are_written_from_the_rules() -> None:
    assert PAGE.read_text(encoding="utf-8") == pages.document(), "run: python docs/rules.py"


def test_a_finding_leads_to_the_page_of_its_rule() -> None:
    uris = {
        finding(Finding(name, "error", "", ""))["helpUri"]
        for name in (*(rule.id for rule in RULES), *WAIVER_PAGES, *SUPPORT_PAGES)
    }
    headings = re.findall(r"^### `([a-z-]+)`$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert uris == {f"{PAGES}#{heading}" for heading in headings}


def test_no_heading_takes_the_anchor_of_a_rule() -> None:
    headings = re.findall(r"^#+ (.*)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    anchors = [re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings]
    assert len({*anchors}) == len(anchors)
