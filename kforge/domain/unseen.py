"""Text → what of it can be seen. Controls, bidirectional marks and tag characters carry words that no reader notices."""

from __future__ import annotations

import re

# C0 but tab and line feed, DEL and C1, soft hyphen, zero width, bidi, separators, surrogates, variation selectors, BOM,
# notation marks, tags. Ranges are spelled out because Python's own tables differ between its versions.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def visible(text: str, instead: str = "\N{REPLACEMENT CHARACTER}") -> str:
    """The text with every unseen character replaced; tabs and line feeds stay."""
    return UNSEEN.sub(instead, text)


def line(text: str, length: int) -> str:
    """One line of at most `length` characters, in which everything can be seen."""
    whole = " ".join(visible(text, " ").split())
    return whole if len(whole) <= length else f"{whole[: length - 1].rstrip()}…"
