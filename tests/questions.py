"""Questions for tests: a hand-made service, asked about one topic, its earlier decisions settled by heuristics."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kforge import catalog
from kforge.domain.facts import Facts
from kforge.domain.model.question import Question
from kforge.domain.spec.pins import pins
from kforge.domain.view import View
from kforge.llm.answer_schema import asked_fields, worded
from tests.worlds import World, world

TOPICS = {topic.name: topic for topic in catalog.topics()}


def question(
    topic: str,
    facts: Facts,
    service: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
    **app: Any,
) -> Question:
    """What is asked about service `web`, built from `./web` unless an image is named."""
    block = {**({} if (service or {}).get("image") else {"source": "./web"}), **(service or {})}
    return of(world({"web": block}, {"web": facts}, tuple(TOPICS.values()), **app), topic, files=files)


def of(made: World, topic: str, service: str = "web", files: Mapping[str, str] | None = None) -> Question:
    """The question about a service of a world."""
    asked, held = TOPICS[topic], files or {}

    def excerpt(file: str, first: int, last: int) -> str:
        return "\n".join(held.get(file, "").split("\n")[first - 1 : last])

    view = View(
        made.spec,
        made.facts,
        made.values,
        service,
        may_read=asked.after.__contains__,
        languages=catalog.languages(),
    )
    baseline = asked.heuristics(view)
    return Question(
        asked, view, made.facts.get(service, Facts()), pins(made.raw["services"][service], topic), baseline, excerpt
    )


def said(question: Question, reason: str = "the source shows it", **changes: Any) -> str:
    """An answer as a model writes it: the heuristics' values, with changes."""
    asked = asked_fields(question)
    return json.dumps(
        {"reasons": dict.fromkeys(asked, reason), "value": worded(question, question.baseline.value) | changes}
    )
