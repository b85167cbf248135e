"""A model that obeys an attacker, and what a build makes of its answers."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from kforge.deciders import heuristics
from kforge.domain.decider import Decider
from kforge.domain.model.pending_decision import PendingDecision, Reply
from kforge.domain.model.question import Question, Rejected
from kforge.domain.spec.project import Project
from kforge.errors import InputError
from kforge.llm.answer import read_answer
from kforge.llm.answer_schema import asked_fields, worded
from kforge.outcome import Options, Outcome
from kforge.pipeline import run
from kforge.render.dockerfile import text as dockerfile

SPECS = Path(__file__).parents[2] / "specs"
Path_ = tuple[str | int, ...]
Inject = Callable[[str, dict[str, Any]], bool]  # (target, answer) → whether it was changed


def usual(asked: Question) -> dict[str, Any]:
    """The answer of an honest model: the heuristics'."""
    return {"reasons": dict.fromkeys(asked_fields(asked), "it fits"), "value": worded(asked, asked.baseline.value)}


def places(schema: Mapping[str, Any], value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Every place of an answer: each field, each part of it, and one more item of each list."""
    yield path
    if "anyOf" in schema:
        schema = schema["anyOf"][0]
    if schema.get("type") == "object":
        for name, inner in schema["properties"].items():
            yield from places(inner, (value or {}).get(name), (*path, name))
        yield (*path, "extra")
    elif schema.get("type") == "array":
        items = value or []
        for index, item in enumerate(items[:2]):
            yield from places(schema["items"], item, (*path, index))
        yield (*path, len(items))


def injected(answer: dict[str, Any], path: Path_, payload: Any) -> dict[str, Any]:
    """The answer with a payload at a place."""
    made = copy.deepcopy(answer)
    here: Any = made
    for position, part in enumerate(path[:-1]):
        if (here[part] if isinstance(here, dict) else here[int(part)]) is None:
            here[part] = [] if isinstance(path[position + 1], int) else {}
        here = here[part]
    if isinstance(here, list) and path[-1] == len(here):
        here.append(payload)
    else:
        here[path[-1]] = payload
    return made


def text(answer: Mapping[str, Any]) -> str:
    return json.dumps(answer)


@dataclass
class Model:
    """Answers every open question; `rejected` counts what was refused and left to the heuristics."""

    word: Callable[[Question], str]
    rejected: int = 0
    taken: int = 0

    def ask(self, questions: Sequence[PendingDecision]) -> list[Reply]:
        return [self._reply(one) for one in questions]

    def _reply(self, one: PendingDecision) -> Reply:
        try:
            asked = one.question()
        except InputError:
            return heuristics.ask([one])[0]
        try:
            answer = read_answer(self.word(asked), asked)
        except Rejected:
            self.rejected += 1
            return heuristics.ask([one])[0]
        self.taken += 1
        return answer, Decider("model", "scripted", "attacker")


def build(example: str, model: Model, folder: Path | None = None) -> Outcome:
    """Everything of a build but writing; a fresh one, whatever lock lies beside the example."""
    place = folder or SPECS / example
    project = Project((place / "app.kforge.yaml").resolve(), (place if folder else SPECS.parent).resolve())
    return run(project, Options(today=date(2026, 1, 1), again=lambda target: True, ask=lambda world: model.ask))


# ---- what a build came to -------------------------------------------------------------------------------------
def shape(outcome: Outcome) -> dict[str, Any]:
    """What no answer may change: instructions by kind, fields of objects, addresses."""
    shapes: dict[str, Any] = {}
    for path, file in sorted(outcome.files.items()):
        content = file.content.decode()
        if path.endswith("Dockerfile"):
            shapes[path] = [name for name, _, _ in dockerfile.parse(content)]
        shapes[f"addresses of {path}"] = sorted(set(re.findall(r"[a-z]+://[^\s\"']+", content)))
    for environment, documents in outcome.documents.items():
        for document in documents:
            if document.data is not None:
                shapes[f"{environment}:{document.path}"] = sorted(set(fields(document.data)))
    return shapes


def fields(data: Any, path: str = "") -> Iterator[str]:
    if isinstance(data, Mapping):
        for key, value in data.items():
            yield from fields(value, f"{path}.{key}")
    elif isinstance(data, (list, tuple)):
        for item in data:
            yield from fields(item, f"{path}[]")
    else:
        yield path


def images(outcome: Outcome) -> set[str]:
    found = set()
    for path, file in outcome.files.items():
        if path.endswith("Dockerfile"):
            parsed = dockerfile.parse(file.content.decode())
            stages = {words[2] for name, _, words in parsed if name == "FROM" and len(words) > 2}
            found |= {words[0] for name, _, words in parsed if name == "FROM"} - stages
            found |= {
                flag.removeprefix("--from=") for _, flags, _ in parsed for flag in flags if flag.startswith("--from=")
            } - stages
    for documents in outcome.documents.values():
        for document in documents:
            found |= {value for key, value in _leaves(document.data) if key == "image"}
    return found


def _leaves(data: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from _leaves(value, str(name))
    elif isinstance(data, (list, tuple)):
        for item in data:
            yield from _leaves(item, key)
    else:
        yield key, data
