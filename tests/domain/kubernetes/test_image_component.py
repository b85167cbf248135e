"""An image component: what `kustomize edit set image` writes is sound, and nothing else is."""

from __future__ import annotations

import pytest

from kforge.domain.images import is_reference
from kforge.domain.kubernetes.image_component import entries, faults, sound, unpinned
from kforge.domain.spec.raw import Raw
from kforge.render.kubernetes.kustomize import Layout, seeds
from kforge.spec.read import read

HEAD = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
DIGEST = "sha256:" + "a" * 64


def component(images: str, head: str = HEAD) -> Raw:
    return read(head + images, "kustomization.yaml")


# What kustomize 5.7.1 leaves after `edit set image` of every form.
WRITTEN = (
    "images: []\n",
    '- name: a.example/b\n  newName: a.example/b\n  newTag: "1"\n',
    f"- digest: {DIGEST}\n  name: c\n  newName: c\n",
    "- name: d\n  newName: e\n",
    '- name: f\n  newTag: "1.10"\n',
    f'- digest: {DIGEST}\n  name: g\n  newName: h\n  newTag: "1e3"\n',
    '- name: x\n  newName: "y"\n  newTag: "08"\n',
    '- name: i\n  newName: localhost:5000/j\n  newTag: "07"\n- name: k\n  newTag: 8.15.0\n',
)


@pytest.mark.parametrize("images", WRITTEN)
def test_what_kustomize_writes_is_sound(images: str) -> None:
    raw = component(images if images.startswith("images") else f"images:\n{images}")
    assert [*faults(raw)] == [] and sound(raw, ())


def test_what_kforge_writes_is_sound() -> None:
    assert all(sound(read(text, path), ()) for path, text in seeds(Layout(), ["prod"]).items())


# Text below the head, the field that is named, and its line.
REFUSED = (
    ("images: []\nresources: [evil.yaml]\n", "resources", 4),
    ("images: []\npatches: []\n", "patches", 4),
    ("images: []\nImages: [{name: a, newTag: '1'}]\n", "Images", 4),
    ("images: []\ntransformers: []\ngenerators: []\n", "transformers", 4),
    ("images: []\n'a b\\c': 1\n", "…", 4),
    ("", "images", 1),
    ("images:\n", "images", 3),
    ("images: {name: a}\n", "images", 3),
    ("images:\n- a\n", "images[0]", 4),
    ("images:\n- newTag: '1'\n", "images[0]", 4),
    ("images:\n- name: a\n  newTag: 1.10\n", "images[0].newTag", 5),
    ("images:\n- name: a\n  newTag: null\n", "images[0].newTag", 5),
    ("images:\n- name: a\n  newName: [b]\n", "images[0].newName", 5),
    ("images:\n- name: a\n  NewName: b\n", "images[0].NewName", 5),
    ("images:\n- name: a\n  tagSuffix: -x\n", "images[0].tagSuffix", 5),
    ("images:\n- name: .*\n  newTag: '1'\n", "images[0].name", 4),
    ("images:\n- name: (a|b)\n  newTag: '1'\n", "images[0].name", 4),
    ("images:\n- name: a\n  newName: b:latest\n", "images[0].newName", 5),
    (f"images:\n- name: a\n  newName: b@{DIGEST}\n", "images[0].newName", 5),
    ("images:\n- name: a\n  newName: B/c\n", "images[0].newName", 5),
    (f"images:\n- name: a\n  newName: {'b' * 5000}\n", "images[0].newName", 5),
)


@pytest.mark.parametrize(("text", "field", "line"), REFUSED, ids=[text[:50] for text, _, _ in REFUSED])
def test_anything_else_is_told_with_its_line(text: str, field: str, line: int) -> None:
    raw = component(text)
    assert (field, line) in [(fault.field, fault.where.line) for fault in faults(raw)] and not sound(raw, ())


@pytest.mark.parametrize(
    "head",
    [
        "kind: Component\n",
        HEAD.replace("Component", "Kustomization"),
        HEAD.replace("alpha1", "beta1"),
        HEAD.replace("Component", "[a]"),
    ],
)
def test_another_head_is_another_kind_of_file(head: str) -> None:
    assert not sound(component("images: []\n", head), ())


@pytest.mark.parametrize(
    ("image", "allowed"),
    [
        ("name: ghcr.io/acme/a\n  newTag: '1'", True), ("name: b\n  newName: ghcr.io/acme/a", True), ("name: ghcr.io/acme/a\n  newName: evil.example/a", False),
        ("name: evil.example/a\n  newTag: '1'", False), ("name: a\n  newTag: '1'", False), ("name: ghcr.io/acmeevil/a\n  newTag: '1'", False),
        ("name: ghcr.io/acme/a\n  newName: ''\n  newTag: '1'", True), ("name: b\n  newName: ghcr.io/acme/../x", False),
    ],
)  # fmt: skip
def test_the_image_that_runs_is_on_an_allowed_registry(image: str, allowed: bool) -> None:
    raw = component(f"images:\n- {image}\n")
    assert sound(raw, ["ghcr.io/acme"]) is allowed
    assert sound(raw, []) is (".." not in image)


def test_where_nothing_is_allowed_by_name_everything_is() -> None:
    assert sound(component("images:\n- {name: a, newName: evil.example/a, newTag: '1'}\n"), ())


@pytest.mark.parametrize(
    ("image", "moves"),
    [
        ("newTag: latest", True), (f"digest: '{DIGEST}', newTag: latest", False), ("newName: b", False), ("newTag: latest-1", False),
        ("newName: 'b', newTag: latest", True), ("newTag: ''", False),
    ],
)  # fmt: skip
def test_an_image_that_moves_is_seen(image: str, moves: bool) -> None:
    raw = component(f"images:\n- {{name: a, {image}}}\n")
    assert [unpinned(entry.image) for entry in entries(raw)] == [moves] and sound(raw, ()) is not moves


@pytest.mark.parametrize(
    "image",
    [
        "newTag: a b",
        "newTag: '1@sha256:00'",
        "digest: sha256:00",
        f"newTag: {'t' * 129}",
        "newTag: ../x",
        'newTag: "1\\n2"',
    ],
)
def test_a_tag_or_digest_that_no_engine_takes_is_no_reference(image: str) -> None:
    raw = component(f"images:\n- {{name: a, {image}}}\n")
    assert not any(is_reference(entry.image) for entry in entries(raw)) and not sound(raw, ())
