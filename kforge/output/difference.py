"""What changed → text, Markdown for a pull request, JSON. Decisions first, then files."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from kforge.domain.project import Project
from kforge.output.text import Paint, coloured, count, table

if TYPE_CHECKING:
    from kforge.stages.since import FieldChange, FileChange

Found = Sequence[tuple[Project, "tuple[FieldChange, ...]", "tuple[FileChange, ...]"]]
LONGEST = 60_000  # characters of Markdown: GitHub takes 1 MiB a step, readers take less


def text(found: Found, base: str) -> str:
    """Decisions as a table, then one unified diff."""
    paint = Paint(coloured(sys.stdout))
    parts = []
    for project, decisions, files in found:
        if len(found) > 1 and (decisions or files):
            parts.append(paint("bold", _name(project)))
        rows = [
            (change.target, change.field, f"{shown(change.old)} → {shown(change.new)}", change.who, change.why + _because(change.inputs))
            for change in decisions
        ]
        if rows:
            parts.append("\n".join(table(rows)) + "\n")
        parts.extend(_painted(change.diff, paint) for change in files)
    return "\n".join(parts) if parts else f"nothing changed{f' since {base}' if base else ''}"


def _painted(diff: str, paint: Paint) -> str:
    styles = {"+": "good", "-": "bad", "@": "name"}
    return "\n".join(paint(styles[line[0]], line) if line[:1] in styles else line for line in diff.rstrip("\n").split("\n"))


def markdown(found: Found, base: str) -> str:
    """A summary for a pull request: every changed decision in a table, every file in a list with its diff folded."""
    parts = [f"### kforge: what changes{f' since `{base[:40]}`' if base else ''}"]
    for project, decisions, files in found:
        if not decisions and not files:
            continue
        parts.append(f"**{_name(project)}**: {count(len(decisions), 'decided field')}, {count(len(files), 'file')}")
        if decisions:
            parts.append("| decision | field | old → new | who | why |\n|---|---|---|---|---|\n" + "\n".join(map(_row, decisions)))
        parts.extend(_folded(change) for change in files)
    if len(parts) == 1:
        parts.append("Nothing.")
    whole = "\n\n".join(parts)
    return whole if len(whole) <= LONGEST else whole[:LONGEST].rsplit("<details>", 1)[0] + "\n\n… and more: the list is cut here."


def _row(change: FieldChange) -> str:
    cells = (f"`{change.target}`", f"`{change.field}`", f"`{shown(change.old)}` → `{shown(change.new)}`", change.who, change.why + _because(change.inputs))
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _folded(change: FileChange) -> str:
    fence = "`" * 4
    return (
        f"<details><summary><code>{change.path}</code> {change.status} (+{change.added} −{change.removed})</summary>\n\n"
        f"{fence}diff\n{change.diff}{fence}\n\n</details>"
    )


def as_json(found: Found, base: str) -> str:
    """Everything, for machines."""
    data = [
        {"spec": _name(project), "decisions": [asdict(change) for change in decisions], "files": [asdict(change) for change in files]}
        for project, decisions, files in found
    ]
    return json.dumps({"base": base, "specs": data}, indent=2, sort_keys=True, ensure_ascii=False)


def shown(value: Any) -> str:
    """A value in one short line."""
    if value is None:
        return "none"
    line = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return line if len(line) <= 80 else line[:77] + "..."


def _because(inputs: tuple[str, ...]) -> str:
    return f" (changed: {', '.join(inputs)})" if inputs else ""


def _name(project: Project) -> str:
    return project.spec.relative_to(project.root).as_posix()


FORMATS = {"text": text, "markdown": markdown, "json": as_json}
