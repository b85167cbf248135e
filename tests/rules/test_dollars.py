"""`$(NAME)` that Kubernetes leaves in a value, told."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.document import Documents
from tests.rules.families import family
from tests.rules.test_wiring import workload

(RULE,) = family("dollars")


def said(*pairs: tuple[str, str], **more: Any) -> list[str]:
    env = [{"name": name, "value": value} for name, value in pairs]
    made = workload("web", **more)
    assert made.data is not None
    made.data["spec"]["template"]["spec"]["containers"][0]["env"] = env
    return [hit.message for hit in RULE.check(Documents(items=(made,)))]


@pytest.mark.parametrize(
    ("pairs", "why"),
    [
        ([("URL", "http://$(HOST)"), ("HOST", "web")], "`$(HOST)` stays as it is, since `HOST` is defined below it"),
        ([("PATH", "$(PATH):/x")], "`$(PATH)` stays as it is, since it refers to itself"),
        ([("URL", "http://$(HSOT)"), ("HOST", "web")], "`$(HSOT)` stays as it is, since the container has no variable `HSOT`"),
        ([("A", "$$$(B)"), ("B", "x")], "`$(B)` stays as it is, since `B` is defined below it"),
    ],
)  # fmt: skip
def test_a_reference_that_nothing_expands_is_told(pairs: list[tuple[str, str]], why: str) -> None:
    assert said(*pairs) == [why]


@pytest.mark.parametrize(
    "pairs",
    [
        [("HOST", "web"), ("URL", "http://$(HOST)")],
        [("URL", "$$(HOST)"), ("HOST", "web")],
        [("RUN", "$(hostname) $(date +%s)")],
        [("HASH", "$2y$10$(")],
    ],
)
def test_text_that_is_meant_or_expanded_is_left(pairs: list[tuple[str, str]]) -> None:
    assert said(*pairs) == []


def test_variables_of_a_whole_secret_are_not_known_here() -> None:
    assert said(("URL", "http://$(HOST)"), envFrom=[{"secretRef": {"name": "all"}}]) == []
