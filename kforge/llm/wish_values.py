"""The values that stand in a wish: amounts, numbers, versions, routes and folders, options, names of packages.

A model says what each of them is for and writes none itself, so an invented value has no way into a decision.
"""

from __future__ import annotations

import re
from bisect import bisect, bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kforge.domain.system_packages import WORDS, known
from kforge.domain.wishes.amounts import Amount, amounts, numbers_in

_PATH = re.compile(r"(?<![\w/.:-])/[A-Za-z0-9._~-]{1,40}(?:/[A-Za-z0-9._~-]{1,40}){0,6}")
_VERSION = re.compile(r"(?<![\w.])v?([0-9]{1,2}\.[0-9]{1,2}(?:\.[0-9]{1,2})?)(?![\w.]*\w)")
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
_DISTRIBUTION = re.compile(r"\b(?:alpine|debian(?: (?P<number>1[123])(?![\w.]))?|bookworm|trixie)(?!\w)")
_RELEASES = {"11": "bullseye", "12": "bookworm", "13": "trixie"}  # https://www.debian.org/releases/
_NEVER = re.compile(
    r"\b(?:never|no|nie|kein\w*|jamais|aucun\w*|nunca|ning[uú]n\w*|nessun\w*|nenhum\w*|geen|żad\w*|žádn\w*|ни од\w*|inga?|ingen|root)\b"
)
_ONCE = re.compile(
    r"(?<!\bat )\b(?:once(?! (?:it|its|the|they|that|this|a|all|done|we)\b)|first|einmal|une fois|una vez)\b"
)
# A sentence about what may be one day, about what shall stay, or about another time, machine or program asks for nothing,
# unless it asks for something: a small model takes every value for one that is wanted.
_LATER = re.compile(
    r"\b(?:next (?:year|month|quarter)|some ?day|(?<!for )(?<!after )(?<!within )(?<!than )one day|in (?:the )?future|maybe|perhaps|eventually|may need|might need|could need|nächste[ns]? (?:jahr|monat)|vielleicht|später einmal|peut-être|l'an prochain|plus tard|quizás|tal vez|forse|talvez|misschien|może kiedyś|возможно|možná|belki|kanske)\b|以后再|いつか|나중에",
    re.IGNORECASE,
)
_ELSEWHERE = re.compile(
    r"\b(?:old|previous|former|last) (?:server|machine|version|release|system|vendor|host|setup|cluster|year|month|summer)\b"
    r"|\balte[rnms]? (?:server|version|maschine|system)|\b(?:letztes jahr|früher|damals)\b|\bl'an(?:née)? derni|ancien(?:ne)? (?:serveur|version)|\baño pasado|\bano passado|anno scorso|zeszłym roku|в прошлом|стар\w{2} (?:сервер|верси)|去年|昨年|작년|geçen yıl|eski sürüm|förra året"
    r"|\bused to (?:have|need|take|be)\b|\bnext door\b|\bneighbou?ring\b|\bcompetitor|\bbredvid\b|\bnebenan\b|\blaptop|\bworkstation\b|\bmacbook"
    r"|\b(?:test|testing|staging) (?:environment|machine|cluster)|\bload test (?:machine|had|ran|was)|testumgebung|lasttest|environnement de test|entorno de prueba|测试环境|負荷試験|тестов\w{2,4} (?:сред|стенд)"
    r"|^\W*(?:fyi,?:? )?(?:(?:the|our|that|il|la|le|el|die|der|das|de|het|o|a) )?(?:redis|postgres\w*|mysql|mariadb|mongo\w*|kafka|rabbitmq|elastic\w*|database|datenbank|base de datos|datab[aá]\w+|(?:api )?clients?|kunden|клиент\w*|browsers?)\b(?! (?:needs?|must|should) (?:to be )?(?:in|inst))"
    r"|\b(?:don['’]t|do not) (?:change|touch) (?:it|any|the s)|\bleave (?:it|that|this|everything) (?:alone(?! for)|as)|\bas (?:it is|ever|usual)\b|\busual (?:amount|value)|\bnothing (?:to do|changes)|\bforget (?:the|about)|\bno longer (?:needed|used|wanted)|\b(?:is|are) not needed|nicht mehr (?:ge)?braucht|bleibt? (?:alles )?(?:so|wie)|plus besoin|touche à rien|\bya no (?:hace|se)|保持现状|不用改|今のまま|바꾸지|ještě ne|не меня(?:й|ть|ем)",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:give|set|raise|bump|make|allow|let|throttle|cap|put|keep|use|reserve|please|pls|should|must|has to|have to|bitte|gebt|gib (?=ihm|ihr|dem|der)|soll\w*|muss|donne[zr]?|mett\w+|doit|faut|dale|ponle|pon|debe|precisa|dê|deve|date|geef|moet|zet|daj\w*|musi|дай\w*|нуж\w+|должн\w+|ge\b|sätt|måste|dej\w*|musí)\b|请|設定し|にして|ください|주세요|해 ?줘|lütfen|olsun",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?:[^.!?。！？\n]|[.](?=\S)){1,2000}")
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
_DOUBLE = re.compile(
    r"\b(?:full second set|second (?:full|complete) set|double|twice as many|verdopp\w*|doppelt so viele|le double|el doble)\b"
)
_WITHIN = re.compile(r"[a-z_-]$|\bat $")  # a number behind one of these is a part of a name, or of `at once`
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

    def of(self, kind: str) -> Any:
        """The value for a setting of this kind."""
        return self.amount[1] if self.amount and self.amount[0] == kind else self.value


