"""The values that stand in a wish: amounts, numbers, versions, routes and folders, options, names of packages.

A model says what each of them is for and writes none itself, so an invented value has no way into a decision.
"""

from __future__ import annotations

import re
from bisect import bisect, bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from typing import Any

from kforge.domain.system_packages import WORDS, known
from kforge.domain.wishes.amounts import Amount, amounts, numbers_in, ordinals_in
from kforge.domain.wishes.multiples import multiples
from kforge.llm.remarks import SENTENCE, counts_else, of_so_many, of_the_day, said_now

_PATH = re.compile(r"(?<![A-Za-z0-9_/.:-])/[A-Za-z0-9._~-]{1,40}(?:/[A-Za-z0-9._~-]{1,40}){0,6}")
_VERSION = re.compile(r"(?<![\w.])v?([0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?)(?![A-Za-z0-9_.]*[A-Za-z0-9_])")
_PART = re.compile(
    r"\b(?:(?P<half>half (?:of )?(?:the|them|its|our)|la moitié des|die hälfte der|hälfte der|la mitad de|metade d|metà dei|de helft van|połowa|половина|половину)|(?P<third>a third of)|(?P<quarter>a quarter of the))\b"
)
_SHARES = {"half": "50%", "third": "33%", "quarter": "25%"}
_SHARE = re.compile(r"(?<![\w.])([0-9]{1,3}) ?(?:%|percent\b|prozent\b|pour cent\b|por ciento\b)")
_OPTION = re.compile(r"(?:(?<=\s)|(?<=`)|^)--?[a-z][a-z0-9-]{0,40}(?:=[A-Za-z0-9._:/-]{1,60})?", re.MULTILINE)
_SECONDS = re.compile(r"(\w{3,40}seconds)[\"']?\s?[:=]\s?([0-9]{1,6})(?![\w.])")  # terminationGracePeriodSeconds: 240
_CPU = re.compile(
    r"\bcpus?[\"']?(?:\s?[:=]\s?|\s)[\"']?([0-9]{0,3}(?:\.[0-9]{1,3})?(?<=[0-9]))[\"']?(?![\w.]| ?%)"
)  # cpu: "2"
_NAME = re.compile(r"(?<![\w./-])[a-z0-9][a-z0-9+.-]{1,39}")
_DISTRIBUTION = re.compile(
    r"\b(?:alpine|debian(?: (?P<number>1[123])(?![\w.]))?|bookworm|trixie)(?!\w)|\b(?:from|be|image|on|use|plain|bare|empty):? (?:an? )?(?P<empty>scratch)(?! ?(?:space|disk|dir\w*|folder|volume|storage|area|file))\b"
)
_RELEASES = {"11": "bullseye", "12": "bookworm", "13": "trixie"}  # https://www.debian.org/releases/
_NEVER = re.compile(
    r"\b(?:never|no|nie|kein\w*|jamais|aucun\w*|nunca|ning[uú]n\w*|nessun\w*|nenhum\w*|geen|żad\w*|žádn\w*|ни од\w*|inga?|ingen)\b"
)
_ROOT = re.compile(r"\broot\b")
_ONCE = re.compile(
    r"(?<!\bat )\b(?:once(?! (?:it|its|the|they|that|this|a|all|done|we)\b)|first|einmal|une fois|una vez)\b"
)
# Where a part of a sentence ends that may speak of something else. A comma within a number is none.
_CLAUSE = re.compile(
    r"[;()—–、，；]|,(?!\d)|(?=\blimits?:)|(?=\brequests:)|\s(?:-|and|but|then|while|und|aber|dann|et|mais|puis|y|pero|e|ma|ale|en|maar|и|а|но|ve|och|men)\s"
)
# What may stand behind a number that has the unit of the one before: “96 MB are too little, give it 200.”
_BARE = re.compile(r"\s*(?:$|[.](?!\d)|[,;:!?)—–，。、；\n]|(?:-|and|und|et|y|e|i|и|please|pls|bitte|instead|for)\s)")
# What is named to say that it is not wanted.
_UNWANTED = re.compile(
    r"(?:\bno|\bkeine?n?|\bsans|\bsin|\bsenza|\bsem|\bgeen|\bwithout|\bnever|\binstead of|\brather than|\bnot(?: on| a| an| the)?|\bno longer|\bstatt|\banstelle von|\bau lieu d[e']|\ben (?:vez|lugar) de|\binvece d[i']|\bem vez de|\bin plaats van|\baway from|\boff) ?(?:the |a |an )?$"
)
_INSTEAD = re.compile(
    r"(?:\binstead of|\brather than|\bstatt|\banstelle von|\bau lieu d[e']|\ben (?:vez|lugar) de|\binvece d[i']|\bem vez de|\bin plaats van|\bzamiast|\bвместо|\bзамість|\bi ?stället för|\bmísto) ?(?:the |a |an |port |v)?$"
)
# “from 256Mi to 512Mi”, “von 5 auf 10 Sekunden”
_FROM = re.compile(r"\b(?:from|von|vom|d[eu]|desde|da|dal|van|z|ze|od|с|со|з|от|från) (?:port )?$")
_TO = re.compile(r" ?(?:\w{1,10} )?(?:to|auf|à|a|al|hasta|até|para|naar|na|do|до|till|på) (?:[0-9]|\w{2,12} )")
_DOUBLE = re.compile(
    r"\b(?:full second set|second (?:full|complete) set|double|twice as many|verdopp\w*|doppelt so viele|le double|el doble)\b"
)
# A number behind one of these is a part of a name, of `at once`, or the pronoun of `this one`.
_WITHIN = re.compile(r"[a-z_-]$|\b(?:at|this|(?<!make )that|another|which|newer?|older?|no|any|some) $")
_TAKES_PLACE = re.compile(
    r" (?:instead|stattdessen|à la place|en su lugar|no lugar|invece|in plaats daarvan|istället|zamiast tego)(?! (?:of|d[eiu']|do|da|van|för)\b)"
)
_OF_MANY = re.compile(r" of (?:the|our|its|these)\b")
_MAKE_IT = re.compile(r" (?:it|that|this|them|sure|the|its|a|an)\b")
_LAST_WORD = re.compile(r"[^\W\d]{2,12} $")
_SPELLED = re.compile(r"\b(?:node(?:\.?js)?|python|go|golang|java|jdk|ruby|php|major|version) $")
_MINUTES = re.compile(r"(?<![\w.,])([0-9]{1,2}) ?m(?![\w/])")  # millicores have three digits
# What is less is no memory and no time of a setting, but a size of messages or a speed.
_LEAST = {"size": Fraction(4 << 20), "time": Fraction(1, 10)}
_CORES = 50  # “request 200m, limit 1” means a core
_KEY = re.compile(r"[^A-Za-z0-9.-]+")  # what every provider takes for the name of a property


