"""Text of a file → the syntax tree of its language, by tree-sitter. Grammars are loaded when a file asks for one.

tree-sitter reads around what it cannot understand, in time linear in the text, and gives the same tree under every
Python. The grammars' versions are pinned exactly: another grammar may give other trees, and so other facts.
"""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Language, Node, Parser, Query

# Bytes of a file that are parsed: a list of that many letters takes half a second and 50 MB until its tree is let go.
MAX_BYTES = 256 * 1024
# Nodes within nodes that are looked at: a deeper one takes time in proportion to its depth, each anew.
MAX_DEPTH = 300
MAX_UNREAD = 1000  # pieces within one place that the grammar cannot read
MAX_ERRORS = 10_000  # such places, and what holds them
MAX_BRACKETS = 500  # open at once: time grows with their square
_BRACKETS = re.compile(rb"[()\[\]{}]")


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
    """The root of a text's tree.

    What lies behind `MAX_BYTES`, within more brackets than people write, or behind a long stretch that is none of the
    language is not read: `Node.end_byte` says how far it was.
    """
    end = _readable(text)
    root = _parser(grammar).parse(text[:end]).root_node
    while (wrong := _long_error(root)) >= 0:
        end = wrong if wrong < end else 0
        root = _parser(grammar).parse(text[:end]).root_node
    return root


def _readable(text: bytes) -> int:
    """How many bytes of a text are parsed."""
    end = min(len(text), MAX_BYTES)
    depth = 0
    for match in _BRACKETS.finditer(text, 0, end):
        depth = depth + 1 if match[0] in b"([{" else max(0, depth - 1)
        if depth > MAX_BRACKETS:
            return match.start()
    return end


def _long_error(root: Node) -> int:
    """Where the first node begins that holds more than `MAX_UNREAD` pieces which fit nowhere; -1 for none.

    A query looks for what follows each such piece among all behind it, which takes time that grows with their square.
    """
    wrong = [root] if root.has_error else []
    for _ in range(MAX_ERRORS):
        if not wrong:
            return -1
        node = wrong.pop()
        if node.is_error and node.child_count > MAX_UNREAD:
            return int(node.start_byte)
        wrong.extend(reversed([child for child in node.named_children if child.has_error]))
    return int(wrong[-1].start_byte) if wrong else -1


def captures(grammar: str, name: str, root: Node) -> dict[str, list[Node]]:
    """Nodes below a root by the capture of the query `name` that they fit, in document order, outer ones first."""
    from tree_sitter import QueryCursor

    cursor = QueryCursor(_query(grammar, name))
    cursor.set_max_start_depth(MAX_DEPTH)
    found = cursor.captures(root)
    return {capture: sorted(nodes, key=_place) for capture, nodes in found.items()}


def _place(node: Node) -> tuple[int, int]:
    return node.start_byte, -node.end_byte


def first_error(root: Node) -> int:
    """The line of the first place that the grammar could not read, from 1; 0 where it read everything."""
    node = root
    if not node.has_error:
        return 0
    for _ in range(MAX_DEPTH):
        if node.is_error or node.is_missing:
            break
        inner = next((child for child in node.children if child.has_error or child.is_missing), None)
        if inner is None:
            break
        node = inner
    return int(node.start_point[0]) + 1
