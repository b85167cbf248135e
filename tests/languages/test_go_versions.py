"""Which Go builds a module: what its `go` line asks for, what a team pins, and what still gets fixes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kforge.domain.facts import Fact
from tests.worlds import GO, one


@pytest.mark.parametrize(
    ("named", "pinned", "image"),
    [
        ("1.18", None, "golang:1.26-trixie"),
        ("1.18", "1.25", "golang:1.25-trixie"),
        ("1.26", "1.25", "golang:1.26-trixie"),  # older than the module asks for: it would not build
        ("1.18", "1.20", "golang:1.26-trixie"),  # without an image of this Debian
        (None, "1.25", "golang:1.25-trixie"),
        (None, None, "golang:1.26-trixie"),
    ],
)
def test_a_pinned_go_builds_what_it_can(named: str | None, pinned: str | None, image: str) -> None:
    world = one(
        replace(GO, version=Fact(named) if named else None, toolchain=Fact(pinned) if pinned else None),
    )
    found = next(document.dockerfile for document in world.documents() if document.dockerfile)
    assert found is not None
    assert found.stages[0].image == f"docker.io/library/{image}"
