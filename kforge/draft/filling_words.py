"""Words that mean nothing by themselves, in several languages: filling_words.json."""

from __future__ import annotations

import json
import re
from pathlib import Path

from kforge.draft.sentence_words import is_dense

_FILLING: frozenset[str] = frozenset(
    word for row in json.loads(Path(__file__).with_suffix(".json").read_text("utf-8")).values() for word in row.split()
)
_PARTICLES = re.compile(
    "|".join(sorted((re.escape(word) for word in _FILLING if is_dense(word)), key=len, reverse=True))
)


def bare(word: str) -> str:
    """A word without the particles of scripts that write no blanks; "" where less than two characters are left."""
    if not is_dense(word):
        return word
    kept = _PARTICLES.sub("", word)
    return kept if len(kept) > 1 else ""


def filling(word: str) -> bool:
    """Whether a word means nothing by itself."""
    return word in _FILLING
