"""Which of some labels a short text is like, learned from examples of each: naive Bayes over runs of letters.

Runs of three and four letters say of seventeen languages what lists of words say of a few: `démarrage` and `démarre` share
most of theirs. Weights are whole numbers, so that every machine ranks alike.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from math import log

_WORD = re.compile(r"[^\W\d_]+|[0-9]+")
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # scripts of which two letters say as much
_LENGTHS = (3, 4)
_SMOOTHING = 0.1  # of 0.05 to 0.3, which rank alike
_SCALE = 1000  # a thousandth of a natural logarithm


@lru_cache(maxsize=8192)  # two sets of labels learn from the same examples, and scopes come again
def grams(text: str) -> frozenset[str]:
    """The runs of letters of a text, with the ends of its words. Numbers are all alike."""
    return frozenset(_grams(text.lower()))


def _grams(low: str) -> Iterator[str]:
    for found in _WORD.finditer(low):
        word = "0" if found[0].isdecimal() else found[0]
        held = f" {word} "
        for length in (2, 3) if _DENSE.search(word) else _LENGTHS:
            yield from (held[at : at + length] for at in range(max(1, len(held) - length + 1)))


class Likeness:
    """Labels with the examples of each."""

    def __init__(self, examples: Iterable[tuple[str, str]]) -> None:
        counts: dict[str, Counter[str]] = {}
        for text, label in examples:
            counts.setdefault(label, Counter()).update(grams(text))
        self._known = frozenset(gram for held in counts.values() for gram in held)
        self._weights: dict[str, tuple[Mapping[str, int], int]] = {}
        for label in sorted(counts):
            every = log(sum(counts[label].values()) + _SMOOTHING * len(self._known))
            weights = {gram: round(_SCALE * (log(held + _SMOOTHING) - every)) for gram, held in counts[label].items()}
            self._weights[label] = weights, round(_SCALE * (log(_SMOOTHING) - every))

    def scores(self, text: str) -> dict[str, int]:
        """Label → how much the text is like its examples, in thousandths of a natural logarithm: higher is more."""
        found = grams(text) & self._known
        return {
            label: sum(weights.get(gram, other) for gram in found) for label, (weights, other) in self._weights.items()
        }
