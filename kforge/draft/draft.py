"""A repository and a sentence → the text of a spec, with a model or without one. Writes nothing.

`draft/repository.py` says what is there, `draft/wiring.py` connects it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from kforge.deciders.repair import ATTEMPTS, tries
from kforge.domain.draft import Draft, ServiceKind, SurveyedRepository, WantedService, name_of
from kforge.domain.model.request import Completion, Request
from kforge.domain.spec.project import Project
from kforge.draft import part_question, spec_text
from kforge.draft.beside import alone
from kforge.draft.by_sentence import environments, placed, unplaced
from kforge.draft.services import asked_for, left_out, wanted
from kforge.draft.unheard import note
from kforge.draft.wanted_stores import spared
from kforge.draft.wiring import wired
from kforge.draft.words import Said, with_parts
from kforge.errors import WorldError
from kforge.pipeline import valid

Kinds = Mapping[str, ServiceKind | None]


def read(app: str, sentence: str, shown: SurveyedRepository, kinds: Kinds | None = None) -> Said:
    """What the sentence asks for. `kinds`: what a model sees in parts of it."""
    asked = asked_for(sentence, shown.found, app)
    return with_parts(asked, kinds) if kinds else asked


def guessed(app: str, sentence: str, shown: SurveyedRepository, kinds: Kinds | None = None) -> list[WantedService]:
    """The services by words and facts, and by what a model sees in parts of the sentence."""
    return wanted(read(app, sentence, shown, kinds), shown.found, app, shown.beside)


def open_parts(app: str, sentence: str, shown: SurveyedRepository) -> list[str]:
    """The parts of the sentence that words do not understand, which a model is asked about."""
    return read(app, sentence, shown).open[: part_question.PARTS]


def modelled(
    sentence: str,
    parts: Sequence[str],
    complete: Callable[[Request], Completion],
    tell: Callable[[str], None] = lambda line: None,
) -> dict[str, ServiceKind | None]:
    """What a model says of parts of the sentence; `tell` hears why it is asked again. Raises WorldError where no answer was
    accepted.
    """
    last = ""
    for each in tries(
        lambda earlier: part_question.request(sentence, parts, earlier),
        complete,
        lambda text, earlier: part_question.read(text, parts),
    ):
        if each.value is not None:
            return each.value
        last = _counted(each.problem.splitlines())
        if len(each.earlier) < ATTEMPTS:
            tell(f"the answer was refused: {last}; asking again ({len(each.earlier) + 1} of {ATTEMPTS})")
    raise WorldError(f"no answer of the model was accepted in {ATTEMPTS} attempts; the last one: {last}")


def _counted(faults: Sequence[str]) -> str:
    """The first of some faults, and how many more there are."""
    return faults[0] + (f", and {len(faults) - 1} more fault{'s' * (len(faults) > 2)}" if faults[1:] else "")


def remarks(
    app: str, sentence: str, shown: SurveyedRepository, services: Sequence[WantedService], kinds: Kinds | None = None
) -> list[str]:
    """What is left out of a sentence, or taken for granted, and stores that could be used."""
    asked = read(app, sentence, shown, kinds)
    return [
        *asked.remarks,
        *unplaced(services, asked),
        *left_out(asked, shown.found, app),
        *spared(shown.found, services),
        *alone(shown.found, services),
        *note(asked.unheard),
    ]


def drafted(
    project: Project,
    app: str,
    sentence: str,
    services: Sequence[WantedService],
    shown: SurveyedRepository,
    model: str = "",
) -> tuple[Draft, str]:
    """The draft and its text. Raises InputError where it is no spec."""
    gone = {each.path for each in shown.left}
    asked = asked_for(sentence, shown.found, app)
    draft = wired(app, sentence, placed(services, asked), shown.found, model, gone)
    draft = replace(draft, environments=environments(services, asked))
    text = spec_text.text(draft)
    valid(project, text)
    return draft, text


def app_name(folder: Path) -> str:
    return name_of(folder.name)
