"""Outcomes → what people read: file lines on standard output, everything about them on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from kforge.check_cache import up_to_date
from kforge.domain.approval import handover
from kforge.domain.change import Change
from kforge.domain.decider import MODEL
from kforge.domain.decision import Decision
from kforge.domain.finding import Finding
from kforge.domain.invisible_chars import line
from kforge.domain.model.pending_decision import named
from kforge.domain.own_files import LOCK_FILE
from kforge.domain.spec.project import Project
from kforge.output.causes import CHANGED, records
from kforge.output.change_lines import REBUILT, change_lines
from kforge.output.findings import findings, problem
from kforge.output.layout import Line, Span, Table, show, tell
from kforge.output.places import found, placed
from kforge.output.places import shown as relative
from kforge.output.plan_text import LEFT
from kforge.output.still_open import still_open
from kforge.output.text import Paint, coloured, count, inert, say
from kforge.transaction import refused
from kforge.written_images import judged

if TYPE_CHECKING:
    from kforge.build_all import Built
    from kforge.domain.change import Change
    from kforge.outcome import Outcome

SHOWN = 12  # decisions that a line names one by one, and lines of a file that was edited
WIDEST = 160  # characters of such a line: an image with its digest
TAKEN = "an update of its base image, taken over once nothing else differs"
STYLES = {"created": "good", "restored": "good", "changed": "name", "removed": "bad"}
STALE = {
    "created": "would be new",
    "changed": "is stale",
    "removed": "no longer generated; a build removes it",
    "missing": "is missing; a build restores it",
    "edited": "was edited by hand",
    "foreign": "is not kforge's",
    "left": LEFT,
    "shared": "is a file of another spec as well",
}
UNPROVEN = "is by an older kforge, and nothing here confirms it"
PROVE = "`kforge check --full --base REV` takes what is made of the same at the word of a commit that you trust, `kforge build --upgrade` makes it anew"


def stale_file(change: Change) -> str:
    """What is said of a file that is not as it should be; `change.status` is in STALE."""
    if change.status == "removed" and change.before is None:
        return "no longer generated, and gone already; a build strikes it off the list"
    return STALE[change.status] + (f": `{change.other}`" if change.other else "")


def edited(outcome: Outcome, change: Change) -> list[str]:
    """What is said of each line of a Dockerfile that was edited: a bot's update of an image, or none; and why not."""
    file = outcome.files.get(change.path)
    lines = judged(change, file, outcome.loaded.lock) if file else ()
    said = [
        f"{change.path}:{each.number}: `{_cut(each.text)}`: {each.why or TAKEN}"
        if each.number
        else f"{change.path}: `{_cut(each.text)}` is missing"
        for each in lines[:SHOWN]
    ]
    return said + ([f"{change.path}: and {len(lines) - SHOWN} more lines"] if len(lines) > SHOWN else [])


def _cut(line: str) -> str:
    return line if len(line) <= WIDEST else f"{line[:WIDEST]}…"


def built(finished: Sequence[Built], verbose: bool = False) -> None:
    """One line a changed file, then one line a project. `verbose` shows findings one by one."""
    paint = Paint(coloured(sys.stderr))
    halted = any(each.code for each in finished)
    for each in finished:
        if each.problems:
            tell(*(line for item in each.problems for line in problem(placed(each.project, item))))
        if each.outcome is not None:
            _findings(each.project, each.outcome.findings, verbose)
            if each.written and each.outcome.changes.pending:
                show(Table(tuple(_changed(each.project, change) for change in each.outcome.changes.pending)))
            _left(each.outcome, paint)
            _kept(each.outcome, paint)
            _handovers(each.outcome, paint)
            _outweighed(each.outcome, paint)
            if not (each.written or each.code or each.outcome.changes.pending):
                _untouched(each.outcome, paint)
            say(_summary(each, halted))
            _open(each, paint)
        else:
            say(
                f"{shown(each.project, each.project.name)}: {count(len(each.problems), 'problem')}, nothing was written"
            )


def _open(each: Built, paint: Paint) -> None:
    """The last lines: what the services still need before they run."""
    lines = still_open(each.outcome) if each.outcome and not each.code else []
    if lines:
        say("\n".join((f"{paint('warning', 'before it runs')}:", *(f"  {line}" for line in map(inert, lines)))))


def _changed(project: Project, change: Change) -> tuple[Span, ...]:
    done = _done(change)
    return Span(done, STYLES[done]), Span(relative(project, change.path))


def _done(change: Change) -> str:
    if change.status == "missing":
        return "restored"
    return "created" if change.before is None else "removed" if change.after is None else "changed"


def _summary(each: Built, halted: bool) -> str:
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
    if not pending:
        return f"{app}: {'lock and sums renewed' if each.written else 'nothing to do'}, {count(len(outcome.files), 'file')}"
    kinds = [_done(change) for change in pending]
    parts = [f"{kinds.count(kind)} {kind}" for kind in ("created", "restored", "changed", "removed") if kind in kinds]
    return f"{app}: {count(len(outcome.files), 'file')}, {', '.join(parts)}"


def _left(outcome: Outcome, paint: Paint) -> None:
    for change in outcome.changes.of("left"):
        say(
            f"{paint('warning', 'warning')}: `{shown(outcome.project, change.path)}` is no longer wanted and holds what this spec did not write: it stays"
        )
    _told(outcome, paint)


def _told(outcome: Outcome, paint: Paint) -> None:
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
        before = outcome.loaded.lock.decision(service, topic)
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


def _findings(project: Project, items: Iterable[Finding], verbose: bool) -> None:
    lines = findings([found(project, item) for item in items], verbose)
    if lines:
        tell(*lines)


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
        shown_here = (*outcome.errors, *outcome.untracked, *outcome.unsupported) if quiet_here else outcome.findings
        _findings(project, shown_here, verbose)
        _told(outcome, paint)
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
    for change in outcome.changes:
        if change.status in STALE and change.status not in told:
            yield Span(relative(outcome.project, change.path), "bad"), Span(f" {stale_file(change)}")
    for decision in stale(outcome):
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


def shown(project: Project, path: str) -> str:
    """A path relative to the working directory, escaped for a terminal."""
    return inert(relative(project, path))


def stale(outcome: Outcome) -> list[Decision]:
    """Decisions whose locked answer no longer stands, in order."""
    return [decision for _, decision in sorted(outcome.settled.decisions.items()) if decision.state == "stale"]
