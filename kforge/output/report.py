"""Outcomes → what people read: file lines on standard output, everything about them on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from kforge.domain.approval import handover
from kforge.domain.change import Change
from kforge.domain.decider import MODEL
from kforge.domain.finding import Finding
from kforge.domain.invisible_chars import line
from kforge.domain.model.pending_decision import named
from kforge.domain.own_files import LOCK_FILE
from kforge.domain.spec.project import Project
from kforge.output.build_notes import gone_lines, merge_lines
from kforge.output.build_summary import needs, summary
from kforge.output.findings import findings, problem
from kforge.output.layout import Line, Span, Table, show, tell
from kforge.output.needed import Together
from kforge.output.places import found, placed
from kforge.output.places import shown as relative
from kforge.output.plan_text import UNUSED
from kforge.output.text import Paint, coloured, count, inert, say

if TYPE_CHECKING:
    from kforge.build_all import Built
    from kforge.domain.change import Change
    from kforge.outcome import Outcome

SHOWN = 12  # decisions that a line names one by one, and lines of a file that was edited
STYLES = {"created": "good", "restored": "good", "changed": "name", "removed": "bad"}


def built(finished: Sequence[Built], verbose: bool = False) -> None:
    """What each project has become. `verbose` shows findings one by one, changed files, and rows of all services."""
    paint = Paint(coloured(sys.stderr))
    halted, told = any(each.code for each in finished), False
    together = Together(
        [needs(each.outcome, verbose) for each in finished if each.outcome and _is_shown(each, verbose)]
    )
    for each in finished:
        if each.problems:
            tell(*(line for item in each.problems for line in problem(placed(each.project, item))))
        if each.outcome is None:
            name = shown(each.project, each.project.name)
            say(f"{name}: {count(len(each.problems), 'problem')}, nothing was written")
            continue
        idle = not (each.written or each.code or each.outcome.changes.pending)
        quiet = idle and not verbose
        tell_findings(each.project, lasting(each.outcome) if quiet else each.outcome.findings, verbose)
        for note in (*merge_lines(each.outcome), *gone_lines(each.outcome)) if each.written else ():
            say(inert(note))
        _left(each.outcome, paint)
        _kept(each.outcome, paint)
        _handovers(each.outcome, paint)
        _outweighed(each.outcome, paint)
        if idle:
            _untouched(each.outcome, paint)
        say(_summary(each, halted, quiet))
        if _is_shown(each, verbose):
            if len(finished) > 1:
                show(*([Line()] if told else []), Line.of(each.outcome.loaded.world.spec.app, "bold"))
            _show_summary(each, each.outcome, verbose, together)
            told = True


def _is_shown(each: Built, verbose: bool) -> bool:
    return each.written or (verbose and not each.code)


def lasting(outcome: Outcome) -> tuple[Finding, ...]:
    """Findings that are told of a project that is as it should be, too."""
    return (*outcome.errors, *outcome.untracked, *outcome.unsupported)


def _show_summary(each: Built, outcome: Outcome, verbose: bool, together: Together) -> None:
    if verbose and each.written and outcome.changes.pending:
        show(Table(tuple(_changed(each.project, change) for change in outcome.changes.pending)))
    parts = summary(outcome, verbose, together)
    if parts:
        show(*parts)
        sys.stdout.flush()  # a log that has both streams keeps the order in which they were written


def _changed(project: Project, change: Change) -> tuple[Span, ...]:
    done, path = _done(change), relative(project, change.path)
    return Span(done, STYLES[done]), Span(path, "", "" if done == "removed" else path)


def _done(change: Change) -> str:
    if change.status == "missing":
        return "restored"
    return "created" if change.before is None else "removed" if change.after is None else "changed"


def _summary(each: Built, halted: bool, quiet: bool) -> str:
    outcome = each.outcome
    if outcome is None:
        return ""
    app = outcome.loaded.world.spec.app
    errors = len(outcome.errors)
    if each.code:
        return f"{app}: {count(errors, 'error') if errors else 'refused'}, nothing was written"
    if halted and not each.written and outcome.changes.pending:
        return f"{app}: valid, but nothing was written since another spec is not (`--keep-going` writes it)"
    pending = outcome.changes.pending
    files = count(len(outcome.files), "file")
    if not pending:
        return f"{app}: {'lock and sums renewed' if each.written else 'up to date'} ({files}){_unsaid(outcome, quiet)}"
    kinds = [_done(change) for change in pending]
    parts = [f"{kinds.count(kind)} {kind}" for kind in ("created", "restored", "changed", "removed") if kind in kinds]
    return f"{app}: {files}, {', '.join(parts)}"


def _unsaid(outcome: Outcome, quiet: bool) -> str:
    """How many warnings a line that says all is well leaves out."""
    number = len(outcome.findings) - len(lasting(outcome)) if quiet else 0
    return f", {count(number, 'warning')} as before: `-v` shows {'it' if number == 1 else 'them'}" if number else ""


def _left(outcome: Outcome, paint: Paint) -> None:
    yours = [shown(outcome.project, change.path) for change in outcome.changes.of("left") if change.yours]
    if yours:
        says = (
            "is yours from now on: a build leaves it"
            if len(yours) == 1
            else "are yours from now on: a build leaves them"
        )
        say(f"{paint('info', 'note')}: {', '.join(f'`{inert(path)}`' for path in yours)} {says} to you")
    for change in (each for each in outcome.changes.of("left") if not each.yours):
        why = UNUSED if change.unused else "is no longer wanted and holds what this spec did not write: it stays"
        say(
            f"{paint('warning', 'warning')}: `{shown(outcome.project, change.path)}`{':' if change.unused else ''} {why}"
        )
    tell_notes(outcome, paint)


def tell_notes(outcome: Outcome, paint: Paint) -> None:
    """Notes that no build changes: sources too large to be read whole, answers and files of an older kforge."""
    notes = {(source.path, str(note.value)) for source in outcome.loaded.sources.values() for note in source.tree.notes}
    for path, note in sorted(notes):
        say(f"{paint('info', 'note')}: source `{shown(outcome.project, path)}`: {inert(note)}")
    for name in outcome.outdated:
        place = shown(outcome.project, name) if name == LOCK_FILE or name in outcome.files else name
        say(
            f"{paint('info', 'outdated')}: `{place}` is by an older kforge and stays; `kforge build --upgrade {name}` renews it"
        )


def _kept(outcome: Outcome, paint: Paint) -> None:
    """Decisions whose locked answer stays because no model could be asked, one line a cause."""
    found: dict[tuple[str, str], list[str]] = {}
    for (service, topic), decision in sorted(outcome.settled.decisions.items()):
        if decision.kept:
            stays = "stale" if decision.state == "stale" else "as locked"
            found.setdefault((stays, decision.kept), []).append(f"`{service}/{topic}`")
    for (stays, why), targets in found.items():
        names = ", ".join(targets[:SHOWN]) + (f" and {len(targets) - SHOWN} more" if targets[SHOWN:] else "")
        say(f"{paint('warning', 'warning')}: {names} {'stays' if len(targets) == 1 else 'stay'} {stays}: {inert(why)}")


def _handovers(outcome: Outcome, paint: Paint) -> None:
    """Decisions with another decider than before, also where the value is the same."""
    for (service, topic), decision in sorted(outcome.settled.decisions.items()):
        before = outcome.loaded.carried.decision(service, topic)
        change = handover(before.decider, decision.decider) if before else None
        if change:
            say(
                f"{paint('info', 'note')}: `{service}/{topic}` is now decided by {line(change[1], 120)}, before by {line(change[0], 120)}"
            )


def _outweighed(outcome: Outcome, paint: Paint) -> None:
    """Decisions that the heuristics settled since a model's answer was less reliable than the spec asks."""
    named = outcome.loaded.world.spec.model
    for (service, topic), decision in sorted(outcome.settled.decisions.items()):
        if named and decision.reliability and decision.decider.by != MODEL:
            told = f"reliability {decision.reliability}; the spec asks for {named.minimum}"
            model = line(decision.decider.instead_of, 120)
            say(f"{paint('info', 'note')}: `{service}/{topic}` is left to the heuristics instead of `{model}`: {told}")


def _untouched(outcome: Outcome, paint: Paint) -> None:
    """Say why a model that the spec has just named is not asked: its decisions are locked."""
    from kforge import catalog
    from kforge.stages.previews import untouched

    targets = untouched(outcome.loaded.world, catalog.topics(), outcome.settled)
    if targets:
        one = len(targets) == 1
        stand, them = ("answer to {} stands", "it") if one else ("answers to {} stand", "them")
        say(
            f"{paint('info', 'note')}: the heuristics' {stand.format(named(targets))}: `kforge build --upgrade` hands {them} to the model"
        )


def tell_findings(project: Project, items: Iterable[Finding], verbose: bool) -> None:
    lines = findings([found(project, item) for item in items], verbose)
    if lines:
        tell(*lines)


def shown(project: Project, path: str) -> str:
    """A path relative to the working directory, escaped for a terminal."""
    return inert(relative(project, path))
