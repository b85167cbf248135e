"""The name of a recorded input → the words in which a reader of the spec knows it: `facts.ports` is `ports of the source`."""

from __future__ import annotations

import re

_DERIVED = {
    "sharers": "the services that share its source",
    "builder": "the service whose image it runs",
    "awaited": "the jobs that it waits for",
    "levels": "the hardening that services ask for",
    "certificate": "the certificate of its host",
    "callees": "what it calls",
    "callers": "what calls it",
}
_FACT = re.compile(r"^facts\.(.+)")
_DECISION = re.compile(r"^services\.([^.]+)\.decisions\.([^.]+)\.(.+)")
_OTHER = re.compile(r"^services\.([^.]+)\.(?:spec|facts)\.(.+)")
_THERE = re.compile(r"^environments\.([^.]+)\.(?:spec\.|services\.)?(.+)")


def input_words(name: str) -> str:
    """An input of a service or of the app in words."""
    if name in _DERIVED:
        return _DERIVED[name]
    if found := _THERE.match(name):
        return f"{input_words(found[2])} in {found[1]}"
    if found := _FACT.match(name):
        return f"{found[1]} of the source"
    if found := _DECISION.match(name) or _OTHER.match(name):
        return f"{found[found.lastindex or 1]} of {found[1]}"
    return re.sub(r"^(?:spec|app)\.", "", name)
