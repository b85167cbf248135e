"""Problems and findings → lines for people: what is wrong, where, which line of the spec, and the way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.output.grouped_findings import grouped, names, service, told
from kforge.output.layout import Line, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kforge.domain.finding import Finding
    from kforge.errors import Problem

_NAMED = 8  # services of one message


def findings(items: Iterable[Finding], verbose: bool = False) -> tuple[Line, ...]:
    """The lines of all findings. What several services have in common is one message with their names, and what one
    lacks is one with the names of that, unless `verbose`.
    """
    groups = [(item,) for item in items] if verbose else grouped(items)
    return tuple(line for group in groups for line in finding(told(group), _alike(group)))


def _alike(group: Sequence[Finding]) -> Sequence[str]:
    """The services that share a message; none where all of it is about one."""
    shared = names(group) if group[1:] else []
    return shared if told(group) is group[0] or shared[1:] else ()


def problem(item: Problem, framed: bool = True) -> tuple[Line, ...]:
    """`error: message`, where, the spec's line, and the way out. Further lines of a message are points of a list. Not
    `framed` is what is wrong with a text that is not on the disk.
    """
    from kforge.output.code_frame import code_frame  # for what is wrong: a check that says notes needs none of it

    first, *points = item.message.split("\n")
    return (
        Line((Span("error", "error"), Span(f": {first}"))),
        *(Line((Span(f"- {point}"),), 2) for point in points),
        *_labelled(("-->", str(item.where) if item.where else "", item.where.file if item.where else "")),
        *(code_frame(item.where, f"{item.message} {item.hint}") if framed else ()),
        *_labelled(("help:", item.hint, "")),
    )


def finding(item: Finding, alike: Sequence[str] = ()) -> tuple[Line, ...]:
    """`level[rule]: message`, file and field, the spec's line, the way out. `alike` names all that it holds for."""
    own = item.where if item.where and item.where.file == item.file else None  # a line of the file itself
    place = f"{own or item.file}: {item.field}" if item.field else str(own or item.file)
    origin = (str(item.where) if item.where and not own else "", item.origin)
    return (
        Line((Span(f"{item.level}[{item.rule}]", item.level), Span(f": {item.message}"))),
        *_labelled(
            ("-->", place + (f" (environment {item.environment})" if item.environment else ""), item.file),
            ("from:", " ".join(part for part in origin if part), item.where.file if item.where and not own else ""),
            ("in:", _listed(alike), ""),
            ("help:", item.hint.replace(f"services.{service(item)}.", "services.NAME.") if alike else item.hint, ""),
        ),
    )


def _listed(alike: Sequence[str]) -> str:
    if not alike:
        return ""
    more = f" and {len(alike) - _NAMED} more" if alike[_NAMED:] else ""
    return f"{', '.join(f'`{name}`' for name in alike[:_NAMED])}{more} (`-v` shows each)"


def _labelled(*rows: tuple[str, str, str]) -> tuple[Line, ...]:
    """Lines of label, text, and the file that the text names."""
    return tuple(Line((Span(text, file=file),), 2, label=label) for label, text, file in rows if text)
