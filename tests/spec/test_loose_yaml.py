"""YAML of other tools is read with its anchors, and no text makes that expensive."""

from __future__ import annotations

import pytest

from kforge.spec.loose_yaml import LooseTable, documents
from tests.growth import LINEAR, growth


def test_anchors_and_merge_keys_are_followed_and_own_keys_win() -> None:
    text = "x: &base {image: a, ports: [80]}\nweb:\n  <<: *base\n  image: b\n"
    assert documents(text)[0]["web"] == {"image": "b", "ports": ["80"]}


def test_numbers_stay_texts_and_words_become_truths() -> None:
    assert documents("a: 1.10\nb: 8080:80\nc: true\nd: 'true'\ne:\n")[0] == {
        "a": "1.10",
        "b": "8080:80",
        "c": True,
        "d": "true",
        "e": None,
    }


def test_a_key_knows_its_line() -> None:
    (data,) = documents("a: 1\nservices:\n  web: {}\n  db: {}\n")
    assert isinstance(data, LooseTable)
    assert data.of("services").lines == {"web": 3, "db": 4}


def test_what_is_taken_back_is_nothing() -> None:
    assert documents("ports: !reset [80]\nenv: !reset null\n")[0]["env"] is None


@pytest.mark.parametrize(
    "text",
    ["a: [", "a: *nowhere\n  - b", "\tb: 1", "[" * 100, "? {a: b}\n: {c: " + "[" * 70],
    ids=["open", "bad", "tab", "deep", "deeper"],
)
def test_what_is_no_yaml_is_nothing(text: str) -> None:
    assert documents(text) == []


def test_a_circle_ends() -> None:
    assert documents("a: &a {b: *a}\n")[0] == {"a": {"b": None}}


def test_a_bomb_of_merge_keys_is_refused() -> None:
    lines = ["a0: &a0 {" + ", ".join(f"k{number}: 1" for number in range(100)) + "}"]
    lines += [f"a{number}: &a{number}\n  <<: [{', '.join([f'*a{number - 1}'] * 50)}]" for number in range(1, 20)]
    assert documents("\n".join(lines)) == []


def test_a_bomb_of_aliases_takes_no_time() -> None:
    lines = [
        "a0: &a0 [x]",
        *(f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 20)}]" for number in range(1, 30)),
    ]
    assert len(documents("\n".join(lines))[0]) == 30


def test_reading_is_linear() -> None:
    assert growth(lambda size: documents("a: {b: [1, 2], c: x}\n" * size), 8000) < LINEAR
