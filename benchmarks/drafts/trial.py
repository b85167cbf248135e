"""A case → its result: the small repository is made, `init` drafts it in memory, and the draft is judged."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import yaml

from benchmarks.drafts.cases import DraftCase
from benchmarks.drafts.judgement import DraftSeen, judged
from kforge.domain.draft import SurveyedRepository, WantedService
from kforge.domain.model.request import Completion, Request
from kforge.domain.spec.project import Project
from kforge.draft.draft import Kinds, drafted, guessed, modelled, open_parts, read, remarks
from kforge.draft.part_question import PARTS
from kforge.draft.repository import survey
from kforge.draft.services import wanted
from kforge.draft.words import with_parts
from kforge.errors import WorldError

APP = "demo"
Complete = Callable[[Request], Completion]


@dataclass(frozen=True, slots=True)
class Measured:
    """One request of a model: tokens in and out, seconds."""

    input: int
    output: int
    seconds: float


@dataclass(frozen=True, slots=True)
class DraftResult:
    """By aspect that counts in a case, what is wrong, "" where it is right. `refused`: no answer of the model was taken."""

    case: str
    aspects: Mapping[str, str]
    refused: bool = False
    asked: Sequence[Measured] = field(default=())


def by_words(case: DraftCase, folder: Path) -> DraftResult:
    """What words and facts draft."""
    project, shown = _surveyed(case, folder)
    return DraftResult(case.name, _judged(case, project, shown, guessed(APP, case.sentence, shown), {}))


def by_model(case: DraftCase, folder: Path, complete: Complete, alone: bool = False) -> DraftResult:
    """What words and a model draft. `alone`: the model says what every part of the sentence is, and words name no service
    and no store. Where none of its answers is accepted, it has seen nothing.
    """
    asked: list[Measured] = []

    def measured(request: Request) -> Completion:
        begin = time.monotonic()
        completion = complete(request)
        asked.append(Measured(completion.usage.input, completion.usage.output, round(time.monotonic() - begin, 1)))
        return completion

    project, shown = _surveyed(case, folder)
    said = read(APP, case.sentence, shown)
    parts = said.pieces[:PARTS] if alone else open_parts(APP, case.sentence, shown)
    kinds: Kinds = {}
    refused = False
    try:
        kinds = modelled(case.sentence, parts, measured) if parts else {}
    except WorldError:
        refused = True
    if alone:
        bare = with_parts(replace(said, services=[], stores={}), kinds)
        services = wanted(bare, shown.found, APP, shown.beside)
    else:
        services = guessed(APP, case.sentence, shown, kinds)
    return DraftResult(case.name, _judged(case, project, shown, services, kinds), refused, tuple(asked))


def _surveyed(case: DraftCase, folder: Path) -> tuple[Project, SurveyedRepository]:
    case.write(folder)
    return Project(folder / "app.kforge.yaml", folder), survey(folder, folder, APP, case.sentence)


def _judged(
    case: DraftCase, project: Project, shown: SurveyedRepository, services: Sequence[WantedService], kinds: Kinds
) -> dict[str, str]:
    if not services:  # `init` ends with an error that says how to name one
        return judged(case.expect, DraftSeen({}, {}))
    draft, text = drafted(project, APP, case.sentence, services, shown)
    told = (*remarks(APP, case.sentence, shown, services, kinds), *shown.notes, *draft.notes)
    spec = yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return judged(case.expect, DraftSeen(spec, {one.name: one.kind for one in services}, told))
