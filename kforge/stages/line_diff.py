"""Two lists of lines → the hunks of a unified diff, in bounded time. Knows no files.

difflib compares every line with every other and may take cubic time, which a repository can ask for. Long texts are
therefore cut at lines that both sides have once, in one order, as patience diff does, and difflib sees what lies
between.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import Match, SequenceMatcher

CONTEXT = 3
# Lines on one side times lines on the other that difflib may compare: at once, between two anchors, and of one long
# text.
WHOLE, BETWEEN, ALL = 250_000, 10_000, 2_000_000
DEPTH = 4  # how often what lies between anchors is cut again

Lines = Sequence[str]


def hunks(old: Lines, new: Lines, context: int = CONTEXT) -> Iterator[str]:
    """`@@` lines, each followed by lines with ` `, `-` or `+` before them; nothing for equal texts. `context`: equal lines
    that are shown around the others.
    """
    matcher = _Bounded(old, new)
    for group in matcher.get_grouped_opcodes(context):
        first, last = group[0], group[-1]
        yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"
        for kind, begin, end, other_begin, other_end in group:
            if kind == "equal":
                yield from (f" {line}" for line in old[begin:end])
                continue
            yield from (f"-{line}" for line in old[begin:end])
            yield from (f"+{line}" for line in new[other_begin:other_end])


def replaced(old: Lines, new: Lines) -> Iterator[tuple[Lines, Lines]]:
    """The lines that differ, as those of one side and what stands there on the other; either may be none."""
    for kind, begin, end, other_begin, other_end in _Bounded(old, new).get_opcodes():
        if kind != "equal":
            yield old[begin:end], new[other_begin:other_end]


def _range(begin: int, end: int) -> str:
    """As difflib and POSIX write it: one line without its count, none by the line before."""
    length = end - begin
    return str(begin + 1) if length == 1 else f"{begin + bool(length)},{length}"


class _Bounded(SequenceMatcher[str]):
    """difflib's matcher, whose equal blocks of long texts are found within bounds."""

    def __init__(self, old: Lines, new: Lines) -> None:
        self._found = (
            None
            if len(old) * len(new) <= WHOLE
            else [*_merged(_Anchored(old, new).blocks()), Match(len(old), len(new), 0)]
        )
        super().__init__(None, old, new) if self._found is None else super().__init__(None, "", "")

    def get_matching_blocks(self) -> list[Match]:
        return super().get_matching_blocks() if self._found is None else self._found


class _Anchored:
    """Equal blocks of two long texts. What is left when the bounds are reached counts as replaced."""

    def __init__(self, old: Lines, new: Lines) -> None:
        self._old, self._new, self._pairs = old, new, ALL

    def blocks(self) -> Iterator[Match]:
        return self._between(0, len(self._old), 0, len(self._new), 0)

    def _between(self, begin: int, end: int, other: int, other_end: int, depth: int) -> Iterator[Match]:
        old, new = self._old, self._new
        same = 0
        while same < min(end - begin, other_end - other) and old[begin + same] == new[other + same]:
            same += 1
        tail = 0
        while tail < min(end - begin, other_end - other) - same and old[end - tail - 1] == new[other_end - tail - 1]:
            tail += 1
        if same:
            yield Match(begin, other, same)
        yield from self._differing(begin + same, end - tail, other + same, other_end - tail, depth)
        if tail:
            yield Match(end - tail, other_end - tail, tail)

    def _differing(self, begin: int, end: int, other: int, other_end: int, depth: int) -> Iterator[Match]:
        pairs = (end - begin) * (other_end - other)
        if 0 < pairs <= BETWEEN and pairs <= self._pairs:
            self._pairs -= pairs
            found = SequenceMatcher(None, self._old[begin:end], self._new[other:other_end]).get_matching_blocks()
            yield from (Match(begin + each.a, other + each.b, each.size) for each in found if each.size)
        elif (
            pairs > BETWEEN
            and depth < DEPTH
            and (anchors := _anchors(self._old[begin:end], self._new[other:other_end]))
        ):
            one, two = begin, other
            for first, second in anchors:
                yield from self._between(one, begin + first, two, other + second, depth + 1)
                yield Match(begin + first, other + second, 1)
                one, two = begin + first + 1, other + second + 1
            yield from self._between(one, end, two, other_end, depth + 1)


def _anchors(old: Lines, new: Lines) -> list[tuple[int, int]]:
    """Places of lines that both sides have exactly once: the longest run of them in one order."""
    counts, others = Counter(old), Counter(new)
    places = {line: number for number, line in enumerate(new) if others[line] == 1}
    pairs = [(number, places[line]) for number, line in enumerate(old) if counts[line] == 1 and line in places]
    ends: list[int] = []  # smallest place on the other side that a run of this length ends at
    before: list[int] = []  # for each pair, how long the run is that it ends
    for _, place in pairs:
        length = bisect_left(ends, place)
        ends[length : length + 1] = [place]
        before.append(length)
    run: list[tuple[int, int]] = []
    length = len(ends) - 1
    for pair, ended in zip(reversed(pairs), reversed(before), strict=True):
        if ended == length and (not run or pair[1] < run[-1][1]):
            run.append(pair)
            length -= 1
    return run[::-1]


def _merged(blocks: Iterable[Match]) -> Iterator[Match]:
    """Neighbours as one block, which the grouping of hunks expects."""
    last = Match(0, 0, 0)
    for each in blocks:
        if (last.a + last.size, last.b + last.size) == (each.a, each.b):
            last = Match(last.a, last.b, last.size + each.size)
            continue
        if last.size:
            yield last
        last = each
    if last.size:
        yield last
