"""A value set in a spec: that line changes, every other stays byte by byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge.domain.spec.raw import MISSING, dig
from kforge.errors import InputError
from kforge.spec.edit import flow, set_value
from kforge.spec.read import read

ROOT = Path(__file__).parents[2]
SPECS = [*sorted((ROOT / "specs").glob("*/*.kforge.yaml")), Path(__file__).with_name("every_key.yaml")]

BLOCK = """\
# the shop
services:
    web:   # the storefront
        source: "./web"     # where it is

        resources:
            memory: 512Mi   # measured
        # the end of web
    catalog: {source: ./catalog}

# the end
"""


def web(*path: str) -> tuple[str, ...]:
    return ("services", "web", *path)


def changed(old: str, new: str) -> tuple[list[str], list[str]]:
    """Lines that only the old text has, and lines that only the new one has, less what both begin and end with."""
    before, after = old.split("\n"), new.split("\n")
    while before and after and before[0] == after[0]:
        before, after = before[1:], after[1:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return before, after


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (web("resources", "memory"), "1Gi", ["            memory: 512Mi   # measured"], ["            memory: 1Gi     # measured"]),
        (web("resources", "cpu"), "100m", [], ["            cpu: 100m"]),
        (web("port"), 3000, [], ["        port: 3000"]),
        (web("probes", "readiness", "path"), "/ready", [], ["        probes:", "            readiness:", "                path: /ready"]),
        (web("command"), ["node", "a b.js", "--x=1"], [], ['        command: [node, "a b.js", "--x=1"]']),
        (web("source"), "./shop", ['        source: "./web"     # where it is'], ["        source: ./shop      # where it is"]),
        (("services", "catalog", "port"), 80, ["    catalog: {source: ./catalog}"], ["    catalog: {source: ./catalog, port: 80}"]),
        (("services", "catalog", "resources", "memory"), "1", ["    catalog: {source: ./catalog}"], ['    catalog: {source: ./catalog, resources: {memory: "1"}}']),
        (web("resources"), {"cpu": "1m"}, ["        resources:", "            memory: 512Mi   # measured"], ["        resources: {cpu: 1m}   # measured"]),
        (("app",), "shop", [], ["app: shop"]),
    ],
    ids=lambda value: ".".join(value) if isinstance(value, tuple) else "",
)  # fmt: skip
def test_only_the_line_of_the_value_changes(path: tuple[str, ...], value: Any, old: list[str], new: list[str]) -> None:
    assert changed(BLOCK, set_value(BLOCK, path, value)) == (old, new)


@pytest.mark.parametrize(
    ("text", "path", "value", "edited"),
    [
        ("a: {}  # none\n", ("a", "b"), 1, "a: {b: 1} # none\n"),
        ("a:\nb: 1\n", ("a", "c"), 1, "a: {c: 1}\nb: 1\n"),
        ("a:   # open\nb: 1\n", ("a",), "x", "a: x # open\nb: 1\n"),
        ("a: |  # text\n  one\n  two\n\nb: 1\n", ("a",), "three", "a: three # text\n\nb: 1\n"),
        ("a: >-\n  one\n  two\nb: 1\n", ("b",), 2, "a: >-\n  one\n  two\nb: 2\n"),
        ("a:\n  b: |\n    x\n\n# end\n", ("a", "c"), 1, "a:\n  b: |\n    x\n  c: 1\n\n# end\n"),
        ("a:\n- b: 1\n  c: 2\n- d\n", ("a", 0, "b"), 5, "a:\n- b: 5\n  c: 2\n- d\n"),
        ("a:\n  - b: 1\n", ("a", 0, "c"), [1], "a:\n  - b: 1\n    c: [1]\n"),
        ("a:\n  - b\n  - c\nd: 1\n", ("a",), ["x"], "a: [x]\nd: 1\n"),
        ("a: {b: 1,\n    c: 2, # two\n   }\n", ("a", "d"), 3, "a: {b: 1,\n    c: 2, d: 3, # two\n   }\n"),
        ("a: 1", ("b",), 2, "a: 1\nb: 2"),
        ("a:\r\n  b: 1\r\nc: 2\r\n", ("a", "d"), 3, "a:\r\n  b: 1\r\n  d: 3\r\nc: 2\r\n"),
        ("a: 'it''s'\n", ("a",), "it's: #1", 'a: "it\'s: #1"\n'),
        ('"a b": {c: 1}\n', ("a b", "c"), 2, '"a b": {c: 2}\n'),
        ("a: [1, {b: 2}]\n", ("a", 1, "c"), None, "a: [1, {b: 2, c: null}]\n"),
    ],
    ids=repr,
)  # fmt: skip
def test_layouts_are_kept(text: str, path: tuple[str | int, ...], value: Any, edited: str) -> None:
    assert set_value(text, path, value) == edited


PINS = [
    (("resources", "memory"), "384Mi"), (("resources", "cpu"), "250m"), (("probes", "liveness", "path"), "/live"),
    (("process", "command"), ["python", "-m", "shop"]), (("port",), 8080), (("rollout", "gracePeriod"), 45),
    (("build", "packages"), ["libpq5"]), (("user",), 1000), (("process", "writable"), []), (("resources",), {"memory": "1Gi"}),
]  # fmt: skip


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.parent.name)
@pytest.mark.parametrize(
    ("field", "value"), PINS, ids=lambda value: ".".join(value) if isinstance(value, tuple) else ""
)
def test_a_pin_in_any_service_of_the_examples_reads_back_and_touches_nothing_else(
    spec: Path, field: tuple[str, ...], value: Any
) -> None:
    text = spec.read_bytes().decode()
    for service in read(text, "f").data["services"]:
        edited = set_value(text, ("services", service, *field), value)
        old, new = changed(text, edited)
        assert dig(read(edited, "f").data, ("services", service, *field)) == value
        assert len(new) <= len(field) + isinstance(value, dict) and len(old) <= 8
        assert [line.partition("#")[2] for line in old if "#" in line and len(old) == 1] == [
            line.partition("#")[2] for line in new if "#" in line and len(old) == 1
        ]


@pytest.mark.parametrize("odd", ["2001-99-99", "0x_", "2001-01-01T00:00:00+99:99", "9_" + "9" * 5000])
def test_a_layout_that_is_beyond_it_is_told_whatever_stands_beside(odd: str) -> None:
    """These are texts, and ruamel.yaml takes them for dates and numbers that cannot be."""
    with pytest.raises(InputError, match="cannot set `c` in this layout"):
        set_value(f"? a\n: 1\nd: {odd}\n", ("c",), 5)


def test_a_path_through_a_scalar_is_refused_with_its_place() -> None:
    with pytest.raises(InputError) as caught:
        set_value("a:\n  b: 1\n", ("a", "b", "c"), 1, "f")
    assert [(str(problem.where), problem.message) for problem in caught.value.problems] == [
        ("f:2:6", "cannot set `a.b.c`: `a.b` is not a mapping")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "1.10",
        "yes",
        "0x10",
        "1e3",
        "null",
        "~",
        "",
        "a: b",
        "a #b",
        "*x",
        "- a",
        "1:30",
        "512Mi",
        "2027-06-30",
        "@x",
        "é",
        "a\nb",
        "{x}",
        "%a",
        ".5",
        "1_0",
        "=",
        "<<",
    ],
)
def test_a_text_is_written_so_that_it_stays_a_text(text: str) -> None:
    assert read(f"a: {flow(text)}\nb: [{flow(text)}]\n", "f").data == {"a": text, "b": [text]}


KEYS = st.sampled_from(["a", "b", "c d", "e"])
VALUES = st.booleans() | st.integers(-99, 99) | st.text("ab:#{}[],'\"\\- 1.", max_size=6)
TREES = st.recursive(
    VALUES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=10
)


def block(node: Any, indent: int = 0) -> str:
    """A tree in block layout where it can be, with comments."""
    pad = " " * indent
    if isinstance(node, dict) and node:
        return "".join(
            f"{pad}{flow(key)}:{' ' + flow(value) + '  # c' if not (isinstance(value, dict) and value) else chr(10) + block(value, indent + 3).rstrip(chr(10))}\n"
            for key, value in node.items()
        )
    return f"{pad}{flow(node)}\n"


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=3), st.lists(KEYS, min_size=1, max_size=3), TREES)
def test_whatever_is_set_reads_back_beside_all_that_was_there(
    data: dict[str, Any], path: list[str], value: Any
) -> None:
    text = block(data)
    above = [dig(data, tuple(path[:length])) for length in range(1, len(path))]
    if any(node is not MISSING and not isinstance(node, dict) for node in above):
        return
    edited = read(set_value(text, tuple(path), value), "f").data
    here, there = data, edited
    for key in path[:-1]:
        assert {name: inner for name, inner in here.items() if name != key} == {
            name: inner for name, inner in there.items() if name != key
        }
        here, there = here.get(key, {}), there[key]
    assert there == {**here, path[-1]: value}
