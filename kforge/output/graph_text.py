"""Graph → Mermaid or Graphviz text, for documentation and eyes."""

from __future__ import annotations

import re

from kforge.stages.graph import Graph


def mermaid(graph: Graph) -> str:
    """https://mermaid.js.org/syntax/flowchart.html; decisions are rounded, artifacts square."""
    lines = ["%% made by `kforge graph --files`", "flowchart LR"]
    lines += [f'  {identifier(name)}(["{name}"])' for name in graph.decisions]
    lines += [f'  {identifier(name)}["{name}"]' for name in graph.artifacts]
    lines += [f"  {identifier(one)} --> {identifier(other)}" for one, other in graph.edges]
    return "\n".join(lines)


def dot(graph: Graph) -> str:
    """https://graphviz.org/doc/info/lang.html"""
    lines = [
        "// made by `kforge graph --files`",
        "digraph kforge {",
        "  rankdir=LR;",
        '  node [fontname="sans-serif"];',
    ]
    lines += [f'  "{name}" [shape=box, style=rounded];' for name in graph.decisions]
    lines += [f'  "{name}" [shape=box];' for name in graph.artifacts]
    lines += [f'  "{one}" -> "{other}";' for one, other in graph.edges]
    return "\n".join([*lines, "}"])


def identifier(name: str) -> str:
    """An identifier that Mermaid takes for none of its words; `-` and `/` stay apart from each other."""
    return "n_" + re.sub(r"[^A-Za-z0-9]", lambda match: f"_{ord(match.group()):x}_", name)
