"""A misspelt word → the nearest of those that there are, or some of them: a pull request may write thousands of both."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from itertools import islice

LENGTH = 64  # characters of a word that is compared: difflib's time grows with their square
MOST = 200  # words that are compared with one; difflib takes up to a third of a millisecond for each
ADVISED = 20  # misspelt words of one input that are compared at all
SHOWN = 12  # words that a list shows
CUTOFF = 0.6  # of difflib's ratio, as it has it


def near_words(word: str, words: Iterable[str], number: int = 1, cutoff: float = CUTOFF) -> list[str]:
    """The nearest words, the best first; none for a word that is too long to be a slip. Of more words than are compared
    those with the same beginning count.
    """
    if len(word) > LENGTH:
        return []
    ordered = sorted(each for each in words if len(each) <= LENGTH)
    middle = bisect_left(ordered, word)  # around it lie the words with the same beginning
    first = max(0, min(middle - MOST // 2, len(ordered) - MOST))
    return get_close_matches(word, ordered[first : first + MOST], number, cutoff)


def listed(words: Collection[str]) -> str:
    """ "`a`, `b` and 3 more": the first words of many."""
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return ", ".join(f"`{word}`" for word in islice(words, SHOWN)) + more
