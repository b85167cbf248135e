"""Raw → what makes a spec invalid and is no input of anything, so that no lock can show it. Light: `check` runs it.

Every other mistake in a spec shows as a changed input, and then the pipeline reports it with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kforge.domain.secrets import credentials
from kforge.domain.source.build_context import misread
from kforge.domain.spec.patterns import MODEL, REQUIRES
from kforge.domain.spec.raw import Raw
from kforge.domain.topic_names import BUILD, TOPIC_NAMES
from kforge.spec import reserved
from kforge.spec.requires import too_new

# Keys that neither a file nor a finding depends on, and their types.
IDLE = {"apiVersion": str, "requires": str, "description": str, "model": dict}
LONGEST_NAME = 200  # as `Deciding` has it
BELOW = ("person", "heuristics")  # as `Deciding` has it
IDLE_OF_SERVICE = {"requirements": str, "refine": list}


def doubts(spec: Raw, version: str) -> Iterator[str]:
    """Reasons to read the spec properly. Raises TypeError and the like for shapes that no spec has."""
    raw = spec.data
    if next(credentials.known(spec.text), None):
        yield "the spec holds a credential"
    if next(reserved.empty(raw), None):  # a digest takes it for a key that is not there
        yield "a key has no value"
    if any(key in raw and not isinstance(raw[key], kind) for key, kind in IDLE.items()):
        yield "a key has the wrong type"
    if (
        raw["apiVersion"] != "kforge.dev/v1"
        or too_new(raw, version)
        or not re.fullmatch(REQUIRES, raw.get("requires", ">=0"))
    ):
        yield "the spec asks for another version of kforge"
    if "model" in raw and not _sound(**raw["model"]):
        yield "the `model` block is not valid"
    for name, block in raw["services"].items():
        if "source" in block and misread(block["source"]):
            yield f"{name}: `source` is not a folder for buildx"
        if not block.keys().isdisjoint(IDLE_OF_SERVICE) and not _texts(block):
            yield f"{name}: a key has the wrong type"
    for name, environment in raw.get("environments", {}).items():
        if not environment.get("services", {}).keys() <= raw["services"].keys():
            yield f"{name} names a service that does not exist"


def _texts(block: Mapping[str, Any]) -> bool:
    """Whether the idle keys of a service have their types."""
    typed = all(isinstance(block[key], kind) for key, kind in IDLE_OF_SERVICE.items() if key in block)
    return typed and all(isinstance(line, str) for line in block.get("refine", ()))


def _sound(name: str, decides: Sequence[str] = (BUILD,), minimum: int = 0, below: str = BELOW[0]) -> bool:
    """Whether a `model` block is one. Another key, or none, is a TypeError."""
    listed = (
        isinstance(decides, (list, tuple)) and 1 <= len(decides) <= len(TOPIC_NAMES) and {*decides} <= {*TOPIC_NAMES}
    )
    weighed = type(minimum) is int and 0 <= minimum <= 100 and below in BELOW
    return listed and weighed and re.fullmatch(MODEL, name) is not None and len(name) <= LONGEST_NAME
