"""The picture of a graph: what is called stands to the right, no card covers another, and no work grows out of hand."""

from __future__ import annotations

from itertools import pairwise

import pytest

from kforge.domain.service_graph import ServiceGraph
from kforge.output import graph_layers
from kforge.output.graph_layers import layered
from kforge.output.graph_places import Box, Drawing, drawing, path_of
from kforge.output.graph_svg import svg
from kforge.output.text_widths import CUT, cut, text_width
from tests.growth import LINEAR, growth
from tests.output.service_graphs import graph, layers_of

BOX = Box(120, 60)


def drawn(held: ServiceGraph, *first: str) -> Drawing:
    names = [node.name for node in held.services]
    return drawing(dict.fromkeys(names, BOX), [(edge.origin, edge.target) for edge in held.edges], first)


def covered(held: Drawing) -> list[tuple[str, str]]:
    """Pairs of cards that share a pixel."""
    found = sorted(held.boxes.items(), key=lambda item: (item[1].x, item[1].y))
    return [
        (one, other)
        for number, (one, a) in enumerate(found)
        for other, b in found[number + 1 :]
        if b.x < a.x + a.width and a.x < b.x + b.width and b.y < a.y + a.height and a.y < b.y + b.height
    ]


CHAIN = graph("web", "catalog", "db", calls=["web catalog", "catalog db", "web db"])
CIRCLE = graph("a", "b", "c", calls=["a b", "b c", "c a"])


def test_what_is_called_stands_to_the_right() -> None:
    boxes = drawn(CHAIN).boxes
    assert boxes["web"].x < boxes["catalog"].x < boxes["db"].x


def test_an_edge_of_a_circle_is_turned_and_keeps_its_direction() -> None:
    held = drawn(CIRCLE)
    assert [course.turned for course in held.courses] == [False, False, True]
    assert 'calls a: needs</title><path class="e" d="M' in svg(CIRCLE)


def test_a_way_in_stands_on_the_left_however_deep_it_leads() -> None:
    held = graph("in", "web", "catalog", "db", calls=["web catalog", "catalog db", "in db"])
    assert drawn(held, "in").boxes["in"].x == 0 < drawn(held, "in").boxes["web"].x


def test_what_nothing_leads_to_stands_right_before_what_it_calls() -> None:
    held = graph("nightly", "web", "catalog", "db", calls=["web catalog", "catalog db", "nightly db"])
    assert drawn(held).boxes["nightly"].x == drawn(held).boxes["catalog"].x


def test_a_long_edge_runs_level_past_the_layers_between() -> None:
    held = drawn(CHAIN)
    (_, long, _) = (course.stretches for course in held.courses)
    _, (begin, end, y), _ = held.courses[2].stretches
    assert end - begin == BOX.width and not held.boxes["catalog"].y < y < held.boxes["catalog"].y + BOX.height
    assert len(long) == 2


def test_crossings_go_where_an_order_without_them_exists() -> None:
    rows = layered(["a", "b", "c", "x", "y", "z"], [("a", "z"), ("b", "y"), ("c", "x")]).order
    assert dict(zip(rows[0], rows[1], strict=True)) == {"a": "z", "b": "y", "c": "x"}


@pytest.mark.parametrize(
    "held", [CHAIN, CIRCLE, layers_of(20, 10), graph(*map(str, range(30)))], ids=["chain", "circle", "many", "alone"]
)
def test_no_card_covers_another(held: ServiceGraph) -> None:
    placed = drawn(held)
    assert len(placed.boxes) == len(held.services) and covered(placed) == []
    assert all(box.x >= 0 and box.y >= 0 for box in placed.boxes.values())
    assert max(box.x + box.width for box in placed.boxes.values()) <= placed.width
    assert max(box.y + box.height for box in placed.boxes.values()) <= placed.height


def test_services_without_an_edge_stand_in_rows() -> None:
    boxes = drawn(graph(*map(str, range(30)))).boxes.values()
    assert len({box.y for box in boxes}) == 8 and len({box.x for box in boxes}) == 4


def test_a_course_leaves_one_card_and_arrives_at_the_other() -> None:
    held = drawn(layers_of(5, 5))
    names = [(edge.origin, edge.target) for edge in layers_of(5, 5).edges]
    for (origin, target), course in zip(names, held.courses, strict=True):
        assert course.stretches[0][0] == held.boxes[origin].x + BOX.width
        assert course.stretches[-1][0] == held.boxes[target].x
        assert all(one[1] < other[0] for one, other in pairwise(course.stretches))
        assert path_of(course).startswith("M")


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert svg(layers_of(10, 4)) == svg(layers_of(10, 4))


def test_drawing_takes_time_in_proportion() -> None:
    assert growth(lambda size: svg(layers_of(size // 4, 4)), 800) < LINEAR


def test_a_long_chain_needs_no_deep_stack_and_few_bends(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every service of a chain of 3,000 calls the last: four million bends, if each were drawn."""
    monkeypatch.setattr(graph_layers, "BENDS", 5_000)
    names = [f"s{number}" for number in range(3_000)]
    edges = [*pairwise(names), *((name, names[-1]) for name in names[:-2])]
    assert sum(map(len, layered(names, edges).chains)) <= 5_000 + 2 * len(edges)


def test_a_text_is_cut_to_its_box() -> None:
    long = "a-service-with-a-name-that-goes-on-and-on"
    assert text_width(cut(long, 100, 12), 12) <= 100 and cut(long, 100, 12).endswith(CUT)
    assert cut("web", 100, 12) == "web"


def test_every_text_fits_its_card() -> None:
    from kforge.output.graph_cards import PADDING, SMALL, cards

    held, _ = cards(graph("w" * 60, "i"))
    for card in held.values():
        room = card.box.width - 2 * PADDING
        assert all(text_width(text, size, size != SMALL) <= room for size, text in card.fitting(card.box.width))
