"""The specs that `docs/real-world.md` shows are specs, of the length that it promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kforge import catalog
from kforge.spec.read import read
from kforge.spec.resolve import KnownNames, resolve
from kforge.system import schemas

SHOWN = re.findall(
    r"```yaml\n(.*?)```", (Path(__file__).parents[2] / "docs/real-world.md").read_text(encoding="utf-8"), re.DOTALL
)
KNOWN = KnownNames(
    folder=".",
    recipes=tuple(one.name for one in catalog.languages().recipes),
    rules=tuple(rule.id for rule in catalog.rules()),
    kubernetes=schemas.versions(),
    outputs=catalog.TARGETS,
)


def test_both_specs_are_shown() -> None:
    assert [re.findall(r"^app: (.*)$", text, re.MULTILINE) for text in SHOWN] == [["aks-store"], ["robot-shop"]]


@pytest.mark.parametrize("text", SHOWN, ids=["aks-store", "robot-shop"])
def test_a_shown_spec_is_valid_and_short(text: str) -> None:
    spec = resolve(read(text.encode(), "app.kforge.yaml"), KNOWN)
    assert len(spec.services) >= 10
    assert text.count("\n") < 60