@dataclass(frozen=True, slots=True)
class Item:
    """A value of a wish, the kinds of settings that it may be for, and the name by which a question speaks of it."""

    key: str
    kinds: tuple[str, ...]
    value: Any  # bytes, cores, seconds or a number as a Fraction; a percentage, version, path, option or name as a text
    words: str  # as the wish has them
    scopes: tuple[str, ...] = ()  # what stands around it in lower case: part of a sentence, sentence, all wishes
    telling: bool = False  # whether it stands in a wish for a reason, with any words around it
    amount: tuple[str, Fraction] | None = None  # kind and value of a number that has the unit of the one before
    worded: bool = False  # whether it is a `no` or `never`, of which another number may be what is meant
    instead: bool = False  # whether it is said to take another one's place
    sentence: int = 0  # which of the wishes' sentences it stands in
    alone: bool = False  # whether no other value of the wishes is of its kind: then all of their words may be about it

    def of(self, kind: str) -> Any:
        """The value for a setting of this kind."""
        return self.amount[1] if self.amount and self.amount[0] == kind else self.value


def items(wishes: Sequence[str]) -> tuple[Item, ...]:
    """The values of the wishes in their order, each once."""
    whole = "\n".join(wishes)
    text = said_now(whole)
    found: dict[str, Item] = {}
    taken: list[tuple[int, int]] = []
    standing = []
    low = _lowered(text)
    multiplied = ((one.start, one.end, (one.kind,), one.value) for one in multiples(low, _lowered(whole)))
    for start, end, kinds, value in chain(multiplied, _all(text, low)):
        if not any(first < end and start < last for first, last in taken):
            taken.append((start, end))
            before = low[max(0, start - 24) : start]
            unwanted = _INSTEAD.search(before) or ("distribution" in kinds and _UNWANTED.search(before))
            if kinds and not (unwanted or (_FROM.search(before) and _TO.match(low, end))):
                standing.append((start, end, kinds, value))
    named = _packages(value for _, _, kinds, value in standing if "names" in kinds)
    measured = [one for one in amounts(low) if one.kind in ("size", "time", "cpu")]
    around = _Surroundings(low)
    for start, end, kinds, value in sorted(standing, key=lambda one: one[0]):
        words = text[start:end]
        plain = key = spoken_key(words)
        while key in found and found[key].value != value:
            key = f"{plain}_{len(found) + 1}"
        held, (clause, sentence) = found.get(key), around.of(start, end, "path" in kinds)
        if held is not None:
            clause, sentence = f"{held.scopes[0]}\n{clause}", f"{held.scopes[1]}\n{sentence}"
        amount = _elided(low, start, end, kinds, value, measured)
        fits = (*kinds, amount[0]) if amount else kinds
        found[key] = Item(
            key,
            fits,
            value,
            words,
            (clause, sentence, low),
            telling=value in named,
            amount=amount,
            worded=not value and bool(_NEVER.fullmatch(low, start, end)),
            instead=bool(_TAKES_PLACE.match(low, end)),
            sentence=around.number(start),
        )
    often = Counter(kind for one in found.values() for kind in one.kinds)
    return tuple(replace(one, alone=often[one.kinds[0]] == 1) for one in found.values())


