"""Questions that the reader of JavaScript asks of nodes: what a string is for, what a condition says is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kforge.syntax.expression import Attribute, Call, Expression, Text
from kforge.syntax.javascript_expressions import ENVIRONMENTS, FUNCTIONS, content
from kforge.syntax.nodes import field, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

_NOTHING = ("null", "undefined", '""', "''", '"undefined"', "'undefined'")
_HOLDS = re.compile(r"\(?process\.env\.NODE_ENV ?===? ?[\"']production[\"']\)?")
_MODULES = tuple(name.removesuffix(".env") for name in ("process.env", "node:process.env"))
_MEMBERS = ("member_expression", "as_expression")
_MOST = 200  # bytes of a condition that are looked at
_DEPTH = 20  # conditions within conditions
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


def aliases(assignments: Iterable[Node], imports: Iterable[Node]) -> dict[str, str]:
    """Names of the file's own for what holds the environment: `const env = process.env`, `import { env } from "process"`."""
    found: dict[str, str] = {}
    for node in assignments:
        target, value = field(node, "name", "left"), field(node, "value", "right")
        held = text(value).split(" as ")[0] if value is not None and value.type in _MEMBERS else ""
        if target is not None and target.type == "identifier" and held in ENVIRONMENTS:
            found[text(target)] = "process.env"
    for node in imports:
        source = field(node, "source")
        if source is not None and content(source) in _MODULES:
            found.update(dict.fromkeys(re.findall(r"\benv\b", text(node)[:_MOST]), "process.env"))
    return found


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


def guarded(conditions: Iterable[Node]) -> Iterable[Node]:
    """What is reached only where a condition holds; what holds where the program serves is no condition."""
    for node in conditions:
        if node.type == "binary_expression":
            parts = [field(node, "right")]
        elif node.type in ("if_statement", "ternary_expression"):
            parts = [field(node, "consequence"), field(node, "alternative")]
            condition = field(node, "condition")
            if condition is not None and _HOLDS.fullmatch(text(condition)[:_MOST]):
                parts = parts[1:]
        else:
            parts = [node]
        yield from (part for part in parts if part is not None)


def absent(condition: Node, depth: int = 0) -> Iterable[Node]:
    """What a condition says is missing: `!x`, `!(x && y)`, `x === undefined`, and each side of `||`."""
    condition = _bare(condition)
    operator = field(condition, "operator")
    kind = operator.type if operator is not None else ""
    if depth > _DEPTH:
        return
    if condition.type == "unary_expression" and kind == "!":
        if (inner := field(condition, "argument")) is not None:
            yield from present(inner, depth + 1)
    elif condition.type == "binary_expression":
        left, right = field(condition, "left"), field(condition, "right")
        if left is None or right is None:
            return
        if kind == "||":
            yield from absent(left, depth + 1)
            yield from absent(right, depth + 1)
        elif kind in ("===", "==") and text(right) in _NOTHING:
            yield _without_typeof(left)


def present(condition: Node, depth: int = 0) -> Iterable[Node]:
    """What a condition says is there: `x`, `x !== undefined`, and each side of `&&`."""
    condition = _bare(condition)
    operator = field(condition, "operator")
    kind = operator.type if operator is not None else ""
    left, right = field(condition, "left"), field(condition, "right")
    if depth > _DEPTH:
        return
    if condition.type == "unary_expression" and kind == "!":
        if (inner := field(condition, "argument")) is not None:
            yield from absent(inner, depth + 1)
    elif condition.type == "binary_expression" and left is not None and right is not None:
        if kind == "&&":
            yield from present(left, depth + 1)
            yield from present(right, depth + 1)
        elif kind in ("!==", "!=") and text(right) in _NOTHING:
            yield _without_typeof(left)
        elif kind == "in" and left.type == "string":
            yield condition  # "X" in process.env
    elif condition.type in ("identifier", "member_expression", "subscript_expression", "call_expression"):
        yield condition


def _bare(node: Node) -> Node:
    while node.type == "parenthesized_expression" and node.named_children:
        node = node.named_children[0]
    return node


def _without_typeof(node: Node) -> Node:
    inner = field(node, "argument") if node.type == "unary_expression" else None
    return _bare(inner if inner is not None else node)
