"""Loops of Python → those that go on until the process is stopped. Unaware of what they do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from kforge.syntax.nodes import field, line, text

if TYPE_CHECKING:
    from tree_sitter import Node

_ALWAYS = re.compile(r"\(?(?:True|[1-9])\)?")
# What a signal sets, or clears: `not self.shutdown`, `not stop.is_set()`, `self.running`.
_STOPPED = re.compile(
    r"not\s[\w.]{0,99}?_?(?:stop|shut|exit|quit|kill|terminat|interrupt|cancel|abort|sigterm)\w{0,30}(?:\.(?:is_set|wait)\([^()]{0,30}\))?"
)
_RUNNING = re.compile(r"[\w.]{0,99}?_?(?:run|running|is_running|keep_running|alive|active|keep_going)")
# Conditions under which a loop ends although it goes on otherwise: those of tests and of a single run.
_ASKED = re.compile(r"once|loop|forever|stop|shut|exit|quit|terminat|daemon|one_?shot|KeyboardInterrupt|CancelledError")
_HIGHEST = 60  # nodes between what leaves a loop and the loop
_MOST = 300  # bytes of a condition


def taken(loops: Iterable[Node]) -> Iterator[tuple[str, Node]]:
    """The name that takes each item of something, or the first of two, as of `mapping.items()`, among `for` statements."""
    for node in loops:
        target, given = field(node, "left"), field(node, "right")
        pair = target is not None and target.type in ("pattern_list", "tuple_pattern") and target.named_children
        first = pair[0] if pair else target
        if first is None or given is None or first.type != "identifier":
            continue
        if not pair or text(given).endswith(".items()"):
            yield text(first), given


def endless(loops: Iterable[Node], leaving: Iterable[Node]) -> Iterator[tuple[int, int]]:
    """First and last line of such loops among `while` statements. `leaving` are `break` and `return` statements of the same file."""
    left = {held for node in leaving for held in _left(node)}
    for node in loops:
        condition = field(node, "condition")
        said = _short(condition)
        if _STOPPED.fullmatch(said) or _RUNNING.fullmatch(said) or (_ALWAYS.fullmatch(said) and node.id not in left):
            yield line(node), int(node.end_point[0]) + 1


def _left(node: Node) -> Iterator[int]:
    """The loops that a statement leaves, but for what is asked for."""
    whole = node.type == "return_statement"
    at = node.parent
    for _ in range(_HIGHEST):
        if at is None or at.type in ("function_definition", "class_definition", "lambda"):
            return
        if at.type in ("if_statement", "elif_clause", "except_clause") and _ASKED.search(_short(_condition(at))):
            return
        if at.type in ("while_statement", "for_statement"):
            yield at.id
            if not whole:
                return
        at = at.parent


def _condition(node: Node) -> Node | None:
    """What a branch asks, or catches."""
    first = node.named_children[0] if node.type == "except_clause" and node.named_children else None
    return first if first is not None else field(node, "condition")


def _short(node: Node | None) -> str:
    """The text of a condition; "" of one that is too long to say something simple."""
    return text(node).strip() if node is not None and node.end_byte - node.start_byte < _MOST else ""
