"""What a first build of specs/shop costs where a model decides all topics, on vendors whose prices are known.

`python -m benchmarks.costs` counts the tokens of the questions and prints a table by vendor and model; `--write` renews
costs.md. Nothing is asked: tokens are estimated as everywhere in kforge (`llm/tokens.py`), schemas with the messages since
vendors count them, and an answer chooses the longest phrase for every key. Thoughts of models that think come on top.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from kforge.domain.model.request import Request, Usage
from kforge.domain.spec.project import Project
from kforge.llm import tokens
from kforge.llm.joint_request import joined
from kforge.llm.prices import PRICES
from kforge.llm.prompt import prompt
from kforge.outcome import Options
from kforge.pipeline import run
from kforge.prompt_export import Recorder

PAGE = Path(__file__).with_name("costs.md")
SHOP = Path(__file__).parents[1] / "specs" / "shop"
TOGETHER = 4
WISHES = {
    "web": "Before a sale the cache is filled, so give it two minutes to start.",
    "catalog": "It keeps all products in memory, plan 600 MiB for it.",
    "orders": "It must have 45 seconds to finish what it has begun.",
    "nightly": "One retry is enough, and it has to be done within an hour.",
    "cache": "Half a core is plenty.",
    "db": "Give it three minutes to replay its log.",
}


def shop(folder: Path, wishes: Mapping[str, str]) -> Project:
    """A copy of the example that was never built, with a model and a wish for each service that has one here."""
    shutil.copytree(SHOP, folder, ignore=shutil.ignore_patterns("deploy", "kforge.*", "docker-bake.hcl"))
    spec = folder / "app.kforge.yaml"
    held = yaml.safe_load(spec.read_text(encoding="utf-8"))
    held["model"] = {"name": "auto"}
    for name, wish in wishes.items():
        held["services"][name]["requirements"] = wish
    spec.write_text(yaml.safe_dump(held, sort_keys=False), encoding="utf-8")
    return Project(spec, folder)


def requests(project: Project, together: int = 1) -> list[Request]:
    """What a first build sends, with the heuristics' answers to what comes before a question."""
    held: list[Request] = []
    recorder = Recorder()
    run(project, Options(today=date(2026, 1, 1), ask=recorder.who))
    done: set[str] = set()
    for target in recorder.found:
        if target not in done:
            many = recorder.beside(target, together)
            held.append(joined(many) if len(many) > 1 else prompt(many[0]))
            done |= {one.target for one in many}
    return held


def used(sent: Sequence[Request]) -> Usage:
    """Tokens of requests and of the longest answers to them."""
    read = sum(tokens.of_request(one) + tokens.estimate(json.dumps(one.schema)) for one in sent)
    return Usage(read, sum(tokens.estimate(json.dumps(_longest(one.schema))) for one in sent))


def _longest(schema: Mapping[str, Any]) -> Any:
    if "enum" in schema:
        return max(schema["enum"], key=lambda one: (tokens.estimate(one), one))
    return {name: _longest(one) for name, one in schema["properties"].items()}


def counted() -> dict[str, tuple[int, Usage]]:
    """Requests and tokens by what is built."""
    with tempfile.TemporaryDirectory(prefix="kforge-costs-") as scratch:
        plain, wished = shop(Path(scratch, "plain"), {}), shop(Path(scratch, "wished"), WISHES)
        found = {
            "as it is": requests(plain),
            "with a wish each": requests(wished),
            f"with a wish each, {TOGETHER} together": requests(wished, TOGETHER),
        }
    return {name: (len(sent), used(sent)) for name, sent in found.items()}


def page(found: Mapping[str, tuple[int, Usage]]) -> str:
    """The whole of costs.md."""
    lines = [
        "# What the shop costs",
        "",
        "A first build of `specs/shop` where a model decides all topics, in US dollars (`python -m benchmarks.costs`, which"
        " says what is counted). A later build asks what changed and costs that.",
        "",
        "| the shop's six services | requests | tokens in | tokens out |",
        "|---|---|---|---|",
        *(f"| {name} | {many} | {usage.input} | {usage.output} |" for name, (many, usage) in found.items()),
        "",
        f"| vendor | model | in, out a million | price of | {' | '.join(found)} |",
        f"|---|---|---|---|{'---|' * len(found)}",
    ]
    for model, price in sorted(PRICES.items(), key=lambda one: (one[1].vendor, one[0])):
        cells = [f"{price.of(usage):.4f}" for _, usage in found.values()]
        lines.append(
            f"| {price.vendor} | {model} | {price.input:g}, {price.output:g} | {price.date} | {' | '.join(cells)} |"
        )
    sources = sorted({(price.vendor, price.source) for price in PRICES.values()})
    return "\n".join([*lines, "", "Sources:", "", *(f"- {vendor}: {source}" for vendor, source in sources), ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="renew costs.md")
    options = parser.parse_args()
    text = page(counted())
    if options.write:
        PAGE.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
