"""Plain data → the same data with one value replaced by another type, for every value in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kforge.domain.origin import join

# Python refuses to read more than 4,300 digits, and takes `²` for a digit that is no number.
JUNK: tuple[Any, ...] = (None, [], {}, "x", 5, [5], {"x": 5}, "9" * 5000, "\u00b2")


def fields(data: Any) -> Iterator[str]:
    """Paths of every value, mappings and lists included; "" is the whole.

    Of the workloads only a Deployment's containers are looked into: those of the others are the same.
    """
    inner = isinstance(data, dict) and data.get("kind") in ("Deployment", None)
    return (path for path in _paths(data, "") if inner or "containers[0]." not in path)


def _paths(data: Any, path: str) -> Iterator[str]:
    yield path
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _paths(value, join(path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _paths(value, f"{path}[{index}]")
