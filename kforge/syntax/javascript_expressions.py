"""Expressions of JavaScript and TypeScript, out of tree-sitter's nodes."""

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
)
from kforge.syntax.nodes import children, field, first_children, line, text, unescaped
from kforge.syntax.reader import Expressions, constant, inline, name, number

if TYPE_CHECKING:
    from tree_sitter import Node

FUNCTIONS = ("arrow_function", "function_expression", "generator_function", "function")
ENVIRONMENTS = ("process.env", "Bun.env", "import.meta.env")


class JavaScriptExpressions(Expressions):
    """What the reader of JavaScript makes of each kind of node."""

    def __init__(self) -> None:
        self.environments = {name: name for name in ENVIRONMENTS}
        self.asserted: list[tuple[Node, Expression]] = []  # what TypeScript is told to be there: `process.env.X!`
        self.inlines: dict[Expression, Node] = {}  # functions that are given to calls
        super().__init__({
            "string": lambda node, depth: Text(line(node), content(node)),
            "template_string": self._template,
            "number": number,
            "identifier": name,
            "this": name,
            "super": name,
            "import": name,
            "member_expression": self._member,
            "subscript_expression": self._subscript,
            "call_expression": self._call,
            "new_expression": self._call,
            "binary_expression": self._binary,
            "ternary_expression": self._ternary,
            "unary_expression": self._unary,
            "object": self._object,
            "array": self._array,
            **dict.fromkeys(("true", "false", "null", "undefined"), constant),
            **dict.fromkeys(FUNCTIONS, self._inline),
            **dict.fromkeys(
                ("parenthesized_expression", "await_expression", "as_expression", "satisfies_expression"),
                self.inner,
            ),
            "non_null_expression": self._non_null,
            "assignment_expression": lambda node, depth: self.of(field(node, "right"), node, depth),
            "type_assertion": lambda node, depth: self.of(node.named_children[-1] if node.named_children else None, node, depth),
        })  # fmt: skip

    def _template(self, node: Node, depth: int) -> Expression:
        parts: list[Expression] = []
        for child in first_children(node):
            if child.type == "template_substitution":
                parts.append(self.inner(child, depth))
            else:
                shown = unescaped(text(child))
                if parts and isinstance(last := parts[-1], Text):
                    parts[-1] = Text(last.line, last.value + shown)
                else:
                    parts.append(Text(line(child), shown))
        if not parts or (len(parts) == 1 and isinstance(parts[0], Text)):
            return Text(line(node), parts[0].value if parts and isinstance(parts[0], Text) else "")
        return Joined(line(node), tuple(parts))

    def _inline(self, node: Node, depth: int) -> Expression:
        made = inline(node, depth)
        self.inlines[made] = node
        return made

    def _non_null(self, node: Node, depth: int) -> Expression:
        made = self.inner(node, depth)
        if isinstance(made, Subscript):
            self.asserted.append((node, made))
        return made

    def _member(self, node: Node, depth: int) -> Expression:
        names: list[str] = []
        at, whole = line(node), node
        asserted = optional = False
        while node.type in ("member_expression", "non_null_expression"):
            if node.type == "non_null_expression":
                asserted = True
                node = node.named_children[0]
                continue
            owner, member = field(node, "object"), field(node, "property")
            if owner is None or member is None or len(names) > MAX_DEPTH:
                return Expression(at)
            optional = optional or field(node, "optional_chain") is not None
            names.append(text(member))
            node = owner
        names.reverse()
        if node.type in ("identifier", "this", "super", "import") or text(node) == "import.meta":
            joined = ".".join((text(node), *names))
            holder = next((name for name in self.environments if joined.startswith(f"{name}.")), "")
            if not holder:
                return Name(at, joined)
            variable, *names = joined[len(holder) + 1 :].split(".")
            made: Expression = Subscript(at, Name(at, self.environments[holder]), Text(at, variable))
            if asserted:
                self.asserted.append((whole, made))
            if names and optional:
                made = Either(at, (made,))
        else:
            made = self.expression(node, depth)
        for each in names:
            made = Attribute(at, made, each)
        return made

    def _subscript(self, node: Node, depth: int) -> Expression:
        owner, key = field(node, "object"), field(node, "index")
        if owner is None or key is None:
            return Expression(line(node))
        return Subscript(line(node), self.expression(owner, depth), self.expression(key, depth))

    def _call(self, node: Node, depth: int) -> Expression:
        function, given = field(node, "function", "constructor"), field(node, "arguments")
        if function is None:
            return Expression(line(node))
        arguments = children(given) if given is not None and given.type == "arguments" else []
        made = tuple(self.expression(child, depth) for child in arguments)
        # Behind a chain that is broken over lines, the call stands where its last name does.
        return Call(line(field(function, "property") or node), self.expression(function, depth), made)

    def _binary(self, node: Node, depth: int) -> Expression:
        operator = field(node, "operator")
        kind = operator.type if operator else ""
        if kind not in ("||", "??", "+"):
            return Expression(line(node))
        same = ("||", "??") if kind != "+" else ("+",)
        parts = self.chain(node, depth, same)
        return Joined(line(node), parts) if kind == "+" else Either(line(node), parts)

    def _ternary(self, node: Node, depth: int) -> Expression:
        chosen = (field(node, "consequence"), field(node, "alternative"))
        return Either(line(node), tuple(self.of(one, node, depth) for one in chosen))

    def _unary(self, node: Node, depth: int) -> Expression:
        operator = field(node, "operator")
        plus = operator is not None and operator.type == "+"  # +process.env.PORT
        return self.of(field(node, "argument"), node, depth) if plus else Expression(line(node))

    def _object(self, node: Node, depth: int) -> Expression:
        items: list[tuple[str, Expression]] = []
        for child in children(node):
            key, value = field(child, "key"), field(child, "value")
            if child.type == "pair" and key is not None and value is not None:
                items.append((content(key) if key.type == "string" else text(key), self.expression(value, depth)))
            elif child.type == "shorthand_property_identifier":
                items.append((text(child), Name(line(child), text(child))))
        return Pairs(line(node), tuple(items))

    def _array(self, node: Node, depth: int) -> Expression:
        return Many(line(node), tuple(self.expression(child, depth) for child in children(node)))


def content(node: Node) -> str:
    """A string without its quotes, or a name as it is."""
    return "".join(unescaped(text(child)) for child in node.named_children) if node.type == "string" else text(node)
