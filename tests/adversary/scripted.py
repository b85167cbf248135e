"""A model that obeys an attacker, and what a build makes of its answers."""

from __future__ import annotations

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
from kforge.llm.small_question import small_form
from kforge.outcome import Options, Outcome
from kforge.pipeline import run
from kforge.render.dockerfile import text as dockerfile

SPECS = Path(__file__).parents[2] / "specs"


def obedient(asked: Question) -> dict[str, str]:
    """The answer of a model that does all that is asked of it: the first choice, which always says something."""
    form = small_form(asked)
    assert form
    return {name: one["enum"][0] for name, one in form.schema()["properties"].items()}


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
        if small_form(asked) is None:
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
def addresses(outcome: Outcome) -> set[str]:
    """What looks like an address in any file."""
    return {
        found for file in outcome.files.values() for found in re.findall(r"[a-z]+://[^\s\"']+", file.content.decode())
    }


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
