"""Nodes and edges → layers of nodes from left to right, each in the order in which its nodes stand below each other.

The usual steps of a layered drawing (Sugiyama, Tagawa, Toda 1981): circles are broken, the longest path says the layer,
long edges get a bend in each layer that they pass, and barycentres reduce crossings. The same graph gives the same
layers; the work is bounded by BENDS and SWEEPS.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

BENDS = 40_000  # in all: what is more is drawn straight
SWEEPS, WORK = 24, 400_000  # rounds over all layers at most, and edges looked at in all of them

Bend = tuple[int, int]  # number of an edge, and the layer
Item = str | Bend
Link = tuple[Item, Item]  # from a layer to the next one


@dataclass(frozen=True, slots=True)
class Layers:
    """`order` has the items of each layer from top to bottom, `chains` of each edge its items from left to right."""

    order: tuple[tuple[Item, ...], ...]
    chains: tuple[tuple[Item, ...], ...]

    @property
    def links(self) -> list[Link]:
        return [pair for chain in self.chains for pair in pairwise(chain)]


def layered(nodes: Sequence[str], edges: Sequence[tuple[str, str]], first: Collection[str] = ()) -> Layers:
    """Layers of nodes; those of `first` stand alone in the leftmost. An edge of a circle may run from right to left: its
    chain is turned round.
    """
    forward = _without_circles(nodes, edges)
    layer = _layer_of(nodes, forward, first)
    chains = _chains(forward, layer)
    rows: list[list[Item]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for name in _visited(nodes, forward):
        rows[layer[name]].append(name)
    for chain in chains:
        for item in chain[1:-1]:
            if isinstance(item, tuple):
                rows[item[1]].append(item)
    return Layers(_uncrossed(rows, chains), tuple(chains))


def _followers(nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {name: [] for name in nodes}
    for origin, target in edges:
        found[origin].append(target)
    return found


def _walk(nodes: Sequence[str], following: Mapping[str, list[str]]) -> tuple[list[str], set[tuple[str, str]]]:
    """Nodes in the order in which a walk into the depth leaves them, and the edges that lead back to where it is."""
    left: list[str] = []
    back: set[tuple[str, str]] = set()
    state: dict[str, bool] = {}  # True: on the way from the start to here
    for start in nodes:
        if start in state:
            continue
        state[start] = True
        way = [(start, iter(following[start]))]
        while way:
            name, rest = way[-1]
            target = next(rest, None)
            if target is None:
                way.pop()
                state[name] = False
                left.append(name)
            elif target not in state:
                state[target] = True
                way.append((target, iter(following[target])))
            elif state[target]:
                back.add((name, target))
    return left, back


def _roots_first(nodes: Sequence[str], edges: Iterable[tuple[str, str]]) -> list[str]:
    """Nodes to which nothing leads come first: a walk from there turns the fewest edges round."""
    reached = {target for _, target in edges}
    return sorted(nodes, key=lambda name: name in reached)


def _without_circles(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The edges, those that close a circle turned round."""
    _, back = _walk(_roots_first(nodes, edges), _followers(nodes, edges))
    return [(target, origin) if (origin, target) in back else (origin, target) for origin, target in edges]


def _visited(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> list[str]:
    """Each node before those that it leads to, and near them."""
    left, _ = _walk(_roots_first(nodes, edges), _followers(nodes, edges))
    return left[::-1]


def _layer_of(nodes: Sequence[str], edges: Sequence[tuple[str, str]], first: Collection[str]) -> dict[str, int]:
    """The longest path to a node says its layer; what nothing leads to comes right before what it leads to itself."""
    following, order = _followers(nodes, edges), _visited(nodes, edges)
    reached = {target for _, target in edges}
    layer = {name: 0 if name in first or not first else 1 for name in nodes}
    for name in order:
        for target in following[name]:
            layer[target] = max(layer[target], layer[name] + 1)
    for name in order:
        if name not in reached and name not in first and following[name]:
            layer[name] = min(layer[target] for target in following[name]) - 1
    return layer


def _chains(edges: Sequence[tuple[str, str]], layer: Mapping[str, int]) -> list[tuple[Item, ...]]:
    chains: list[tuple[Item, ...]] = []
    left = BENDS
    for number, (origin, target) in enumerate(edges):
        between = [(number, each) for each in range(layer[origin] + 1, layer[target])]
        bends = between if len(between) <= left else []
        left -= len(bends)
        chains.append((origin, *bends, target))
    return chains


def _uncrossed(rows: list[list[Item]], chains: Sequence[tuple[Item, ...]]) -> tuple[tuple[Item, ...], ...]:
    """The order with the fewest crossings that sweeps by barycentre find."""
    right: dict[Item, list[Item]] = {}
    left: dict[Item, list[Item]] = {}
    for chain in chains:
        for one, other in pairwise(chain):
            right.setdefault(one, []).append(other)
            left.setdefault(other, []).append(one)
    best, fewest = [list(row) for row in rows], _crossings(rows, right)
    effort = sum(map(len, right.values())) + sum(map(len, rows)) + 1
    for sweep in range(min(SWEEPS, max(2, WORK // effort))):
        if not fewest:
            break
        forward = sweep % 2 == 0
        _sweep(rows, left if forward else right, forward)
        crossed = _crossings(rows, right)
        if crossed < fewest:
            best, fewest = [list(row) for row in rows], crossed
    return tuple(map(tuple, best))


def _sweep(rows: list[list[Item]], beside: Mapping[Item, list[Item]], forward: bool) -> None:
    """Sort each layer by where the neighbours of its items stand, in shares of their layer's height."""
    where = {item: number / len(row) for row in rows for number, item in enumerate(row)}
    for row in rows if forward else reversed(rows):
        middle = {item: _mean([where[each] for each in beside.get(item, ())], where[item]) for item in row}
        row.sort(key=middle.__getitem__)
        where.update((item, number / len(row)) for number, item in enumerate(row))


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(rows: Sequence[Sequence[Item]], right: Mapping[Item, list[Item]]) -> int:
    """How many pairs of links between two layers cross."""
    where = {item: number for row in rows for number, item in enumerate(row)}
    found = 0
    for row in rows:
        passed: list[int] = []
        for item in row:
            ends = sorted(where[each] for each in right.get(item, ()))
            found += sum(len(passed) - bisect_left(passed, end + 1) for end in ends)
            for end in ends:
                insort(passed, end)
    return found
