"""What is for machines goes to standard output, what is for people to standard error, colour to terminals alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.conftest import SPECS, edit, run
from tests.golden.examples import EXAMPLES, outcome
from tests.mutations import SPEC
from tests.terminal import on_a_terminal

ESCAPE = "\x1b["
DOORS = (["check"], ["plan"], ["diff"], ["build"], ["explain", "web/nonsense"], ["detect", "web"], ["nonsense"])


@pytest.fixture
def stale(built_shop: Path) -> Path:
    edit(built_shop / SPEC, "max: 10, cpu: 70", "max: 12, cpu: 70")
    return built_shop


@pytest.mark.parametrize("words", DOORS, ids=" ".join)
def test_a_pipe_gets_no_colour(words: list[str], stale: Path, plain_environment: None) -> None:
    ended = run(*words, cwd=stale)
    assert ESCAPE not in ended.out + ended.err


@pytest.mark.parametrize("words", DOORS, ids=" ".join)
def test_no_color_holds_against_everything(
    words: list[str], stale: Path, plain_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("FORCE_COLOR", "1")
    ended = run(*words, cwd=stale)
    assert ESCAPE not in ended.out + ended.err


@pytest.mark.parametrize("words", [["check"], ["diff"], ["plan"], ["detect", "web"], ["nonsense"]], ids=" ".join)
def test_force_color_colours_and_changes_no_letter(
    words: list[str], stale: Path, plain_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = run(*words, cwd=stale)
    monkeypatch.setenv("FORCE_COLOR", "1")
    ended = run(*words, cwd=stale)
    assert ESCAPE in ended.out + ended.err
    assert re.sub(r"\x1b\[[0-9;]*m", "", ended.out + ended.err) == plain.out + plain.err


@pytest.mark.parametrize(
    "words",
    [["plan", "--format", "json"], ["check", "--format", "json"], ["diff", "--format", "json"], ["schema"]],
    ids=" ".join,
)
def test_json_is_never_coloured(
    words: list[str], stale: Path, plain_environment: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    json.loads(run(*words, cwd=stale).out)


def test_a_terminal_gets_colour_unless_it_declines(stale: Path) -> None:
    assert ESCAPE in on_a_terminal(stale, "check").raw
    assert not re.search(r"\x1b\[[0-9;]*m", on_a_terminal(stale, "check", NO_COLOR="1").raw)
    assert ESCAPE not in on_a_terminal(stale, "check", TERM="dumb").raw


def test_files_are_listed_where_they_are_asked_for(stale: Path, plain_environment: None) -> None:
    ended = run("build", "-v", cwd=stale, code=0)
    assert ended.out.startswith(
        "changed  deploy/kubernetes/web/horizontalpodautoscaler.yaml\n~ web: maxReplicas 10 → 12 in the base ("
    )
    assert ended.err == "shop: 61 files, 1 changed\n"


def test_quiet_says_nothing_when_all_is_current(built_shop: Path) -> None:
    for words in (["check", "-q"], ["check", "-q"], ["check", "-q", "--full"]):
        assert run(*words, cwd=built_shop, code=0)[1:] == ("", "")


# --- plan, graphs, schema ---


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_plan_tells_every_decision_file_and_artifact(name: str) -> None:
    worked = outcome(name)
    folder = SPECS / name
    plan = json.loads(run("plan", ".", "--format", "json", cwd=folder, code=0).out)
    assert [each["target"] for each in plan["decisions"]] == sorted(
        f"{service}/{topic}" for service, topic in worked.settled.decisions
    )
    assert [each["path"] for each in plan["files"]] == sorted(worked.files)
    made = {path for each in plan["artifacts"] for path in each["files"] if not each["environment"]}
    assert made <= {each["path"] for each in plan["files"]}
    assert all(each["reads"] for each in plan["artifacts"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_node_of_a_graph_has_one_name_and_every_edge_two_nodes(name: str) -> None:
    lines = run("graph", "--files", "--format", "mermaid", cwd=SPECS / name, code=0).out.splitlines()
    nodes = [match[1] for line in lines if (match := re.fullmatch(r"  (\w+)(?:\(\[|\[)\".*\"(?:\]\)|\])", line))]
    edges = [match.groups() for line in lines if (match := re.fullmatch(r"  (\w+) --> (\w+)", line))]
    assert lines[1] == "flowchart LR" and len(lines) == 2 + len(nodes) + len(edges)
    assert len(nodes) == len(set(nodes)) and {end for edge in edges for end in edge} <= set(nodes)
    dot = run("graph", "--files", "--format", "dot", cwd=SPECS / name, code=0).out
    assert dot.count("->") == len(edges) and dot.count("shape=box") == len(nodes)


def test_the_graph_has_no_circle() -> None:
    lines = run("graph", "--files", "--format", "dot", cwd=SPECS / "shop", code=0).out.splitlines()
    edges = [match.groups() for line in lines if (match := re.fullmatch(r'  "(.+)" -> "(.+)";', line))]
    nodes = {end for edge in edges for end in edge}
    while nodes:
        free = {node for node in nodes if not any(target == node and origin in nodes for origin, target in edges)}
        assert free, f"a circle among {sorted(nodes)}"
        nodes -= free


def test_the_published_schemas_are_what_the_command_prints(tmp_path: Path) -> None:
    root = SPECS.parent / "schemas"
    assert run("schema", cwd=tmp_path, code=0).out == (root / "app.schema.json").read_text()
    assert run("schema", "--lock", cwd=tmp_path, code=0).out == (root / "lock.schema.json").read_text()


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_lock_fits_its_schema(name: str) -> None:
    import jsonschema_rs

    schema = json.loads((SPECS.parent / "schemas" / "lock.schema.json").read_text())
    jsonschema_rs.validate(schema, yaml.safe_load((SPECS / name / "kforge.lock").read_text()))


@pytest.mark.parametrize("folder", ["web", "catalog", "orders"])
def test_facts_have_the_documented_keys_and_evidence(folder: str) -> None:
    found = json.loads(run("detect", folder, "--format", "json", cwd=SPECS / "shop", code=0).out)
    assert {
        "language",
        "version",
        "package_manager",
        "framework",
        "start",
        "ports",
        "health",
        "env",
        "hosts",
        "writable",
        "dockerfile",
    } <= found.keys()
    assert all({"port", "protocol"} <= each["value"].keys() for each in found["ports"])
    facts = [
        fact
        for held in found.values()
        for fact in (held if isinstance(held, list) else [held])
        if isinstance(fact, dict)
    ]
    assert facts and all(fact["evidence"] for fact in facts)
    for place in (place for fact in facts for place in fact["evidence"]):
        file, _, line = place.partition(":")
        text = (SPECS / "shop" / folder / file).read_text().splitlines()
        assert not line or 1 <= int(line) <= len(text)
