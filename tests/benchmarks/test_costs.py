"""The table of what the shop costs: the price table's rows, each with its source and date, worked out of the tokens that stand above."""

import math
import re
from pathlib import Path

from benchmarks import costs
from kforge.domain.model.request import Message, Request, Usage
from kforge.domain.model.vendors import NAMES
from kforge.llm.prices import PRICES


def cells(text, columns):
    """The rows of the table with so many columns, below its head."""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("|")]
    return [row for row in rows if len(row) == columns and not set(row[0]) <= {"-"}][1:]


ROOT = Path(__file__).parents[2]
PAGE = costs.PAGE.read_text(encoding="utf-8")
COUNTED = {name: (int(many), Usage(int(read), int(said))) for name, many, read, said in cells(PAGE, 4)}


def test_the_rows_are_those_of_the_price_table():
    shown = {(vendor, model, both, day) for vendor, model, both, day, *_ in cells(PAGE, 4 + len(COUNTED))}
    assert shown == {(one.vendor, model, f"{one.input:g}, {one.output:g}", one.date) for model, one in PRICES.items()}


def test_the_dollars_are_those_of_the_tokens():
    assert costs.page(COUNTED) == PAGE


def test_a_first_build_costs_at_most_what_the_documentation_says():
    dearest = max(price.of(usage) for price in PRICES.values() for _, usage in COUNTED.values())
    documented = re.findall(
        r"costs at most ([0-9.]+) cents", (ROOT / "docs" / "servers.md").read_text(encoding="utf-8")
    )
    assert documented == [f"{math.ceil(dearest * 1000) / 10:g}"]


def test_every_price_has_a_vendor_a_source_and_a_date():
    assert all(one.vendor in NAMES and "https://" in one.source for one in PRICES.values())
    assert all(re.fullmatch(r"20\d\d(-\d\d)?", one.date) for one in PRICES.values())


def test_an_answer_is_counted_with_the_longest_phrases():
    schema = {"type": "object", "properties": {"a": {"enum": ["x", "much longer than that", "y"]}}}
    sent = Request("web/build", (Message("user", "four words are asked"),), schema)
    used = costs.used([sent])
    assert used.output > 5 and used.input > used.output


def test_what_is_counted_is_what_is_asked(tmp_path):
    sent = costs.requests(costs.shop(tmp_path / "shop", {"cache": costs.WISHES["cache"]}))
    texts = {one.target: one.messages[1].content for one in sent}
    assert costs.WISHES["cache"] in texts["cache/resources"]
    assert all(costs.WISHES["cache"] not in text for target, text in texts.items() if target != "cache/resources")
