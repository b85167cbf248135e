"""What CI writes into an image component is judged as the images of kforge's own manifests are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from kforge.domain.finding import Finding
from kforge.domain.kubernetes.image_component import Component
from kforge.rules import component, images
from kforge.spec.read import read
from kforge.stages.check import check
from tests.domain.kubernetes.test_image_component import HEAD
from tests.rules.objects import documents

PATH = "deploy/images/prod/kustomization.yaml"
RULES = (*component.RULES, *images.RULES)


def found(text: str, registries: tuple[str, ...] = ()) -> list[Finding]:
    held = Component(PATH, read(HEAD + text, PATH))
    environment = replace(documents(), component=held, registries=registries)
    return [
        item
        for item in check(environment, RULES, (), date(2026, 1, 1), lambda document, origin: None)
        if item.file == PATH
    ]


@pytest.mark.parametrize(
    ("text", "rule", "place"),
    [
        ("images: []\npatches: []\n", "image-component", f"{PATH}:4:1"),
        ("images:\n- {name: ghcr.io/acme/shop-web, newName: evil.example/b}\n", "image-registry", f"{PATH}:4:42"),
        ("images:\n- {name: ghcr.io/acme/shop-web, newName: evil.example/b, newTag: '1'}\n", "image-registry", f"{PATH}:4:42"),
        ("images:\n- {name: ghcr.io/acme/shop.web, newTag: '1'}\n", "image-component", f"{PATH}:4:10"),
        ("images:\n- {name: shop-web, newTag: '1'}\n", "image-component", f"{PATH}:4:10"),
        ("images:\n- {name: ghcr.io/acme/shop-web, newTag: latest}\n", "image-tag", f"{PATH}:4:10"),
        ("images:\n- {name: ghcr.io/acme/shop-web, newTag: a b}\n", "image-reference", f"{PATH}:4:10"),
    ],
)  # fmt: skip
def test_each_fault_is_an_error_of_one_rule_at_its_line(text: str, rule: str, place: str) -> None:
    (item,) = found(text, ("ghcr.io", "docker.io"))
    assert (item.rule, item.level, str(item.where)) == (rule, "error", place)


def test_a_sound_component_has_no_finding() -> None:
    assert (
        found(
            "images:\n- {name: ghcr.io/acme/shop-web, newName: ghcr.io/b, newTag: '1'}\n- {name: ghcr.io/acme/shop-web, newName: ghcr.io/c}\n",
            ("ghcr.io",),
        )
        == []
    )


def test_a_value_that_floods_is_cut() -> None:
    (item,) = found(f"images:\n- {{name: ghcr.io/acme/shop-web, newTag: '{'t' * 9000}'}}\n")
    assert item.rule == "image-reference" and len(item.message) < 300


def test_only_tags_and_placeholders_can_be_waived() -> None:
    assert {rule.id for rule in RULES if rule.waivable} == {"image-reference", "image-tag", "image-placeholder"}
