"""Text → Raw."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge.domain.spec.raw import MISSING, Marks, dig, dotted
from kforge.errors import InputError, Place
from kforge.spec import positions, tree_builder
from kforge.spec.read import LIMITS, check_size, read
from kforge.spec.tree_builder import ReadLimits
from tests.growth import LINEAR, growth

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "specs").glob("*/*.kforge.yaml"))


def problems(text: str | bytes, limits: ReadLimits = LIMITS) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(text, "f", limits)
    return [f"{problem.where} {problem.message}" for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"), ("no", "no"), ("on", "on"), ("off", "off"), ("y", "y"), ("True", True), ("false", False),
        ("null", None), ("~", None), ("", None), ("12", 12), ("-0", 0), ("010", 10), ("0o17", 15), ("0x1F", 31),
        ("1_000", "1_000"), ("1.10", 1.1), ("1e3", 1000.0), (".5", 0.5), ("1.", 1.0), ("1:30", "1:30"),
        ("2027-06-30", "2027-06-30"), ("1.4.2", "1.4.2"), ("=", "="), ("'1'", "1"), ('"\\u00e9"', "é"),
    ],
)  # fmt: skip
def test_scalars_follow_the_core_schema_of_yaml_1_2(text: str, value: Any) -> None:
    data = read(f"a: {text}\n", "f").data["a"]
    assert (data, type(data)) == (value, type(value))


@pytest.mark.parametrize("spec", EXAMPLES, ids=lambda spec: spec.parent.name)
def test_an_ordinary_spec_reads_as_any_yaml_loader_reads_it(spec: Path) -> None:
    assert read(spec.read_bytes(), "f").data == yaml.safe_load(spec.read_text())


def test_places_point_at_scalars_at_keys_of_containers_and_near_what_is_missing() -> None:
    raw = read("services:\n  web:\n    port: 3000\n    needs: [a, b]\n", "f")
    paths = [
        ("services", "web", "port"),
        ("services", "web"),
        ("services", "web", "needs", 1),
        ("services", "web", "image"),
        (),
    ]
    assert [str(raw.place(path)) for path in paths] == ["f:3:11", "f:2:3", "f:4:16", "f:2:3", "f:1:1"]


def test_a_key_has_a_place_of_its_own_and_a_value_is_known_as_written() -> None:
    raw = read('version: 1.10  # new\nlabels: {a: "b c"}\n', "f")
    assert raw.key_place(("version",)) == Place("f", 1, 1)
    assert (raw.written(("version",)), raw.written(("labels", "a")), raw.written(("labels",))) == (
        "1.10",
        '"b c"',
        '{a: "b c"}',
    )


def test_all_problems_of_a_text_are_told_in_one_run() -> None:
    told = problems("a: 1\na: &x 2\nb: !!str c\n<<: {d: 1}\n5: e\nf: *x\n")
    assert [line.split(" ")[0] for line in told] == ["f:2:1", "f:2:4", "f:3:4", "f:4:1", "f:5:1", "f:6:4"]


def test_a_quoted_merge_key_is_a_key() -> None:
    assert read("a: {'<<': 1}\n", "f").data == {"a": {"<<": 1}}


made_to_hurt = pytest.mark.parametrize(
    "piece",
    ["[", "a: ", "? ", "- ", "{a: ", "a: 1\n", "&a ", "\t"],
    ids=["brackets", "colons", "keys", "dashes", "braces", "duplicates", "anchors", "tabs"],
)


@made_to_hurt
def test_a_text_made_to_hurt_is_refused_with_a_bounded_number_of_problems(piece: str) -> None:
    assert 0 < len(problems(piece * 100_000)) <= 101


@made_to_hurt
def test_a_text_made_to_hurt_takes_time_as_it_is_long(piece: str) -> None:
    assert growth(lambda count: problems(piece * count), 100_000) < LINEAR


def test_fifty_megabytes_are_refused_before_they_are_parsed() -> None:
    """Else the first problem were a bracket that nothing opened."""
    told = problems("a: ]" + "b," * 25_000_000)
    assert told == ["f the spec has 47.7 MiB, more than the 8 MiB allowed"]


def test_a_size_can_be_asked_about_before_opening_the_file() -> None:
    with pytest.raises(InputError, match="more than the 8 MiB allowed"):
        check_size(9 << 20, "f")


def test_limits_can_be_raised() -> None:
    text = "a: [" + ", ".join("b" for _ in range(100)) + "]\n"
    assert problems(text, ReadLimits(nodes=50)) and read(text, "f", ReadLimits(nodes=200))


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\xef\xbb\xbfa: 1\n", "f:1:1 the file begins with a byte order mark"),
        (b"a: 1\nb: \xff\n", "f:2:4 byte 0xff is not UTF-8"),
        ("a: 1\n".encode("utf-16"), "f:1:1 byte 0xff is not UTF-8"),
        (b"a: \x00\n", "f:1:4 the text holds control character U+0000"),
        ("a: \u2066b\n".encode(), "f:1:4 the text holds bidirectional control U+2066"),
        (b'a: "\\u202e"\n', "f:1:4 an escape stands for bidirectional control U+202E"),
        (b"a: \x7fELF\n", "f:1:4 the text holds control character U+007F"),
        ("a: l\u200bs\n".encode(), "f:1:5 the text holds invisible character U+200B (zero width space)"),
        (
            "# \U000e0041\na: 1\n".encode(),
            "f:1:3 the text holds invisible character U+E0041 (tag latin capital letter a)",
        ),
        (
            "description: \U000e0100\n".encode(),
            "f:1:14 the text holds invisible character U+E0100 (variation selector-17)",
        ),
        ("\u3164: 1\n".encode(), "f:1:1 the text holds invisible character U+3164 (hangul filler)"),
        (b'"a\\U000E0002": 1\n', "f:1:1 an escape stands for invisible character U+E0002"),
        ("a: [b, .g\u200cit]\n".encode(), "f:1:10 `a[1]` holds invisible character U+200C (zero width non-joiner)"),
        (b'a: {b: ".g\\u200Dit"}\n', "f:1:8 `a.b` holds invisible character U+200D (zero width joiner)"),
        ("a: {b\ufe0f: 1}\n".encode(), "f:1:6 a key of `a` holds invisible character U+FE0F (variation selector-16)"),
        ("description\ufe0f: 1\n".encode(), "f:1:12 a key holds invisible character U+FE0F (variation selector-16)"),
        ("a: [x\u2800]\n".encode(), "f:1:6 `a[0]` holds invisible character U+2800 (braille pattern blank)"),
        ("a: {b: \ufffc}\n".encode(), "f:1:8 `a.b` holds invisible character U+FFFC (object replacement character)"),
        (
            "services: {a: {description: \u200c}}\n".encode(),
            "f:1:29 `services.a.description` holds invisible character U+200C (zero width non-joiner)",
        ),
    ],
)
def test_bytes_that_are_no_plain_text_are_named(data: bytes, told: str) -> None:
    assert problems(data) == [told]


@pytest.mark.parametrize(
    "text",
    [
        "description: a \u2708\ufe0f", "description: \u2813\u2800\u2807", "services: {a: {requirements: \u200c, refine: [\u200d, a]}}", "patches: [{reason: \u200c}]",
        "waivers: [{}, {reason: \u200d}]", "environments: {prod: {patches: [{reason: \ufe0f}]}}", 'description: "\\u200C"', "a: 1 # \u2708\ufe0f",
    ],
)  # fmt: skip
def test_prose_may_hold_what_scripts_and_emoji_need(text: str) -> None:
    assert read(text, "f").data


def test_a_flood_of_unreadable_characters_costs_no_more_than_the_text() -> None:
    tracemalloc.start()
    told = problems("a: " + "\x01\u200b" * 500_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(told) == 20 and peak < 20 << 20


LONG = "k" * 1025


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (f"a:\n  ? {LONG}\n  : 1\n", "f:2:5"), (f"a:\n  {LONG}: 1\n", "f:2:3"), (f"{LONG}: 1\n", "f:1:1"), (f"a: {{? {LONG} : 1}}\n", "f:1:7"),
        (f"? {LONG}\n: 1\n? {LONG}\n: 2\n", "f:1:3"),
    ],
    ids=["explicit", "below", "first", "flow", "twice"],
)  # fmt: skip
@pytest.mark.parametrize("source", [positions.event_source, positions.pure_event_source], ids=["libyaml", "pure"])
def test_a_key_that_no_yaml_parser_takes_is_told_with_its_place(
    text: str, told: str, source: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree_builder, "event_source", source)
    assert problems(text)[0] == f"{told} the key has 1,025 characters, and YAML allows 1,024"


def test_the_longest_key_that_yaml_allows_is_read() -> None:
    assert read(f"{'k' * 1024}: 1\n", "f").data == {"k" * 1024: 1}


def test_windows_line_ends_read_the_same() -> None:
    text = "a: 1\nb: |\n  x\n  y\nc: [1,\n  2]\n"
    assert read(text.replace("\n", "\r\n"), "f").data == read(text, "f").data


@pytest.mark.parametrize("spec", EXAMPLES, ids=lambda spec: spec.parent.name)
def test_without_libyaml_data_and_places_are_the_same(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fast = read(spec.read_bytes(), "f")
    marks: Marks = fast.marks
    monkeypatch.setattr(tree_builder, "event_source", positions.pure_event_source)
    monkeypatch.setattr(positions, "event_source", positions.pure_event_source)
    slow = read(spec.read_bytes(), "f")
    assert slow.data == fast.data and slow.marks == marks


KEYS = st.text("abcxyz0_-. :#'\"\\é{[&*!|>%@,?", min_size=1, max_size=8)
TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | KEYS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(KEYS, TREES, min_size=1, max_size=5))
def test_whatever_json_says_is_read_back_with_a_mark_for_every_value(data: dict[str, Any]) -> None:
    raw = read(json.dumps(data, ensure_ascii=False, indent=1), "f")
    assert raw.data == data

    def paths(node: Any, path: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        return [path, *(each for key, inner in entries for each in paths(inner, (*path, key)))]

    assert set(raw.marks.values) == set(paths(data, ()))


@settings(max_examples=300, deadline=None)
@given(st.text("a:b- \n\t[]{},#&*!|>'\"%@`?~1.\\é", max_size=60))
def test_no_text_escapes_as_anything_but_problems_with_a_message(text: str) -> None:
    try:
        raw = read(text, "f")
    except InputError as error:
        assert all(problem.message for problem in error.problems)
    else:
        assert isinstance(raw.data, dict) and raw.marks.values


def test_dig_tells_nothing_from_null() -> None:
    data = {"a": [{"b": None}]}
    assert (
        dig(data, ("a", 0, "b")) is None and dig(data, ("a", 1)) is MISSING and dig(data, ("a", 0, "b", "c")) is MISSING
    )


def test_a_path_is_shown_as_people_write_it() -> None:
    assert dotted(("services", "web", "ports", 0, "port")) == "services.web.ports[0].port"
    assert dotted(("files", "features.yaml")) == 'files["features.yaml"]'


def test_reading_imports_nothing_heavy() -> None:
    code = "import sys, kforge.spec.read; print(*sorted(m for m in sys.modules if m.split('.')[0] in ('pydantic', 'ruamel', 'difflib', 'jsonschema_rs', 'rich')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""
