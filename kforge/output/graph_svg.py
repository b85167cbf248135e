"""The graph of services → an SVG that stands alone: no script, no font, no link, light and dark by the reader's theme.

What stands outside of cards has colours that are read on white and on black, since a page's own theme may be another
than the reader's.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from kforge.domain.invisible_chars import line
from kforge.domain.service_graph import CRON, JOB, STORE, ServiceGraph
from kforge.output.graph_cards import CLASSES, IN, LEADING, LID, NAME, OUT, PADDING, SMALL, TAG, Card, CardEdge, cards
from kforge.output.graph_places import Course, PlacedBox, drawing, path_of
from kforge.output.text_widths import text_width

MARGIN, HEAD = 16, 44
_ARROW, _HALF = 8.0, 4.0
_LONGEST = 300  # characters of one text
_TOLD = 4000  # … and of the description
_FONT = 'ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'
LIGHT = {
    "surface": "#ffffff", "text": "#1f2328", "dim": "#59636e", "line": "#818b98", "head": "#6e7781", "web": "#0969da",
    "service": "#1b7c83", "worker": "#8250df", "job": "#9a6700", "store": "#1a7f37", "in": "#59636e", "out": "#59636e",
}  # fmt: skip
DARK = {
    "surface": "#161b22", "text": "#f0f6fc", "dim": "#9198a1", "line": "#7d8590", "head": "#848d97", "web": "#4493f8",
    "service": "#39c5cf", "worker": "#ab7df8", "job": "#d29922", "store": "#3fb950", "in": "#9198a1", "out": "#9198a1",
}  # fmt: skip


def svg(graph: ServiceGraph, linked: bool = False) -> str:
    """`linked`: for a page that has an element with the id of each service."""
    held, edges = cards(graph)
    placed = drawing(
        {key: card.box for key, card in held.items()},
        [(edge.origin, edge.target) for edge in edges],
        [key for key, card in held.items() if card.form == IN],
    )
    width, height = max(placed.width, _head_width(graph)) + 2 * MARGIN, placed.height + HEAD + MARGIN
    size = f"{width:.0f}", f"{height:.0f}"
    parts = [
        "<!-- made by `kforge graph` -->",
        f'<svg xmlns="http://www.w3.org/2000/svg" class="kforge-graph" viewBox="0 0 {size[0]} {size[1]}" width="{size[0]}"'
        f' height="{size[1]}" role="{"group" if linked else "img"}" aria-labelledby="kforge-title kforge-told">',
        f'<title id="kforge-title">{safe(f"Services of {graph.title}")}</title>',
        f'<desc id="kforge-told">{safe(_told(edges, held), _TOLD)}</desc>',
        f"<style>{_style()}</style>",
        *_head(graph),
        f'<g transform="translate({MARGIN} {HEAD})">',
        *(_edge(edge, course) for edge, course in zip(edges, placed.courses, strict=True)),
        *(_card(card, placed.boxes[key], linked) for key, card in held.items()),
        "</g>",
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def safe(text: str, most: int = _LONGEST) -> str:
    """One line as the text of an element or an attribute: nothing in it is markup, and all of it can be seen."""
    return html.escape(line(text, most))


def _told(edges: Sequence[CardEdge], held: Mapping[str, Card]) -> str:
    return ". ".join([card.told for card in held.values() if card.service] + [edge.told for edge in edges])


def _style() -> str:
    rules = [
        f".kforge-graph text{{font-family:{_FONT}}}",
        f".kforge-graph .n{{font-size:{NAME}px;font-weight:600}}.kforge-graph .r{{font-size:{SMALL}px}}",
        f".kforge-graph .t{{font-size:{TAG}px;font-weight:600}}.kforge-graph .e{{fill:none;stroke-width:1.5}}",
        ".kforge-graph .b{stroke-width:1.5}.kforge-graph .job .b,.kforge-graph .w{stroke-dasharray:5 4}",
        ".kforge-graph .out .b{stroke-dasharray:2 3}.kforge-graph .a{stroke:none}",
        _colours(LIGHT),
        f"@media (prefers-color-scheme:dark){{{_colours(DARK)}}}",
    ]
    return "".join(rules)


def _colours(of: dict[str, str]) -> str:
    kinds = "".join(
        f".kforge-graph .{name} .b{{stroke:{of[name]}}}.kforge-graph .{name} .t{{fill:{of[name]}}}"
        for name in dict.fromkeys(CLASSES.values())
    )
    return (
        f".kforge-graph .b{{fill:{of['surface']}}}.kforge-graph .n{{fill:{of['text']}}}.kforge-graph .r{{fill:{of['dim']}}}"
        f".kforge-graph .e{{stroke:{of['line']}}}.kforge-graph .a{{fill:{of['line']}}}.kforge-graph .h{{fill:{of['head']}}}{kinds}"
    )


def _beside(graph: ServiceGraph) -> str:
    where = f"namespace {graph.namespace}" if graph.namespace else ""
    return " · ".join(filter(None, (graph.environment, where)))


def _head_width(graph: ServiceGraph) -> float:
    return text_width(graph.app, 16, bold=True) + 10 + text_width(_beside(graph), SMALL)


def _head(graph: ServiceGraph) -> list[str]:
    words = _beside(graph)
    beside = f'<tspan class="h" dx="10" font-size="{SMALL}" font-weight="400">{safe(words)}</tspan>' if words else ""
    return [f'<text class="h" x="{MARGIN}" y="26" font-size="16" font-weight="600">{safe(graph.app)}{beside}</text>']


def _edge(edge: CardEdge, course: Course) -> str:
    """The line, and its head at the end where the call arrives."""
    (_, x, y), (end, _, low) = course.stretches[0], course.stretches[-1]
    if course.turned:
        course = Course(((x, x + _ARROW, y), *course.stretches[1:]), True)
        tip = f"M{x:.1f} {y:.1f}l{_ARROW} {-_HALF}v{2 * _HALF}z"
    else:
        at = end - _ARROW
        course = Course((*course.stretches[:-1], (at, at, low)))
        tip = f"M{end:.1f} {low:.1f}l{-_ARROW} {-_HALF}v{2 * _HALF}z"
    form = "e w" if edge.waits else "e"
    return f'<g><title>{safe(edge.told)}</title><path class="{form}" d="{path_of(course)}"/><path class="a" d="{tip}"/></g>'


def _card(card: Card, box: PlacedBox, linked: bool) -> str:
    top = box.y + PADDING + (2 * LID if card.form == STORE else 0) - 4
    texts = []
    for size, text in card.fitting(box.width):
        top += LEADING[size]
        form = {NAME: "n", SMALL: "r", TAG: "t"}[size]
        texts.append(f'<text class="{form}" x="{box.x + PADDING:.1f}" y="{top - 3:.1f}">{safe(text)}</text>')
    inside = f"<title>{safe(card.told)}</title>{_outline(card, box)}{''.join(texts)}"
    if linked and card.service:
        inside = f'<a href="#{safe(card.service)}">{inside}</a>'
    return f'<g class="{CLASSES[card.form]}">{inside}</g>'


def _outline(card: Card, box: PlacedBox) -> str:
    if card.form == STORE:
        half = box.width / 2
        lid = f"a{half:.1f} {LID} 0 0 1 {box.width:.1f} 0"
        down = box.height - 2 * LID
        body = f"M{box.x:.1f} {box.y + LID:.1f}{lid}v{down:.1f}a{half:.1f} {LID} 0 0 1 {-box.width:.1f} 0z"
        front = f"M{box.x:.1f} {box.y + LID:.1f}a{half:.1f} {LID} 0 0 0 {box.width:.1f} 0"
        return f'<path class="b" d="{body}"/><path class="b" d="{front}"/>'
    round_ = {IN: 16, OUT: 16, JOB: 4, CRON: 4}.get(card.form, 8)
    return f'<rect class="b" x="{box.x:.1f}" y="{box.y:.1f}" width="{box.width:.1f}" height="{box.height:.1f}" rx="{round_}"/>'
