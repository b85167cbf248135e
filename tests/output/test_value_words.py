"""Values in words, as every screen shows them."""

from __future__ import annotations

import pytest

from kforge.output.value_words import change_words, words

HTTP = {"port": 8000, "protocol": "http", "name": "http", "env": ""}


@pytest.mark.parametrize(
    ("value", "field", "said"),
    [
        (["python", "main.py"], "command", "python main.py"),
        (["sh", "-c", "a b"], "", "sh -c 'a b'"),
        (["/tmp", "/data"], "process.writable", "/tmp, /data"),
        ([HTTP], "ports", "8000 http"),
        ([HTTP, {"port": 9090, "protocol": "http", "name": "metrics"}], "ports", "8000 http, 9090 http metrics"),
        ([{"port": 5432, "protocol": "tcp", "name": "tcp-sql"}], "ports", "5432 tcp-sql"),
        ([["go", "build"], ["go", "vet"]], "steps", "go build; go vet"),
        ({"type": "http", "path": "/healthz", "port": "http"}, "readiness", "GET /healthz"),
        ([{"name": "A", "value": 1}, {"name": "B", "value": "x"}], "env", "A=1; B=x"),
        ({"cpu": "1", "memory": None}, "", "cpu 1"),
        (True, "", "true"),
        (10, "", "10"),
        (None, "", "none"),
        ([], "", "none"),
        ("", "", '""'),
    ],
)
def test_a_value_in_words(value: object, field: str, said: str) -> None:
    assert words(value, field=field) == said


def test_a_value_that_does_not_fit_a_row_is_only_said_to_have_changed() -> None:
    assert [change_words(old, new, 5) for old, new in ((1, 2), ("long text", "x"), (None, "long text"))] == [
        "1 → 2",
        "changed",
        "added",
    ]


def test_a_long_value_is_cut() -> None:
    assert words("x" * 90).endswith("…") and len(words("x" * 90)) == 72
