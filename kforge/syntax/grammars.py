"""Text of a file → the syntax tree of its language, by tree-sitter. Grammars are loaded when a file asks for one.

tree-sitter reads around what it cannot understand, in time linear in the text, and gives the same tree whatever Python
runs it. The grammars' versions are pinned exactly: another grammar may give other trees, and so other facts.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Query

# Bytes of a file that are parsed: a list of that many letters takes half a second and 50 MB until its tree is let go.
MAX_BYTES = 256 * 1024


@cache
def language(grammar: str) -> Language:
    """A grammar by its name: python, javascript, typescript, tsx or go. KeyError for another."""
    from tree_sitter import Language

    return Language(_GRAMMARS[grammar]())


def _python() -> object:
    import tree_sitter_python

    return tree_sitter_python.language()


def _javascript() -> object:
    import tree_sitter_javascript

    return tree_sitter_javascript.language()


def _typescript() -> object:
    import tree_sitter_typescript

    return tree_sitter_typescript.language_typescript()


def _tsx() -> object:
    import tree_sitter_typescript

    return tree_sitter_typescript.language_tsx()


def _go() -> object:
    import tree_sitter_go

    return tree_sitter_go.language()


_GRAMMARS = {"python": _python, "javascript": _javascript, "typescript": _typescript, "tsx": _tsx, "go": _go}


@cache
def _parser(grammar: str) -> Parser:
    from tree_sitter import Parser

    return Parser(language(grammar))


@cache
def _query(grammar: str, name: str) -> Query:
    from tree_sitter import Query

    text = resources.files("kforge.syntax.queries").joinpath(f"{name}.scm").read_text(encoding="utf-8")
    return Query(language(grammar), text)


def parse(grammar: str, text: bytes) -> Node:
    """The root of a text's tree. What lies behind `MAX_BYTES` is not read."""
    return _parser(grammar).parse(text[:MAX_BYTES]).root_node


def captures(grammar: str, name: str, root: Node) -> dict[str, list[Node]]:
    """Nodes below a root by the capture of the query `name` that they fit, in document order."""
    from tree_sitter import QueryCursor

    found = QueryCursor(_query(grammar, name)).captures(root)
    return {capture: sorted(nodes, key=lambda node: node.start_byte) for capture, nodes in found.items()}


def first_error(root: Node) -> int:
    """The line of the first place that the grammar could not read, from 1; 0 where it read everything."""
    node = root
    if not node.has_error:
        return 0
    while not (node.is_error or node.is_missing):
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            break
        node = inner
    return int(node.start_point[0]) + 1
