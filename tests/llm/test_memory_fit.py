"""Which model fits where."""

from __future__ import annotations

import pytest

from kforge.domain.model.machine import GIB, Gpu, Machine, Offer
from kforge.domain.model.request import ServedModel
from kforge.llm.memory_fit import SIZES, cache, fit, needs, needs_of, recommended


def gpu(total: int, **more: object) -> Gpu:
    return Gpu("nvidia", "card", total * GIB, **more)  # type: ignore[arg-type]


SIZE = {size.name: size for size in SIZES}


def test_the_cache_is_keys_and_values_of_every_layer_and_head() -> None:
    assert cache(SIZE["qwen2.5-coder:14b"], 16384) == 2 * 48 * 8 * 128 * 16384 * 2 == 3 * GIB


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("qwen2.5-coder:7b", 5, 6),
        ("qwen2.5-coder:14b", 11, 12.5),
        ("qwen2.5-coder:32b", 21, 24),
        ("llama3.3:70b", 42, 46),
    ],
)
def test_needs_are_what_practice_shows(name: str, low: float, high: float) -> None:
    assert low < needs(SIZE[name]) / GIB < high


@pytest.mark.parametrize(
    ("machine", "where"),
    [
        (Machine((gpu(24),), 64 * GIB), "gpu"), (Machine((gpu(8), gpu(8)), 4 * GIB), "gpus"), (Machine((gpu(8),), 64 * GIB), "cpu"),
        (Machine((gpu(8),), 8 * GIB), "no"), (Machine((gpu(24, unusable="no driver"),), 8 * GIB), "no"),
        (Machine((gpu(8, part_of="GPU-1"), gpu(8, part_of="GPU-1")), 8 * GIB), "no"), (Machine(), "no"),
        (Machine((Gpu("apple", "M3", 24 * GIB, shared=True),), 32 * GIB), "gpu"),
    ],
    ids=["one GPU", "two together", "the processor", "nowhere", "an unusable GPU", "MIG slices do not add up", "nothing known", "Apple"],
)  # fmt: skip
def test_twelve_gib_fit(machine: Machine, where: str) -> None:
    assert fit(12 * GIB, machine).where == where


def test_a_listed_model_needs_its_own_size_and_a_cache() -> None:
    listed = needs_of(Offer(ServedModel("m", parameters=14_800_000_000, size=9 * GIB)))
    guessed = needs_of(Offer(ServedModel("m", parameters=14_800_000_000), quantization="Q4_K_M"))
    assert 11 * GIB < guessed < listed < 13 * GIB
    assert needs_of(Offer(ServedModel("m", parameters=14_800_000_000), quantization="Q8_0")) > guessed + 6 * GIB


def test_of_an_unknown_model_nothing_is_said() -> None:
    assert needs_of(Offer(ServedModel("m"))) == 0


def test_the_shopping_list_grows_with_the_machine() -> None:
    def fitting(total: int) -> int:
        return sum(place.where == "gpu" for _, place in recommended(Machine((gpu(total),))))

    assert [fitting(total) for total in (4, 8, 16, 24, 80)] == [2, 3, 4, 4, 6]
