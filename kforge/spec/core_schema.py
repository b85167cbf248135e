"""A plain scalar → its value, by YAML 1.2's core schema: https://yaml.org/spec/1.2.2/#103-core-schema."""

from __future__ import annotations

import re
from typing import Any

_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WHOLE = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_INFINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
STARTS = frozenset("0123456789+-.~nNtTfF")  # a plain scalar that begins otherwise is a string


def scalar(value: str) -> Any:
    """A plain scalar by the core schema; ValueError for a number that JSON cannot hold."""
    if value and value[0] not in STARTS:
        return value
    if value in _WORDS:
        return _WORDS[value]
    if _WHOLE.fullmatch(value):
        if len(value) > 100:
            raise ValueError("is a number of more than 100 digits")
        return int(value, 0) if value[1:2] in ("o", "x") else int(value)
    if _NUMBER.fullmatch(value):
        number = float(value)
        if number in (float("inf"), float("-inf")):
            raise ValueError("is too large for a number")
        return number
    if _INFINITE.fullmatch(value):
        raise ValueError("is not a number in JSON and Kubernetes")
    return value
