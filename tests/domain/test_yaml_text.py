"""The emitter: every reader that meets a file of kforge's gives back the data that went in."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from kforge.domain.document import Document
from kforge.domain.origin import sourced
from kforge.domain.yaml_text import render, to_yaml

# What kube-apiserver refuses plain in a string field, and what PyYAML alone takes for something else.
NO_STRINGS = (
    "y", "n", "Y", "N", "yes", "Yes", "YES", "no", "on", "off", "true", "True", "TRUE", "false", "null", "Null", "~",
    "1", "+1", "-1", ".5", "5.", "0.10", "1e3", "1.0e3", "1234e56", "0o14", "014", "010", "08", "09", "0x1F", "0X1F",
    "0b11", "1_000", "1_0.5", ".inf", "-.INF", ".nan", "123456789012345678901", "12:30:45", "190:20:30", "2001-01-01",
    "2001-12-14T21:59:43Z", "1.2.3", "1e", "1e400", "0o8", "=", "<<", "1E", "12e03", "5E", "-", "?", ":", "---",
    "...", "!x", "&a", "*b", "@c", "`d", "%e", "|", ">", "#", "[]", "{}", "''", "100", "1.5k_",
)  # fmt: skip

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
lines = st.lists(st.text("ab#:-? \t'\"\\|>é\u2028", max_size=8), max_size=6).map("\n".join)
words = st.sampled_from(NO_STRINGS)
scalars = st.one_of(texts, lines, words, st.integers(), st.booleans(), st.none(), st.floats(allow_nan=False))
keys = st.one_of(texts, words).filter(lambda key: len(key) < 40)
trees = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=20,
)


def ruamel_reads(text: str) -> Any:
    reader = YAML(typ="safe", pure=True)
    reader.allow_duplicate_keys = False
    return reader.load(io.StringIO(text))


@given(trees)
def test_libyaml_reads_back_what_was_written(data: Any) -> None:
    assert yaml.load(to_yaml(data), yaml.CSafeLoader) == data


@given(trees)
@settings(max_examples=60, deadline=None)
def test_yaml_1_2_reads_back_what_was_written(data: Any) -> None:
    assert ruamel_reads(to_yaml(data)) == data


@given(st.lists(st.one_of(texts, lines, words), max_size=8))
def test_a_list_of_strings_stays_a_list_of_strings(data: list[str]) -> None:
    assert yaml.load(to_yaml({"args": data}), yaml.CSafeLoader) == {"args": data}


@given(trees)
def test_a_file_ends_its_lines_with_a_line_feed_and_hides_nothing(data: Any) -> None:
    text = to_yaml(data)
    assert text.endswith("\n")
    assert not any(ord(char) < 32 and char not in "\n\t" for char in text)
    assert not any(char in text for char in "\u202e\u2066\u200b\ufeff\x7f\x85")
    assert not any(line != line.rstrip(" \t") for line in text.split("\n"))


@pytest.mark.parametrize("word", NO_STRINGS)
def test_what_a_reader_takes_for_no_string_is_quoted(word: str) -> None:
    assert to_yaml({"tag": word}).startswith('tag: "')


@pytest.mark.parametrize(
    "word",
    ["web", "ghcr.io/acme/shop-web:1.4.2", "128Mi", "1.5Gi", "100m", "25%", "http://catalog:8080/a",
     "app.kubernetes.io/name", "/tmp", "None", "ReadWriteMany", "a sentence (of words)"],
)  # fmt: skip
def test_what_every_reader_takes_for_a_string_stays_plain(word: str) -> None:
    assert to_yaml({"image": word}) == f"image: {word}\n"


def test_a_text_of_several_lines_is_a_literal_block() -> None:
    assert (
        to_yaml({"data": {"a.yaml": "checkout: true\n\nx:\t1\n"}})
        == "data:\n  a.yaml: |\n    checkout: true\n\n    x:\t1\n"
    )


@pytest.mark.parametrize(
    ("text", "header"),
    [("a\nb\n", "|"), ("a\nb", "|-"), ("a\nb\n\n", "|+"), ("  a\nb\n", "|2"), ("\ta\nb", "|2-"), ("\n a\n\n\n", "|2+")],
)
def test_the_header_of_a_literal_block_says_how_it_begins_and_ends(text: str, header: str) -> None:
    assert to_yaml([text, "x"]).startswith(f"- {header}\n")
    assert yaml.safe_load(to_yaml([text, "x"])) == ruamel_reads(to_yaml([text, "x"])) == [text, "x"]


@pytest.mark.parametrize("text", ["a \nb", "a\nb\t", "a\r\nb", "\n\n", "a\n\u202eb", "a\n\x07"])
def test_a_text_that_an_editor_would_change_is_quoted(text: str) -> None:
    assert to_yaml({"a": text}).startswith('a: "')


def test_letters_of_any_script_stay_and_what_cannot_be_seen_is_escaped() -> None:
    assert to_yaml({"a": "Grüße \u202e\x07\U000e0001"}) == 'a: "Grüße \\u202e\\x07\\U000e0001"\n'


def test_keys_of_an_object_come_in_one_order_at_every_depth() -> None:
    data = {
        "spec": {"template": {"zone": 1, "metadata": {"labels": {"b": "1", "a": "2"}, "name": "x"}}, "replicas": 2},
        "metadata": {"annotations": {}, "labels": {}, "name": "web"},
        "kind": "Deployment",
        "apiVersion": "apps/v1",
    }
    found = [line.split(":")[0].strip() for line in to_yaml(data).splitlines()]
    assert found == [
        "apiVersion",
        "kind",
        "metadata",
        "name",
        "labels",
        "annotations",
        "spec",
        "replicas",
        "template",
        "metadata",
        "name",
        "labels",
        "a",
        "b",
        "zone",
    ]


def test_the_order_in_which_keys_were_put_in_does_not_show() -> None:
    assert to_yaml({"b": 1, "name": 2, "a": 3}) == to_yaml({"a": 3, "b": 1, "name": 2}) == "name: 2\na: 3\nb: 1\n"


def test_lists_stand_as_kubectl_prints_them() -> None:
    assert to_yaml({"a": [{"b": [1, [2]], "c": {}}, []]}) == "a:\n- b:\n  - 1\n  - - 2\n  c: {}\n- []\n"


def test_a_value_that_is_no_plain_data_is_refused() -> None:
    with pytest.raises(TypeError, match="Sourced is no plain data"):
        to_yaml({"image": sourced("web", "spec.image")})


def test_a_file_begins_with_the_mark_and_the_name_of_its_spec() -> None:
    document = Document(path="a.yaml", artifact="x", data={"kind": "ConfigMap", "apiVersion": "v1"})
    assert render(document, "app.kforge.yaml").splitlines()[:2] == [
        "# Generated by kforge from app.kforge.yaml; change the spec, not this file.",
        "apiVersion: v1",
    ]


# Escapes lengthen what is written: 600 quotes have 1,202 characters.
LONG = ("k" * 1025, '"' * 600, "\u2028" * 171, "a " * 512, "é" * 1023, "\x07" * 5000)


@pytest.mark.parametrize("key", LONG, ids=lambda key: ascii(key[0]))
@pytest.mark.parametrize(
    "value",
    [
        "x",
        "a\nb\n",
        "  a\nb",
        "",
        None,
        {},
        [],
        {"a": {"b": "c"}},
        ["a", ["b"]],
        [{"a": 1, "b": 2}, {}],
        {"k" * 2000: {"z" * 2000: [1]}},
    ],
    ids=str,
)
def test_every_reader_takes_a_key_that_is_too_long_for_one_line(key: str, value: Any) -> None:
    for data in ({"a": 1, key: value, "z": 2}, [{key: value, "z": [{key: value}]}], {"data": {key: value}}):
        text = to_yaml(data)
        assert yaml.safe_load(text) == yaml.load(text, yaml.CSafeLoader) == data
        assert ruamel_reads(text) == YAML(typ="safe").load(io.StringIO(text)) == data


def test_a_key_that_fits_stays_in_the_line_of_its_value() -> None:
    longest = "k" * 1024
    assert to_yaml({longest: 1}) == f"{longest}: 1\n" and yaml.safe_load(to_yaml({longest: 1})) == {longest: 1}
    assert to_yaml({f"{longest}k": 1}) == f"? {longest}k\n: 1\n"


def kubectl() -> str | None:
    built = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "kforge-cluster" / "bin" / "kubectl"
    return str(built) if built.exists() else shutil.which("kubectl")


@pytest.mark.skipif(kubectl() is None, reason="kubectl is not here: go-yaml's reading is not compared")
def test_kubectl_reads_back_what_was_written(tmp_path: Path) -> None:
    tricky = [
        *NO_STRINGS,
        "a\nb",
        "\ta\n b\n\n",
        " a\n",
        "a \nb",
        "Grüße 🎉 \u2028\x85\x7f\u200b",
        'say "\\n"',
        "a: b",
        "a #b",
    ]
    data = {f"k{index}": text for index, text in enumerate(tricky)} | {
        word: word for word in ("y", "on", "1e3", "08", *LONG)
    }
    objects = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "y"}, "data": data}
    (tmp_path / "a.yaml").write_text(to_yaml(objects), encoding="utf-8")
    env = {"KUBECONFIG": os.devnull, "HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    read = [str(kubectl()), "patch", "--local", "-f", "a.yaml", "--type=merge", "-p", "{}", "-o", "json"]
    result = subprocess.run(read, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["data"] == data
