"""Minors of Kubernetes and the days on which their fixes end, and what of kforge's own has to keep up with them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kforge.domain.kubernetes import releases
from kforge.domain.kubernetes.names import KUBECTL

DATA = json.loads(Path(releases.__file__).with_suffix(".json").read_text())


def test_what_kforge_runs_itself_is_of_the_default_minor_which_gets_fixes() -> None:
    assert KUBECTL.startswith(f"registry.k8s.io/kubectl:v{releases.default()}.")
    assert releases.end_of_support(releases.default()) > DATA["seen"]


@pytest.mark.parametrize(
    ("minor", "today", "told"),
    [
        ("1.33", "2026-06-28", False),
        ("1.33", "2026-06-29", True),
        ("1.36", "2026-11-30", False),
        ("1.99", "2099-01-01", False),
        (1.33, "2099-01-01", False),
    ],
)
def test_the_last_day_counts_and_what_is_not_known_is_not_told(minor: object, today: str, told: bool) -> None:
    for raw in ({"kubernetes": minor}, {"environments": {"prod": {"kubernetes": minor}}}):
        assert bool([*releases.unsupported(raw, today)]) is told
