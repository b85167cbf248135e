"""The words that sentences are read by, in several languages → patterns over plain text: sentence_words.json.

A meaning is a table of languages or of names; `a|b` are words, `*` stands for letters more, `~` for a blank, a hyphen or
nothing. Words of scripts without blanks are found anywhere. Plain text is lower case without accents, with blanks where
such a script begins and ends.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path

_DATA: Mapping[str, Mapping[str, str]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
_NO_BLANKS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"  # Japanese, Chinese, Korean
_EDGE = re.compile(rf"(?<=[a-z0-9.%])(?=[{_NO_BLANKS}])|(?<=[{_NO_BLANKS}])(?=[a-z0-9])")
_NONE = re.compile(r"(?!)")


def plain(text: str) -> str:
    """Lower case without accents, so that `nächtlich` is a word as `nightly` is."""
    letters = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    kept = "".join(char for char in letters if not "\u0300" <= char <= "\u036f")
    return " ".join(_EDGE.sub(" ", unicodedata.normalize("NFC", kept)).split())


def entries(meaning: str) -> tuple[str, ...]:
    """The words of a meaning, the longest first, as plain text."""
    return tuple(sorted({_entry(word) for row in _DATA[meaning].values() for word in row.split("|")}, key=_order))


def named(meaning: str) -> dict[str, tuple[str, ...]]:
    """Name → its words, of a meaning that is a table of names."""
    return {
        name: tuple(sorted({_entry(word) for word in row.split("|")}, key=_order))
        for name, row in _DATA[meaning].items()
    }


def pattern(words: Iterable[str], after: str = "") -> re.Pattern[str]:
    """A pattern that finds any of the words, the longest first."""
    held = sorted({*words}, key=_order)
    return re.compile(form(held) + after) if held else _NONE


def form(words: Iterable[str]) -> str:
    """The text of such a pattern."""
    spaced = [_escaped(word) for word in words if not is_dense(word)]
    dense = [_escaped(word) for word in words if is_dense(word)]
    own = [rf"(?<![\w.])(?:{'|'.join(spaced)})(?!\w|\.\w)"] if spaced else []
    return f"(?:{'|'.join([*own, *dense])})"


def is_dense(word: str) -> bool:
    """Whether a word begins in a script without blanks."""
    return re.match(rf"[{_NO_BLANKS}]", word) is not None


def number(word: str) -> int:
    """The number that a word or digits say; 0 for none."""
    return int(word) if re.fullmatch(r"[0-9]{1,9}", word) else _NUMBERS.get(word, 0)


def _entry(word: str) -> str:
    return plain(word.replace("~", "\0")).replace("\0", "~")


def _order(word: str) -> tuple[int, str]:
    return -len(word), word


def _escaped(word: str) -> str:
    return (
        re.escape(word).replace(r"\*", r"[\w']{0,24}").replace("\\~", "[ -]?").replace("~", "[ -]?").replace(r"\ ", " ")
    )


_NUMBERS = {word: int(value) for value, words in named("numbers").items() for word in words}
NUMBER = rf"(?:(?<![\w.,:/-])[0-9]{{1,4}}(?![.,:/]\w|[0-9])|{form(_NUMBERS)})"
_PATTERNS = {meaning: pattern(entries(meaning)) for meaning in _DATA if meaning not in ("numbers", "names of tasks")}


def meant(meaning: str) -> re.Pattern[str]:
    """The pattern of a meaning."""
    return _PATTERNS[meaning]
