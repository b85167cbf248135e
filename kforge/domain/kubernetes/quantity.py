"""A Kubernetes quantity as a number: `128Mi`, `1e3`, `100m`.
https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
"""

from __future__ import annotations

import re
from fractions import Fraction

_SUFFIXES = {
    "": Fraction(1), "m": Fraction(1, 1000),
    **{letter: Fraction(1000) ** power for power, letter in enumerate("kMGTPE", 1)},
    **{f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", 1)},
}  # fmt: skip
_QUANTITY = re.compile(r"([0-9]++(?:\.[0-9]*+)?|\.[0-9]++)(?:[eE]([+-]?[0-9]{1,2})|([A-Za-z]{0,2}))")


def number(quantity: str) -> Fraction:
    """The exact number that a quantity means. Raises ValueError for a text that is no quantity."""
    match = _QUANTITY.fullmatch(quantity)
    if match is None or match[3] not in (*_SUFFIXES, None):
        raise ValueError(f"`{quantity}` is not a quantity")
    return Fraction(match[1]) * (Fraction(10) ** int(match[2]) if match[2] else _SUFFIXES[match[3]])
