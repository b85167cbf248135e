"""A topic's heuristics, asked about one hand-made service."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kforge import catalog
from kforge.domain.decision import Answer, Topic
from kforge.domain.facts import Fact, Facts
from kforge.domain.spec.types import Spec
from kforge.domain.view import View


def view(topic: Topic, block: Mapping[str, Any], ports: list[dict[str, Any]] | None = None, **held: Any) -> View:
    spec = Spec.model_validate({"apiVersion": "kforge.dev/v1", "app": "shop", "services": {"web": dict(block)}})
    recipe = held.pop("recipe", None)
    facts = Facts(
        **{name: tuple(map(Fact, value)) if isinstance(value, list) else Fact(value) for name, value in held.items()}
    )
    decisions = {
        ("web", "build"): {"recipe": recipe},
        ("web", "process"): {"ports": ports or [], "command": block.get("command")},
    }
    return View(
        spec, {"web": facts}, decisions, "web", may_read=topic.after.__contains__, languages=catalog.languages()
    )


def ask(topic: Topic, block: Mapping[str, Any], ports: list[dict[str, Any]] | None = None, **held: Any) -> Answer:
    """The answer; every field of it has a reason that is one clause, with no line of any file in it."""
    answer = topic.heuristics(view(topic, block, ports, **held))
    assert set(answer.reasons) == set(answer.value) <= set(topic.fields)
    assert all(reason and not reason.endswith(".") and reason == reason.strip() for reason in answer.reasons.values())
    return answer
