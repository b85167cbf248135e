"""World: a spec with its text and the facts of its sources, as the stage that settles decisions sees them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kforge.domain.facts import Facts
    from kforge.domain.language import Languages
    from kforge.domain.spec.types import Spec
    from kforge.errors import Place


@dataclass(frozen=True, slots=True)
class World:
    """What questions are asked about: the spec, its raw text as data, and the facts by service."""

    spec: Spec
    raw: Mapping[str, Any]
    facts: Mapping[str, Facts]
    languages: Languages
    place: Callable[[tuple[str | int, ...]], Place | None] = lambda path: None  # where the text says it
    excerpt: Callable[[str, str, int, int], str] = lambda service, file, first, last: ""  # lines of a source
    files: Callable[[str], Collection[str]] = lambda service: ()  # paths in a source
