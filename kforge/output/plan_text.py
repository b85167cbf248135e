"""Planned changes → a screen: what a build would change, old → new, and why. Lists files only where that is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from kforge.domain.change import Change
from kforge.output.layout import Line, Part, Span, Table
from kforge.output.marks import ADDED, CHANGED, REMOVED
from kforge.output.text import count
from kforge.output.value_words import LONGEST, words

if TYPE_CHECKING:
    from kforge.output.plan_changes import PlannedChange

MARKS = {"added": ADDED, "changed": CHANGED, "removed": REMOVED}
WOULD = {
    "created": "create", "changed": "change", "missing": "restore", "removed": "remove", "unchanged": "unchanged",
    "kept": "keep (outdated)", "edited": "refuse: edited by hand", "foreign": "refuse: not kforge's",
    "left": "leave: edited by hand", "shared": "refuse: another spec's",
}  # fmt: skip
STYLES = {
    "stale": "warning", "outdated": "warning", "created": "good", "missing": "good", "changed": "name", "removed": "bad",
    "kept": "warning", "edited": "error", "foreign": "error", "left": "warning", "unchanged": "dim", "shared": "error",
}  # fmt: skip
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
    return title if change.field else title + _within(change)


def _within(change: PlannedChange) -> str:
    return f" in {' and '.join(change.environments)}" if change.environments else ""


def _beside(rows: Sequence[tuple[Span, ...]]) -> tuple[Span, ...]:
    """What is said of a whole service or object, on its own line."""
    return (Span("  "), rows[0][0]) if rows and len(rows[0]) == 1 and rows[0][0].text else ()


def _row(change: PlannedChange, whole: bool) -> tuple[Span, ...]:
    if not change.field:
        return (Span(change.why),)
    longest = 0 if whole else LONGEST
    values = [words(value, longest) for value in (change.old, change.new)]
    value = values[1] if change.status == "added" and change.old is None else " → ".join(values)
    return Span(short(change.field)), Span(value + _within(change)), Span(because(change), "dim")


def because(change: PlannedChange) -> str:
    """The reason and the line behind it."""
    where = f"({change.where})" if change.where and change.where not in change.why else ""
    return " ".join(part for part in (change.why, where) if part)


def short(field: str) -> str:
    """A field without what stands above containers: `containers[web].image`."""
    for above in _ABOVE:
        field = field.removeprefix(above)
    return field.replace("[name=", "[")


def files(items: Iterable[Change]) -> Part:
    """A table of files, and what a build would do with each."""
    rows = ((Span(each.path), Span(WOULD[each.status], STYLES[each.status])) for each in items)
    return Table(tuple(rows), ("FILE", "A BUILD WOULD"))


def counted(items: Iterable[Change]) -> str:
    """`create 1, change 8 and remove 1 file`."""
    verbs = [WOULD[each.status] for each in items]
    parts = [f"{verb} {verbs.count(verb)}" for verb in ("create", "restore", "change", "remove") if verb in verbs]
    number = sum(verbs.count(verb) for verb in ("create", "restore", "change", "remove"))
    if len(parts) == 1:
        return f"{parts[0].partition(' ')[0]} {count(number, 'file')}"
    return f"{', '.join(parts[:-1])} and {parts[-1]} files" if parts else ""
