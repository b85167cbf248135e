"""Small questions that every reader of a language asks of tree-sitter's nodes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kforge.syntax.expression import MAX_ITEMS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

_ESCAPE = re.compile(
    r"\\(?:(\r?\n)|([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|U([0-9a-fA-F]{8})|(.))", re.DOTALL
)  # fmt: skip
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "\\": "\\", "'": "'", '"': '"', "`": "`"}  # fmt: skip
_LAST = 0x10FFFF


def line(node: Node) -> int:
    """The line on which a node begins, from 1."""
    return int(node.start_point[0]) + 1


def text(node: Node) -> str:
    return (node.text or b"").decode(errors="replace")


def field(node: Node, *names: str) -> Node | None:
    """The child of a node that has one of the names in its grammar, the first that is there."""
    for name in names:
        if (child := node.child_by_field_name(name)) is not None:
            return child
    return None


def first_children(node: Node) -> list[Node]:
    """The first named children of a node, `MAX_ITEMS` of them at most."""
    if node.named_child_count <= MAX_ITEMS:
        return node.named_children
    return [child for at in range(MAX_ITEMS) if (child := node.named_child(at)) is not None]


def children(node: Node) -> list[Node]:
    """The first named children of a node without comments."""
    return [child for child in first_children(node) if child.type != "comment"]


def inside(node: Node, kinds: tuple[str, ...]) -> Iterable[Node]:
    """The outermost nodes of some kinds below a node, in order."""
    for child in first_children(node):
        if child.type in kinds:
            yield child
        else:
            yield from inside(child, kinds)


def unescaped(raw: str) -> str:
    """A string's text with the escapes undone that Python, JavaScript and Go share; others stay as they are."""
    return _ESCAPE.sub(_letter, raw) if "\\" in raw else raw


def _letter(match: re.Match[str]) -> str:
    newline, octal, two, four, braced, eight, letter = match.groups()
    if newline:
        return ""
    digits = two or four or braced or eight
    number = int(octal, 8) if octal else int(digits, 16) if digits else -1
    if number >= 0:
        return chr(number) if number <= _LAST else "\N{REPLACEMENT CHARACTER}"
    return _LETTERS.get(letter, f"\\{letter}")