def items(wishes: Sequence[str]) -> tuple[Item, ...]:
    """The values of the wishes in their order, each once."""
    text = _SENTENCE.sub(_today, "\n".join(wishes))
    found: dict[str, Item] = {}
    taken: list[tuple[int, int]] = []
    standing = []
    low = "".join(each.lower() if len(each.lower()) == 1 else each for each in text)  # places stay the same
    for start, end, kinds, value in _all(text, low):
        if not any(first < end and start < last for first, last in taken):
            taken.append((start, end))
            if not ("distribution" in kinds and _UNWANTED.search(low[max(0, start - 20) : start])):
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
        found[key] = Item(key, fits, value, words, (clause, sentence, low), value in named, amount)
    return tuple(found.values())


class _Surroundings:
    """The sentences of a text, and the parts of each: looked for once, however many values stand in it."""

    def __init__(self, low: str) -> None:
        self._low = low
        self._sentences = [one.span() for one in _SENTENCE.finditer(low)]
        self._held = [low[first:last] for first, last in self._sentences]
        self._ends = [
            [first, *(end for one in _CLAUSE.finditer(low, first, last) for end in one.span()), last]
            for first, last in self._sentences
        ]

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
    if "count" not in kinds or not value or _ONCE.fullmatch(low[start:end]) or not _BARE.match(low, end):
        return None
    at = bisect(measured, start, key=lambda one: one.end)
    if not at:
        return None
    near = measured[at - 1]
    return near.kind, value if near.kind == "cpu" and value < _CORES else value * near.unit


def _today(sentence: re.Match[str]) -> str:
    """A sentence that may ask for something today as it is, blanks in the place of another."""
    said = sentence[0]
    elsewhere = _LATER.search(said) or (_ELSEWHERE.search(said) and not _ASKED.search(said))
    return " " * len(said) if elsewhere else said


def spoken_key(words: str) -> str:
    """Words as the name of a property that every provider takes."""
    return _KEY.sub("_", words).strip("_.-")[:40] or "value"


def _all(text: str, low: str) -> Iterator[tuple[int, int, tuple[str, ...], Any]]:
    """Everything that could be a value, the surest first: what overlaps an earlier one is a part of it."""
    yield from ((one.start(), one.end(), ("options",), one[0]) for one in _OPTION.finditer(text))
    yield from ((one.start(), one.end(), ("path", "folders"), one[0].rstrip(".")) for one in _PATH.finditer(text))
    for found in _DISTRIBUTION.finditer(low):
        yield found.start(), found.end(), ("distribution",), _RELEASES.get(found["number"] or "", found[0])
    yield from ((one.start(), one.end(), ("share",), "100%") for one in _DOUBLE.finditer(low))
    yield from ((one.start(2), one.end(2), ("time",), Fraction(one[2])) for one in _SECONDS.finditer(low))
    yield from ((one.start(1), one.end(1), ("cpu",), Fraction(one[1])) for one in _CPU.finditer(low))
    for one in amounts(low):
        if one.kind == "cpu" and text[one.end - 1] == "M":  # megabytes, as Kubernetes and people write them
            yield one.start, one.end, ("size",), one.value * 1000 * (1 << 20)
        else:
            yield one.start, one.end, _amount_kinds(one.kind), one.value
    for named in _NAME.finditer(low):
        name = named[0].rstrip(".")
        if name in known("debian") or name in known("alpine"):
            yield named.start(), named.start() + len(name), ("names",), name
    yield from ((one.start(), one.end(), ("share",), f"{one[1]}%") for one in _SHARE.finditer(low))
    yield from ((one.start(), one.end(), ("share",), _SHARES[str(one.lastgroup)]) for one in _PART.finditer(low))
    yield from ((one.start(), one.end(), ("version",), one[1]) for one in _VERSION.finditer(low))
    for start, end, value in numbers_in(low):
        if value.denominator == 1 and not _WITHIN.search(low[max(0, start - 3) : start]):
            kinds = ("count", "share", "version") if low[start].isdigit() else ("count", "share")
            yield start, end, kinds, value
    yield from ((one.start(), one.end(), ("count", "share"), Fraction(1)) for one in _ONCE.finditer(low))
    yield from ((one.start(), one.end(), ("count", "share"), Fraction(0)) for one in _NEVER.finditer(low))


def _amount_kinds(kind: str) -> tuple[str, ...]:
    return ("count", "share") if kind in ("replicas", "times") else (kind,)
