"""Finding: one rule's verdict on one field of one document; Rule: a page of documentation, a check and its card."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from inspect import cleandoc
from typing import TYPE_CHECKING, Literal

from kforge.errors import Place

if TYPE_CHECKING:
    from kforge.domain.document import Document, Documents

Level = Literal["error", "warning", "info"]
PAGES = "https://github.com/kforge-dev/kforge/blob/main/docs/rules.md"  # of every rule, with its id as the anchor


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
    service: str = ""  # the spec's name for what it is about; "" for what no service stands behind


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule's check yields: a field of a document and what is wrong with it."""

    document: Document
    field: str
    message: str
    hint: str = ""  # instead of the rule's own
    misfit: bool = False  # of another type than the schema has: other rules would stumble over it


Check = Callable[["Documents"], Iterable[Hit]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One check. `check` sees every document of one environment and yields hits; it never raises."""

    id: str
    level: Level
    hint: str
    check: Check
    waivable: bool = True
    types: bool = False  # it looks at the types that other rules rely on, so it looks first
    kinds: tuple[str, ...] = ()  # of the documents that it names, () for every Kubernetes object
    page: str = ""  # Markdown: a claim on the first line, why it matters, how it is mended, what is wrong and right
    sources: tuple[str, ...] = ()  # URLs of what it rests on


def rule(
    name: str,
    level: Level,
    hint: str,
    *,
    kinds: tuple[str, ...] = (),
    sources: tuple[str, ...] = (),
    waivable: bool = True,
    types: bool = False,
) -> Callable[[Check], Rule]:
    """Make a check a rule; the check's docstring is the rule's page."""

    def made(check: Check) -> Rule:
        return Rule(name, level, hint, check, waivable, types, kinds, cleandoc(check.__doc__ or ""), sources)

    return made
