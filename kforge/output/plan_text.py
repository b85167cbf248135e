"""Planned changes → a screen: what a build would change, old → new, and why. Lists files only where that is asked."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from kforge.check_cache import up_to_date
from kforge.domain.change import Change
from kforge.domain.own_files import LOCK_FILE, SUMS_FILE
from kforge.output.findings import findings, problem
from kforge.output.layout import Line, Part, Span, Table, tell
from kforge.output.marks import ADDED, CHANGED, REMOVED
from kforge.output.places import file_span, found, placed, shown
from kforge.output.plan_changes import planned_changes
from kforge.output.preview_marks import asked
from kforge.output.text import count
from kforge.output.value_words import LONGEST, change_words, words

if TYPE_CHECKING:
    from kforge.build_all import Built
    from kforge.domain.decision import Decision
    from kforge.outcome import Outcome
    from kforge.output.plan_changes import PlannedChange

MARKS = {"added": ADDED, "changed": CHANGED, "removed": REMOVED, "renamed": CHANGED}
WOULD = {
    "created": "create", "changed": "change", "missing": "restore", "removed": "remove", "unchanged": "unchanged",
    "kept": "keep (outdated)", "edited": "refuse: edited by hand", "foreign": "refuse: not kforge's",
    "left": "leave: edited by hand", "shared": "refuse: another spec's",
}  # fmt: skip
STYLES = {
    "stale": "warning", "outdated": "warning", "created": "good", "missing": "good", "changed": "name", "removed": "bad",
    "kept": "warning", "edited": "error", "foreign": "error", "left": "warning", "unchanged": "dim", "shared": "error",
}  # fmt: skip
LEFT = "no longer generated, and edited by hand or not this spec's: a build leaves it"
UNUSED = "nothing uses it any more, and it is yours: delete it"
_NAMED = 3  # objects of one row
# What stands above the containers in every workload, and says nothing here.
_ABOVE = ("spec.jobTemplate.spec.template.spec.", "spec.template.spec.")


def changes(found: Sequence[PlannedChange], whole: bool = False) -> Iterator[Part]:
    """A line for each decision and object, and below it a row for each value. `whole` cuts no value."""
    least = max((len(short(each.field)) for each in found), default=0)
    for (mark, title), held in groupby(found, key=lambda each: (_mark(each), _title(each))):
        rows = [row for each in held if (row := _row(each, whole))]
        yield Line((mark, Span(" "), Span(title, "name"), *_beside(rows)))
        if rows and len(rows[0]) > 1:
            yield Table(tuple(rows), indent=4, least=min(least, 24))


def _mark(change: PlannedChange) -> Span:
    whole = not change.field
    return MARKS[change.status] if whole else CHANGED


def _title(change: PlannedChange) -> str:
    named, more = change.subjects[:_NAMED], len(change.subjects) - _NAMED
    title = ", ".join(named) + (f" and {more} more" if more > 0 else "")
    marked = f" ({change.preview})" if change.preview else ""
    return title + marked if change.field else title + _within(change) + marked


def _within(change: PlannedChange) -> str:
    return f" in {' and '.join(change.environments)}" if change.environments else ""


def _beside(rows: Sequence[tuple[Span, ...]]) -> tuple[Span, ...]:
    """What is said of a whole service or object, on its own line."""
    return (Span("  "), rows[0][0]) if rows and len(rows[0]) == 1 and rows[0][0].text else ()


def _row(change: PlannedChange, whole: bool) -> tuple[Span, ...]:
    if not change.field:
        return (Span(change.why),)
    longest = 0 if whole else LONGEST
    value = change_words(change.old, change.new, longest)
    return Span(short(change.field)), Span(value + _within(change)), Span(because(change), "dim")


def because(change: PlannedChange) -> str:
    """The reason and the line behind it."""
    where = f"({change.where})" if change.where and change.where not in change.why else ""
    return " ".join(part for part in (change.why, where) if part)


def short(field: str) -> str:
    """A field without what stands above containers: `containers[web].image`."""
    for above in _ABOVE:
        field = field.removeprefix(above)
    return field.replace("[name=", "[").replace('["', "[").replace('"]', "]")


def screen(each: Built, verbose: bool, whole: bool, several: bool) -> Iterator[Part]:
    """What a build would change in one project; with `whole` what stays as well, with `verbose` every file it writes."""
    outcome = each.outcome
    if outcome is None:
        return
    found, marked = planned_changes(outcome), asked(outcome)
    listed = [change for change in outcome.changes if whole or (verbose and change.status not in ("unchanged", "kept"))]
    left = () if listed else outcome.changes.of("left")
    if several and (found or listed or left or whole):
        yield Line.of(shown(each.project, each.project.name), "bold")
    yield from changes(found, whole)
    if whole:
        yield from _standing(outcome, {(each.subjects[0], each.field) for each in found}, marked)
    for change in left:
        yield Line((REMOVED, Span(f" {shown(each.project, change.path)}  {UNUSED if change.unused else LEFT}")))
    if listed:
        rows = ((file_span(each.project, one), Span(_would(one, marked), STYLES[one.status])) for one in listed)
        yield Table(tuple(rows), ("FILE", "A BUILD WOULD"))


def _would(change: Change, marked: Collection[str]) -> str:
    if change.unused:
        return f"leave: {UNUSED}"
    return WOULD[change.status] + (" (preview)" if change.path in marked else "")


def _standing(outcome: Outcome, told: Collection[tuple[str, str]], marked: Collection[str]) -> Iterator[Part]:
    """Every decision with its state, who decided it, and the fields that stay as they are."""
    for (service, topic), one in sorted(outcome.settled.decisions.items()):
        target = f"{service}/{topic}"
        state = one.state + (" (preview)" if target in marked else "")
        weighed = f", reliability {one.reliability}" if one.reliability else ""
        why = f": {one.why}" if one.why else ""
        yield Line((Span("  "), Span(target, "name"), Span(f"  {state}, {one.decider}{weighed}{why}", "dim")))
        rows = [
            (Span(field), Span(words(value, 0)), Span(_reason(one, field), "dim"))
            for field, value in one.value.items()
            if value is not None and (target, field) not in told
        ]
        yield Table(tuple(rows), indent=4)


def _reason(one: Decision, field: str) -> str:
    pinned = any(leaf.partition(".")[0] == field for leaf in one.pinned)
    return "pinned" if pinned and field in one.pinned else one.reasons.get(field, "pinned" if pinned else "")


def show_problems(each: Built, verbose: bool) -> None:
    """Say what is wrong, and what a build would refuse."""
    outcome = each.outcome
    if outcome and outcome.findings:
        tell(*findings([found(each.project, item) for item in outcome.findings], verbose))
    if each.problems:
        tell(*(line for item in each.problems for line in problem(placed(each.project, item))))


def stays(outcome: Outcome) -> str:
    """What an older kforge made and a build leaves, in a line; "" for nothing."""
    number = len(outcome.outdated)
    if not number:
        return ""
    what = count(number, "answer or file", "answers or files")
    verb = "is" if number == 1 else "are"
    return f"{what} {verb} by an older kforge and stay{'s' if number == 1 else ''}; `kforge plan --upgrade` shows what is newer"


def last_line(each: Built) -> str:
    """What a build would do with the files, in a line."""
    outcome = each.outcome
    if outcome is None:
        return f"{shown(each.project, each.project.name)}: {count(len(each.problems), 'problem')}; a build would write nothing"
    app, number = outcome.loaded.world.spec.app, len(outcome.files)
    if each.code:
        errors = len(outcome.errors)
        return f"{app}: {count(errors, 'error') if errors else 'refused'}; a build would write nothing"
    verbs = [WOULD[change.status] for change in outcome.changes]
    parts = [f"{verb} {verbs.count(verb)}" for verb in ("create", "restore", "change", "remove") if verb in verbs]
    if parts:
        return f"{app}: a build would {', '.join(parts)} of {count(number, 'file')}"
    if asked(outcome):
        return f"{app}: no file would change ({number}) if the model answers as is shown here"
    if outcome.current:
        return up_to_date([(app, number)])
    return f"{app}: no file would change ({number}); a build would renew {LOCK_FILE} and {SUMS_FILE}"
