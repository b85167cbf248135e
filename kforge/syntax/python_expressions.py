"""Expressions of Python, out of tree-sitter's nodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.syntax.expression import (
    MAX_DEPTH,
    MAX_ITEMS,
    Attribute,
    Below,
    Call,
    Either,
    Expression,
    Formatted,
    Joined,
    Many,
    Name,
    Pairs,
    Subscript,
    Text,
)
from kforge.syntax.nodes import children, first_children, line, text, unescaped
from kforge.syntax.reader import Expressions, constant, inline, name, number

if TYPE_CHECKING:
    from tree_sitter import Node

_LIST_LIKE = frozenset(("tuple", "list", "set", "expression_list"))


class PythonExpressions(Expressions):
    """What the reader of Python makes of each kind of node."""

    def __init__(self) -> None:
        super().__init__({
            "string": self._string,
            "concatenated_string": self._concatenated,
            "integer": number,
            "float": number,
            "identifier": name,
            "attribute": self._attribute,
            "call": self._call,
            "subscript": self._subscript,
            "boolean_operator": self._boolean,
            "conditional_expression": self._conditional,
            "binary_operator": self._binary,
            "parenthesized_expression": self.inner,
            "await": self.inner,
            "named_expression": self._walrus,
            "dictionary": self._dictionary,
            "lambda": inline,
            "true": constant,
            "false": constant,
            "none": constant,
            "ellipsis": constant,
            **dict.fromkeys(_LIST_LIKE, self._many),
        })  # fmt: skip

    def _string(self, node: Node, depth: int) -> Expression:
        prefix = text(node.children[0]).rstrip("\"'").lower()
        raw = "r" in prefix
        inner = [child for child in node.named_children if child.type in ("string_content", "interpolation")]
        if not any(child.type == "interpolation" for child in inner):
            return Text(line(node), "".join(_content(child, raw) for child in inner))
        parts: list[Expression] = []
        for child in inner[:MAX_ITEMS]:
            if child.type == "string_content":
                parts.append(Text(line(child), _content(child, raw).replace("{{", "{").replace("}}", "}")))
            else:
                within = child.child_by_field_name("expression")
                parts.append(self.expression(within, depth) if within else Expression(line(child)))
        return Joined(line(node), tuple(parts))

    def _concatenated(self, node: Node, depth: int) -> Expression:
        parts = tuple(self.expression(child, depth) for child in first_children(node) if child.type == "string")
        if all(isinstance(part, Text) for part in parts):
            return Text(line(node), "".join(part.value for part in parts if isinstance(part, Text)))
        return Joined(line(node), parts)

    def _attribute(self, node: Node, depth: int) -> Expression:
        names: list[str] = []
        while node.type == "attribute":
            owner, name = node.child_by_field_name("object"), node.child_by_field_name("attribute")
            if owner is None or name is None or len(names) > MAX_DEPTH:
                return Expression(line(node))
            names.append(text(name))
            node = owner
        names.reverse()
        if node.type == "identifier":
            return Name(line(node), ".".join((text(node), *names)))
        made = self.expression(node, depth)
        for name_ in names:
            made = Attribute(made.line, made, name_)
        return made

    def _call(self, node: Node, depth: int) -> Expression:
        function, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if function is None or given is None:
            return Expression(line(node))
        arguments: list[Expression] = []
        named: dict[str, Expression] = {}
        for child in (given.named_children if given.type == "argument_list" else [given])[:MAX_ITEMS]:
            if child.type == "keyword_argument":
                self.keyword(child, named, depth)
            elif child.type != "comment":
                arguments.append(self.expression(child, depth))
        return Call(line(node), self.expression(function, depth), tuple(arguments), named)

    def keyword(self, node: Node, named: dict[str, Expression], depth: int = 0) -> None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is not None and value is not None:
            named[text(name)] = self.expression(value, depth)

    def _subscript(self, node: Node, depth: int) -> Expression:
        owner, key = node.child_by_field_name("value"), node.child_by_field_name("subscript")
        if owner is None or key is None:
            return Expression(line(node))
        return Subscript(line(node), self.expression(owner, depth), self.expression(key, depth))

    def _boolean(self, node: Node, depth: int) -> Expression:
        if (operator := node.child_by_field_name("operator")) is None or operator.type != "or":
            return Expression(line(node))
        return Either(line(node), self.chain(node, depth, ("or",)))

    def _conditional(self, node: Node, depth: int) -> Expression:
        parts = node.named_children
        chosen = (parts[0], parts[2]) if len(parts) == 3 else ()
        return Either(line(node), tuple(self.expression(part, depth) for part in chosen))

    def _binary(self, node: Node, depth: int) -> Expression:
        operator = node.child_by_field_name("operator")
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if operator is None or left is None or right is None:
            return Expression(line(node))
        if operator.type == "+":
            return Joined(line(node), self.chain(node, depth, ("+",)))
        if operator.type == "/":
            return Below(line(node), (self.expression(left, depth), self.expression(right, depth)))
        if operator.type == "%":
            values = self.expression(right, depth)
            return Formatted(
                line(node), self.expression(left, depth), values.items if isinstance(values, Many) else (values,)
            )
        return Expression(line(node))

    def _walrus(self, node: Node, depth: int) -> Expression:
        value = node.child_by_field_name("value")
        return self.expression(value, depth) if value else Expression(line(node))

    def _many(self, node: Node, depth: int) -> Expression:
        items = children(node)
        return Many(
            line(node),
            tuple(self.expression(child, depth) for child in items),
            node.type in ("tuple", "expression_list"),
        )

    def _dictionary(self, node: Node, depth: int) -> Expression:
        items: list[tuple[str, Expression]] = []
        for child in first_children(node):
            key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
            if child.type == "pair" and key is not None and value is not None:
                made = self.expression(key, depth)
                if isinstance(made, Text):
                    items.append((made.value, self.expression(value, depth)))
        return Pairs(line(node), tuple(items))


def _content(node: Node, raw: bool) -> str:
    shown = text(node)
    return shown if raw else unescaped(shown)
