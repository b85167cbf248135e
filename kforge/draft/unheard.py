"""A read sentence → the words of it that had no effect, as the user wrote them, what stands together as one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from kforge import catalog
from kforge.draft.filling_words import bare, filling
from kforge.draft.sentence_pieces import Piece, SentenceReading
from kforge.draft.sentence_words import is_dense, meant, number, pattern, plain

MOST = 24  # phrases that are told
_WORD = re.compile(r"[^\W_](?:[\w.+#'/%-]{0,60}[\w+#%])?")
_UNDERSTOOD = (  # words that say what is so anyway, or what the draft is made of in every case
    "web", "admin", "api", "strong servers", "servers", "pages", "workers", "lasting", "singly", "migrate", "cron", "public", "internal", "replicas", "scales",
    "services", "own languages", "calls", "called by", "environments", "all of them", "the others", "least", "most",
)  # fmt: skip


def unheard(reading: SentenceReading, sentence: str) -> list[str]:
    """Words without effect, in the order of the sentence. Those between two of a phrase that mean nothing stay in it."""
    for meaning in _UNDERSTOOD:
        _hear(reading, meant(meaning))
    _hear(reading, pattern(word for language in catalog.languages() for word in language.server_words))
    for match in meant("never drafted").finditer(reading.masked):
        if not any(start <= match.start() < end for start, end in reading.refused):
            reading.leave(*match.span())
    written = {plain(word): word for word in _WORD.findall(sentence)}
    found = [" ".join(written.get(word, word) for word in words) for words in _phrases(reading)]
    return [*dict.fromkeys(found)]


def open_parts(reading: SentenceReading, parts: Sequence[Piece], taken: Sequence[tuple[int, int]]) -> list[str]:
    """Pieces that may ask for a program and that words do not understand. `taken`: where services and stores stand. What
    another is done for, who does something with it, and what heads a list is no part of an application.
    """
    text = re.sub(r"\d", " ", reading.left())
    for match in meant("never drafted").finditer(text):
        text = text[: match.start()] + " " * len(match[0]) + text[match.end() :]
    found = []
    for index, piece in enumerate(parts):
        acts = index + 1 < len(parts) and parts[index + 1].joined in ("calls", "by")
        mine = any(start < piece.end and piece.start < end for start, end in taken)
        heads = reading.text[piece.end :].lstrip().startswith(":")
        words = [
            word for word in _WORD.findall(text[piece.start : piece.end]) if not filling(bare(word)) and bare(word)
        ]
        if (
            piece.joined in ("", "joins")
            and not (acts or mine or heads)
            and any(len(word) > 2 or is_dense(word) for word in words)
        ):
            found.append(piece.text)
    return [*dict.fromkeys(found)]


def note(words: list[str]) -> Iterator[str]:
    """What to tell of them."""
    if words:
        more = f" and {len(words) - MOST} more" if len(words) > MOST else ""
        yield f"these words had no effect on the draft: {', '.join(f'`{word}`' for word in words[:MOST])}{more}; write what they mean into the spec"


def _hear(reading: SentenceReading, one: re.Pattern[str]) -> None:
    for match in one.finditer(reading.masked):
        reading.hear(*match.span())


def _phrases(reading: SentenceReading) -> Iterator[list[str]]:
    words: list[str] = []
    end = 0
    left = reading.left()
    for match in _WORD.finditer(left):
        word = bare(match[0].strip("-/'"))
        if not word or (not word.isdigit() and (number(word) or filling(word) or (len(word) == 1 and word.isascii()))):
            continue
        if words and left[end : match.start()].strip(" ") == "" and match.start() - end == 1:
            words.append(word)
        else:
            if words:
                yield words
            words = [word]
        end = match.end()
    if words:
        yield words
