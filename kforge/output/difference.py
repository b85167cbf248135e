"""What changed → text, Markdown for a pull request, JSON. Decisions first, then files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from kforge.domain.invisible_chars import line
from kforge.domain.spec.project import Project
from kforge.output.json_text import dump
from kforge.output.layout import Diff, Line, Part, Span, Table
from kforge.output.markup import block, code, escaped, row
from kforge.output.text import count, inert
from kforge.spec.edit import flow
from kforge.stages.line_diff import hunks

if TYPE_CHECKING:
    from kforge.stages.decision_changes import FieldChange
    from kforge.stages.file_diff import FileChange

ProjectChanges = Sequence[tuple[Project, "tuple[FieldChange, ...]", "tuple[FileChange, ...]"]]
Left = Mapping[Project, Sequence[str]]
NOTHING: Left = MappingProxyType({})
_WORD = re.compile(r"[\w-]+", re.ASCII)
LONGEST = 60_000  # characters of Markdown: GitHub takes 1 MiB a step, readers take less


def text_parts(found: ProjectChanges, base: str, left: Left = NOTHING) -> list[Part]:
    """Decisions with their fields, then one unified diff. `left` has a removed spec's files that are still there."""
    made: list[Part] = []
    for project, decisions, files in found:
        gone = left.get(project)
        if gone is not None:
            made.append(Line((Span(_name(project), "bold"), Span(f": {_gone(gone)}"))))
            made.extend(Line.of(path, indent=2) for path in gone)
        elif len(found) > 1 and (decisions or files):
            made.append(Line.of(_name(project), "bold"))
        for target, changes in groupby(decisions, key=attrgetter("target")):
            made.extend(_decision(target, list(changes)))
        for change in files:
            made.extend(_file(change))
    return made or [Line.of(f"nothing changed{f' since {base}' if base else ''}")]


def _decision(target: str, changes: Sequence[FieldChange]) -> Iterator[Part]:
    """A decision and who made it; below it each changed field with both values, or the one of a new decision, and the
    reason.
    """
    who = dict.fromkeys(line(_who(change), 120) + _approved(change) for change in changes)
    yield Line((Span(target, "name"), Span(f": {'; '.join(who)}")))
    for weighed in dict.fromkeys(change.reliability for change in changes if change.reliability):
        yield Line.of(f"reliability {line(weighed, 400)}", "dim", 2)
    new = all(change.old is None for change in changes)
    width = max(len(inert(change.field)) for change in changes)
    for change in changes:
        why = ("", line(change.why, 300))
        if _cut(change):  # what is not seen whole would be approved unseen
            yield Line.of(change.field, indent=2)
            yield Diff(_whole(change), 4, headed=False)
            cells = [why]
        else:
            value = shown(change.new) if new else f"{shown(change.old)} → {shown(change.new)}"
            cells = [(change.field, value), why]
        if held := [row for row in cells if any(row)]:
            yield Table(tuple((Span(name), Span(text, "" if name else "dim")) for name, text in held), (), 2, width)
    if inputs := dict.fromkeys(name for change in changes for name in change.inputs):
        yield Line.of(f"changed: {', '.join(inputs)}", indent=2)
    yield Line()


def _file(change: FileChange) -> Iterator[Part]:
    """The difference, then what is not shown of the file."""
    if change.diff:
        yield Diff(change.diff)
    if change.note or not change.diff:
        yield Line.of(f"{change.path} {change.status}{f', {change.note}' if change.note else ''}")


def markdown(found: ProjectChanges, base: str, left: Left = NOTHING) -> str:
    """A summary for a pull request: every changed decision in a table, every file in a list with its diff folded."""
    parts = [f"### kforge: what changes{f' since {code(base, 60)}' if base else ''}"]
    room = LONGEST
    for project, decisions, files in found:
        gone = left.get(project)
        if not decisions and not files and gone is None:
            continue
        told = "" if gone is None else f"{_gone(gone)}; "
        parts.append(
            f"**{code(_name(project))}**: {told}{count(len(decisions), 'decided field')}, {count(len(files), 'file')}{_stand(decisions)}"
        )
        rows = list(map(_row, decisions))
        fit = _fitting(rows, room)
        room -= sum(map(len, rows[:fit]))
        if rows:
            parts.append(
                "\n".join(
                    ["| decision | field | old → new | who | why | approval |\n|---|---|---|---|---|---|", *rows[:fit]]
                )
            )
        blocks = [*map(_unfolded, filter(_cut, decisions)), *map(_folded, files)]
        whole = _fitting(blocks, room) if fit == len(rows) else 0
        room -= sum(map(len, blocks[:whole]))
        parts.extend(blocks[:whole])
        if fit < len(rows) or whole < len(blocks):
            long = max(0, len(blocks) - len(files) - whole)
            rest = (
                count(len(rows) - fit, "decided field"),
                count(long, "long value"),
                count(len(blocks) - whole - long, "file"),
            )
            parts.append(f"… and {rest[0]}, {rest[1]} and {rest[2]} more: the list is cut here.")
    if len(parts) == 1:
        parts.append("Nothing.")
    return "\n\n".join(parts)


