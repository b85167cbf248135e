"""Stretches of a file's bytes, and whether something begins in one of them: what a condition guards."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node


class Regions:
    """Stretches of bytes that may lie within each other, as those that do not."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted((node.start_byte, node.end_byte) for node in nodes):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def hold(self, node: Node) -> bool:
        """Whether a node begins in one of them."""
        at = bisect_right(self._starts, node.start_byte) - 1
        return at >= 0 and node.start_byte < self._ends[at]
