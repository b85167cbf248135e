"""A sentence → what it asks for: services with their times and ports, stores, who calls whom, hosts, replicas,
environments, and what of it was not understood. No facts, no model.

It reads words, not grammar: a piece of the sentence (`draft/sentence_pieces.py`) has at most one service, and what belongs
to one is looked for near it. Of a repository it knows the names of its services, so that it knows which is meant.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from kforge import catalog
from kforge.domain import known_images
from kforge.domain.draft import ServiceKind, name_of
from kforge.domain.language import listed
from kforge.draft import sentence_hosts
from kforge.draft.filling_words import filling
from kforge.draft.sentence_calls import links
from kforge.draft.sentence_pieces import Piece, SentenceReading, clauses, pieces
from kforge.draft.sentence_services import FILES, NamedService, mentions, words_of
from kforge.draft.sentence_values import Belongings, belongings
from kforge.draft.sentence_words import meant, pattern, plain
from kforge.draft.stores import USUAL, said_in, that_are
from kforge.draft.times import when
from kforge.draft.unheard import open_parts, unheard

UNSAID = "no kind of program"
_TAKEN = "the sentence does not say what kind of program it is: a server is drafted"


@dataclass(slots=True)
class Said:
    """What a sentence asks for. `remarks` is what was left out or taken for granted, `unheard` words without effect."""

    services: list[NamedService] = field(default_factory=list)
    stores: dict[str, str] = field(default_factory=dict)  # key → the word that says so
    remarks: list[str] = field(default_factory=list)
    declined: set[str] = field(default_factory=set)  # stores that run elsewhere, or that it will not have
    links: dict[str, list[str]] = field(default_factory=dict)  # service → services and keys of stores
    belongings: Belongings = field(default_factory=Belongings)
    unheard: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)  # of the sentence, and those of them that words do not understand
    open: list[str] = field(default_factory=list)


def said(sentence: str, known: Mapping[str, ServiceKind] | None = None) -> Said:
    """What the words of a sentence ask for, in order. `known`: the services that a repository shows, with their kinds."""
    reading = SentenceReading(plain(sentence))
    hosts = [
        one for start, end in clauses(reading.text) for one in sentence_hosts.hosts(reading.text[start:end], start)
    ]
    for host in hosts:
        reading.mask(host.start, host.end)
    for file in FILES.finditer(reading.masked):  # `worker.py` is called `worker`, Next.js is no file
        if not any(meant(meaning).fullmatch(file[0]) for meaning in ("web", "servers", "own languages")):
            reading.mask(file.end("name"), file.end())
    parts = pieces(reading)
    found = Said()
    met = mentions(reading, parts, known or {}, found.remarks)
    wanted = " , ".join(piece.text for piece in parts)
    places = _stores(reading, parts, wanted, found)
    found.belongings = belongings(reading, parts, met, hosts)
    found.links = links(reading, parts, met, places)
    services = [one.service for one in met]
    if not known and not services and (found.belongings.scale or (hosts and found.stores)):
        services = [NamedService("web", "web", UNSAID)]
        found.remarks.append(_TAKEN)
    if any(match[0].startswith("apis") for match in re.finditer(r"(?<!\w)apis for \w", reading.masked)):
        services = [one for one in services if one.name != "api"]  # `APIs for users and billing`: it names them
    found.services = list(_once(services))
    _remark(wanted, reading, found)
    found.unheard = unheard(reading, sentence)
    found.pieces = [piece.text for piece in parts]
    found.open = open_parts(reading, parts, [*((one.start, one.end) for one in met), *(place[:2] for place in places)])
    return found


def with_parts(asked: Said, kinds: Mapping[str, ServiceKind | None]) -> Said:
    """What a sentence asks for, and further services that a model sees in parts of it. What serves people is the whole
    application where another service does already.
    """
    programs = {part: kind for part, kind in kinds.items() if kind not in (None, "store")}
    services = [one for one in asked.services if not (programs and one.sign == UNSAID)]
    serves = any(one.kind == "web" for one in services)
    for part, kind in programs.items():
        if kind == "web" and serves:
            continue
        services.append(_of_part(part, kind or "web", {one.name for one in services}))
    stores = {
        key: word for part, kind in kinds.items() if kind == "store" for key, word in said_in(words_of(part)).items()
    }
    vague = [part for part, kind in kinds.items() if kind == "store" and not said_in(words_of(part))]
    return replace(
        asked,
        services=services,
        stores={**asked.stores, **{key: word for key, word in stores.items() if key not in asked.declined}},
        remarks=[
            *(each for each in asked.remarks if not (programs and each == _TAKEN)),
            *(f"the sentence does not say where `{part}` is kept: name a database" for part in vague),
        ],
        unheard=[each for each in asked.unheard if not any(plain(each) in part for part in programs)],
    )


def _of_part(part: str, kind: ServiceKind, taken: Collection[str]) -> NamedService:
    """A service by its usual name, by the first words of the part where that is taken."""
    time = when(part) if kind == "cron" else None
    usual = {"web": "web", "worker": "worker", "job": "job", "cron": time.name if time else "nightly"}[kind]
    own = [word for word in re.findall(r"[a-z][a-z0-9]+", part) if not filling(word)]
    name = name_of(" ".join(own[:2]), usual) if usual in taken else usual
    guess = "; the time is a guess" if kind == "cron" and (time is None or time.guessed) else ""
    schedule = (time.schedule if time else "0 3 * * *") if kind == "cron" else ""
    return NamedService(name, kind, f"`{part[:60]}`, as the model reads it{guess}", schedule, words=words_of(part))


def _once(services: Sequence[NamedService]) -> Iterator[NamedService]:
    """What is said twice is one service, with the words of both; of two kinds, the one that is said."""
    held: dict[tuple[str, str], list[NamedService]] = {}
    timed = {one.name for one in services if one.schedule and one.known}
    for one in services:
        if not (one.known and not one.schedule and one.name in timed):
            held.setdefault((one.name, one.schedule), []).append(one)
    for same in sorted(held.values(), key=lambda each: services.index(each[-1])):
        first = next((one for one in same if one.said), same[0])
        port = next((one.port for one in same if one.port), 0)
        yield replace(first, words=frozenset().union(*(one.words for one in same)), port=port)


def _stores(reading: SentenceReading, parts: Sequence[Piece], wanted: str, found: Said) -> list[tuple[int, int, str]]:
    """Where stores are spoken of. What runs elsewhere or is refused is declined."""
    texts = [piece.text for piece in parts]
    elsewhere = [text for text in texts if meant("external").search(text)]
    refused = [reading.text[start:end] for start, end in reading.refused]
    found.declined = {key for text in (*elsewhere, *refused) for key in said_in(words_of(text))}
    words = words_of(wanted) | ({"cache"} if meant("caches").search(wanted) else set())
    found.stores = {key: word for key, word in said_in(words).items() if key not in found.declined}
    database, databases = meant("databases").search(wanted), that_are("database")
    others = meant("other products").search(wanted)
    general = bool(database and not others and not (found.stores.keys() | found.declined) & databases.keys())
    if database and general and not any(meant("databases").search(text) for text in elsewhere):
        found.stores[USUAL["database"]] = database[0]
        found.remarks.append(f"the sentence does not say which database: {databases[USUAL['database']]} is drafted")
    places = []
    for key in [*found.stores]:
        own = [*known_images.stores()[key].words]
        kinds = [meant(meaning) for role, meaning in _ROLES.items() if role in known_images.stores()[key].roles]
        for one in (pattern(own), *kinds):
            for match in one.finditer(reading.masked):
                reading.hear(*match.span())
                if not any(start <= match.start() < end for start, end in reading.refused):
                    places.append((*match.span(), key))
    for key in found.declined:
        for match in pattern(known_images.stores()[key].words).finditer(reading.masked):
            reading.hear(*match.span())
    return sorted(places)


_ROLES = {"database": "databases", "cache": "caches", "queue": "queues"}


def _remark(text: str, reading: SentenceReading, found: Said) -> None:
    others = _listed("other products", text) - {"sqlite"}
    languages = _listed("other languages", text)
    if others:
        found.remarks.append(
            f"nothing is drafted for {_quoted(others)}: give the address under `env`, or add a service with an `image`"
        )
    if "sqlite" in words_of(text):
        found.remarks.append("SQLite keeps its file where the service runs: add a volume under `volumes`")
    queues = that_are("queue")
    if meant("queues").search(text) and not others and not found.stores.keys() & queues.keys():
        names = ", ".join(sorted(queues.values()))
        found.remarks.append(f"the sentence does not say which queue, and none is drafted: kforge knows {names}")
    if languages:
        found.remarks.append(_of_languages(languages))
    for one in (meant("other products"), meant("queues"), meant("other languages")):
        for match in one.finditer(reading.masked):
            reading.hear(*match.span())
    for start, end in reading.refused:
        if not any(one.search(reading.masked, start, end) for one in _refusable()):
            continue
        reading.hear(start, end)
        found.remarks.append(f"left out, as the sentence says: `{reading.text[start:end].strip()}`")
    for key in sorted(found.declined):
        if not any(
            word in reading.text[start:end]
            for start, end in reading.refused
            for word in known_images.stores()[key].words
        ):
            found.remarks.append(
                f"{known_images.table()[key].program} runs elsewhere, as the sentence says, and is not drafted: give its address under `env` or `secrets`"
            )
    for service in found.services:
        if 0 < service.port < 1024:
            found.remarks.append(
                f"port {service.port} of `{service.name}` is left out: pods here run without root, so let it listen above 1023"
            )
    found.services = [replace(one, port=one.port if one.port >= 1024 else 0) for one in found.services]


def _of_languages(named: Collection[str]) -> str:
    """What becomes of sources in languages that no detector reads."""
    own = {recipe.name for each in catalog.languages() for recipe in each.recipes if recipe.proposed}
    read = sorted(each.title for each in catalog.languages() if not own & {recipe.name for recipe in each.recipes})
    return (
        f"sources in {listed(read, 'and')} are built without a Dockerfile; for {_quoted(named)}, put one beside the source, "
        "name an `image`, or approve the build that `kforge build` proposes where a manifest shows one"
    )


@cache
def _refusable() -> tuple[re.Pattern[str], ...]:
    """Words of what a sentence may refuse."""
    meanings = (
        "web",
        "api",
        "admin",
        "servers",
        "workers",
        "migrate",
        "cron",
        "tasks",
        "databases",
        "queues",
        "caches",
        "other products",
        "public",
        "replicas",
        "never drafted",
    )
    return (
        pattern(word for store in known_images.stores().values() for word in store.words),
        *(meant(one) for one in meanings),
    )


def _listed(meaning: str, text: str) -> set[str]:
    return {match[0] for match in meant(meaning).finditer(text)}


def _quoted(words: Collection[str]) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words))
