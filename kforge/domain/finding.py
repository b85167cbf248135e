"""Finding: one rule's verdict on one field of one document; Rule: what a check is called and does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from kforge.errors import Place

if TYPE_CHECKING:
    from kforge.domain.document import Document, Documents

Level = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule says of one field. `where` is the spec line the field comes from, once it is known."""

    rule: str
    level: Level
    message: str
    file: str
    field: str = ""
    hint: str = ""
    where: Place | None = None
    origin: str = ""  # the spec field or decision behind it: `services.web.image`, `web/resources.memory`
    object: str = ""  # `Deployment/web`, for waivers
    environment: str = ""  # "" is the base


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule's check yields: a field of a document and what is wrong with it."""

    document: Document
    field: str
    message: str
    hint: str = ""  # instead of the rule's own
    misfit: bool = False  # of another type than the schema has: other rules would stumble over it


@dataclass(frozen=True, slots=True)
class Rule:
    """One check. `check` sees every document of one environment and yields hits; it never raises."""

    id: str
    level: Level
    hint: str
    check: Callable[[Documents], Iterable[Hit]]
    waivable: bool = True
    types: bool = False  # it looks at the types that other rules rely on, so it looks first
