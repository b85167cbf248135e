"""Plain text → the replicas that it speaks of: `three copies`, `from 2 to 10 pods`, `up to 20 workers`. Unaware of services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kforge.draft.sentence_words import NUMBER, entries, form, meant, number

_REPLICAS, _WORKERS = form(entries("replicas")), form(entries("workers"))
_LEAST, _MOST, _RANGE = (form(entries(meaning)) for meaning in ("least", "most", "range"))
_DIGITS = r"(?<![\w.,:/])[0-9]{1,4}"
_SPAN = re.compile(
    rf"(?P<least>{_DIGITS}|{NUMBER}) ?(?:{_RANGE}|[-–—~〜]) ?(?P<most>[0-9]{{1,4}}(?![.,:/]\w|[0-9])|{NUMBER})"
)
_TO_MOST = re.compile(rf"{_MOST} ?(?P<most>{NUMBER})|(?P<after>{NUMBER}) ?(?:{_REPLICAS}|{_WORKERS}) ?{_MOST}")
_TO_LEAST = re.compile(rf"{_LEAST} ?(?P<least>{NUMBER})")
_COUNT = re.compile(rf"(?P<count>{NUMBER}) ?(?:x )?(?:[\w-]{{1,16}} ){{0,1}}(?P<unit>{_REPLICAS}|{_WORKERS})")
_COUNT_AFTER = re.compile(rf"(?P<unit>{_REPLICAS})(?: ?(?:は|を|の|:|=|of|count|число|수)){{0,2}} ?(?P<count>{NUMBER})")
_COUNTED = re.compile(rf"(?P<unit>{_WORKERS}) ?(?P<count>{NUMBER}) ?[つ台個个개名명]")
_TIMES = re.compile(r"(?<![\w.])(?P<count>[0-9]{1,2})(?:x|-fach|×)(?!\w)")
_UNIT = re.compile(rf"{_REPLICAS}|{_WORKERS}")
MOST = 1000  # replicas that a sentence may ask for


@dataclass(frozen=True, slots=True)
class SaidScale:
    """Fewest and most replicas (0: not said) at a place of the sentence. `workers`: it is workers that it counts."""

    start: int
    end: int
    least: int
    most: int = 0
    workers: bool = False


def scales(text: str, start: int, spoken: bool = False) -> Iterator[SaidScale]:
    """What some plain text that begins at `start` says, in order. `spoken`: replicas are spoken of before it."""
    units = [(match.start(), bool(meant("workers").fullmatch(match[0]))) for match in _UNIT.finditer(text)]
    every = (_SPAN, _TO_MOST, _TO_LEAST) if units or spoken or meant("scales").search(text) else ()
    taken = bytearray(len(text) + 1)
    found = []
    for one in (*every, _COUNT, _COUNT_AFTER, _COUNTED, _TIMES, meant("twice")):
        for match in one.finditer(text):
            if any(taken[match.start() : match.end()]) or not (bounds := _bounds(one, match)):
                continue
            end, workers = next(
                ((at, who) for at, who in units if match.start() <= at < match.end() + 20), (match.end(), False)
            )
            taken[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
            found.append(SaidScale(match.start() + start, max(end, match.end()) + start, *bounds, workers))
    yield from sorted(found, key=lambda one: one.start)


def _bounds(pattern: re.Pattern[str], match: re.Match[str]) -> tuple[int, int] | None:
    """Fewest and most replicas, None for what no one runs."""
    said = match.groupdict()
    least = number(said.get("least") or said.get("count") or ("2" if pattern is meant("twice") else ""))
    most = number(said.get("most") or said.get("after") or "")
    fits = 0 < max(least, most) <= MOST and (pattern is not _SPAN or 0 < least < most)
    return (least, most) if fits else None
