"""Field paths: read, resolve, change."""

from __future__ import annotations

import pytest

from kforge.domain.fieldpath import Match, PathError, ancestors, get, parse, put, remove, resolve, text

DATA = {"spec": {"containers": [{"name": "web", "image": "a"}, {"name": "log", "image": "b"}]}, "data": {"a.yaml": "x"}}


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("", ()),
        ("spec.replicas", ("spec", "replicas")),
        ("spec.containers[0].image", ("spec", "containers", 0, "image")),
        ('data["features.yaml"]', ("data", "features.yaml")),
        ("containers[name=web].image", ("containers", Match("name", "web"), "image")),
        ('env[name="A B"]', ("env", Match("name", "A B"))),
        ('labels["app.kubernetes.io/name"].x', ("labels", "app.kubernetes.io/name", "x")),
        ("a[0][1]", ("a", 0, 1)),
    ],
)
def test_a_path_has_parts(path: str, parts: tuple[object, ...]) -> None:
    assert parse(path) == parts


@pytest.mark.parametrize("path", ["a..b", ".a", "a.", "a[", "a[x", 'a["b', "a[-1]", "a b", "[0]b", "a.[0]"])
def test_a_path_that_cannot_be_read_says_where(path: str) -> None:
    with pytest.raises(PathError, match="cannot read path"):
        parse(path)


@pytest.mark.parametrize("path", ["spec.containers[0].image", 'data["a.yaml"]', "x[name=web].y", "a[0][1]"])
def test_text_is_the_inverse_of_parse(path: str) -> None:
    assert text(parse(path)) == path


def test_a_match_resolves_to_the_index_it_has() -> None:
    assert resolve(DATA, parse("spec.containers[name=log].image")) == ("spec", "containers", 1, "image")


def test_get_reads_through_matches() -> None:
    assert get(DATA, "spec.containers[name=log].image") == "b"


def test_get_names_the_first_part_that_is_missing() -> None:
    with pytest.raises(PathError, match=r"nothing at `spec.replicas`"):
        get(DATA, "spec.replicas.deep")


def test_put_makes_what_is_missing_and_leaves_the_old_data_alone() -> None:
    changed = put(DATA, 'metadata.annotations["a/b"]', "1")
    assert (changed["metadata"], "metadata" in DATA) == ({"annotations": {"a/b": "1"}}, False)


def test_put_one_past_the_end_appends() -> None:
    assert put({"a": [1]}, "a[1]", 2) == {"a": [1, 2]}


def test_put_further_past_the_end_is_refused() -> None:
    with pytest.raises(PathError, match="the list has 1"):
        put({"a": [1]}, "a[5]", 2)


def test_put_below_a_scalar_is_refused() -> None:
    with pytest.raises(PathError, match="`a` is not a mapping"):
        put({"a": 1}, "a.b", 2)


def test_remove_takes_an_item_or_a_key() -> None:
    assert remove(DATA, "spec.containers[name=web]")["spec"] == {"containers": [{"name": "log", "image": "b"}]}
    assert remove(DATA, 'data["a.yaml"]')["data"] == {}


def test_remove_of_what_is_not_there_is_refused() -> None:
    with pytest.raises(PathError, match=r"nothing at `spec.paused`"):
        remove(DATA, "spec.paused")


def test_ancestors_come_nearest_first() -> None:
    assert ancestors('a[0]["x.y"]') == ('a[0]["x.y"]', "a[0]", "a", "")


@pytest.mark.parametrize("key", ["C:\\x", "a\nb", 'a"b', "", "-", "a=b", "é", "x]", "[0]", "12", "a.b", "\u2028"])
def test_any_key_survives_as_text(key: str) -> None:
    assert parse(text(("data", key, "x"))) == ("data", key, "x")


@pytest.mark.parametrize(
    "path", ['spec["C:\\x"]', 'a["\\ud800"]', 'a[x="\\q"]', f"a[{'9' * 5000}]", "a[\u0663]", "a[\u00b2]", "." * 5000]
)
def test_a_path_that_only_looks_like_one_cannot_be_read(path: str) -> None:
    with pytest.raises(PathError, match="cannot read path") as failure:
        parse(path)
    assert len(str(failure.value)) < 300


@pytest.mark.parametrize("path", ["a." * 5000 + "b", "a" + "[0]" * 5000])
def test_a_path_has_an_end(path: str) -> None:
    with pytest.raises(PathError, match="more than 100 parts"):
        parse(path)
