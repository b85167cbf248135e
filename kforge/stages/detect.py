"""Source tree → Facts. Unaware of languages: detectors are handed in, in the order in which they are tried."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from kforge.domain.artifact import around
from kforge.domain.facts import NAMES, NOTHING, Evidence, Fact, Facts, Many
from kforge.domain.secrets.credential_hint import hints_at_one
from kforge.domain.source.build_context import between, contains, joined
from kforge.stages.occupied_folders import placed, with_declared

if TYPE_CHECKING:
    from kforge.domain.artifact import Detector, Tree

_HALF = re.compile("[\ud800-\udfff]")
_WIDER = "pin a folder that holds both as the service's `build.context`"
_EXPLAINED = (*NAMES, "notes")
_JOINED = ("needed", "mounted", "faults", "doubts", "notes")  # what every detector adds to


def detect(tree: Tree, detectors: Sequence[Detector]) -> Facts:
    """The facts of the first detector that claims the source for a language, completed by those that claim none.

    A manifest of which nothing starts and nothing is served, such as a package.json that holds tools, gives way to a
    language in which something does. Another language is a note; so is a source in which nothing was found, and what the
    tree left out.
    """
    claims: list[Facts] = []
    extra: list[Facts] = []
    notes: list[Fact] = []
    if not tree.files:
        notes.append(Fact("no files: it is empty, or everything in it is ignored"))
    for detector in detectors:
        if detector.last and any(facts.start or facts.output for facts in claims):
            continue
        facts = detector.detect(tree)
        if facts is None or (detector.last and claims and not facts.start):
            continue
        if facts.language is None:
            extra.append(facts)
        else:
            claims.append(_with_brought(facts, detector, tree) if facts.brought else facts)
    claimed = next((facts for facts in claims if facts.start or facts.output), claims[0] if claims else None)
    for facts in claims:
        if facts is not claimed and facts.language:
            notes.append(Fact(f"also looks like {facts.language.value}", facts.language.evidence))
    if tree.files and claimed is None:
        notes.append(Fact("no language recognized"))
    result = claimed or NOTHING
    own = next((facts for facts in extra if facts.dockerfile), NOTHING)
    for facts in extra:  # what a build of kforge's would lack, a Dockerfile of the author's may make
        result = _completed(result, replace(facts, faults=()) if own.dockerfile else facts)
    result = with_declared(placed(_in_context(result, tree), tree), own.kept, tree)
    if result.dockerfile and result.beside:
        from kforge.detectors.own_processes import unstarted  # few sources need it; `check` reads many

        result = replace(result, beside=unstarted(result.beside, tree, result.dockerfile.value))
    from kforge.detectors import (
        checkout,
        debug_switches,
        merge_conflicts,
    )  # a `check` whose index knows the project detects nothing

    result = replace(
        result,
        needed=(*result.needed, *checkout.started(tree, result)),
        faults=(*result.faults, *merge_conflicts.conflicts(tree)),
        production=(*result.production, *debug_switches.production(result)),
    )
    told = (*result.doubts, *checkout.doubts(tree, result)) if checkout.shows(tree) else result.doubts
    result = _encodable(replace(result, doubts=told))
    return replace(
        result,
        start=_hidden(result.start),
        build=_hidden(result.build),
        notes=(*result.notes, *notes, *_left_out(tree)),
    )


def _with_brought(facts: Facts, detector: Detector, tree: Tree) -> Facts:
    """The facts of a source with the files that its image gets from elsewhere; without them where its context lies apart."""
    from kforge.detectors.build_context import needed_context  # few sources need it; `check` reads many
    from kforge.domain.source.brought import BroughtTree, places, shown_there

    place = around(tree)
    if place is None:
        return facts
    wanted, context = places(facts.brought, place.folder), facts.context
    if context is None:
        lines = zip(wanted.values(), (fact.evidence[0] for fact in facts.brought), strict=True)
        context = needed_context(place, dict(lines)).fact
    top = joined(place.folder, context.value["folder"]) if context else None
    if top is None or not all(contains(top, path) for path in wanted.values()):
        lost = [
            Fact(
                {
                    "said": f"`{one.value['from']}` is needed as `{one.value['to']}`, but is not in the build context",
                    "hint": _WIDER,
                },
                one.evidence,
            )
            for one in facts.brought
        ]
        return replace(facts, brought=(), doubts=(*facts.doubts, *lost))
    again = detector.detect(BroughtTree(tree, wanted)) or facts
    return replace(shown_there(again, facts.brought), brought=facts.brought, context=again.context or context)


def _in_context(facts: Facts, tree: Tree) -> Facts:
    """Facts of a source that is only a part of its build context, as the spec may say alone; the user's .dockerignore is
    that of the context.
    """
    place = around(tree)
    if place is None:
        return facts
    if facts.context is None and facts.dockerfile is None and place.pins.context is not None:
        from kforge.detectors.build_context import placed as context_of  # few sources need it; `check` reads many

        facts = replace(facts, context=context_of(place, place.pins.context, None))
    if facts.context is None:
        return facts
    from kforge.detectors import dockerignore  # as above

    folder = joined(place.folder, facts.context.value["folder"])
    path = f"{folder}/.dockerignore".lstrip("/")
    patterns = dockerignore.patterns(place.text(path) if ".dockerignore" in place.names(folder or "") else "")
    shown = Evidence(between(place.folder, path))
    return replace(facts, dockerignore=None if patterns is None else Fact(patterns, (shown,)))


def _encodable(facts: Facts) -> Facts:
    """Facts without half characters, which an escape (`"\\ud800"`) or a file's name brings in and no file can hold."""
    changes = {}
    for field in fields(Facts):
        held = getattr(facts, field.name)
        if isinstance(held, (Fact, tuple)) and (whole := _whole(held)) != held:
            changes[field.name] = whole
    return replace(facts, **changes) if changes else facts