class _Surroundings:
    """The sentences of a text, and the parts of each: looked for once, however many values stand in it."""

    def __init__(self, low: str) -> None:
        self._low = low
        self._sentences = [one.span() for one in SENTENCE.finditer(low)]
        self._held = [low[first:last] for first, last in self._sentences]
        self._ends = [
            [first, *(end for one in _CLAUSE.finditer(low, first, last) for end in one.span()), last]
            for first, last in self._sentences
        ]

    def number(self, start: int) -> int:
        """Which sentence a place is in, counted from 1."""
        return bisect(self._sentences, (start, len(self._low)))

    def of(self, start: int, end: int, apart: bool) -> tuple[str, str]:
        """The part of a sentence and the sentence that a value stands in; without the value where it is `apart`, since the
        words of a route are no words about it.
        """
        low, at = self._low, bisect(self._sentences, (start, len(self._low))) - 1
        if at < 0 or start >= self._sentences[at][1]:
            return low, low
        (first, last), ends = self._sentences[at], self._ends[at]
        begin = ends[bisect(ends, start) - 1]
        until = next((each for each in ends[bisect_left(ends, end) :]), end)
        last = max(last, end)
        if apart:
            return f"{low[begin:start]}…{low[end:until]}", f"{low[first:start]}…{low[end:last]}"
        return low[begin:until], self._held[at] if last == self._sentences[at][1] else low[first:last]


def _packages(named: Iterable[str]) -> frozenset[str]:
    """Names of packages, where one of them is no word of a sentence."""
    found = frozenset(named)
    return found if found - WORDS else frozenset()


def _elided(
    low: str, start: int, end: int, kinds: tuple[str, ...], value: Any, measured: Sequence[Amount]
) -> tuple[str, Fraction] | None:
    """Kind and value of a bare number with the unit of the amount before it."""
    at = bisect(measured, start, key=lambda one: one.end)
    if "count" not in kinds or not value or _ONCE.fullmatch(low[start:end]) or not at:
        return None
    near = measured[at - 1]
    if not (_BARE.match(low, end) or _alike(low, near.start, start)):
        return None
    return near.kind, value if near.kind == "cpu" and value < _CORES else value * near.unit


def _alike(low: str, one: int, other: int) -> bool:
    """Whether the same word stands before two places: “with 300 MiB it fails, with 400 it runs”."""
    words = [_LAST_WORD.search(low, max(0, at - 20), at) for at in (one, other)]
    return all(words) and len({found[0] for found in words if found}) == 1


