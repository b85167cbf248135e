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
_FRAMES = 6  # lines of the spec that are shown below findings: three rows each, so that a screen has them all


def findings(items: Iterable[Finding], verbose: bool = False, text: str | None = None) -> tuple[Line, ...]:
    """The lines of all findings. What several services have in common is one message with their names, and what one
    lacks is one with the names of that, unless `verbose`. Below the first that come from a line of the spec stands that
    line; `text` is the spec where that is not on the disk.
    """
    groups = [(item,) for item in items] if verbose else grouped(items)
    framed = _framed([group[0] for group in groups])
    return tuple(
        line
        for number, group in enumerate(groups)
        for line in finding(told(group), _alike(group), number in framed, text)
    )


def _framed(items: Sequence[Finding]) -> frozenset[int]:
    """Which findings have their line of the spec shown: each line once, those of errors first. Notes have none: they are
    no fault of the spec's.
    """
    first: dict[tuple[str, int], int] = {}
    for number, item in sorted(enumerate(items), key=lambda held: held[1].level != "error"):
        if item.where and item.where.line and item.level != "info":
            first.setdefault((item.where.file, item.where.line), number)
    return frozenset([*first.values()][:_FRAMES])


def _alike(group: Sequence[Finding]) -> Sequence[str]:
    """The services that share a message; none where all of it is about one."""
    shared = names(group) if group[1:] else []
    return shared if told(group) is group[0] or shared[1:] else ()


def problem(item: Problem) -> tuple[Line, ...]:
    """`error: message`, where, the spec's line, and the way out. Further lines of a message are points of a list."""
    from kforge.output.code_frame import code_frame  # for what is wrong: a check that says notes needs none of it

    first, *points = item.message.split("\n")
    return (
        Line((Span("error", "error"), Span(f": {first}"))),
        *(Line((Span(f"- {point}"),), 2) for point in points),
        *_labelled(("-->", str(item.where) if item.where else "", item.where.file if item.where else "")),
        *code_frame(item.where, f"{item.message} {item.hint}", item.text),
        *_labelled(("help:", item.hint, "")),
    )


def finding(
    item: Finding, alike: Sequence[str] = (), framed: bool = False, text: str | None = None
) -> tuple[Line, ...]:
    """`level[rule]: message`, file and field, the spec's line, the way out. `alike` names all that it holds for; `framed`
    also quotes the line, from `text` where that is not on the disk.
    """
    own = item.where if item.where and item.where.file == item.file else None  # a line of the file itself
    place = f"{own or item.file}: {item.field}" if item.field else str(own or item.file)
    origin = (str(item.where) if item.where and not own else "", item.origin)
    return (
        Line((Span(f"{item.level}[{item.rule}]", item.level), Span(f": {item.message}"))),
        *_labelled(
            ("-->", place + (f" (environment {item.environment})" if item.environment else ""), item.file),
            ("from:", " ".join(part for part in origin if part), item.where.file if item.where and not own else ""),
        ),
        *(_quoted(item, text) if framed else ()),
        *_labelled(
            ("in:", _listed(alike), ""),
            ("help:", item.hint.replace(f"services.{service(item)}.", "services.NAME.") if alike else item.hint, ""),
        ),
    )


def _quoted(item: Finding, text: str | None) -> tuple[Line, ...]:
    from kforge.output.code_frame import code_frame  # for what is wrong: a check that says notes needs none of it

    said = f"{item.message} {item.hint} `{service(item)}` `{item.origin}`"  # what is shown beside it as well
    return code_frame(item.where, said, text)


def _listed(alike: Sequence[str]) -> str:
    if not alike:
        return ""
    more = f" and {len(alike) - _NAMED} more" if alike[_NAMED:] else ""
    return f"{', '.join(f'`{name}`' for name in alike[:_NAMED])}{more} (`-v` shows each)"


def _labelled(*rows: tuple[str, str, str]) -> tuple[Line, ...]:
    """Lines of label, text, and the file that the text names."""
    return tuple(Line((Span(text, file=file),), 2, label=label) for label, text, file in rows if text)
