"""Layers of boxes → the place of each box and the course of each edge. Lengths are the pixels of an SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kforge.output.graph_layers import Item, Layers, layered

COLUMN_GAP, ROW_GAP, BEND_HEIGHT = 50, 22, 12
SPREAD = 13  # between the ends of edges at one side of a box
_ROUNDS = 10
_STRAIGHT = 4.0  # how much more a bend insists on its place than a box


@dataclass(frozen=True, slots=True)
class Box:
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PlacedBox:
    x: float
    y: float
    width: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Course:
    """Stretches `(from x, to x, y)` on which an edge runs level; curves join them. `turned`: it leads from right to left."""

    stretches: tuple[tuple[float, float, float], ...]
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """`courses` are in the order of the edges."""

    boxes: Mapping[str, PlacedBox]
    courses: tuple[Course, ...]
    width: float
    height: float


def drawing(boxes: Mapping[str, Box], edges: Sequence[tuple[str, str]], first: Sequence[str] = ()) -> Drawing:
    """Place boxes; those without an edge stand in rows below the others."""
    joined = {name for edge in edges for name in edge}
    layers = layered([name for name in boxes if name in joined], edges, [name for name in first if name in joined])
    columns = _columns(layers, boxes)
    middles = _middles(layers, boxes)
    placed: dict[Item, PlacedBox] = {
        item: PlacedBox(
            columns[number][0], middles[item] - boxes[item].height / 2, columns[number][1], boxes[item].height
        )
        for number, row in enumerate(layers.order)
        for item in row
        if isinstance(item, str)
    }
    courses = _courses(layers, edges, placed, columns, middles)
    width = columns[-1][0] + columns[-1][1] if columns else 0.0
    height = max((box.y + box.height for box in placed.values()), default=0.0)
    height = max([height, *(y + BEND_HEIGHT / 2 for each in courses for _, _, y in each.stretches)])
    return _with_alone(boxes, [name for name in boxes if name not in joined], placed, courses, width, height)


def _columns(layers: Layers, boxes: Mapping[str, Box]) -> list[tuple[float, float]]:
    """Left edge and width of each layer: the widest box says it."""
    found: list[tuple[float, float]] = []
    left = 0.0
    for row in layers.order:
        width = max((boxes[item].width for item in row if isinstance(item, str)), default=0.0)
        found.append((left, width))
        left += width + COLUMN_GAP
    return found


def _middles(layers: Layers, boxes: Mapping[str, Box]) -> dict[Item, float]:
    """Height of the middle of each item: near the middle of what it is linked to, as far as its neighbours leave room."""
    beside: dict[bool, dict[Item, list[Item]]] = {True: {}, False: {}}
    for one, other in layers.links:
        beside[False].setdefault(one, []).append(other)
        beside[True].setdefault(other, []).append(one)
    heights = {item: _height(item, boxes) for row in layers.order for item in row}
    middle: dict[Item, float] = {}
    for row in layers.order:
        middle.update(zip(row, _apart(row, [0.0] * len(row), heights), strict=True))
    for number in range(_ROUNDS):
        ways = (True, False) if number == _ROUNDS - 1 else (number % 2 == 0,)
        for row in layers.order if number % 2 == 0 else layers.order[::-1]:
            wanted = [
                _wanted([each for way in ways for each in beside[way].get(item, ())], middle, item) for item in row
            ]
            middle.update(zip(row, _apart(row, wanted, heights), strict=True))
    top = min((middle[item] - heights[item] / 2 for item in middle), default=0.0)
    return {item: at - top for item, at in middle.items()}


def _height(item: Item, boxes: Mapping[str, Box]) -> float:
    return boxes[item].height + ROW_GAP if isinstance(item, str) else float(BEND_HEIGHT)


def _wanted(linked: Sequence[Item], middle: Mapping[Item, float], item: Item) -> float:
    return sum(middle[each] for each in linked) / len(linked) if linked else middle[item]


def _apart(row: Sequence[Item], wanted: Sequence[float], heights: Mapping[Item, float]) -> list[float]:
    """The places nearest to the wanted ones, by least squares, at which items stand below each other without overlap.

    Less the room that items above take, places only have to rise: pools of adjacent violators find them in one pass,
    https://en.wikipedia.org/wiki/Isotonic_regression
    """
    above, taken = [], 0.0
    for number, item in enumerate(row):
        taken += heights[item] / 2 + (heights[row[number - 1]] / 2 if number else 0.0)
        above.append(taken)
    pools: list[tuple[float, float, int]] = []  # mean, weight, items
    for item, want, room in zip(row, wanted, above, strict=True):
        mean, weight, size = want - room, 1.0 if isinstance(item, str) else _STRAIGHT, 1
        while pools and pools[-1][0] > mean:
            last, heavy, many = pools.pop()
            mean = (last * heavy + mean * weight) / (heavy + weight)
            weight, size = heavy + weight, size + many
        pools.append((mean, weight, size))
    means = [mean for mean, _, size in pools for _ in range(size)]
    return [mean + room for mean, room in zip(means, above, strict=True)]


def _courses(
    layers: Layers,
    edges: Sequence[tuple[str, str]],
    placed: Mapping[Item, PlacedBox],
    columns: Sequence[tuple[float, float]],
    middles: Mapping[Item, float],
) -> tuple[Course, ...]:
    starts = _ends(layers, placed, middles, leaving=True)
    arrivals = _ends(layers, placed, middles, leaving=False)
    found = []
    for number, (edge, chain) in enumerate(zip(edges, layers.chains, strict=True)):
        right = placed[chain[0]].x + placed[chain[0]].width
        left = placed[chain[-1]].x
        bends = [(columns[item[1]], middles[item]) for item in chain[1:-1] if isinstance(item, tuple)]
        level = [(x, x + width, y) for (x, width), y in bends]
        stretches = [(right, right, starts[number]), *level, (left, left, arrivals[number])]
        found.append(Course(tuple(stretches), turned=chain[0] != edge[0]))
    return tuple(found)


def _ends(
    layers: Layers, placed: Mapping[Item, PlacedBox], middles: Mapping[Item, float], leaving: bool
) -> dict[int, float]:
    """Number of an edge → the height at which it leaves its left box, or arrives at its right one: in the order of where
    it goes, around the middle of that side.
    """
    sides: dict[Item, list[tuple[float, int]]] = {}
    for number, chain in enumerate(layers.chains):
        own, next_ = (chain[0], chain[1]) if leaving else (chain[-1], chain[-2])
        sides.setdefault(own, []).append((middles[next_], number))
    found = {}
    for own, held in sides.items():
        box = placed[own]
        step = min(SPREAD, (box.height - 24) / max(1, len(held) - 1))
        for place, (_, number) in enumerate(sorted(held)):
            found[number] = box.middle + (place - (len(held) - 1) / 2) * step
    return found


def _with_alone(
    boxes: Mapping[str, Box],
    alone: Sequence[str],
    placed: Mapping[Item, PlacedBox],
    courses: tuple[Course, ...],
    width: float,
    height: float,
) -> Drawing:
    """The drawing with rows of boxes that nothing leads to or from, as wide as the rest or about four boxes."""
    found = {name: box for name, box in placed.items() if isinstance(name, str)}
    wide = max((boxes[name].width for name in alone), default=0.0)
    many = max(1, int((max(width, 4 * wide + 3 * ROW_GAP) + ROW_GAP) // (wide + ROW_GAP)))
    top = height + 2 * ROW_GAP if placed else 0.0
    for begin in range(0, len(alone), many):
        row = alone[begin : begin + many]
        for number, name in enumerate(row):
            found[name] = PlacedBox(number * (wide + ROW_GAP), top, wide, boxes[name].height)
        width = max(width, len(row) * (wide + ROW_GAP) - ROW_GAP)
        height = top + max(boxes[name].height for name in row)
        top = height + ROW_GAP
    return Drawing(found, courses, width, height)


def path_of(course: Course) -> str:
    """The `d` of an SVG path: level stretches, and curves that leave and arrive level."""
    first = course.stretches[0]
    parts = [f"M{_number(first[1])} {_number(first[2])}"]
    for (_, one, high), (other, end, low) in pairwise(course.stretches):
        bend = (other - one) / 2
        parts.append(
            f"C{_number(one + bend)} {_number(high)} {_number(other - bend)} {_number(low)} {_number(other)} {_number(low)}"
        )
        if end > other:
            parts.append(f"H{_number(end)}")
    return "".join(parts)


def _number(value: float) -> str:
    """To a tenth of a pixel: the same text on every machine."""
    return (
        f"{value:.1f}".removesuffix(".0").replace("-0", "0") if abs(value) < 0.05 else f"{value:.1f}".removesuffix(".0")
    )