def _whole(held: Any) -> Any:
    if isinstance(held, str):
        return held if held.isascii() else _HALF.sub("\N{REPLACEMENT CHARACTER}", held)
    if isinstance(held, Fact):
        return Fact(_whole(held.value), tuple(Evidence(_whole(seen.file), seen.line) for seen in held.evidence))
    if isinstance(held, dict):
        return {_whole(key): _whole(value) for key, value in held.items()}
    if isinstance(held, (list, tuple)):
        return type(held)(_whole(item) for item in held)
    return held


def _hidden(commands: Many) -> Many:
    """Commands that start or build, without credentials: facts are printed, shown to models and locked."""
    if not any(hints_at_one(fact.value) for fact in commands):
        return commands
    from kforge.domain.secrets.redact import arguments  # here, since `check` reads most sources without any hint

    return tuple(replace(fact, value=arguments(fact.value)) for fact in commands)


def _completed(facts: Facts, extra: Facts) -> Facts:
    """Facts with missing ones filled in from the completing detectors, in order. Lists of hosts are joined."""
    changes: dict[str, Any] = {name: (*getattr(facts, name), *getattr(extra, name)) for name in _JOINED}
    if extra.dockerfile:  # it says what it copies: what kforge would need for one of its own is not asked
        changes |= {
            "context": extra.context,
            "missing": extra.missing,
            "brought": (),
            "workspace": None,
            "kept": facts.kept,
        }
    for field in fields(Facts):
        held, given = getattr(facts, field.name), getattr(extra, field.name)
        if field.name not in changes and not held and given:
            changes[field.name] = given
    known = {fact.value["host"] for fact in facts.hosts}
    added = tuple(fact for fact in extra.hosts if fact.value["host"] not in known)
    if facts.hosts and added:
        changes["hosts"] = tuple(
            sorted((*facts.hosts, *added), key=lambda fact: (fact.value["host"], fact.value["port"]))
        )
    if facts.language and not facts.ports and facts.framework and extra.ports:
        # What a web framework answers on a port that only the Dockerfile names is HTTP all the same.
        protocol = "grpc" if facts.framework.value == "grpc" else "http"
        changes["ports"] = tuple(Fact({**fact.value, "protocol": protocol}, fact.evidence) for fact in extra.ports)
    return replace(facts, **changes)


def _left_out(tree: Tree) -> Many:
    return tuple(getattr(tree, "notes", ()))


def as_json(facts: Facts) -> dict[str, Any]:
    """Every fact as `{"value": …, "evidence": ["server.js:12"]}`, a list of these, or null."""
    shown: dict[str, Any] = {"detector": facts.detector or None}
    for name in _EXPLAINED:
        held = getattr(facts, name)
        shown[name] = [_shown(fact) for fact in held] if isinstance(held, tuple) else _shown(held) if held else None
    return shown


def _shown(fact: Fact) -> dict[str, Any]:
    return {"value": fact.value, "evidence": [str(evidence) for evidence in fact.evidence]}
