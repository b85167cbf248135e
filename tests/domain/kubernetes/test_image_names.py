"""Which images kustomize finds and changes: by a pattern, in any object."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kforge.domain.kubernetes.image_names import images_in, others, stands_for, starts

SUM = "@sha256:" + "a" * 64


def test_images_are_found_below_containers_of_any_object() -> None:
    inner = {"initContainers": [{"image": "a"}], "containers": [{"image": "b"}, {"image": 5}, "x"], "image": "c"}
    assert [*images_in({"kind": "Rollout", "spec": [{"x": inner}], "containers": {"image": "d"}})] == ["a", "b"]


@pytest.mark.parametrize(
    ("name", "image", "is_it"),
    [
        ("a.b/c", "a.b/c", True), ("a.b/c", "a.b/c:1", True), ("a.b/c", f"a.b/c:1{SUM}", True), ("a.b/c", f"a.b/c{SUM}", True),
        ("a.b/c", "a-b/c", False), ("a:5/c", "a:5/c:1", True), ("a", "a:5/c:1", False), ("a.b/c", "a.b/cd", False),
        ("a.b/c", "a.b/c@sha512:aa", False), ("a.b", "x/a.b", False),
    ],
)  # fmt: skip
def test_an_image_has_one_name(name: str, image: str, is_it: bool) -> None:
    assert stands_for(name, starts([image])) is is_it


@pytest.mark.parametrize(
    ("name", "images", "also"),
    [
        ("a.b/c", ["a.b/c:1", "a-b/c:2", "axb/c"], ["a-b/c", "axb/c"]), ("a.b/c", ["a.b/c:1", "a.b/cd"], []),
        ("ab/c", ["ab/c", "ab-c"], []), ("a.b", ["a:b", "a.b"], ["a:b"]), ("a.b", [f"a/b{SUM}"], ["a/b"]),
    ],
)  # fmt: skip
def test_a_dot_stands_for_any_character(name: str, images: list[str], also: list[str]) -> None:
    assert others(name, starts(images)) == also


TEXTS = st.text("ab.:@/-", max_size=7)


@settings(max_examples=300, deadline=None)
@given(st.text("ab./-", min_size=1, max_size=5), st.lists(TEXTS, max_size=6))
def test_what_changes_is_what_kustomizes_own_pattern_matches(name: str, images: list[str]) -> None:
    """https://github.com/kubernetes-sigs/kustomize/blob/api/v0.20.1/api/internal/image/image.go"""
    own = re.compile("^" + name + r"(:[a-zA-Z0-9_.{}-]*)?(@sha256:[a-zA-Z0-9_.{}-]*)?$")
    found = starts(images)
    assert (stands_for(name, found) or others(name, found) != []) is any(own.match(image) for image in images)
