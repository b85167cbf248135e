"""What an owner wishes in words, held against what is settled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kforge.domain.document import POD_PATHS, Document, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.invisible_chars import line
from kforge.domain.secrets.redact import redact
from kforge.domain.wishes.heard import REFUSED, Pinned, Wish, unheard
from kforge.domain.wishes.readings import readings
from kforge.errors import Place

_SHOWN = 120  # characters of a sentence


@rule("unheard-wish", "warning", "pin it in the spec", kinds=tuple(POD_PATHS))
def unheard_wish(documents: Documents) -> Iterator[Hit]:
    """A wish that names a value gets it.

    `requirements` and `refine` are sentences, and only a model reads sentences. What a rule can read of one without doubt,
    such as “2 GiB of memory”, “three replicas”, “Alpine” or “ten minutes to start”, is held against what is settled.
    Where the two differ the finding repeats the sentence and names the pin that gives it what it asks for.
    Values of the later sentence count. Of what no wish can have, such as root or a privileged container, it says which
    limit stands against it.

    A sentence that is kept for the record, and met elsewhere, is waived.
    """
    workloads = {each.service: each for each in reversed([*documents.objects(*POD_PATHS)]) if each.service}
    for service in dict.fromkeys(wish.service for wish in documents.wishes):
        document = workloads.get(service)
        if document is not None:
            yield from _of_service([wish for wish in documents.wishes if wish.service == service], document)


def _of_service(wishes: list[Wish], document: Document) -> Iterator[Hit]:
    latest = {reading.field: (wish, reading) for wish in wishes for reading in readings(wish.text)}
    for wish, reading in latest.values():
        meant = wish.topic in ("", reading.topic) or reading.topic == REFUSED
        missed = unheard(reading, wish.settled, wish.replicas) if meant else None
        if missed:
            said = line(redact(reading.said), _SHOWN)
            message = f"the wish “{said}” of `{wish.service}` is not met: it asks for {missed.asked}, but {missed.settled} was decided"
            yield Hit(_placed(document, wish.where), "", message, missed.limit or _way(wish.service, missed))


def _way(service: str, missed: Pinned) -> str:
    command = missed.command(service)
    shown = f"`services.{service}.{missed.pin}`" + (f" (`{command}`)" if command else "")
    return f"pin {shown}, or name a model that reads it (`model:`)"


def _placed(document: Document, where: Place | None) -> Document:
    """A document every field of which stands where the wish does."""
    return replace(document, place=lambda field: where) if where else document


RULES = (unheard_wish,)
