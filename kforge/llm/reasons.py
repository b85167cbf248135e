"""Reasons of a model's decisions → sentences that may stand in a lock, a terminal, a log and a pull request.

A reason is a wish or a line of a source in its author's words, so it keeps words alone: no link to fetch, no one to call,
no command of a terminal, of GitHub's logs or of a template.
"""

from __future__ import annotations

import re

from kforge.domain.invisible_chars import line
from kforge.domain.model.answer_fields import REASON_LENGTH
from kforge.domain.secrets.redact import redact

NO_CHOICE = "nothing else can be chosen here"  # the reason of a field that leaves one value

_ADDRESS = re.compile(
    r"(?:\b[A-Za-z][A-Za-z0-9+.-]{1,20}:)?//[^\s)>\]`]*|\bwww\.[^\s)>\]`]+|\b(?:javascript|data|mailto):[^\s)>\]`]+",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_MENTION = re.compile(r"(?<![A-Za-z0-9])@(?=[A-Za-z0-9])")
_AROUND = " #*-=>~_"
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
    kept = _sentence(text)
    while kept and not is_reason(kept):  # what was cut off may have hidden a mark or a credential: `_AKIA…`
        kept = _sentence(kept)
    return kept


def _sentence(text: str) -> str:
    plain, before = line(text, 4 * REASON_LENGTH), ""
    while plain != before:  # what is taken out may leave a mark behind: `{%{` a `{{`, `/|` a `//`
        before, plain = plain, _without_marks(plain)
    around = _AROUND if plain.count("`") % 2 == 0 else f"{_AROUND}`"  # a pair of marks stands around a word
    plain = plain.strip(around).strip() if plain.strip(" .`") else ""
    return line(_first(plain), REASON_LENGTH).rstrip(". ")


def is_wordless(text: str) -> bool:
    """Whether a reason says nothing: it has fewer than two words."""
    return len(_WORD.findall(text)) < 2


def is_reason(text: str) -> bool:
    """Whether a text is as `reason` leaves one."""
    cut = line(text, REASON_LENGTH)
    return bool(text) and text == cut == cut.lstrip(_AROUND).rstrip(". ") == _without_marks(text)


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
