"""Names of inputs that changed → where they are seen: a line of a source, of the spec. Only names a place that is known."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kforge.domain.facts import Fact
from kforge.domain.spec.raw import MISSING
from kforge.output.places import shown

if TYPE_CHECKING:
    from kforge.domain.spec.raw import Path
    from kforge.outcome import Outcome


def place_of(outcome: Outcome, service: str, inputs: Iterable[str], value: Any = None) -> str:
    """`web/server.js:9`: the line that shows a value, else that of the first input; "" where none is known."""
    seen = [found for name in inputs for found in _seen(outcome, service, name)]
    matching = [place for place, held in seen if value is not None and _shows(held, value)]
    return next(iter([*matching, *(place for place, _ in seen)]), "")


def spec_place(outcome: Outcome, path: Path) -> str:
    """`app.kforge.yaml:24`, as the user would type it here; "" where the spec says nothing there."""
    raw = outcome.loaded.raw
    if not path or raw.dig(path) is MISSING:
        return ""
    place = raw.place(path)
    return f"{shown(outcome.project, place.file)}:{place.line}"


def _seen(outcome: Outcome, service: str, name: str) -> Iterator[tuple[str, Any]]:
    """Places of one input, each with what it shows."""
    head, _, rest = name.partition(".")
    if head == "services":
        service, _, rest = rest.partition(".")
        head, _, rest = rest.partition(".")
    if head == "facts":
        yield from _of_fact(outcome, service, rest)
    elif place := spec_place(outcome, _spec_path(service, head, rest)):
        yield place, None


def _spec_path(service: str, head: str, rest: str) -> Path:
    if head == "spec":
        return ("services", service, *rest.split("."))
    if head == "app":
        return (rest,)
    environment, _, key = rest.partition(".")
    kind, _, last = key.partition(".")
    if head != "environments" or not key:
        return ()
    return (
        ("environments", environment, "services", service, last)
        if kind == "spec"
        else ("environments", environment, kind)
    )


def _of_fact(outcome: Outcome, service: str, name: str) -> Iterator[tuple[str, Any]]:
    facts, source = outcome.loaded.world.facts.get(service), outcome.loaded.sources.get(service)
    held = getattr(facts, name, None) if facts and source else None
    listed = held if isinstance(held, tuple) else (held,)
    if facts and name == "dockerfile" and facts.dockerfile and facts.dockerfile.evidence:
        # The fact about a whole Dockerfile has the line of its stage: what it exposes has lines of its own.
        own = facts.dockerfile.evidence[0].file
        listed = (*(port for port in facts.ports if port.evidence and port.evidence[0].file == own), *listed)
    for fact in listed:
        if source and isinstance(fact, Fact) and fact.evidence:
            line = str(fact.evidence[0])
            yield shown(outcome.project, posixpath.join(source.path, line)), fact.value


def _shows(held: Any, value: Any) -> bool:
    """Whether a fact has a value: a route, the number of a port."""
    number = held.get("port") if isinstance(held, Mapping) else None
    return held is not None and (held == value or (number is not None and number == value))
