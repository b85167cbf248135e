"""Questions that the reader of JavaScript asks of nodes: what a string is for, what a condition says is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.syntax.expression import Attribute, Call, Expression, Text
from kforge.syntax.javascript_expressions import FUNCTIONS
from kforge.syntax.nodes import field, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

_NOTHING = ("null", "undefined", '""', "''")
_FUNCTION_KINDS = frozenset((*FUNCTIONS, "function_declaration", "generator_function_declaration", "method_definition"))


def says_where(node: Node) -> bool:
    """Whether a string names a module or a field: what is imported, and the key of an object."""
    around = node.parent
    if around is None or around.type in ("import_statement", "export_statement"):
        return True
    key = field(around, "key") if around.type == "pair" else None
    return key is not None and key.id == node.id


def required(made: Expression) -> str:
    """The module of `require("x")`, `require("x").Router`, `await import("x")`; "" of anything else."""
    while isinstance(made, Attribute):
        made = made.owner
    if isinstance(made, Call) and made.name not in ("require", "import") and isinstance(made.callee, Attribute | Call):
        return required(made.callee.owner if isinstance(made.callee, Attribute) else made.callee)
    if isinstance(made, Call) and made.name in ("require", "import") and isinstance(first := made.argument(0), Text):
        return first.value
    return ""


def is_target(node: Node) -> bool:
    around = node.parent
    left = field(around, "left") if around is not None and around.type == "assignment_expression" else None
    return left is not None and left.id == node.id


def conditional(node: Node) -> bool:
    """Whether a statement is reached only under another condition of its function."""
    around = node.parent
    while around is not None and around.type not in _FUNCTION_KINDS:
        if around.type in ("if_statement", "switch_statement", "catch_clause", "ternary_expression"):
            return True
        around = around.parent
    return False


def absent(condition: Node) -> Iterable[Node]:
    """What a condition says is missing: `!x`, `!(x)`, `x === undefined`, and each side of `||`."""
    while condition.type == "parenthesized_expression" and condition.named_children:
        condition = condition.named_children[0]
    operator = field(condition, "operator")
    if condition.type == "unary_expression" and operator is not None and operator.type == "!":
        inner = field(condition, "argument")
        while inner is not None and inner.type == "parenthesized_expression" and inner.named_children:
            inner = inner.named_children[0]
        if inner is not None:
            yield inner
    elif condition.type == "binary_expression" and operator is not None:
        left, right = field(condition, "left"), field(condition, "right")
        if left is None or right is None:
            return
        if operator.type == "||":
            yield from absent(left)
            yield from absent(right)
        elif operator.type in ("===", "==") and text(right) in _NOTHING:
            yield left
