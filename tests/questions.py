"""Questions for tests: a hand-made service, asked about one topic, its earlier decisions settled by heuristics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from kforge import catalog
from kforge.domain.facts import Facts
from kforge.domain.model.answer_fields import record
from kforge.domain.model.question import Question, Rejected
from kforge.domain.spec.pins import pins
from kforge.domain.view import View
from kforge.llm.answer_schema import asked_fields, spelled, wide
from kforge.llm.complete_answer import completed, value_faults
from kforge.llm.conformance import faults
from tests.worlds import NODE, World, world
from tests.worlds import facts as made

WEB = made(
    language="python", version="3.12", package_manager="pip", framework="flask", dependencies=["flask", "gunicorn"],
    start=[["gunicorn", "app:app", "--bind", "0.0.0.0:8000"], ["python", "main.py"]], manifests=["requirements.txt"], lockfile="requirements.txt",
    ports=[{"port": 8000, "protocol": "http", "env": "PORT"}, {"port": 9090, "protocol": "http", "env": ""}], health=["/healthz", "/readyz"],
    writable=["/app/uploads"], packages=["libpq5"], build=[["pip", "install", "--no-deps", "."]],
)  # fmt: skip
BUILT = replace(NODE, build=made(build=[["npm", "run", "build"], ["npm", "run", "build:prod"]]).build)
TOPICS = {topic.name: topic for topic in catalog.topics()}


def question(
    topic: str,
    facts: Facts,
    service: Mapping[str, Any] | None = None,
    files: Mapping[str, str] | None = None,
    readable: tuple[str, ...] = (),
    **app: Any,
) -> Question:
    """What is asked about service `web`, built from `./web` unless an image is named."""
    block = {**({} if (service or {}).get("image") else {"source": "./web"}), **(service or {})}
    made = of(world({"web": block}, {"web": facts}, tuple(TOPICS.values()), **app), topic, files=files)
    return replace(made, readable=readable)


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


def worded(question: Question, field: str) -> dict[str, Any]:
    """The usual value of a field as a schema has it."""
    return dict(spelled(question.baseline.value[field], asked_fields(question)[field]))


def taken(question: Question, **changes: Any) -> dict[str, Any]:
    """The whole decision with changed fields, as an answer would have them. Raises Rejected with the limits that forbid
    them.
    """
    asked = wide(asked_fields(question))
    forms = {name: asked[name] for name in changes if name in asked}
    wrong = [*faults({name: changes[name] for name in forms}, record(forms))]
    whole = {} if wrong else completed(question, changes)
    wrong = wrong or [*value_faults(question, whole)]
    if wrong:
        raise Rejected("\n".join(wrong))
    return whole
