"""Text → about how many tokens a model counts for it. An estimate: every model cuts words differently.

Calibrated to the byte-pair vocabularies of around 100,000 words: an English word is one token, a long or a made-up one
two or three, a number one for three digits, punctuation one for about two characters. It is meant to be too high rather
than too low.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kforge.domain.model.request import Request

_MARK = r"[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]"
_PIECE = re.compile(
    rf"(?P<word>[A-Za-z]++)|(?P<digits>[0-9]++)|(?P<line>\n)|(?P<space>[ \t]{{2,}}+)|(?P<one>[ \t])|(?P<mark>(?<!{_MARK}){_MARK}++(?=[A-Za-z0-9\s]|\Z))|(?P<other>[^\x00-\x7f])"
)
_A_MESSAGE = 4  # role and separators


def estimate(text: str) -> int:
    """Tokens of a text."""
    count = 0
    for match in _PIECE.finditer(text):
        length = match.end() - match.start()
        kind = match.lastgroup
        if kind == "word":
            count += 1 + (length - 1) // 8
        elif kind == "digits":
            count += -(-length // 3)
        elif kind == "mark":
            count += -(-length // 2)
        elif kind != "one":  # a single space belongs to the word behind it
            count += 1
    return count


def of_request(request: Request) -> int:
    """Tokens of all messages."""
    return sum(_A_MESSAGE + estimate(message.content) for message in request.messages)
