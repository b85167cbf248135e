"""The text of a TOML file → its tables, in time that grows no faster than the text."""

from __future__ import annotations

import re
from typing import Any

# tomllib takes quadratic time for a key of many parts:
# https://github.com/python/cpython/blob/3.11/Lib/tomllib/_parser.py
LONG_KEY = re.compile(r"(?:(?:[A-Za-z0-9_-]{1,99}+|\"[^\"\n]{0,99}+\"|'[^'\n]{0,99}+')[ \t]{0,9}+\.[ \t]{0,9}+){64}")


def read(text: str) -> dict[str, Any] | None:
    """All of a file; None where it is broken, or has a key of too many parts."""
    if LONG_KEY.search(text):
        return None
    import tomllib  # half a millisecond, for those sources that need it

    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None
