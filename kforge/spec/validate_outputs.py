"""`outputs` of the app and of its services → words that name no target, and what a service has and the app has not."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from kforge.domain.spec.raw import dotted
from kforge.domain.target import OUTPUTS
from kforge.spec import reserved
from kforge.spec.tolerant import OneOf, Wrong, listed_outputs, listing

PUSHING = "github-actions"


def problems(data: dict[str, Any], known: Collection[str]) -> Iterator[Wrong]:
    """`known` are the names of targets; where there are none, no word is held against them."""
    names = " or ".join(f"`{name}`" for name in known)
    for block, index, output in listed_outputs(data):
        path = (*block, "outputs", index)
        if output in reserved.OUTPUTS and output not in known:
            continue
        if known and output not in known:
            yield Wrong(path, f"`{dotted(path)}` is `{output}`, expected {names}", OneOf(output, known, "", ""))
        elif block and output not in (listing(data, "outputs") or OUTPUTS):
            yield Wrong(path, f"`{output}` is not an output of the app", "a service may only narrow them")
    outputs = listing(data, "outputs")
    if PUSHING in outputs:
        where = ("outputs", outputs.index(PUSHING))
        if "dockerfile" not in outputs:
            yield Wrong(
                where, f"`{PUSHING}` builds images, and needs the output `dockerfile`", "add `dockerfile` to `outputs`"
            )
        if "registry" not in data and _builds(data):
            yield Wrong(where, f"`{PUSHING}` pushes images, and needs a `registry`", "add `registry: ghcr.io/NAME`")


def _builds(data: dict[str, Any]) -> bool:
    """Whether any service is built here: `source` is where, and services whose block is wrong are told elsewhere."""
    services = data.get("services")
    return isinstance(services, dict) and any(
        "image" not in each for each in services.values() if isinstance(each, dict)
    )
