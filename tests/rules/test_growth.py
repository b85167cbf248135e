"""Rules look at twice the objects in about twice the time, whatever their selectors say."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.document import Document, Documents
from kforge.rules import images, selectors
from tests.growth import LINEAR, growth

ONE = {"matchLabels": {"a": "b"}}
ANY = {"matchExpressions": [{"key": "z", "operator": "DoesNotExist"}]}
NONE = {"matchLabels": {"half": "left", "a": "b", "other": "half"}}


def environment(size: int, selector: dict[str, Any], port: int) -> Documents:
    """As many workloads with one label as objects that select them."""
    made: list[dict[str, Any]] = []
    for number in range(size):
        labels = {"a": "b", ("half" if number % 2 else "other"): "left" if number % 2 else "half"}
        pod = {"containers": [{"name": "c", "ports": [{"containerPort": 80}]}]}
        body: dict[str, dict[str, Any]] = {
            "Job": {"template": {"metadata": {"labels": labels}, "spec": pod}},
            "Service": {"selector": selector.get("matchLabels", {}), "ports": [{"port": port}]},
            "PodDisruptionBudget": {"selector": selector},
            "NetworkPolicy": {"podSelector": selector},
        }
        made += [{"kind": kind, "metadata": {"name": f"x{number}"}, "spec": spec} for kind, spec in body.items()]
    return Documents(tuple(Document(path=f"{at}", artifact="x", data=data) for at, data in enumerate(made)))


@pytest.mark.parametrize("selector", [ONE, ANY, NONE])
@pytest.mark.parametrize("rule", selectors.RULES, ids=lambda rule: rule.id)
def test_selectors_of_many_objects_are_looked_up(rule: Any, selector: dict[str, Any]) -> None:
    made = {size: environment(size, selector, 80) for size in (250, 2000)}
    assert growth(lambda size: list(rule.check(made[size])), 2000) < LINEAR


def test_images_are_looked_up_in_a_list_of_registries() -> None:
    def work(size: int) -> None:
        allowing = images.Registries(f"r{number}.io/a" for number in range(size))
        assert sum(allowing.allow(f"r{number}.io/a/b:1") for number in range(size)) == size

    assert growth(work, 2000) < LINEAR