def _fitting(parts: Sequence[str], room: int) -> int:
    """How many of the first parts fit: each is whole or left out, since half a code span would let the rest of it
    loose.
    """
    for number, part in enumerate(parts):
        room -= len(part)
        if room < 0:
            return number
    return len(parts)


def _stand(decisions: Sequence[FieldChange]) -> str:
    """How many decisions wait for approval, and how many were approved by this change itself."""
    found = []
    for approval, told in (("open", "without approval"), ("approved here", "approved here")):
        targets = {change.target for change in decisions if change.approval == approval}
        found += [f", {count(len(targets), 'decision')} {told}"] if targets else []
    return "".join(found)


def _row(change: FieldChange) -> str:
    cells = (
        code(change.target),
        code(change.field),
        f"{code(shown(change.old))} → {code(shown(change.new))}",
        code(_whom(change)),
        code(change.why + _because(change.inputs)),
        "**open**" if change.approval == "open" else change.approval,
    )
    return row(*cells)


def _whom(change: FieldChange) -> str:
    """Who decided and how reliably, for a cell."""
    return _who(change) + (f"; reliability {line(change.reliability, 400)}" if change.reliability else "")


def _who(change: FieldChange) -> str:
    return f"{change.who}, before: {change.was}" if change.was else change.who


def _approved(change: FieldChange) -> str:
    return f" ({'not approved' if change.approval == 'open' else change.approval})" if change.approval else ""


def _exact(value: Any) -> str:
    if value is None or isinstance(value, str):
        return "none" if value is None else value
    return _ports(value) or flow(_sorted(value))


def _ports(value: Any) -> str:
    """`8000 http (PORT), 9090 http metrics` for ports of `process`. "" for other values, and where the words would leave
    something out.
    """
    told = [_port(each) for each in value] if isinstance(value, list) else []
    return ", ".join(told) if all(told) else ""


def _port(value: Any) -> str:
    if not isinstance(value, dict) or {*value} != {"name", "port", "protocol", "env"}:
        return ""
    name, protocol, env = value["name"], value["protocol"], value["env"]
    said = (name, protocol, env or "-")
    if type(value["port"]) is not int or not all(isinstance(each, str) and _WORD.fullmatch(each) for each in said):
        return ""
    spoken = protocol if name == protocol else f"{protocol} {name}"
    return f"{value['port']} {spoken}{f' ({env})' if env else ''}"


def _sorted(value: Any) -> Any:
    """A value with the keys of its mappings in order."""
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [*map(_sorted, value)] if isinstance(value, list) else value


def _cut(change: FieldChange) -> bool:
    """Whether `shown` leaves something of a value out: the end of a list, a second blank."""
    return any(shown(value) != _exact(value) for value in (change.old, change.new))


def _whole(change: FieldChange) -> str:
    """Both values as one difference in which no line is left out, an item of a list a line."""
    old, new = _lines(change.old), _lines(change.new)
    return "\n".join([*hunks(old, new, context=len(old) + len(new))][1:])


def _lines(value: Any) -> list[str]:
    if isinstance(value, list):
        return ["[", *(f"  {_port(item) or flow(_sorted(item))}" for item in value), "]"]
    return [] if value is None else _exact(value).replace("\r", "\ufffd").split("\n")


def _unfolded(change: FieldChange) -> str:
    """A long value in full: a folded one would be approved unread."""
    title = f"<code>{escaped(change.target)}</code> <code>{escaped(change.field)}</code>, whole"
    return f"<details open><summary>{title}</summary>\n\n{block(_whole(change), 'diff')}\n\n</details>"


def _folded(change: FileChange) -> str:
    """A file's difference, folded; a line for what is not shown of it."""
    told = f"{code(change.path)} {change.status}{f': {code(change.note)}' if change.note else ''}"
    if not change.diff:
        return told
    title = f"<code>{escaped(change.path)}</code> {change.status} (+{change.added} −{change.removed})"
    return f"<details><summary>{title}</summary>\n\n{block(change.diff, 'diff')}\n\n</details>" + (
        f"\n\n{told}" if change.note else ""
    )


def as_json(found: ProjectChanges, base: str, left: Left = NOTHING) -> str:
    """Everything, for machines."""
    data = [
        {
            "spec": _name(project),
            "removed": project in left,
            "left": list(left.get(project, ())),
            "decisions": [asdict(change) for change in decisions],
            "files": [_plain(change) for change in files],
        }
        for project, decisions, files in found
    ]
    return dump({"base": base, "specs": data})


def _plain(change: FileChange) -> dict[str, Any]:
    """A file's fields; they are texts and numbers, and there may be a hundred thousand files."""
    return {name: getattr(change, name) for name in change.__slots__}


def _gone(left: Sequence[str]) -> str:
    files = f"{count(len(left), 'file')} {'is' if len(left) == 1 else 'are'} nobody's now"
    return f"the spec was removed{f': {files}' if left else ', and its files with it'}"


def shown(value: Any, length: int = 80) -> str:
    """A value in one short line."""
    return line(_exact(value), length)


def _because(inputs: tuple[str, ...]) -> str:
    return f" (changed: {', '.join(inputs)})" if inputs else ""


def _name(project: Project) -> str:
    return project.spec.relative_to(project.root).as_posix()


FORMATS = {"markdown": markdown, "json": as_json}
