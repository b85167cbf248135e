"""How wide a text is in a picture, so that it fits its box in the fonts that readers have.

The widths are DejaVu Sans': it is wider than Helvetica, Arial, Segoe UI and San Francisco, so theirs fit as well.
"""

from __future__ import annotations

import unicodedata

# In hundredths of the font's size, from the blank to `~`, as the font's own `hmtx` table has them.
_REGULAR = (
    32, 40, 46, 84, 64, 95, 78, 27, 39, 39, 50, 84, 32, 36, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 53,
    100, 68, 69, 70, 77, 63, 58, 77, 75, 29, 29, 66, 56, 86, 75, 79, 60, 79, 69, 63, 61, 73, 68, 99, 69, 61, 69, 39, 34, 39, 84, 50,
    50, 61, 63, 55, 63, 62, 35, 63, 63, 28, 28, 58, 28, 97, 63, 61, 63, 63, 41, 52, 39, 63, 59, 82, 59, 59, 52, 64, 34, 64, 84,
)  # fmt: skip
_BOLD = (
    35, 46, 52, 84, 70, 100, 87, 31, 46, 46, 52, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70, 70, 70, 70, 40, 40, 84, 84, 84, 58,
    100, 77, 76, 73, 83, 68, 68, 82, 84, 37, 37, 77, 64, 100, 84, 85, 73, 85, 77, 72, 68, 81, 77, 110, 77, 72, 73, 46, 37, 46, 84, 50,
    50, 67, 72, 59, 72, 68, 44, 72, 71, 34, 34, 67, 34, 104, 71, 69, 72, 72, 49, 60, 48, 71, 65, 92, 65, 65, 58, 71, 37, 71, 84,
)  # fmt: skip
_OTHER = {"·": 38, "–": 50, "…": 100}
_LETTER = 85  # of other scripts and accents, on the safe side
CUT = "…"


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width in the units of the size."""
    table = _BOLD if bold else _REGULAR
    return size / 100 * sum(_hundredths(letter, table) for letter in text)


def _hundredths(letter: str, table: tuple[int, ...]) -> int:
    if " " <= letter <= "~":
        return table[ord(letter) - 32]
    wide = unicodedata.east_asian_width(letter) in ("W", "F")
    return _OTHER.get(letter) or (110 if wide else _LETTER)


def cut(text: str, width: float, size: float, bold: bool = False) -> str:
    """The text, or its beginning with `…` where it is wider."""
    if text_width(text, size, bold) <= width:
        return text
    table, left = _BOLD if bold else _REGULAR, width * 100 / size - _OTHER[CUT]
    for number, letter in enumerate(text):
        left -= _hundredths(letter, table)
        if left < 0:
            return text[:number].rstrip() + CUT
    return text
