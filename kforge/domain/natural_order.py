"""The order in which people count: `sec-2` before `sec-10`."""

from __future__ import annotations

import re

_DIGITS = re.compile(r"([0-9]{1,18})")  # Python refuses to read thousands of digits


def natural(text: str) -> tuple[tuple[int, str], ...]:
    """A key to sort texts by, in which numbers count as such: `[10]` comes after `[2]`."""
    return tuple((int(part) if _DIGITS.fullmatch(part) else -1, part) for part in _DIGITS.split(text))
