"""The graph of services and its decisions → an HTML page that stands alone: the picture, and each service in a fold.

It has no script and loads nothing, which its Content-Security-Policy says to the browser as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kforge.domain.decision import Decision
from kforge.domain.service_graph import ServiceEdge, ServiceGraph, ServiceNode
from kforge.domain.spec.pins import leaves
from kforge.output.graph_svg import DARK, LIGHT, safe, svg
from kforge.output.graph_words import claim_words, detail_words, kind_words, port_words, replica_words, way_in
from kforge.output.value_words import words

_PAGE, _BORDER = ("#ffffff", "#0d1117"), ("#d1d9e0", "#3d444d")  # light and dark
_CODE = 2000  # characters of one value or reason

Row = tuple[str, str]


def page(graph: ServiceGraph, decisions: Mapping[tuple[str, str], Decision]) -> str:
    title = safe(f"Services of {graph.title}")
    settled: dict[str, list[Decision]] = {}
    for _, decision in sorted(decisions.items()):
        settled.setdefault(decision.service, []).append(decision)
    about = f"<p>{safe(graph.description, _CODE)}</p>" if graph.description else ""
    parts = [
        "<!doctype html>",
        "<!-- made by `kforge graph` -->",
        '<html lang="en"><head><meta charset="utf-8">',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">',
        f"<title>{title}</title><style>{_style()}</style></head><body>",
        f"<h1>{title}</h1>{about}",
        f'<div class="picture">{svg(graph, linked=True)}</div>',
        "<h2>Services</h2>",
        *(_service(graph, node, settled.get(node.name, ())) for node in graph.services),
        "</body></html>",
    ]
    return "\n".join(parts) + "\n"


def _service(graph: ServiceGraph, node: ServiceNode, own: Sequence[Decision]) -> str:
    # a browser opens the fold around what a link leads to, not a fold that it leads to
    inside = [f'<table id="{safe(node.name)}">{"".join(map(_fact, _facts(graph, node)))}</table>']
    if own:
        base = " of the base" if graph.environment else ""  # an environment settles nothing, and may change what it got
        head = f"<tr><th>decision{base}</th><th>value</th><th>why</th></tr>"
        inside.append(f"<table>{head}{''.join(row for one in own for row in _decision(one))}</table>")
    words = safe(" · ".join(detail_words(graph, node)))
    summary = f"<summary><b>{safe(node.name)}</b> <span>{words}</span></summary>"
    return f"<details>{summary}{''.join(inside)}</details>"


def _facts(graph: ServiceGraph, node: ServiceNode) -> list[Row]:
    """What is known of a service, without what it does not have."""
    ways = [
        f"{way_in(each)}{f', {each.by}' if each.by else ''}" for each in graph.entrances if each.service == node.name
    ]
    outside = [
        f"{each.name}: {each.shown.why}{_at(each.shown.place)}" for each in graph.exits if each.service == node.name
    ]
    rows = [
        ("kind", kind_words(node)),
        ("made of", node.what),
        ("image", node.image),
        ("source", node.source),
        ("like", node.like),
        ("ports", ", ".join(map(port_words, node.ports))),
        ("replicas", replica_words(node)),
        ("keeps", ", ".join(claim_words(node))),
        ("reached from", "\n".join(ways)),
        ("calls", "\n".join(_edge(edge.target, edge) for edge in graph.called(node.name))),
        ("called by", "\n".join(_edge(edge.origin, edge) for edge in graph.callers(node.name))),
        ("connects to", "\n".join(outside)),
        ("done before", ", ".join(graph.before(node.name))),
    ]
    return [(name, text) for name, text in rows if text]


def _edge(name: str, edge: ServiceEdge) -> str:
    return f"{name}: {edge.shown.why}{_at(edge.shown.place)}"


def _at(place: str) -> str:
    return f" ({place})" if place else ""


def _fact(row: Row) -> str:
    name, text = row
    lines = "<br>".join(safe(each, _CODE) for each in text.split("\n"))
    return f'<tr><th scope="row">{safe(name)}</th><td>{lines}</td></tr>'


def _decision(one: Decision) -> Iterable[str]:
    """A row for each field that has a value; what the spec says is pinned."""
    for field in leaves(one.value):
        value: Any = one.value
        for key in field.split("."):
            value = value[key]
        if value in (None, [], {}, ""):
            continue
        parts = field.split(".")
        pinned = any(f"{field}.".startswith(f"{pin}.") or f"{pin}.".startswith(f"{field}.") for pin in one.pinned)
        why = "pinned in the spec" if pinned else one.reasons.get(field) or one.reasons.get(parts[0]) or ""
        cells = f"<td>{safe(f'{one.topic} {field}')}</td><td><code>{safe(words(value, 0, field), _CODE)}</code></td>"
        yield f"<tr>{cells}<td>{safe(why, _CODE)}</td></tr>"


def _style() -> str:
    light, dark = (f"{of['text']};background:{behind}" for of, behind in zip((LIGHT, DARK), _PAGE, strict=True))
    return (
        "body{font:15px/1.5 ui-sans-serif,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;"
        f"max-width:1200px;margin:0 auto;padding:24px 16px;color:{light}}}"
        "h1{font-size:22px;margin:0}h2{font-size:17px}.picture{overflow-x:auto;margin:16px 0}"
        f"details{{border-top:1px solid;border-color:{_BORDER[0]};padding:8px 0}}summary{{cursor:pointer}}"
        f"summary span,th{{color:{LIGHT['dim']}}}"
        "table{scroll-margin-top:48px;border-collapse:collapse;margin:8px 0 8px 16px}td,th{padding:2px 12px 2px 0;text-align:left;vertical-align:top;"
        "overflow-wrap:anywhere}th{font-weight:400;white-space:nowrap}code{font:13px ui-monospace,Menlo,Consolas,monospace}"
        f"@media (prefers-color-scheme:dark){{body{{color:{dark}}}details{{border-color:{_BORDER[1]}}}"
        f"summary span,th{{color:{DARK['dim']}}}}}"
    )
