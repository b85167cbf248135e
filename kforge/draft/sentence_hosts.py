"""Pieces of a plain sentence → the public hosts that are to be reached: `shop.example.com/cart`. Unaware of services.

A name with dots is a host where the sentence says that something is there, or where it has three parts. Files, packages
named after a domain, addresses of mail and hosts that something is fetched from are none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kforge.draft.sentence_words import entries, meant

_ENDINGS, _PACKAGES = frozenset(entries("file endings")), frozenset(entries("no hosts"))
_HOST = re.compile(
    r"(?<![\w@./:-])(?:https?://)?(?P<host>(?:[a-z0-9-]{1,63}\.){1,6}(?P<top>[a-z]{2,24}))(?P<path>/[a-z0-9/_-]{0,80})?(?![\w@:/-]|\.[a-z0-9])"
)
_BEFORE = re.compile(
    r"(?P<from>\b(?:from|von|de|desde|da|dal|van|z|из|to|call|calls|image)) ?$|(?P<at>\b(?:at|on|under|behind|as|via|in|to|unter|auf|sur|sous|a|en|op|su|em|no|na|pod|na|по|на)|[:=(]) ?$"
)


@dataclass(frozen=True, slots=True)
class SaidHost:
    """A host and a path at a place of the sentence."""

    start: int
    end: int
    host: str
    path: str


def hosts(text: str, start: int) -> Iterator[SaidHost]:
    """The hosts in some plain text that begins at `start`."""
    told = bool(meant("public").search(text))
    for match in _HOST.finditer(text):
        parts, before = match["host"].split("."), _BEFORE.search(text[max(0, match.start() - 12) : match.start()])
        alone = text.strip() == match[0]
        if (
            match["top"] in _ENDINGS
            or match["host"] in _PACKAGES
            or parts[0] in ("", "-")
            or any(part.startswith("-") for part in parts)
        ):
            continue
        if before and before["from"] and not told:
            continue
        if alone or told or len(parts) > 2 or (before and before["at"]):
            path = (match["path"] or "").rstrip("/")
            yield SaidHost(start + match.start(), start + match.end(), match["host"], path)
