"""JSON values → the short digests that the lock compares. Unaware of what the values mean."""

from __future__ import annotations

import hashlib
import json
from typing import Any

ABSENT = "-"
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode


def canonical(value: Any) -> bytes:
    """The one spelling of a JSON value: sorted keys, no spaces, UTF-8. Tuples count as lists.

    Raises TypeError for what is no JSON, ValueError for NaN, infinity and lone surrogates.
    """
    return _encode(value).encode()


def alike(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON. Python's own `==` holds 1, 1.0 and true for one."""
    return one is other or canonical(one) == canonical(other)


def digest(value: Any) -> str:
    """The first 16 hex digits of the value's sha256; `-` for None. They tell changes apart, they prove nothing."""
    return ABSENT if value is None else hashlib.sha256(canonical(value)).hexdigest()[:16]
