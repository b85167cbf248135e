"""The lock's format as a JSON Schema, for editors and reviewers. `kforge.system.lockfile` is what reads the file."""

from __future__ import annotations

import json
from typing import Any

_DIGEST = {"type": "string", "pattern": "^(-|[0-9a-f]{16})$"}
_INPUTS = {
    "type": "object",
    "description": "What was read, by name: the first 16 hex digits of the value's sha256, `-` for an absent one.",
    "additionalProperties": _DIGEST,
}
_REVISION = {"type": "integer", "minimum": 1}


def _closed(description: str, required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "properties": {**required, **(optional or {})},
        "required": sorted(required),
        "additionalProperties": False,
    }


def lock_schema() -> dict[str, Any]:
    """The schema of format 1."""
    decision = _closed(
        "A settled question: the answer, without the fields that the spec pinned.",
        {
            "decider": {
                "type": "object",
                "description": "Who decided.",
                "properties": {"by": {"type": "string", "examples": ["heuristics"]}},
                "required": ["by"],
            },
            "inputs": _INPUTS,
            "reasons": {
                "type": "object",
                "description": "Why, one sentence a field.",
                "additionalProperties": {"type": "string"},
            },
            "revision": {**_REVISION, "description": "Revision of the question."},
            "value": {"type": "object", "description": "The fields of the topic."},
        },
        {
            "approved": {
                **_DIGEST,
                "description": "Digest of the value that a person has approved, by `kforge approve`; another value needs another.",
            },
            "pinned": {
                "type": "array",
                "description": "Fields that the spec pinned then.",
                "items": {"type": "string"},
            },
        },
    )
    service = _closed(
        "One service.",
        {
            "decisions": {"type": "object", "description": "By topic.", "additionalProperties": decision},
            "inputs": {**_INPUTS, "description": "What the service's artifacts read."},
        },
        {
            "detector": _closed(
                "What claimed the source; absent when nothing did.",
                {"name": {"type": "string", "minLength": 1}, "revision": _REVISION},
            )
        },
    )
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "kforge.lock",
        **_closed(
            "What kforge decided, and from which inputs. Written by `kforge build`, committed, never edited by hand.",
            {
                "lock": {"const": 1, "description": "Number of this format."},
                "app": _closed("What the app's own artifacts read.", {"inputs": _INPUTS}),
                "services": {"type": "object", "description": "By name.", "additionalProperties": service},
            },
        ),
    }


def schema_text() -> str:
    """Content of `schemas/lock.schema.json`."""
    return json.dumps(lock_schema(), indent=2, ensure_ascii=False) + "\n"
