"""A folder and a sentence → the text of a spec, with a model or without one. Writes nothing.

Every folder that a detector claims, or that has a Dockerfile, is a source; `draft/wiring.py` connects them.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from pathlib import Path

from kforge import catalog
from kforge.deciders.repair import ATTEMPTS, tries
from kforge.domain.draft import Draft, FoundSource, WantedService, name_of
from kforge.domain.facts import Facts
from kforge.domain.known_images import known
from kforge.domain.model.question import Rejected
from kforge.domain.model.request import Completion, Request
from kforge.domain.port import Port
from kforge.domain.spec.project import Project
from kforge.draft import model_form, spec_text
from kforge.draft.services import left_out, wanted
from kforge.draft.wiring import wired
from kforge.draft.words import said
from kforge.errors import InputError, WorldError
from kforge.pipeline import valid
from kforge.stages.detect import detect
from kforge.system.ignore import SHORTER, TOO_MANY_LINES, MatchBudget
from kforge.system.tree import SourceTree

_SIGNS = ("Dockerfile", "index.html")  # of a source in any language
_DEPTH, _MOST, _LOOKED = 4, 40, 400  # folders below the spec's, sources in all, and folders that are looked into
# what is run beside an application
_ASIDE = ("testdata", "fixtures", "examples", "docs")


def found(folder: Path, root: Path, tell: Callable[[str], None] = lambda line: None) -> list[FoundSource]:
    """Sources in and below a folder, by path; nothing inside of another one. `tell` hears which folders are left out
    because no spec can name them.

    Raises InputError where .gitignore files left no time to look at all of them.
    """
    matching = MatchBudget()
    sources = _found(folder, root, matching, tell)
    if matching.left < 0:
        raise InputError(f"{TOO_MANY_LINES}: not all sources were looked at", hint=SHORTER)
    return sources


def _found(folder: Path, root: Path, matching: MatchBudget, tell: Callable[[str], None]) -> list[FoundSource]:
    held: dict[str, FoundSource] = {}
    languages = catalog.languages()
    signs = {*_SIGNS, *(sign for language in languages for sign in language.signs)}
    aside = {*_ASIDE, *(name for recipe in languages.recipes for name in recipe.tests)}
    places = {
        posixpath.dirname(path)
        for path in SourceTree(folder, root, matching=matching).files
        if posixpath.basename(path) in signs
    }
    for place in sorted(places):
        if not _is_utf8(place):
            tell(f"`{place}` is left out: its name is not UTF-8, which a spec is written in")
    places = {place for place in places if _is_utf8(place)}
    for place in sorted(places, key=lambda each: (each.count("/") if each else -1, each))[:_LOOKED]:
        if (
            place.count("/") >= _DEPTH
            or len(held) >= _MOST
            or any(place == above or place.startswith(f"{above}/") for above in held if above)
        ):
            continue
        facts = detect(SourceTree(folder / place, root, code=languages.code, matching=matching), catalog.detectors())
        if not (facts.language or facts.dockerfile or facts.webserver):
            continue
        if aside & {*place.split("/")} and not (facts.start or facts.ports or facts.dockerfile):
            continue
        inside = place == "" and len(places) > 1 and not (facts.start or facts.ports or facts.dockerfile)
        if place == "" and not inside and (facts.start or facts.ports or facts.dockerfile):
            return [_seen(".", facts)]
        if not inside:
            held[place] = _seen(f"./{place}" if place else ".", facts)
    return list(held.values())


def _is_utf8(path: str) -> bool:
    """Whether a path has no bytes that Python could not decode, which it holds as halves of surrogate pairs."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _seen(path: str, facts: Facts) -> FoundSource:
    """A source, and what its build will take it to listen on: what it shows, what its Dockerfile exposes, what the base
    image does.
    """
    described = facts.value("dockerfile") or {}
    exposed = [each for each in described.get("expose") or () if each.get("protocol", "tcp") == "tcp"]
    base = known(str(described.get("base") or ""))
    shown = [Port.of(each) for each in facts.value("ports") or exposed]
    ports = shown or (base.open_ports() if base else ())
    return FoundSource(path, facts, tuple(int(port.number) for port in ports), base.name if base else "")


def guessed(app: str, sentence: str, sources: Sequence[FoundSource]) -> list[WantedService]:
    """The services by words and facts alone."""
    return wanted(sentence, sources, app)


def modelled(
    project: Project,
    app: str,
    sentence: str,
    sources: Sequence[FoundSource],
    complete: Callable[[Request], Completion],
    tell: Callable[[str], None] = lambda line: None,
) -> list[WantedService]:
    """The services as a model says; `tell` hears why it is asked again. Raises WorldError where no answer made a valid
    spec.
    """
    usual = guessed(app, sentence, sources)
    last = ""

    def read(text: str) -> list[WantedService]:
        services = model_form.read(text, sources, usual)
        try:
            valid(project, spec_text.text(wired(app, sentence, services, sources)))
        except InputError as error:
            raise Rejected("\n".join(item.message for item in error.problems)) from None
        return services

    for each in tries(lambda earlier: model_form.request(sentence, sources, usual, earlier), complete, read):
        if each.value is not None:
            return each.value
        last = _counted(each.problem.splitlines())
        if len(each.earlier) < ATTEMPTS:
            tell(f"the answer was refused: {last}; asking again ({len(each.earlier) + 1} of {ATTEMPTS})")
    raise WorldError(f"no draft of the model was accepted in {ATTEMPTS} attempts; the last one: {last}")


def _counted(faults: Sequence[str]) -> str:
    """The first of some faults, and how many more there are."""
    return faults[0] + (f", and {len(faults) - 1} more fault{'s' * (len(faults) > 2)}" if faults[1:] else "")


def remarks(app: str, sentence: str, sources: Sequence[FoundSource]) -> list[str]:
    """What words alone leave out of a sentence, or take for granted."""
    return [*said(sentence).remarks, *left_out(sentence, sources, app)]


def drafted(
    project: Project,
    app: str,
    sentence: str,
    services: Sequence[WantedService],
    sources: Sequence[FoundSource],
    model: str = "",
) -> tuple[Draft, str]:
    """The draft and its text. Raises InputError where it is no spec."""
    draft = wired(app, sentence, services, sources, model)
    text = spec_text.text(draft)
    valid(project, text)
    return draft, text


def app_name(folder: Path) -> str:
    return name_of(folder.name)
