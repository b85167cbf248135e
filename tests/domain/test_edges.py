"""Who calls whom: worked out once, however many services ask."""

from __future__ import annotations

from kforge.domain.edges import Caller, Links
from tests.growth import LINEAR, growth


def links(size: int) -> Links:
    """A ring, in which all of them call the first one, too."""
    names = [f"s{number}" for number in range(size)]
    after = dict(zip(names, [*names[1:], names[0]], strict=True))
    return Links(names, lambda name, environment: Caller({}, (after[name], "s0"), ()), lambda name, key: None)


def test_callers_and_callees_are_those_of_one_service_sorted() -> None:
    made = links(3)
    assert (made.callees("s1", ""), made.callers("s1", ""), made.callers("s0", "")) == (
        {"s0": "spec.needs", "s2": "spec.needs"},
        {"s0": "spec.needs"},
        {"s1": "spec.needs", "s2": "spec.needs"},
    )


def test_every_service_asks_for_its_callers_in_time_in_proportion_to_them() -> None:
    def work(size: int) -> None:
        made = links(size)
        assert sum(len(made.callers(f"s{number}", "")) for number in range(1, size)) == size - 1

    assert growth(work, 1000) < LINEAR
