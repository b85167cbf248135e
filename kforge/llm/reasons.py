"""A model's reasons → sentences that may stand in a lock, a terminal, a log and a pull request.

A reason is the one free text of an answer, so it keeps words alone: no link to fetch, no one to call, no command of a
terminal, of GitHub's logs or of a template.
"""

from __future__ import annotations

import re

from kforge.domain.invisible_chars import line
from kforge.domain.model.answer_fields import REASON_LENGTH
from kforge.domain.secrets.redact import redact

_ADDRESS = re.compile(
    r"(?:\b[A-Za-z][A-Za-z0-9+.-]{1,20}:)?//[^\s)>\]`]*|\bwww\.[^\s)>\]`]+|\b(?:javascript|data|mailto):[^\s)>\]`]+",
    re.IGNORECASE,
)
_MENTION = re.compile(r"(?<![A-Za-z0-9])@(?=[A-Za-z0-9])")
_MARKS = {
    "<": "‹",
    ">": "›",
    "{{": "{",
    "}}": "}",
    "{%": "{",
    "%}": "}",
    "{#": "{",
    "![": "[",
    "](": "] (",
    "::": ":",
    "```": "`",
    "##": "#",
    "|": "/",
}


def reason(text: str) -> str:
    """One sentence on one line, of at most 300 characters, without a full stop; "" where nothing is left of it."""
    plain, before = line(text, 4 * REASON_LENGTH), ""
    while plain != before:  # what is taken out may leave a mark behind: `{%{` a `{{`, `/|` a `//`
        before, plain = plain, _without_marks(plain)
    around = " #*-=>~_" if plain.count("`") % 2 == 0 else " #*-=>`~_"  # a pair of marks stands around a word
    plain = plain.strip(around).strip() if plain.strip(" .`") else ""
    return line(_first(plain), REASON_LENGTH).rstrip(". ")


def _without_marks(text: str) -> str:
    plain = _MENTION.sub("", _ADDRESS.sub("(link)", redact(text)))
    for mark, instead in _MARKS.items():
        plain = plain.replace(mark, instead)
    return plain


def _first(text: str) -> str:
    """The first sentence where there are several and the whole is too long."""
    if len(text) <= REASON_LENGTH:
        return text
    end = re.search(r"[.!?](?= [A-Z])", text[:REASON_LENGTH])
    return text[: end.end()] if end else text
