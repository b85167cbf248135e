"""Conditions of Python → what they guard, what they say is missing or there. Unaware of the environment."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kforge.syntax.nodes import children, field, first_children, inside, line, text

if TYPE_CHECKING:
    from tree_sitter import Node

_BRANCHES = ("elif_clause", "else_clause", "except_clause", "except_group_clause", "case_clause")
_MISSING = re.compile(r"^except\s*:|\b(?:KeyError|LookupError|Exception|BaseException)\b")
_ENDS = re.compile(r"^(?:raise\b|(?:sys\.|os\._)?exit\(|quit\()", re.MULTILINE)
_NOTHING = ("None", '""', "''")
_PRODUCTION = ('"production"', '"prod"', "'production'", "'prod'")
# Switches that are off where a program serves.
_ASIDE = re.compile(r"(?:^|_)(?:DEBUG|TEST|TESTS|TESTING|BUILD|BUILDING|CI|DEV|DEVELOPMENT|LOCAL|DOCS)(?:_|$)")
_MOST = 2000  # bytes of a block that are looked through for its end
_DEPTH = 20  # conditions within conditions


def guarded(conditions: Iterable[Node], tries: Iterable[Node], withs: Iterable[Node]) -> Iterator[Node]:
    """What is reached only where a condition holds, or whose failure is caught."""
    for node in conditions:
        if node.type == "if_statement":
            yield from _branches(node)
        elif node.type == "conditional_expression":
            then, condition, otherwise = (node.named_children[at] for at in (0, 1, -1))
            yield from (otherwise,) if _holds(text(condition)[:_MOST].split()) else (then, otherwise)
        elif node.type == "boolean_operator":
            if (right := field(node, "right")) is not None:
                yield right
        elif node.type == "case_clause":
            yield node
    for node in tries:
        handlers = [child for child in node.named_children if child.type in _BRANCHES[2:4]]
        body = field(node, "body")
        if body is not None and any(_MISSING.search(_head(one)) and not ends(one) for one in handlers):
            yield body
        yield from handlers
    for node in withs:
        if "suppress(" in _head(node) and (body := field(node, "body")) is not None:
            yield body


def _branches(node: Node) -> Iterator[Node]:
    condition, then = field(node, "condition"), field(node, "consequence")
    said = text(condition)[:_MOST] if condition is not None else ""
    if then is not None and not _holds(said.split()):
        yield then
    others = [child for child in node.named_children if child.type in _BRANCHES[:2]]
    if not (len(others) == 1 and _fails(said.split())):
        yield from others


def _holds(words: list[str]) -> bool:
    """Whether a condition holds where the program serves, or a caller decides it by what it gives: `not DEBUG`."""
    match words:
        case ["__name__", "==", main]:
            return main.strip("\"'") == "__main__"
        case ["not", name]:
            return bool(_ASIDE.search(name.rpartition(".")[2])) or "default" in name
        case [name, "is" | "==", value]:
            return ("ENV" in name and value in _PRODUCTION) or "default" in name
    return False


def _fails(words: list[str]) -> bool:
    """Whether a condition fails there: `DEBUG`, `default is not None`."""
    match words:
        case [name] | [name, "is", "not", _]:
            return name == "TYPE_CHECKING" or name.rpartition(".")[2] == "DEBUG" or "default" in name
    return False


def _head(node: Node) -> str:
    return text(node).partition("\n")[0][:_MOST]


def ends(block: Node) -> bool:
    """Whether a block raises or exits at its own level."""
    inner = next((child for child in block.named_children if child.type == "block"), block)
    return any(_ENDS.match(text(child)[:20]) for child in inner.named_children[:50])


def missing(condition: Node, depth: int = 0) -> Iterator[Node]:
    """What a condition says is missing: `not x`, `x is None`, `"X" not in y`, and each side of `or`."""
    condition = _bare(condition)
    if depth > _DEPTH:
        return
    if condition.type == "not_operator":
        inner = field(condition, "argument")
        if inner is not None:
            yield from there(inner, depth + 1)
    elif condition.type == "boolean_operator":
        left, right, operator = (field(condition, name) for name in ("left", "right", "operator"))
        if left is not None and right is not None and operator is not None and operator.type == "or":
            yield from missing(left, depth + 1)
            yield from missing(right, depth + 1)
    elif condition.type == "comparison_operator":
        yield from _compared(condition, ("is", "=="), "not in")


def there(condition: Node, depth: int = 0) -> Iterator[Node]:
    """What a condition says is there: `x`, `x is not None`, `"X" in y`, `all([x, y])`, and each side of `and`."""
    condition = _bare(condition)
    if depth > _DEPTH:
        return
    if condition.type == "boolean_operator":
        left, right, operator = (field(condition, name) for name in ("left", "right", "operator"))
        if left is not None and right is not None and operator is not None and operator.type == "and":
            yield from there(left, depth + 1)
            yield from there(right, depth + 1)
    elif condition.type == "comparison_operator":
        yield from _compared(condition, ("is not", "!="), "in")
    elif condition.type == "not_operator":
        if (inner := field(condition, "argument")) is not None:
            yield from missing(inner, depth + 1)
    elif condition.type == "call" and text(field(condition, "function") or condition) == "all":
        for listed in inside(condition, ("list", "tuple")):
            yield from children(listed)
    elif condition.type in ("identifier", "attribute", "subscript", "call", "named_expression"):
        yield condition


def _bare(node: Node) -> Node:
    while node.type == "parenthesized_expression" and node.named_children:
        node = node.named_children[0]
    return node


def _compared(condition: Node, equal: tuple[str, ...], within: str) -> Iterator[Node]:
    parts, operators = condition.named_children, [child for child in condition.children if not child.is_named]
    said = " ".join(operator.type for operator in operators)
    if len(parts) != 2:
        return
    if said in equal and text(parts[1]) in _NOTHING:
        yield _bare(parts[0])
    elif said == within:
        yield condition  # `"X" in os.environ`


def opened(nodes: Iterable[Node]) -> Iterator[tuple[Node, int, int]]:
    """What each `with` opens, with the lines for which it is open."""
    for node in nodes:
        clause = next((child for child in node.named_children if child.type == "with_clause"), None)
        for item in first_children(clause) if clause is not None else ():
            value = item.child_by_field_name("value") if item.type == "with_item" else None
            if value is not None:
                yield value, line(node), int(node.end_point[0]) + 1
