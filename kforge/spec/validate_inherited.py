"""A raw spec → what leads nowhere in `like`: itself, a name that is none of its services, a circle."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kforge.spec.inherited import LIKE, parent
from kforge.spec.tolerant import OneOf, Wrong, blocks, mapping, text


def problems(data: dict[str, Any]) -> Iterator[Wrong]:
    """Every `like` that leads nowhere. A circle is told once, at the service of it that comes first in the spec."""
    services = mapping(data, "services")
    order = {name: number for number, name in enumerate(services)}
    followed: set[str] = set()
    for name, block in blocks(services):
        yield from _one(name, text(block, LIKE), services)
        circle = _circle(name, services, followed)
        if circle:
            first = circle.index(min(circle, key=order.__getitem__))
            said = " → ".join(f"`{each}`" for each in (*circle[first:], *circle[:first], circle[first]))
            hint = "remove one of these `like`"
            yield Wrong(("services", circle[first], LIKE), f"`like` leads in a circle: {said}", hint)


def _one(name: str, other: str, services: dict[str, Any]) -> Iterator[Wrong]:
    path = ("services", name, LIKE)
    if other == name:
        yield Wrong(path, f"`{name}` has itself as `like`", "name another service")
    elif other and other not in services:
        rest = [each for each in services if each != name]
        yield Wrong(path, f"`{other}` is not a service of this spec", OneOf(other, rest, "the services are"))


def _circle(name: str, services: dict[str, Any], followed: set[str]) -> list[str]:
    """The circle that a service's chain ends in, where no earlier one was followed into it."""
    seen: dict[str, None] = {}
    while name and name not in seen and name not in followed:
        seen[name] = None
        name = parent(services, name)
    followed.update(seen)
    chain = [*seen]
    return chain[chain.index(name) :] if name in seen else []
