"""kforge.lock, read as YAML, as a JSON Schema, for editors and reviewers. `kforge.system.lockfile` is what reads the file."""

from __future__ import annotations

import json
from typing import Any

from kforge.domain.reliability import WEIGHTS
from kforge.system.lock_syntax import KEY_FORM, SERVICE, YAML_WORDS
from kforge.system.lockfile import FORMAT

_WORDS = "|".join("".join(f"[{letter.upper()}{letter}]" for letter in word) for word in YAML_WORDS)
_NAME = {"pattern": f"^{KEY_FORM}$", "not": {"pattern": f"^({_WORDS})$"}}


def lock_schema() -> dict[str, Any]:
    """The schema of today's format, for the file as data: reasons are comments, and no part of it."""
    by = {"type": "string", "examples": ["heuristics"], **_NAME}
    decision = {
        "type": "object",
        "description": "A settled question: who decided, and the fields of the answer but for those that the spec pinned.",
        "properties": {
            "by": {
                "description": "Who decided.",
                "anyOf": [
                    by,
                    {
                        "type": "object",
                        "description": "With the provider and the model that was asked.",
                        "properties": {"by": {"type": "string"}},
                        "required": ["by"],
                    },
                ],
            },
            "pinned": {
                "type": "array",
                "description": "Fields that the spec pinned then.",
                "items": {"type": "string"},
            },
            "approved": {
                "type": "string",
                "pattern": "^[0-9a-f]{16}$",
                "description": "Digest of the value that a person has approved, by `kforge approve`; another value needs another.",
            },
            "reliability": {
                "type": "object",
                "description": "How far a model's answer could be relied on when it was given: the score and what it rests on, each from 0 to 100; what is not there was not known. It proves nothing.",
                "properties": {
                    **{name: {"type": "integer", "minimum": 0, "maximum": 100} for name in ("score", *WEIGHTS)},
                    "repaired": {"const": True, "description": "An answer before this one was refused."},
                    "refused": {
                        "type": "array",
                        "description": "Fields that the spec has pinned to something else since.",
                        "items": {"type": "string"},
                    },
                },
                "required": ["score"],
                "additionalProperties": False,
            },
            "images": {
                "type": "object",
                "description": "Base images, each with what a bot, a person or `kforge upgrade --images` wrote in its place since: the same one, with a digest or a patch version.",
                "additionalProperties": {"type": "string"},
            },
        },
        "required": ["by"],
        "propertyNames": _NAME,
    }
    service = {
        "type": "object",
        "description": "One service: its answers by topic.",
        "propertyNames": _NAME,
        "additionalProperties": decision,
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "kforge.lock",
        "type": "object",
        "description": "What kforge decided and who decided it. Written by `kforge build`, committed, never edited by hand.",
        "properties": {
            "lock": {"const": FORMAT, "description": "Number of this format."},
            "services": {
                "type": "object",
                "description": "By name.",
                "propertyNames": {"pattern": f"^{SERVICE}$"},
                "additionalProperties": service,
            },
        },
        "required": ["lock", "services"],
        "additionalProperties": False,
    }


def schema_text() -> str:
    """Content of `schemas/lock.schema.json`."""
    return json.dumps(lock_schema(), indent=2, ensure_ascii=False) + "\n"
