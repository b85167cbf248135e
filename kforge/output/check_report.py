"""Outcomes of `check` → what people read: what is not current and why, on standard output; advice on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kforge.check_cache import up_to_date
from kforge.domain.own_files import SUMS_FILE
from kforge.domain.spec.project import Project
from kforge.output.causes import CHANGED, records
from kforge.output.change_lines import REBUILT, change_lines
from kforge.output.findings import problem
from kforge.output.layout import Line, Span, show, tell
from kforge.output.places import file_span, placed
from kforge.output.places import shown as relative
from kforge.output.report import lasting, tell_findings, tell_notes
from kforge.output.stale_text import PROVE, SHOWN, STALE, UNPROVEN, edited, stale, stale_file
from kforge.output.text import Paint, coloured, count, inert, say
from kforge.transaction import refused

if TYPE_CHECKING:
    from kforge.outcome import Outcome


def checked(
    projects: Sequence[Project],
    outcomes: Sequence[Outcome],
    unproven: Mapping[Project, Sequence[str]] | None = None,
    quiet: bool = False,
    verbose: bool = False,
) -> None:
    """What is not current, and the input that changed; one line where everything is. `unproven` is an older kforge's
    work that nothing confirms. `verbose` shows findings one by one.
    """
    unproven = unproven or {}
    paint = Paint(coloured(sys.stderr))
    for outcome in outcomes:
        project = outcome.project
        prefix = Span("" if len(projects) == 1 else f"{relative(project, project.name)}: ")
        quiet_here = outcome.current and not verbose
        shown_here = lasting(outcome) if quiet_here else outcome.findings
        tell_findings(project, shown_here, verbose)
        tell_notes(outcome, paint)
        lines = [*_stale(outcome, prefix, verbose)]
        lines += [(prefix, Span(name or "the app", "bad"), Span(f" {UNPROVEN}")) for name in unproven.get(project, ())]
        if lines:
            show(*map(Line, lines))
    no = [outcome for outcome in outcomes if not outcome.current or outcome.errors]
    advised = [_advised(outcome) for outcome in no]
    if no:
        name = no[0].loaded.world.spec.app if len(projects) == 1 else f"{len(no)} of {count(len(projects), 'spec')}"
        if errors := sum(len(outcome.errors) for outcome in no):
            say(f"not valid: {name}; {count(errors, 'error')}, and a build would write nothing")
        elif any(advised):
            say(f"not current: {name}; a build refuses what is named above")
        else:
            say(f"not current: {name}; run `kforge build` and commit what it writes")
    if unproven:
        say(f"not proven: {count(sum(map(len, unproven.values())), 'answer or file', 'answers or files')}; {PROVE}")
    elif not no and not quiet:
        current = [(outcome.loaded.world.spec.app, len(outcome.files)) for outcome in outcomes]
        say(up_to_date(current if len(projects) == 1 else [("", 0)] * len(projects)))


def _stale(outcome: Outcome, prefix: Span, verbose: bool) -> Iterator[tuple[Span, ...]]:
    """What is not current: what changed, once, with the files that follow from it only where they have no such cause or
    with `verbose`.
    """
    changed = change_lines(outcome, verbose)
    told = () if verbose or not changed else REBUILT
    # each of these has an error that says the same, and what to do
    refused_here = {each.path for each in outcome.changes.refused[:SHOWN] if each.status in ("edited", "foreign")}
    for change in outcome.changes:
        if change.status in STALE and change.status not in told and change.path not in refused_here:
            yield file_span(outcome.project, change, "bad"), Span(f" {stale_file(change)}")
    for decision in stale(outcome):
        if decision.why == f"changed: {SUMS_FILE}":
            continue  # it is missing, which is told once
        if verbose or not changed or CHANGED not in decision.why:
            yield prefix, Span(f"{decision.service}/{decision.topic}", "bad"), Span(f" is stale: {decision.why}")
    for why in [told for _, told in changed] or records(outcome):
        head, colon, rest = why.partition(":")
        yield (prefix, Span(head, "name"), Span(colon + rest)) if rest else (prefix, Span(why))


def _advised(outcome: Outcome) -> bool:
    """Say what to do about everything that a build of this spec refuses; whether there is something."""
    for change in outcome.changes.of("edited")[:SHOWN]:
        for told in edited(outcome, change):
            say(inert(told))
    problems = refused(outcome)
    for item in problems[:SHOWN]:
        tell(*problem(placed(outcome.project, item)))
    if problems[SHOWN:]:
        say(f"and {len(problems) - SHOWN} more that a build refuses")
    return bool(problems)
