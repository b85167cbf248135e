"""Outcome → what changed since the last build, one line a service: `web: port 3000 → 4000 (web/server.js:9); 4 files to
rebuild`. Told once, by `check` before a build and by `build` after it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from kforge.domain import fieldpath
from kforge.domain.spec.pins import pin_path
from kforge.domain.spec.raw import dig
from kforge.output.causes import CHANGED, GONE, KEPT, NEW, called, causes
from kforge.output.input_places import spec_place
from kforge.output.input_words import input_words
from kforge.output.object_changes import environments_since
from kforge.output.plan_changes import RENAMED, PlannedChange, planned_changes
from kforge.output.text import count
from kforge.output.value_words import change_words, words
from kforge.stages.dataloss import losses
from kforge.stages.decision_changes import DECIDER

if TYPE_CHECKING:
    from kforge.domain.change import Change
    from kforge.outcome import Outcome

PREVIEWED = "preview"
# An input of every service that is the app's own: `app.version`, `environments.prod.namespace`.
_OF_APP = re.compile(r"app\.|environments\.[^.]+\.(?!spec\b|services\b)")
_NAMED = 3  # changes of one line
_SHORT = 40  # characters of a value
REBUILT = ("created", "changed", "removed")  # what a line of a service stands for


def change_lines(outcome: Outcome, verbose: bool = False, done: bool = False) -> list[tuple[str, str]]:
    """Service, "" for the app, and what is said of it: its changes with values, else the inputs that changed; both with
    `verbose`. What a model is yet to answer has no value. `done`: the files are written.
    """
    rows = () if outcome.loaded.lock.lost or outcome.loaded.sums.lost else planned_changes(outcome)
    by_service: dict[str, list[PlannedChange]] = {}
    for row in [each for each in rows if each.preview != PREVIEWED]:
        by_service.setdefault(row.service, []).append(row)
    lines = [(name, f"{called(outcome, name) or 'the app'}: {_said(held)}") for name, held in by_service.items()]
    known = causes(outcome)
    app = "" in by_service or any(name == "" for name, _ in known)
    apart = tuple(f"environments.{name}." for names in environments_since(outcome) for name in names) if rows else ()
    more = [(name, line) for name, line in known if verbose or not _told(name, line, by_service, app, apart)]
    pending = _pending(outcome, done)
    if verbose:  # by the names that `explain -v` has as well
        return _with_files(outcome, lines + more, pending, done)
    pins = {name: told for name, line in more if f": {CHANGED} " in line and (told := _pins(outcome, name))}
    lines += [(name, f"{name}: {pins[name]}" if name in pins else _worded(line)) for name, line in more]
    if lines:  # an input that changed, and nothing with it: told only where there is nothing else to tell
        seen = {*by_service, *pins, *(owner(outcome, each) for each in pending)}
        idle = {_worded(line) for name, line in more if f": {CHANGED} " in line and name and name not in seen}
        lines = [each for each in lines if each[1] not in idle] or lines
    return _with_files(outcome, lines, pending, done)


def _told(service: str, line: str, rows: Collection[str], app: bool, apart: tuple[str, ...]) -> bool:
    """Whether a cause is told already: by values, by a line about the app, or as an answer of another service. `apart`
    begin inputs of environments that come or go, which a line tells.
    """
    inputs = line.partition(f": {CHANGED} ")[2]
    if service in rows:
        return bool(inputs) or line.endswith((f": {NEW}", f": {GONE}", f": {KEPT}"))
    names = inputs.split(", ") if inputs else []
    if not service:
        return bool(names and rows) and all(name.endswith("patches") for name in names)
    shared = (
        (rows and "decisions." in name) or (app and _OF_APP.match(name)) or name.startswith(apart) for name in names
    )
    return bool(names) and all(shared)


def _worded(line: str) -> str:
    head, colon, names = line.partition(f": {CHANGED} ")
    return f"{head}: {', '.join(map(input_words, names.split(', ')))} changed" if colon else line


def _pins(outcome: Outcome, service: str) -> str:
    """Fields that are pinned now, or no longer, and keep their values."""
    held, now = (lock.services.get(service) for lock in (outcome.loaded.carried, outcome.lock))
    found = []
    for topic, decision in now.decisions.items() if held and now else ():
        was = held.decisions.get(topic) if held else None
        for field in sorted({*decision.pinned} ^ {*(was.pinned if was else decision.pinned)}):
            block = outcome.loaded.world.raw["services"].get(service, {})
            place = spec_place(outcome, ("services", service, *pin_path(block, topic, field)))
            where = f" ({place})" if place else ""
            answer = outcome.settled.decisions.get((service, topic))
            value = dig(answer.value if answer else decision.value, tuple(field.split(".")))
            how = "pinned" if field in decision.pinned else "no longer pinned"
            found.append(f"{field} {words(value, _SHORT)} {how}{where}")
    return ", ".join(found)


def _said(rows: Sequence[PlannedChange]) -> str:
    """The changes that have a line of the user's behind them, or all where none has."""
    seen = [row for row in rows if row.where or not row.field] or [row for row in rows if not row.follows] or list(rows)
    texts = [*dict.fromkeys(map(_short, seen))]
    more = len(texts) - _NAMED
    return ", ".join(texts[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _short(row: PlannedChange) -> str:
    if not row.field and row.subjects == (row.service,):
        return NEW if row.status == "added" else GONE
    if row.status == RENAMED:
        return KEPT
    within = f" in {' and '.join(row.environments)}" if row.environments else ""
    if not row.field:
        return f"{row.subjects[0]} {'is new' if row.status == 'added' else 'goes'}{within}"
    where = f" ({row.where})" if row.where else ""
    field = f"{row.subjects[0].partition('/')[2]} {DECIDER}" if row.field == DECIDER else _last(row.field)
    return f"{field} {change_words(row.old, row.new, _SHORT)}{within}{where}"


def _last(field: str) -> str:
    """`minReplicas` of `spec.minReplicas`, `PORT` of `env[name=PORT].value`; a decision's field as it is."""
    try:
        parts = fieldpath.parse(field)
    except fieldpath.PathError:  # `port metrics`
        return field
    if parts[0] not in ("spec", "data", "metadata"):
        return field
    for above, part in pairwise(parts):
        if above == "env" and isinstance(part, fieldpath.Match):
            return part.value
    return next((part for part in reversed(parts) if isinstance(part, str)), field)


def _pending(outcome: Outcome, done: bool) -> list[Change]:
    """Files that a build writes or removes; before it, those that it refuses are none."""
    lost = set() if done else {problem.where.file for problem in losses(outcome.changes) if problem.where}
    return [each for each in outcome.changes if each.status in REBUILT and each.path not in lost]


def _with_files(
    outcome: Outcome, lines: list[tuple[str, str]], pending: Sequence[Change], done: bool
) -> list[tuple[str, str]]:
    """The lines with the number of files that each stands for; one line stands for all, but for a service that is gone."""
    gone = outcome.loaded.carried.services.keys() - outcome.lock.services.keys()
    names = {name for name, _ in lines}
    counts = Counter(name if (name := owner(outcome, each)) in names else "" for each in pending)
    if len(lines) == 1 and lines[0][0] not in gone:
        counts = Counter({lines[0][0]: len(pending)})
    found = []
    for name, line in lines:
        number = counts.pop(name, 0)
        what = "" if done else " to remove" if name in gone else " to rebuild"
        found.append((name, f"{line}; {count(number, 'file')}{what}" if number else line))
    return found


def owner(outcome: Outcome, change: Change) -> str:
    """The service that a file belongs to; of one that is made no more, by the folders that it lies in. A service that has
    another name now has the files of the former one as well.
    """
    file = outcome.files.get(change.path)
    if file is not None:
        return file.service
    services = {*outcome.loaded.lock.services, *outcome.lock.services}
    found = next((part for part in reversed(change.path.split("/")[:-1]) if part in services), "")
    return next((new for new, old in outcome.loaded.renames.items() if old == found), found)
