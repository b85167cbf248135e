"""A read sentence and its services → what belongs to them: hosts, replicas, environments.

What belongs to a service is looked for before it in its clause, then behind it, then in the sentence: MAIN stands for the
service that people reach first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from kforge.draft.sentence_hosts import SaidHost
from kforge.draft.sentence_pieces import FULL, Piece, SentenceReading, clauses
from kforge.draft.sentence_scale import scales
from kforge.draft.sentence_services import Mention
from kforge.draft.sentence_words import NUMBER, entries, form, meant, named, number, pattern

MAIN = ""
Bounds = tuple[int, int]  # fewest and most replicas, 0 where the sentence does not say
_COUNT_IN = re.compile(rf"({NUMBER}) (?:in|on|en|em|auf|im|su|op|na|w|в|на) (?:the |la |der |dem )?$")
_ABOVE = pattern(entries("above"))
_CLOSE = re.compile(r"[\s(:=–-]{0,4}")
_OF = re.compile(
    rf" ?(?:{form(entries('of'))}|{form(entries('serves'))}) ?(?:(?:the|each|la|le|les|el|los|il|o|os|die|das|der|dem|den) )?$"
)
_SURE = {name: pattern(words) for name, words in named("sure environments").items()}
_LIKELY = {name: pattern(words) for name, words in named("likely environments").items()}
_LISTED = re.compile(r"[\s,/&+-]{0,4}(?:and|und|et|y|e|i|en|ve|и|和|と|or|-)?[\s,/&+-]{0,4}")


@dataclass(frozen=True, slots=True)
class SaidEnvironment:
    """What a sentence says of an environment, by service."""

    scale: dict[str, Bounds] = field(default_factory=dict)
    hosts: dict[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Belongings:
    """Hosts with their paths and replicas by service, and environments, by name."""

    hosts: dict[str, tuple[str, str]] = field(default_factory=dict)
    scale: dict[str, Bounds] = field(default_factory=dict)
    environments: dict[str, SaidEnvironment] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """An environment at a place."""

    start: int
    end: int
    name: str


def belongings(
    reading: SentenceReading, parts: Sequence[Piece], found: Sequence[Mention], hosts: Sequence[SaidHost]
) -> Belongings:
    """What is said of the services."""
    held = Belongings()
    spoken = _environments(reading, parts)
    for one in spoken:
        reading.hear(one.start, one.end)
        held.environments.setdefault(one.name, SaidEnvironment())
    near = _Nearness(reading, found)
    for host in hosts:
        name = near.of(host.start, host.end, ("web",), host.host.partition(".")[0])
        for place in _places(near, spoken, host.start, host.end, held):
            place.hosts.setdefault(name, (host.host, host.path))
    before = -1
    for start, end, full in near.clauses():
        for scale in scales(reading.masked[start:end], start, before == full):
            before = full
            refused = next((each for each in reading.refused if each[0] <= scale.start < each[1]), None)
            if refused and not _ABOVE.search(reading.masked, *refused):
                continue
            reading.hear(scale.start, scale.end)
            kinds = ("worker",) if scale.workers else ("web", "worker")
            name = near.of(scale.start, scale.end, kinds)
            for place in _places(near, spoken, scale.start, scale.end, held):
                least, most = place.scale.get(name, (0, 0))
                few, many = (0, scale.most or scale.least) if refused else (scale.least, scale.most)
                place.scale[name] = (few or least, many or most)
    if held.scale or any(one.scale for one in held.environments.values()):
        _counted_there(near, spoken, held, reading)
    return held


def _counted_there(near: _Nearness, spoken: Sequence[_Spoken], held: Belongings, reading: SentenceReading) -> None:
    """`four replicas in production and one in staging`: a number before an environment, without the word."""
    names = [name for one in held.environments.values() for name in one.scale]
    for one in spoken:
        match = _COUNT_IN.search(near.text[max(0, one.start - 24) : one.start])
        if match and not held.environments[one.name].scale:
            held.environments[one.name].scale[names[-1] if names else MAIN] = (number(match[1]), 0)
            reading.hear(one.start - len(match[0]), one.start)


def _places(
    near: _Nearness, spoken: Sequence[_Spoken], start: int, end: int, held: Belongings
) -> Iterator[Belongings | SaidEnvironment]:
    """Where a value goes: the environments that are spoken of before it in its clause or right behind it, else the base."""
    first, _ = near.clause(start)
    behind = [
        one for one in spoken if end <= one.start < end + 14 and _OF_ENVIRONMENT.fullmatch(near.text[end : one.start])
    ]
    before = [
        one for one in spoken if one.end <= start and (first <= one.end or _CLOSE.fullmatch(near.text[one.end : first]))
    ]
    group = behind[:1]
    for one in reversed(before) if not group else ():
        if group and not _LISTED.fullmatch(near.text[one.end : group[-1].start]):
            break
        group.append(one)
    yield from (held.environments[one.name] for one in group)
    if not group:
        yield held


_OF_ENVIRONMENT = re.compile(
    r" ?(?:in|on|for|auf|fur|en|em|para|pour|su|op|na|w|в|на|для|の)? ?(?:the |la |der |dem )?"
)


def _environments(reading: SentenceReading, parts: Sequence[Piece]) -> list[_Spoken]:
    text = reading.masked
    inside = [(part.start, part.end) for part in parts]
    sure = [_Spoken(*match.span(), name) for name, one in _SURE.items() for match in one.finditer(text)]
    sure = [
        one
        for one in sure
        if not any(other is not one and other.start <= one.start and one.end < other.end for other in sure)
    ]
    likely = [_Spoken(*match.span(), name) for name, one in _LIKELY.items() for match in one.finditer(text)]
    likely = [one for one in likely if not any(other.start <= one.start and one.end <= other.end for other in sure)]
    words = [match.span() for match in meant("environments").finditer(text)]
    if not words and not sure:
        likely = [
            one
            for one in likely
            if any(_neighbours(text, one, other) for other in likely)
            or _IN.search(text[max(0, one.start - 8) : one.start])
        ]
    found = sorted([*sure, *likely], key=lambda one: one.start)
    for start, end in words if found else ():
        reading.hear(start, end)
    return [one for one in found if any(start <= one.start < end for start, end in inside)]


_IN = re.compile(r"(?<!\w)(?:in|en|em|im|auf|su|op|w|на|в) $")


def _neighbours(text: str, one: _Spoken, other: _Spoken) -> bool:
    first, second = sorted((one, other), key=lambda each: each.start)
    return first.name != second.name and bool(_LISTED.fullmatch(text[first.end : second.start]))


class _Nearness:
    """Which service a place of the sentence belongs to."""

    def __init__(self, reading: SentenceReading, found: Sequence[Mention]) -> None:
        self.text = reading.masked
        self._clauses = tuple(clauses(reading.masked))
        self._found = sorted(found, key=lambda one: one.start)

    def clauses(self) -> Iterator[tuple[int, int, int]]:
        """Where the clauses begin and end, and the numbers of their sentences."""
        for start, end in self._clauses:
            yield start, end, len(FULL.findall(self.text[:start]))

    def clause(self, place: int) -> tuple[int, int]:
        """The clause around a place."""
        return next((start, end) for start, end in self._clauses if start <= place <= end)

    def of(self, start: int, end: int, kinds: Sequence[str], label: str = "") -> str:
        """The service that stands nearest, MAIN where none does. `label` is a host's first word, which may be its name."""
        first, last = self.clause(start)
        fitting = [one for one in self._found if one.kind in kinds]
        own = [one for one in fitting if first <= one.start < max(last, first + 1)]
        behind = next((one for one in own if end <= one.start < end + 24), None)
        if behind and _OF.fullmatch(self.text[end : behind.start]):
            return behind.name
        close = [one for one in fitting if one.end <= start and _CLOSE.fullmatch(self.text[one.end : start])]
        before = close or [one for one in own if one.start < start or (one.start <= end and one.end >= start)]
        if before or own:
            return (before[-1:] or own[:1])[0].name
        if label and any(one.name == label for one in fitting):
            return label
        return MAIN if label else self._earlier(first, fitting)

    def _earlier(self, first: int, fitting: Sequence[Mention]) -> str:
        """The only service that serves in the nearest clause before, within the sentence; else the only one that works."""
        begin = max((match.end() for match in FULL.finditer(self.text[:first])), default=0)
        for start, end in reversed([each for each in self._clauses if begin <= each[0] < first]):
            names = {one.name for one in fitting if start <= one.start < end and one.kind == "web"}
            if names:
                return names.pop() if len(names) == 1 else MAIN
        workers = {one.name for one in fitting if one.kind == "worker"}
        return workers.pop() if len(workers) == 1 and all(one.kind == "worker" for one in fitting) else MAIN
