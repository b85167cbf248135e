"""The graph of services → Mermaid or Graphviz text, for pages that draw it themselves."""

from __future__ import annotations

import re

from kforge.domain.invisible_chars import line
from kforge.domain.service_graph import CRON, JOB, STORE, ServiceGraph
from kforge.output.graph_cards import IN, OUT, Card, cards
from kforge.output.graph_text import identifier

_LONGEST = 300  # characters of one line
_MARKS = re.compile(r'["#;<>&`\\{}\[\]()|%]')
# https://mermaid.js.org/syntax/flowchart.html#node-shapes
_MERMAID = {STORE: ('[("', '")]'), JOB: ('{{"', '"}}'), CRON: ('{{"', '"}}'), IN: ('(["', '"])'), OUT: ('>"', '"]')}
# https://graphviz.org/doc/info/shapes.html
_DOT = {
    STORE: "shape=cylinder",
    JOB: "shape=hexagon",
    CRON: "shape=hexagon",
    IN: "shape=cds",
    OUT: 'shape=box, style="dashed"',
}


def mermaid(graph: ServiceGraph) -> str:
    """Ways in, services, places outside; a dotted line says what waits for a job."""
    held, edges = cards(graph)
    lines = ["%% made by `kforge graph`", "flowchart LR"]
    for key, card in held.items():
        begin, end = _MERMAID.get(card.form, ('("', '")'))
        lines.append(f"  {identifier(key)}{begin}{'<br/>'.join(map(_entities, _words(card)))}{end}")
    for edge in edges:
        arrow = '-. "before" .->' if edge.waits else "-->"
        lines.append(f"  {identifier(edge.origin)} {arrow} {identifier(edge.target)}")
    return "\n".join(lines)


def dot(graph: ServiceGraph) -> str:
    held, edges = cards(graph)
    lines = [
        "// made by `kforge graph`",
        "digraph services {",
        "  rankdir=LR;",
        '  node [fontname="sans-serif", fontsize=11];',
    ]
    for key, card in held.items():
        label = "\\n".join(map(_quoted, _words(card)))
        lines.append(f'  "{_quoted(key)}" [label="{label}", {_DOT.get(card.form, "shape=box, style=rounded")}];')
    for edge in edges:
        form = ' [style=dashed, label="before"]' if edge.waits else ""
        lines.append(f'  "{_quoted(edge.origin)}" -> "{_quoted(edge.target)}"{form};')
    return "\n".join([*lines, "}"])


def _words(card: Card) -> list[str]:
    """The name first: these have one size of letters."""
    (_, kind), (_, name), *rest = card.rows
    return [line(text, _LONGEST) for text in (name, kind, *(text for _, text in rest))]


def _entities(text: str) -> str:
    """Nothing that Mermaid or HTML takes for more than a letter: https://mermaid.js.org/syntax/flowchart.html#entity-codes"""
    return _MARKS.sub(lambda match: f"#{ord(match.group())};", text)


def _quoted(text: str) -> str:
    return line(text, _LONGEST).replace("\\", "\\\\").replace('"', '\\"')
