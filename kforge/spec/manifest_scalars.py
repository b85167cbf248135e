"""A plain scalar of a manifest → its value, as kubectl reads it. Unaware of documents and of what is quoted.

kubectl decodes manifests with sigs.k8s.io/yaml, which resolves scalars by go-yaml v2: the words of YAML 1.1 are
booleans and its octal numbers count, while its dates and base-60 numbers stay strings.
https://github.com/yaml/go-yaml/blob/v2.4.2/resolve.go
"""

from __future__ import annotations

import re
from typing import Any

STARTS = frozenset("0123456789+-.~yYnNtTfFoO")  # a plain scalar that begins otherwise is a string
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
}
_NOT_JSON = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_POINT = re.compile(r"\.[0-9]+(?:_[0-9]+)*(?:[eE][-+]?[0-9]+(?:_[0-9]+)*)?")
# What Go's strconv takes with base 0, underscores already dropped, and go-yaml's own reading of what follows `0b`.
_WHOLE = re.compile(
    r"(?P<sign>[-+]?)(?:0[xX](?P<x16>[0-9a-fA-F]+)|0[oO]?(?P<x8>[0-7]+)|0[bB](?P<x2>[01]+)|(?P<x10>0|[1-9][0-9]*))"
)
_BINARY = re.compile(r"0b(?P<sign>[-+]?)(?P<x2>[01]+)")
_LEAST, _MOST = -(2**63), 2**63 - 1
_MOST_UNSIGNED = 2**64 - 1
_EXACT = 2.0**53  # whole numbers below are written without point or exponent, and so read as integers
_LONGEST = 1000  # digits; a number that long is out of every range


def scalar(value: str) -> Any:
    """None, a boolean, a number or the string itself; ValueError for a number that JSON cannot hold."""
    if value and value[0] not in STARTS:
        return value
    if value in _WORDS:
        return _WORDS[value]
    if _NOT_JSON.fullmatch(value):
        raise ValueError("is not a number in JSON and Kubernetes")
    plain = value.replace("_", "")
    if value[0] == ".":
        return _float(plain) if _POINT.fullmatch(value) else value
    if len(plain) > _LONGEST and _FLOAT.fullmatch(plain):
        raise ValueError("is too large for a number")
    if (whole := _whole(plain)) is not None:
        return whole
    return _float(plain) if _FLOAT.fullmatch(plain) else value


def _whole(plain: str) -> int | None:
    """An integer of 64 bits, with or without a sign; None for anything else."""
    found = _WHOLE.fullmatch(plain) or _BINARY.fullmatch(plain)
    if found is None:
        return None
    digits = {int(name[1:]): text for name, text in found.groupdict().items() if name != "sign" and text}
    ((radix, text),) = digits.items()
    number = int(text, radix) * (-1 if found["sign"] == "-" else 1)
    return number if _LEAST <= number <= (_MOST if found["sign"] else _MOST_UNSIGNED) else None


def _float(plain: str) -> int | float:
    number = float(plain)
    if number in (float("inf"), float("-inf")):
        raise ValueError("is too large for a number")
    return int(number) if number.is_integer() and abs(number) < _EXACT else number
