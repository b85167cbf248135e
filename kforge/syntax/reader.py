"""What readers of every language share: each node's expression is made once, so that a call is the same one wherever
it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import MAX_DEPTH, MAX_ITEMS, Constant, Expression, Inline, Name, Number
from kforge.syntax.nodes import field, line, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tree_sitter import Node

    from kforge.syntax.regions import Regions

    Kind = Callable[[Node, int], Expression]


class Expressions:
    """Nodes → expressions. `kinds` says how, by the type of node; what is not in it becomes a bare `Expression`."""

    def __init__(self, kinds: dict[str, Kind]) -> None:
        self._kinds = kinds
        self._made: dict[int, Expression] = {}
        self._links: set[int] = set()  # nodes within a chain, which its outermost node stands for

    def expression(self, node: Node, depth: int = 0) -> Expression:
        made = self._made.get(node.id)
        if made is None:
            kind = self._kinds.get(node.type) if depth < MAX_DEPTH else None
            made = kind(node, depth + 1) if kind else Expression(line(node))
            if depth < MAX_DEPTH:
                self._made[node.id] = made
        return made

    @property
    def size(self) -> int:
        """How many expressions were made."""
        return len(self._made)

    def of(self, node: Node | None, around: Node, depth: int) -> Expression:
        """The expression of a part that may be missing."""
        return self.expression(node, depth) if node is not None else Expression(line(around))

    def inner(self, node: Node, depth: int) -> Expression:
        """What brackets, `await` or a cast hold."""
        return self.of(node.named_children[0] if node.named_children else None, node, depth)

    def chain(self, node: Node, depth: int, operators: tuple[str, ...]) -> tuple[Expression, ...]:
        """Operands of a chain of operators that leans left, as deep as it is long: `a + b + c`."""
        parts: list[Expression] = []
        rest: Node | None = node
        while rest is not None and rest.type == node.type and len(parts) < MAX_ITEMS:
            operator = field(rest, "operator")
            if operator is None or operator.type not in operators:
                break
            parts.append(self.of(field(rest, "right"), rest, depth))
            rest = field(rest, "left")
            if rest is not None and len(parts) < MAX_ITEMS:
                self._links.add(rest.id)
        if rest is not None:
            parts.append(self.expression(rest, depth))
        return tuple(reversed(parts))

    def outermost(self, nodes: Iterable[Node]) -> Iterable[Expression]:
        """Expressions of nodes in document order, those within a chain left out: they are parts of its first."""
        for node in nodes:
            if node.id not in self._links:
                yield self.expression(node)

    def texts(self, nodes: Iterable[Node], regions: Regions, file: CodeFile) -> None:
        """Adds texts as `outermost` gives them, and which of them are reached only under a condition."""
        for node in nodes:
            if node.id not in self._links:
                file.texts.append(made := self.expression(node))
                if regions.hold(node):
                    file.guarded.add(made)


class FileReader(Protocol):
    """The reader of one file, when it is done."""

    file: CodeFile

    @property
    def size(self) -> int: ...


def finished(reader: FileReader, root: Node, raw: bytes) -> CodeFile:
    """The file that was read, with what it takes of memory and time, and the line at which reading ended before the text does."""
    file = reader.file
    file.size = reader.size + len(file.imports)
    file.nodes = root.descendant_count
    if root.end_byte < len(raw.rstrip()):
        file.unread = raw.count(b"\n", 0, root.end_byte) + 1
    return file


def number(node: Node, depth: int) -> Expression:
    return Number(line(node), text(node).replace("_", ""))


def name(node: Node, depth: int) -> Expression:
    return Name(line(node), text(node))


def constant(node: Node, depth: int) -> Expression:
    return Constant(line(node), text(node))


def inline(node: Node, depth: int) -> Expression:
    return Inline(line(node), int(node.end_point[0]) + 1)
