"""Text → what of it can be seen. Controls, bidirectional marks and tag characters carry words that no reader notices."""

from __future__ import annotations

import re

# Bodies of character classes, spelled out because Python's own tables differ between its versions.
# a reader sees another text than the machine: https://trojansource.codes
BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
JOINERS = "\u200c\u200d\ufe0f"  # scripts such as Persian and many emoji need them
# The blank of Braille, the place of an object, and what joins hieroglyphs: drawn as nothing, and part of a script.
BLANKS = "\u2800\ufffc\U00013430-\U0001343f"
# Nothing is drawn for the rest of Unicode's Default_Ignorable_Code_Point and for marks of interlinear text:
# https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt
IGNORABLE = "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2065\u206a-\u206f\u3164\ufe00-\ufe0e\uffa0\ufff0-\ufffb"
# Apart, because a class that goes beyond U+FFFF takes twice the time, and few texts do.
IGNORABLE_BEYOND = "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
# C0 but tab and line feed, DEL and C1, separators, surrogates, the byte order mark and noncharacters, besides.
INVISIBLE = re.compile(
    f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff{BIDI}{JOINERS}{IGNORABLE}"
    f"{BLANKS}{IGNORABLE_BEYOND}]"
)

_CONTROLS = dict.fromkeys((*range(9), *range(11, 32), 127), "?")  # of INVISIBLE, what ASCII has


def visible(text: str, instead: str = "\N{REPLACEMENT CHARACTER}") -> str:
    """The text with every unseen character replaced; tabs and line feeds stay."""
    if text.isascii() and text.translate(_CONTROLS) == text:  # a tenth of the time, and most texts are such
        return text
    return INVISIBLE.sub(instead, text)


def line(text: str, length: int) -> str:
    """One line of at most `length` characters, in which everything can be seen."""
    whole = " ".join(visible(text, " ").split())
    return whole if len(whole) <= length else f"{whole[: length - 1].rstrip()}…"
