"""A raw spec → jobs that are `before` what they cannot be before: themselves, each other, nothing of this spec."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kforge.domain.spec.raw import Path
from kforge.spec.tolerant import OneOf, Wrong, blocks, listing, mapping
from kforge.spec.validate_service import twice

BEFORE = "before"
MOST = 100  # ways, from job to job, on which a service may be waited for
_WHERE = "write `namespace: {}` at the top"


def problems(data: dict[str, Any]) -> Iterator[Wrong]:
    """Every `before` that leads nowhere or cannot be kept."""
    services = mapping(data, "services")
    awaited = {name: _names(block) for name, block in blocks(services) if BEFORE in block}
    for name in awaited:
        yield from _one(name, services)
    for circle in _circles(awaited):
        path: Path = ("services", circle[0], BEFORE)
        said = " → ".join(f"`{each}`" for each in (*circle, circle[0]))
        yield Wrong(path, f"jobs wait for each other in a circle: {said}", "remove one of these `before`", at_key=True)
    name = _deepest(awaited)
    if name:
        message = f"more than {MOST} chains of jobs lead to `{name}`"
        yield Wrong(("services", name), message, "merge some of these jobs", at_key=True)
    if awaited and not data.get("namespace"):
        first = next(iter(awaited))
        hint = _WHERE.format(data["app"] if isinstance(data.get("app"), str) else "NAME")
        message = f"`before` of `{first}` needs a namespace: others wait there until it is done"
        yield Wrong(("services", first, BEFORE), message, hint, at_key=True)


def _names(block: Mapping[str, Any]) -> list[str]:
    return [name for name in listing(block, BEFORE) if isinstance(name, str)]


def _one(name: str, services: dict[str, Any]) -> Iterator[Wrong]:
    path, block = ("services", name, BEFORE), services[name]
    if block.get("job") is not True:
        hint = "add `job: true`" if "schedule" not in block else "leave it out: a schedule never ends"
        yield Wrong(path, f"`{name}` is not a job that ends, so nothing can wait for it", hint, at_key=True)
    if listing(block, "outputs") and "kubernetes" not in listing(block, "outputs"):
        yield Wrong(path, f"`{name}` has no manifests that others could wait for", "add `kubernetes` to its `outputs`")
    yield from twice(path, listing(block, BEFORE), "", f"`{BEFORE}` of `{name}`")
    for index, other in enumerate(listing(block, BEFORE)):
        if other == name:
            yield Wrong((*path, index), f"`{name}` waits for itself", "leave it out")
        elif isinstance(other, str) and other not in services:
            rest = [each for each in services if each != name]
            yield Wrong(
                (*path, index), f"`{other}` is not a service of this spec", OneOf(other, rest, "the services are")
            )
        elif other in listing(block, "needs"):
            message = f"`{name}` needs `{other}`, which starts only when `{name}` is done"
            yield Wrong((*path, index), message, "take it out of `needs` or of `before`")


def _deepest(awaited: Mapping[str, list[str]]) -> str:
    """A service before which jobs stand in too many ways, "" for none: each way is a template that is worked out."""
    above: dict[str, int] = dict.fromkeys(awaited, 0)
    for names in awaited.values():
        for name in names:
            above[name] = above.get(name, 0) + 1
    ways = dict.fromkeys(above, 1)
    ready = [name for name, number in above.items() if not number]
    while ready:
        job = ready.pop()
        for name in awaited.get(job, ()):
            ways[name] += ways[job]
            above[name] -= 1
            if ways[name] > MOST:
                return name
            if not above[name]:
                ready.append(name)
    return ""  # a circle, which is told, never gets ready


def _circles(awaited: Mapping[str, list[str]]) -> Iterator[list[str]]:
    """Circles of jobs, each told once, found by walking down from every job."""
    done: set[str] = set()
    for start in awaited:
        way: dict[str, Iterator[str]] = {start: iter(awaited[start])} if start not in done else {}
        while way:
            last = next(reversed(way))
            name = next(way[last], None)
            if name is None:
                done.add(last)
                del way[last]
            elif name in way and name != last:
                chain = [*way]
                yield chain[chain.index(name) :]
            elif name in awaited and name not in done and name not in way:
                way[name] = iter(awaited[name])
