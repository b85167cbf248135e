"""A repository and a sentence → the text of a spec, with a model or without one. Writes nothing.

`draft/repository.py` says what is there, `draft/wiring.py` connects it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from kforge.deciders.repair import ATTEMPTS, tries
from kforge.domain.draft import Draft, SurveyedRepository, WantedService, name_of
from kforge.domain.model.question import Rejected
from kforge.domain.model.request import Completion, Request
from kforge.domain.spec.project import Project
from kforge.draft import model_form, spec_text
from kforge.draft.beside import alone
from kforge.draft.by_sentence import environments, placed, unplaced
from kforge.draft.services import asked_for, left_out, wanted
from kforge.draft.unheard import note
from kforge.draft.wanted_stores import spared
from kforge.draft.wiring import wired
from kforge.errors import InputError, WorldError
from kforge.pipeline import valid


def guessed(app: str, sentence: str, shown: SurveyedRepository) -> list[WantedService]:
    """The services by words and facts alone."""
    return wanted(sentence, shown.found, app, shown.beside)


def modelled(
    project: Project,
    app: str,
    sentence: str,
    shown: SurveyedRepository,
    complete: Callable[[Request], Completion],
    tell: Callable[[str], None] = lambda line: None,
) -> list[WantedService]:
    """The services as a model says; `tell` hears why it is asked again. Raises WorldError where no answer made a valid
    spec.
    """
    usual = guessed(app, sentence, shown)
    sources = shown.found
    last = ""

    def read(text: str) -> list[WantedService]:
        services = _with_what_is_told(model_form.read(text, sources, usual), usual)
        try:
            valid(project, spec_text.text(wired(app, sentence, services, sources)))
        except InputError as error:
            raise Rejected("\n".join(item.message for item in error.problems)) from None
        return services

    for each in tries(
        lambda earlier: model_form.request(sentence, sources, usual, earlier),
        complete,
        lambda text, earlier: read(text),
    ):
        if each.value is not None:
            return each.value
        last = _counted(each.problem.splitlines())
        if len(each.earlier) < ATTEMPTS:
            tell(f"the answer was refused: {last}; asking again ({len(each.earlier) + 1} of {ATTEMPTS})")
    raise WorldError(f"no draft of the model was accepted in {ATTEMPTS} attempts; the last one: {last}")


def _with_what_is_told(services: Sequence[WantedService], usual: Sequence[WantedService]) -> list[WantedService]:
    """A model's services with what the author's files say of the same ones, and what these have beside them."""
    known = {(one.source, one.store, one.kind): one for one in reversed(usual)}
    held = []
    for one in services:
        same = known.get((one.source, one.store, one.kind))
        held.append(replace(one, told=same.told, seen=same.seen) if same else one)
    names = {one.name for one in held}
    return [*held, *(one for one in usual if not one.source and not one.store and one.name not in names)]


def _counted(faults: Sequence[str]) -> str:
    """The first of some faults, and how many more there are."""
    return faults[0] + (f", and {len(faults) - 1} more fault{'s' * (len(faults) > 2)}" if faults[1:] else "")


def remarks(app: str, sentence: str, shown: SurveyedRepository, services: Sequence[WantedService]) -> list[str]:
    """What words alone leave out of a sentence, or take for granted, and stores that could be used."""
    asked = asked_for(sentence, shown.found, app)
    return [
        *asked.remarks,
        *unplaced(services, asked),
        *left_out(sentence, shown.found, app),
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
