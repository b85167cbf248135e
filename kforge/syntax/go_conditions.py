"""Conditions of Go's grammar → what they ask for: what is there, what is missing, and what takes its place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from kforge.syntax.nodes import field, text

if TYPE_CHECKING:
    from tree_sitter import Node


def in_branch(node: Node) -> bool:
    """Whether a statement is reached only under another condition of its function."""
    around = node.parent
    while around is not None and around.type not in ("func_literal", "function_declaration", "method_declaration"):
        if around.type in ("if_statement", "expression_case", "type_case", "communication_case", "default_case"):
            return True
        around = around.parent
    return False


def asks(given: Node) -> Iterable[Node]:
    """What a function that gives back a condition asks for: `return url != ""`."""
    for condition in given.named_children if given.type == "expression_list" else ():
        if condition.type == "binary_expression":
            yield from present(condition)


def absent(condition: Node) -> Iterable[Node]:
    """What a condition says is missing: `x == ""`, `len(x) == 0`, `!ok`, and each side of `||`."""
    operator = field(condition, "operator")
    kind = operator.type if operator is not None else ""
    if condition.type == "unary_expression" and kind == "!":
        if (inner := field(condition, "operand")) is not None:
            yield inner
    elif condition.type == "binary_expression":
        left, right = field(condition, "left"), field(condition, "right")
        if left is None or right is None:
            return
        if kind == "||":
            yield from absent(left)
            yield from absent(right)
        elif kind == "==" and text(right) in ('""', "``", "0"):
            yield counted(left)


def present(condition: Node) -> Iterable[Node]:
    """What a condition says is there: `x != ""`, `len(x) > 0`, `ok`, and each side of `&&`."""
    operator = field(condition, "operator")
    kind = operator.type if operator is not None else ""
    left, right = field(condition, "left"), field(condition, "right")
    if condition.type in ("identifier", "selector_expression"):
        yield condition
    elif condition.type == "unary_expression" and kind == "*" and (inner := field(condition, "operand")) is not None:
        yield inner
    elif condition.type == "binary_expression" and left is not None and right is not None:
        if kind == "&&":
            yield from present(left)
            yield from present(right)
        elif kind in ("!=", ">") and text(right) in ('""', "``", "0"):
            yield counted(left)


def counted(value: Node) -> Node:
    """`x` of `len(x)`, and anything else itself."""
    counts = value.type == "call_expression" and text(field(value, "function") or value) == "len"
    given = field(value, "arguments") if counts else None
    return given.named_children[0] if given is not None and given.named_children else value


def given(block: Node, wanted: str) -> Iterable[Node]:
    """What a block gives to a name: `if port == "" { port = "8080" }`."""
    for listed in block.named_children[:5]:
        for statement in listed.named_children if listed.type == "statement_list" else (listed,):
            if statement.type == "assignment_statement" and text(field(statement, "left") or statement) == wanted:
                right = field(statement, "right")
                if right is not None and right.named_children:
                    yield right.named_children[0]
