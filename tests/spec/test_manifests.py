"""The user's manifests: read as kubectl reads them, refused with file, line and column."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.errors import InputError, Place
from kforge.spec.manifests import included, refuse_misfits
from kforge.spec.read import read_manifests
from kforge.system.schemas import validator
from tests.growth import LINEAR, growth

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"
DEPLOYMENT = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n"


def data(text: str) -> list[Any]:
    return [document.data for document in included({"a.yaml": text.encode()})]


def problems(text: str | bytes) -> list[tuple[str, str]]:
    with pytest.raises(InputError) as failure:
        refuse_misfits(included({"a.yaml": text.encode() if isinstance(text, str) else text}), validator("1.34"))
    return [(str(problem.where), problem.message) for problem in failure.value.problems]


def test_a_file_may_hold_several_documents_and_empty_ones() -> None:
    text = f"# a comment\n---\n{HEAD}---\n---\n# nothing\n---\n{HEAD.replace('x', 'z')}...\n"
    assert [item["metadata"]["name"] for item in data(text)] == ["x", "z"]


def test_a_file_without_a_document_holds_none() -> None:
    assert data("") == data("# only a comment\n") == data("---\n") == []


def test_scalars_are_what_kubectl_takes_them_for() -> None:
    (found,) = data(HEAD + "data: {a: 'no', b: \"0777\"}\nimmutable: yes\nx: [0o17, 017, 1_0, 2001-01-01, 12:30, ~]\n")
    assert (found["data"], found["immutable"], found["x"]) == (
        {"a": "no", "b": "0777"},
        True,
        [15, 15, 10, "2001-01-01", "12:30", None],
    )


def test_every_field_knows_its_line_in_its_own_document() -> None:
    first, second = included({"a.yaml": f"{HEAD}data: {{a: b}}\n---\n{HEAD}data:\n  a: b\n".encode()})
    assert first.place and second.place
    assert (first.place("data.a"), second.place("data.a"), second.place("data.b.c")) == (
        Place("a.yaml", 4, 11),
        Place("a.yaml", 10, 6),
        Place("a.yaml", 9, 1),
    )


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("a: &x [1]\n", "4:4", "anchor"),
        ("a: *x\n", "4:4", "alias"),
        ("a: !!str 1\n", "4:4", "tag"),
        ("<<: {a: b}\n", "4:1", "merge key"),
        ("data: {a: b, a: c}\n", "4:14", "`a` is given twice in `data` (first on line 4)"),
        ("kind: Secret\n", "4:1", "`kind` is given twice (first on line 2)"),
        ("data: {1: a}\n", "4:8", "the key is `1`, which is not a string"),
        ("data: {y: a}\n", "4:8", "the key is `y`, which is not a string"),
        ("data: {~: a}\n", "4:8", "the key is empty"),
        ("data: {? [a] : b}\n", "4:10", "expected a key, not a list"),
        ("x: .inf\n", "4:4", "this value is not a number in JSON"),
        ("x: .NaN\n", "4:4", "this value is not a number in JSON"),
        ("x: 1e999\n", "4:4", "this value is too large for a number"),
        ("data: {a: 'b}\n", "4:11", "a quote is opened here"),
        ('data: {a: "\\ud800"}\n', "4:14", "Unicode"),
        ('data: {a: "\\u202e"}\n', "4:11", "bidirectional control U+202E"),
    ],
)
def test_what_a_reviewer_would_misread_is_refused_in_every_document(text: str, where: str, said: str) -> None:
    (found,) = problems(HEAD + text)
    assert (found[0], said in found[1]) == (f"a.yaml:{where}", True), found
    (second,) = problems(f"{HEAD}---\n{HEAD}{text}")
    line, column = where.split(":")
    assert second[0] == f"a.yaml:{int(line) + 4}:{column}"


@pytest.mark.parametrize("line", ["%YAML 1.1", "%YAML 1.2", "%TAG ! tag:example.com,2000:"])
@pytest.mark.parametrize("before", ["", "a: 1\n...\n"])
def test_a_directive_which_kustomize_cannot_read_is_refused(line: str, before: str) -> None:
    with pytest.raises(InputError, match="kustomize cannot read a directive") as caught:
        read_manifests(f"{before}{line}\n---\nb: 1\n", "f")
    assert [problem.where and problem.where.file for problem in caught.value.problems] == ["f"]


def test_all_problems_of_all_files_are_told_at_once() -> None:
    with pytest.raises(InputError) as failure:
        included({"b.yaml": b"a: &x 1\n", "a.yaml": f"{HEAD}a: *x\nb: !t 1\n".encode()})
    assert [str(problem.where) for problem in failure.value.problems] == ["a.yaml:4:4", "a.yaml:5:4", "b.yaml:1:4"]


def multiplying(levels: int) -> str:
    """Aliases of aliases: ten times the values with every level."""
    lines = [f"x{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return HEAD + "\n".join(["x0: &a0 [y,y,y,y,y,y,y,y,y,y]", *lines])


def test_aliases_that_multiply_are_refused_where_the_first_is_named() -> None:
    assert problems(multiplying(30))[0][0] == "a.yaml:4:5"


def test_aliases_that_multiply_take_time_as_their_text_is_long() -> None:
    assert growth(lambda levels: problems(multiplying(levels)), 1600) < LINEAR


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"#" * (4 << 20) + b"#", "more than the 4 MiB allowed"),
        (b"a: " + b"[" * 100, "deeper than"),
        (b"a: " + b"[" * 5000, "nesting"),
        (b"---\n" * 600_000, "more than 500000 keys and values"),
        (b"\xff", "not UTF-8"),
        (b"a: \0", "control character"),
        ("\ufeffa: b".encode(), "byte order mark"),
    ],
)
def test_what_costs_too_much_or_is_no_text_is_refused(text: bytes, said: str) -> None:
    assert any(said in message for _, message in problems(text))


SECRET = "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\n"


@pytest.mark.parametrize(
    "text",
    [
        f"{SECRET}stringData: {{a: 735019}}\n",
        f"{SECRET}data: {{a: 735019}}\n",
        f"{SECRET}stringData: 735019\n",
        f"{SECRET}type: 735019\n",
        f"{SECRET}immutable: 'x735019'\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: x, labels: {a: 735019}}\n",
        "apiVersion: v1\nkind: Secret\nmetadata: {name: 735019}\n",
        "a: *x735019\n",
        "a: &x735019 b\n",
        "a: !x735019 b\n",
        "a: !<x735019> b\n",
        f"a: {'735019' * 20}\n",
        "a: 735019e999\n",
    ],
)
def test_no_message_repeats_a_value_of_a_secret_or_of_what_is_no_manifest(text: str) -> None:
    assert problems(text) and "735019" not in str(problems(text))


@pytest.mark.parametrize(
    ("text", "where", "said"),
    [
        ("x\n", "1:1", "a document is a string"),
        ("[1]\n", "1:1", "a document is a list"),
        ("a: b\n", "1:1", "`apiVersion` is missing"),
        ("apiVersion: null\nkind: Pod\nmetadata: {name: x}\n", "1:13", "`apiVersion` is missing"),
        ("apiVersion: v1\nkind: 5\nmetadata: {name: x}\n", "2:7", "`kind`: expected string, got integer `5`"),
        ("apiVersion: v1\nkind: yes\nmetadata: {name: x}\n", "2:7", "`kind`: expected string, got boolean `yes`"),
        ("apiVersion: [v1]\nkind: Pod\nmetadata: {name: x}\n", "1:1", "`apiVersion`: expected string, got list"),
        ("apiVersion: v1\nkind: Pod\n", "1:1", "`metadata` is missing"),
        ("apiVersion: v1\nkind: Pod\nmetadata: []\n", "3:1", "`metadata` expected mapping, got list"),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n", "3:10", "`metadata` expected mapping, got null"),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: 1}\n",
            "3:18",
            "`metadata.name`: expected string, got integer `1`",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: x, labels: [a]}\n",
            "3:21",
            "`metadata.labels`: expected mapping, got list",
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  labels: {a: 1}\n",
            "5:15",
            "`metadata.labels.a`: expected string, got integer",
        ),
        ("apiVersion: v1\nkind: List\nitems: []\n", "2:7", "a `List` holds objects in a list"),
        (
            "apiVersion: v1\nkind: ConfigMapList\nmetadata: {}\nitems: []\n",
            "2:7",
            "a `ConfigMapList` holds objects in a list",
        ),
        (f"{DEPLOYMENT}      containers: [nginx]\n", "7:20", "expected mapping, got string `nginx`"),
        (f"{DEPLOYMENT}      containers: nginx\n", "7:19", "expected list, got string `nginx`"),
        (f"{DEPLOYMENT}      containers: [{{name: a, ports: [80]}}]\n", "7:38", "expected mapping, got integer `80`"),
        (
            f"{DEPLOYMENT}      containers:\n      - name: a\n        env: {{A: b}}\n",
            "9:9",
            "expected list, got mapping",
        ),
        (f"{DEPLOYMENT}      containers: []\n      volumes: x\n", "8:16", "expected list, got string `x`"),
        (
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: x\n",
            "4:7",
            "expected mapping, got string `x`",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: on}\n",
            "4:11",
            "expected string, got boolean `true`",
        ),
        (
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: 010}\n",
            "4:11",
            "expected string, got integer `8`",
        ),
    ],
)
def test_a_wrong_type_is_refused_at_its_line(text: str, where: str, said: str) -> None:
    found = problems(text)
    assert (found[0][0], said in found[0][1]) == (f"a.yaml:{where}", True), found


def test_a_custom_resource_may_hold_anything_below_its_head() -> None:
    text = "apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: x}\nspec: [5]\n"
    refuse_misfits(included({"a.yaml": text.encode()}), validator("1.34"))
