"""A pin holds one field: nothing else is asked again for it, and taking it away opens that field alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kforge.domain.spec.pins import nested, without
from tests import locks
from tests.conftest import contents, copied, edit, run
from tests.golden.examples import outcome
from tests.mutations import DEPLOYMENT, SPEC
from tests.trials import sample

ORDERS = "    source: ./orders\n"
# A pin as the spec says it, and the leaves of the decision that it holds.
PINS = {
    "resources: {cpu: 200m}": ("resources", "cpu"),
    "resources: {memory: 300Mi}": ("resources", "memory"),
    "user: 1234": ("process", "user"),
    "command: [/api, --fast]": ("process", "command"),
    "process: {writable: [/scratch]}": ("process", "writable"),
    "ports: [{name: http, port: 8080}]": ("process", "ports"),
    "probes: {readiness: {path: /ready}}": ("probes", "readiness.path"),
    "probes: {liveness: {period: 7}}": ("probes", "liveness.period"),
    "rollout: {gracePeriod: 45}": ("rollout", "gracePeriod"),
    "build: {packages: [curl]}": ("build", "packages"),
}


def decisions(folder: Path) -> dict[str, Any]:
    """Every decision in the lock, by target."""
    services = locks.read(folder)["services"]
    return {f"{name}/{topic}": held for name, block in services.items() for topic, held in block["decisions"].items()}


def differing(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    """Files that are not as they were. What lock and sums record of inputs is no file."""
    was, now = locks.but_for_records(before), locks.but_for_records(after)
    return {path for path in was if was[path] != now[path]}


def plan(folder: Path) -> dict[str, Any]:
    return json.loads(run("plan", "--format", "json", cwd=folder, code=0).out)


@pytest.mark.parametrize("pin", sample(PINS, 2))
def test_a_pin_makes_no_other_field_stale(pin: str, built_shop: Path) -> None:
    topic, field = PINS[pin]
    before = decisions(built_shop)
    edit(built_shop / SPEC, ORDERS, f"{ORDERS}    {pin}\n")
    stale = {each["target"]: each["why"] for each in plan(built_shop)["decisions"] if each["state"] == "stale"}
    run("build", cwd=built_shop, code=0)
    after = decisions(built_shop)
    assert after[f"orders/{topic}"]["pinned"] == [field]
    for target, why in stale.items():  # only what reads the pinned field itself is asked again
        names = {
            name.rpartition("services.")[2].partition(".")[2] or name
            for name in why.removeprefix("changed: ").split(", ")
        }
        assert all(field.partition(".")[0] in name or "spec.command" in name for name in names), (target, why)
    for target in before.keys() - stale.keys():
        was, now = before[target], after[target]
        if target == f"orders/{topic}":  # what a pin holds is no answer of the lock's
            was = {
                **was,
                "value": without(was["value"], nested([field])),
                "reasons": without(was["reasons"], {field: None}),
            }
        assert {**now, "pinned": 0} == {**was, "pinned": 0}, target


@pytest.mark.parametrize("pin", sample(PINS, 2, 1))
def test_a_pin_that_is_taken_away_opens_that_field_alone(pin: str, built_shop: Path) -> None:
    before = contents(built_shop)
    edit(built_shop / SPEC, ORDERS, f"{ORDERS}    {pin}\n")
    run("build", cwd=built_shop, code=0)
    run("check", cwd=built_shop, code=0)
    edit(built_shop / SPEC, f"    {pin}\n", "")
    run("check", cwd=built_shop, code=1)
    run("build", cwd=built_shop, code=0)
    assert contents(built_shop) == before


def test_an_answer_in_the_lock_outlives_a_pin_beside_it(built_shop: Path) -> None:
    """A locked answer that no rule of thumb would give again stays while another field is pinned and opened."""
    with (built_shop / SPEC).open("a") as spec:
        spec.write("model: {name: tiny, decides: [resources]}\n")
    with locks.edited(built_shop) as lock:
        held = lock["services"]["orders"]["decisions"]["resources"]
        held["value"]["cpu"], held["decider"] = "333m", {"by": "model", "provider": "openai", "model": "tiny"}
        held["reasons"] = dict.fromkeys(held["reasons"], "it sorts orders")
    run("build", "--offline", "--fallback", "heuristics", cwd=built_shop, code=0)
    edit(built_shop / SPEC, ORDERS, f"{ORDERS}    resources: {{memory: 300Mi}}\n")
    run("build", "--offline", "--fallback", "heuristics", cwd=built_shop, code=0)
    edit(built_shop / SPEC, "    resources: {memory: 300Mi}\n", "")
    run("build", "--offline", "--fallback", "heuristics", cwd=built_shop, code=0)
    run("build", "--offline", "--fallback", "heuristics", cwd=built_shop, code=0)
    assert decisions(built_shop)["orders/resources"]["value"]["cpu"] == "333m"
    assert decisions(built_shop)["orders/resources"]["decider"]["by"] == "model"


def test_a_port_asks_exactly_the_decisions_that_read_it_again(built_shop: Path) -> None:
    before = decisions(built_shop)
    readers = {
        target
        for target, held in before.items()
        if any(
            name in ("decisions.process.ports", "spec.port")
            if target.startswith("catalog/")
            else "services.catalog.decisions.process.ports" in name
            for name in held["inputs"]
        )
    }
    edit(built_shop / SPEC, "[python, main.py]", "[python, main.py]\n    port: 8001")
    stale = {each["target"] for each in plan(built_shop)["decisions"] if each["state"] == "stale"}
    assert stale == readers != set()
    assert stale <= {"catalog/process", "catalog/probes", "catalog/rollout", "web/process", "orders/process"}


def test_pinning_from_the_command_line_changes_one_line_and_no_value(built_shop: Path) -> None:
    before = contents(built_shop)
    ended = run("pin", "orders/resources", "memory", cwd=built_shop, code=0)
    added = [line for line in ended.out.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert [line.split() for line in added] == [["+", "resources:"], ["+", "memory:", "64Mi"]]
    assert "pinned `resources.memory` of `orders`; `kforge build` brings the lock up to date" in ended.err
    run("check", cwd=built_shop, code=1)
    told = run("build", cwd=built_shop, code=0).out  # no file changes: the value is what it was
    assert told.startswith("~ orders: memory 64Mi pinned (") and "file" not in told.replace(SPEC, "")
    run("check", cwd=built_shop, code=0)
    run("check", "--full", cwd=built_shop, code=0)
    after = contents(built_shop)
    assert differing(before, after) == {SPEC, "kforge.lock"}
    assert len(set(after[SPEC].splitlines()) - set(before[SPEC].splitlines())) <= 2


@pytest.mark.parametrize(("name", "target"), sample((
    (name, f"{service}/{topic}") for name in ("hello", "shop", "batch") for service, topic in sorted(outcome(name).settled.decisions)
), 8))  # fmt: skip
def test_every_decision_can_be_pinned_whole_and_nothing_changes(name: str, target: str, tmp_path: Path) -> None:
    folder = copied(name, tmp_path / name)
    run("build", cwd=folder, code=0)
    before = contents(folder)
    ended = run("pin", target, cwd=folder)
    if ended.code == 2:  # all of it is pinned already
        assert "is pinned already" in ended.err or "has no open field" in ended.err
        return
    assert ended.code == 0, ended.err
    run("build", cwd=folder, code=0)
    run("check", "--full", cwd=folder, code=0)
    assert differing(before, contents(folder)) <= {SPEC, "kforge.lock"}
    assert run("pin", target, cwd=folder, code=2).err.startswith("error: ")


def test_a_dry_run_writes_nothing(built_shop: Path) -> None:
    before = contents(built_shop)
    ended = run("pin", "orders/resources", "memory", "--dry-run", cwd=built_shop, code=0)
    assert ended.out.startswith("--- a/app.kforge.yaml\n+++ b/app.kforge.yaml\n") and "nothing was written" in ended.err
    assert contents(built_shop) == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["orders/resource"], "did you mean `orders/resources`"),
        (["order/resources"], "did you mean `orders/resources`"),
        (["orders/resources", "memroy"], "memory"),
        (["cache/resources", "memory"], "is pinned already in app.kforge.yaml:"),
        (["Deployment/web"], "`Deployment/web` holds several decisions"),
    ],
    ids=str,
)
def test_what_cannot_be_pinned_is_told(words: list[str], says: str, built_shop: Path) -> None:
    before = contents(built_shop)
    ended = run("pin", *words, cwd=built_shop, code=2)
    assert says in ended.err and "help: " in ended.err
    assert contents(built_shop) == before


def test_the_deployment_shows_a_pinned_value(built_shop: Path) -> None:
    edit(
        built_shop / SPEC,
        "    scale: {min: 2, max: 10, cpu: 70}",
        "    resources: {memory: 600Mi}\n    scale: {min: 2, max: 10, cpu: 70}",
    )
    run("build", cwd=built_shop, code=0)
    assert "memory: 600Mi" in (built_shop / DEPLOYMENT).read_text()
