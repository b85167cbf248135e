"""Expressions of Go, out of tree-sitter's nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.syntax.expression import (
    MAX_DEPTH,
    Attribute,
    Call,
    Either,
    Expression,
    Joined,
    Many,
    Name,
    Pairs,
    Subscript,
    Text,
    dotted,
)  # fmt: skip
from kforge.syntax.nodes import children, field, line, text, unescaped
from kforge.syntax.reader import Expressions, constant, inline, name, number

if TYPE_CHECKING:
    from tree_sitter import Node


class GoExpressions(Expressions):
    """What the reader of Go makes of each kind of node."""

    def __init__(self) -> None:
        super().__init__({
            "interpreted_string_literal": lambda node, depth: Text(line(node), unescaped(text(node)[1:-1])),
            "raw_string_literal": lambda node, depth: Text(line(node), text(node)[1:-1]),
            "int_literal": number, "float_literal": number, "identifier": name, "field_identifier": name,
            "true": constant, "false": constant, "nil": constant, "iota": constant, "func_literal": inline,
            "selector_expression": self._selector, "call_expression": self._call,
            "type_conversion_expression": self._converted, "composite_literal": self._composite,
            "binary_expression": self._binary, "unary_expression": self._unary, "index_expression": self._index,
            "parenthesized_expression": self.inner, "literal_element": self.inner, "literal_value": self._listed,
        })  # fmt: skip

    def _selector(self, node: Node, depth: int) -> Expression:
        names: list[str] = []
        at = line(node)
        while node.type == "selector_expression":
            owner, member = field(node, "operand"), field(node, "field")
            if owner is None or member is None or len(names) > MAX_DEPTH:
                return Expression(at)
            names.append(text(member))
            node = owner
        names.reverse()
        if node.type == "identifier":
            return Name(at, ".".join((text(node), *names)))
        made = self.expression(node, depth)
        for each in names:
            made = Attribute(at, made, each)
        return made

    def _call(self, node: Node, depth: int) -> Expression:
        function, given = field(node, "function"), field(node, "arguments")
        if function is None or given is None:
            return Expression(line(node))
        arguments = tuple(self.expression(child, depth) for child in children(given))
        callee = self.expression(function, depth)
        at = line(field(function, "field") or node)
        called = dotted(callee)
        if called == "cmp.Or" and arguments:
            return Either(at, arguments)
        if called.endswith("JoinHostPort") and len(arguments) == 2:
            return Joined(at, (arguments[0], Text(at, ":"), arguments[1]))
        return Call(at, callee, arguments)

    def _converted(self, node: Node, depth: int) -> Expression:
        return self.of(field(node, "operand"), node, depth)

    def _composite(self, node: Node, depth: int) -> Expression:
        kind, body = field(node, "type"), field(node, "body")
        if body is None:
            return Expression(line(node))
        items = self._keyed(body, depth)
        if not items and children(body):
            return self._listed(body, depth)
        return Pairs(line(node), items, text(kind) if kind else "")

    def _keyed(self, body: Node, depth: int) -> tuple[tuple[str, Expression], ...]:
        items: list[tuple[str, Expression]] = []
        for child in children(body):
            if child.type == "keyed_element":
                key, value = field(child, "key"), field(child, "value")
                if key is not None and value is not None:
                    made = self.expression(key, depth)
                    shown = made.value if isinstance(made, Text) else dotted(made)
                    items.append((shown, self.expression(value, depth)))
        return tuple(items)

    def _listed(self, node: Node, depth: int) -> Expression:
        if items := self._keyed(node, depth):  # `{Port: 80}` within a map or a list whose type says what it is
            return Pairs(line(node), items)
        return Many(line(node), tuple(self.expression(child, depth) for child in children(node)))

    def _binary(self, node: Node, depth: int) -> Expression:
        operator = field(node, "operator")
        if operator is not None and operator.type == "|":  # os.O_CREATE|os.O_WRONLY
            return Many(line(node), self.chain(node, depth, ("|",)))
        if operator is None or operator.type != "+":
            return Expression(line(node))
        return Joined(line(node), self.chain(node, depth, ("+",)))

    def _unary(self, node: Node, depth: int) -> Expression:
        operator = field(node, "operator")
        through = operator is not None and operator.type in ("&", "*", "+")
        return self.of(field(node, "operand"), node, depth) if through else Expression(line(node))

    def _index(self, node: Node, depth: int) -> Expression:
        owner, key = field(node, "operand"), field(node, "index")
        return Subscript(line(node), self.of(owner, node, depth), self.of(key, node, depth))