def spoken_key(words: str) -> str:
    """Words as the name of a property that every provider takes."""
    return _KEY.sub("_", words).strip("_.-")[:40] or "value"


def _all(text: str, low: str) -> Iterator[tuple[int, int, tuple[str, ...], Any]]:
    """Everything that could be a value, the surest first: what overlaps an earlier one is a part of it."""
    yield from ((one.start(), one.end(), ("options",), one[0]) for one in _OPTION.finditer(text))
    yield from ((one.start(), one.end(), ("path", "folders"), one[0].rstrip(".")) for one in _PATH.finditer(text))
    for found in _DISTRIBUTION.finditer(low):
        yield (
            found.start(),
            found.end(),
            ("distribution",),
            found["empty"] or _RELEASES.get(found["number"] or "", found[0]),
        )
    yield from ((one.start(), one.end(), ("share",), "100%") for one in _DOUBLE.finditer(low))
    yield from ((one.start(2), one.end(2), ("time",), Fraction(one[2])) for one in _SECONDS.finditer(low))
    yield from ((one.start(1), one.end(1), ("cpu",), Fraction(one[1])) for one in _CPU.finditer(low))
    for found in _MINUTES.finditer(low):
        yield found.start(), found.end(), ("time",), Fraction(int(found[1]) * 60)
    for one in amounts(low):
        if one.kind in _LEAST and one.value < _LEAST[one.kind]:
            yield one.start, one.end, (), one.value
        elif one.kind == "cpu" and text[one.end - 1] == "M":  # megabytes, as Kubernetes and people write them
            yield one.start, one.end, ("size",), one.value * 1000 * (1 << 20)
        elif _of_else(low, one):
            yield one.start, one.end, (), one.value
        else:
            yield one.start, one.end, _amount_kinds(one.kind), one.value
    for named in _NAME.finditer(low):
        name = named[0].rstrip(".")
        if (name in known("debian") or name in known("alpine")) and not (
            name == "make" and _MAKE_IT.match(low, named.end())
        ):
            yield named.start(), named.start() + len(name), ("names",), name
    yield from ((one.start(), one.end(), ("share",), f"{one[1]}%") for one in _SHARE.finditer(low))
    yield from ((one.start(), one.end(), ("share",), _SHARES[str(one.lastgroup)]) for one in _PART.finditer(low))
    yield from ((one.start(), one.end(), ("version",), one[1]) for one in _VERSION.finditer(low))
    for start, end, value in numbers_in(low):
        if value.denominator == 1 and (_OF_MANY.match(low, end) or not _WITHIN.search(low[max(0, start - 10) : start])):
            of_else = counts_else(low, start, end, measured=False) or of_so_many(low, start)
            # ports and users are never said in words, versions behind the name of the language alone
            spelled = ("version",) if _SPELLED.search(low[max(0, start - 10) : start]) else ()
            more = ("version", "number") if low[start].isdigit() else spelled
            yield start, end, () if of_else else ("count", "share", *more), value
    yield from ((start, end, ("count",), value) for start, end, value in ordinals_in(low))
    yield from ((one.start(), one.end(), ("count", "share"), Fraction(1)) for one in _ONCE.finditer(low))
    yield from ((one.start(), one.end(), ("number",), Fraction(0)) for one in _ROOT.finditer(low))
    yield from ((one.start(), one.end(), ("count", "share"), Fraction(0)) for one in _NEVER.finditer(low))


def _lowered(text: str) -> str:
    """A text in lower case, with places as they were."""
    return "".join(each.lower() if len(each.lower()) == 1 else each for each in text)


def _of_else(low: str, one: Amount) -> bool:
    """Whether an amount is of something that no setting is about."""
    if one.kind == "time":
        return of_the_day(low, one.start, one.end)
    if one.kind == "replicas":
        return of_so_many(low, one.start)
    return one.kind in ("size", "cpu") and counts_else(low, one.start, one.end, measured=True)


def _amount_kinds(kind: str) -> tuple[str, ...]:
    return ("count", "share") if kind in ("replicas", "times") else (kind,)
