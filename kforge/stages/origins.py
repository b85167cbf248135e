"""Origin of a field → the spec line behind it, for findings. Knows no rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kforge.domain.decision import Decision
from kforge.domain.document import Document
from kforge.domain.spec.pins import pin_path
from kforge.domain.spec.raw import MISSING, Raw
from kforge.errors import Place
from kforge.stages.explain import spec_path

LocateOrigin = Callable[[Document, str], Place | None]


def locate(raw: Raw, decisions: Mapping[tuple[str, str], Decision]) -> LocateOrigin:
    """What finds the best spec line for an origin: the pin, the key, or the service's own block."""

    def find(document: Document, origin: str) -> Place | None:
        topic, _, field = origin.partition(".")
        block = raw.data.get("services", {}).get(document.service)
        if (document.service, topic) in decisions and isinstance(block, dict):
            path = ("services", document.service, *pin_path(block, topic, field))
            found = path if raw.dig(path) is not MISSING else ("services", document.service)
            return raw.place(found)
        keys = spec_path(origin, document.service)
        # A patch says itself whose it is: the base's, or an environment's.
        own = document.environment if keys and keys[0] not in ("patches", "environments") else ""
        changed = ("environments", own, *keys) if own else ()
        if changed and raw.dig(changed) is not MISSING:
            return raw.place(changed)
        if keys:
            return raw.place(keys)
        return raw.place(("services", document.service)) if document.service else None

    return find
