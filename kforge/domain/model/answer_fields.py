"""The JSON Schema of every topic's answer, field by field, in the dialect that all providers accept.

The dialect: objects with every property required and no other allowed; strings, integers, booleans, enums, arrays, and
`anyOf` of a type and null. Every string and list is bounded, since a grammar otherwise runs on to the token limit.
Patterns are a help for servers that know them, anchored and without classes by letter; where one does not,
`domain/model/schema_dialect.py` drops it. `llm/guardrails.py` is what holds values to their forms, patterns or not. A
test holds the fields against the pins of `domain/spec/pin_types.py`, so that what a model may say is what a person may
write.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kforge.domain.topic_names import BUILD, PROBES, PROCESS, RESOURCES, ROLLOUT

Schema = Mapping[str, Any]
REASON_LENGTH = 300  # characters that are kept


def text(length: int, pattern: str = "") -> dict[str, Any]:
    """`pattern` is bounded itself: a grammar that is made of one forgets the length."""
    return {"type": "string", "maxLength": length, **({"pattern": pattern} if pattern else {})}


def choice(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def number(least: int, most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": least, "maximum": most}


def several(item: Schema, most: int, least: int = 0) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


def record(properties: Mapping[str, Schema]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def or_null(schema: Schema) -> dict[str, Any]:
    return {"anyOf": [dict(schema), {"type": "null"}]}


# No null in a probe: a model that may say nothing says nothing. What a type leaves out is dropped when the answer is
# read.
PROBE = record(
    {
        "type": choice("http", "grpc", "tcp", "none"),
        "path": text(100, "^(/[A-Za-z0-9_./~-]{0,80})?$"),
        "port": text(15),  # its name
        "period": number(1, 300),  # seconds
        "timeout": number(1, 60),
        "failures": number(1, 300),  # in a row
    }
)
PORT = record(
    {
        "name": text(15, "^[a-z][a-z0-9-]{0,13}[a-z0-9]$"),
        "port": number(1, 65535),
        "protocol": choice("http", "https", "grpc", "tcp"),
        "env": text(64),
    }
)
_CPU = text(6, "^([1-9][0-9]{1,3}m|[1-9][0-9]?)$")
_SIZE = text(6, "^[1-9][0-9]{0,3}(Mi|Gi)$")
_SHARE = text(4, "^[1-9]?[0-9]%?$")
_IMAGE = "[a-z0-9][a-z0-9._/-]{2,90}:[A-Za-z0-9_][A-Za-z0-9_.-]{0,60}"
_PACKAGE = text(40, "^[a-z0-9][a-z0-9+.-]{1,39}$")
_FOLDER = "^/[A-Za-z0-9_.-]{1,30}(/[A-Za-z0-9_.-]{1,30}){0,2}$"

FIELDS: Mapping[str, Mapping[str, dict[str, Any]]] = {
    BUILD: {
        "recipe": text(20, "^[a-z]{1,20}$"),  # a question has the names
        "base": text(160, f"^{_IMAGE}$"),
        "runtime": text(160, f"^(scratch|{_IMAGE})$"),
        "packages": several(_PACKAGE, 12),
        "buildPackages": several(_PACKAGE, 12),
        "steps": several(several(text(100), 16, 1), 4),
        "copied": several(text(100, "^[A-Za-z0-9_.][A-Za-z0-9_./-]{0,99}$"), 16, 1),
    },
    PROCESS: {
        "command": or_null(several(text(100), 24, 1)),
        "ports": several(PORT, 6),
        "user": number(0, 2147483647),
        "writable": several(text(100, _FOLDER), 12),
    },
    PROBES: {"startup": PROBE, "readiness": PROBE, "liveness": PROBE},
    RESOURCES: {
        "cpu": _CPU,
        "memory": _SIZE,
        "cpuLimit": or_null(_CPU),
        "memoryLimit": or_null(_SIZE),
        "storage": or_null(_SIZE),
    },
    ROLLOUT: {
        "strategy": choice("rolling", "recreate"),
        "surge": _SHARE,
        "unavailable": _SHARE,
        "gracePeriod": number(1, 600),
        "drain": number(0, 60),
        "spread": choice("zone", "node", "none"),
        "retries": number(0, 20),
        "deadline": number(60, 604800),
        "keep": number(0, 2592000),
    },
}
