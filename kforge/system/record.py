"""Comment lines of kforge.sum ↔ Record: what answers and files were made of, by service, for the machine to compare.

    # service web python 1 5f0c6e1f3c1b9f0d    the detector of its source; the digest of its block in kforge.lock
    # read web builder=bde1489624c3f4f8 spec.image …    every input of it, with the digest of its value where it has one
    # answer web/build 1 builder spec.source …    the revision of the question, and which of them it read
    # files web facts.language …    which of them its artifacts read
    # app environments=4f53cda18c2baa0c …    what the app's own artifacts read

A name whose digest differs from the one under `read` has its own behind it: an answer that was kept though it is stale.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from kforge.domain.digest import ABSENT
from kforge.domain.lock import Lock, Record, ServiceLock, ServiceRecord
from kforge.system.conflicts import damaged

_SORTS = ("service", "read", "answer", "files", "app")
_REVISION = re.compile(r"[1-9][0-9]{0,8}")
_NONE = "-"  # instead of a detector, where none claimed the source
_NAMELESS = "%"  # an input without a name: only a forged lock has one, and it must read back
_ODD = re.compile(r"[^A-Za-z0-9._/:,+@~-]")  # what would end a name, or a line
_ESCAPED = re.compile(r"(?:%[0-9A-F]{2})+")


def lines(lock: Lock, texts: Mapping[str, str]) -> Iterator[str]:
    """What kforge.sum says of a lock, in order. `texts` has the digest of every service's block in kforge.lock."""
    yield from ("## app", f"# app{_words(lock.inputs, {})}", "#")
    for name, held in sorted(lock.services.items()):
        known = _merged(held)
        detector = f"{held.detector} {held.detector_revision}" if held.detector else f"{_NONE} 1"
        yield from (f"## service {name}", f"# service {name} {detector} {texts[name]}")
        yield f"# read {name}{_words(known, {})}"
        for topic, decision in sorted(held.decisions.items()):
            yield f"# answer {name}/{topic} {decision.revision}{_words(decision.inputs, known)}"
        yield from (f"# files {name}{_words(held.inputs, known)}", "#")


def _merged(held: ServiceLock) -> dict[str, str]:
    """Every input with its digest: today's where files read it, else the first topic's."""
    found: dict[str, str] = {}
    for _, decision in sorted(held.decisions.items(), reverse=True):
        found.update(decision.inputs)
    return {**found, **held.inputs}


def _words(digests: Mapping[str, str], known: Mapping[str, str]) -> str:
    return "".join(
        f" {_word(name) or _NAMELESS}" + ("" if (known.get(name) or ABSENT) == digest else f"={digest}")
        for name, digest in sorted(digests.items())
    )


@lru_cache(maxsize=8192)
def _word(name: str) -> str:
    return _ODD.sub(_escape, name)


def parse(notes: Iterable[str], text: str, file: str) -> Record:
    """The record in comment lines; lines of other sorts are none of it. Raises InputError for damage."""
    services: dict[str, dict[str, str]] = {}
    for note in notes:
        if note[:2] != "# ":
            continue
        sort, _, rest = note[2:].partition(" ")
        if sort not in _SORTS:
            continue
        name, _, words = ("", "", rest) if sort == "app" else rest.partition(" ")
        service, _, topic = name.partition("/")
        held = services.setdefault(service, {})
        key = f"{sort}/{topic}" if topic else sort
        if key in held or (not service) != (sort == "app") or (not topic) != (sort != "answer"):
            number = text.split("\n").index(note) + 1
            raise damaged(text, file, number, "this line is there twice, or has nothing that was read")
        held[key] = words
    app = services.pop("", {}).get("app", "")
    try:
        return Record(services={name: _service(held) for name, held in services.items()}, inputs=inputs(app, {}))
    except ValueError as error:
        raise damaged(text, file, 0, str(error)) from None


def inputs(words: str, known: Mapping[str, str]) -> dict[str, str]:
    """Names with digests; where a word has none, it is the known one, or that of an absent value."""
    found = {}
    for word in words.split(" ") if words else ():
        name, _, digest = word.partition("=")
        if "%" in name:
            name = name_of(name)
        found[name] = digest or known.get(name, ABSENT)
    return found


def name_of(word: str) -> str:
    """The name that a word without a digest stands for."""
    return "" if word == _NAMELESS else _ESCAPED.sub(_unescape, word)


def has_value(name: str, words: str) -> bool:
    """Whether a name has a digest among words, and its value therefore was not absent."""
    return f" {_word(name)}=" in f" {words}"


def _service(held: Mapping[str, str]) -> ServiceRecord:
    detector, _, rest = held.get("service", f"{_NONE} 1 ").partition(" ")
    revision, _, digest = rest.partition(" ")
    answers = {key[7:]: _answer(words) for key, words in held.items() if key[:7] == "answer/"}
    files = held.get("files", "")
    return ServiceRecord(
        detector="" if detector == _NONE else detector,
        detector_revision=0 if detector == _NONE else _number(revision),
        text=digest,
        read=held.get("read", ""),
        answers=answers,
        files=files,
        apart="=" in files or any("=" in words for _, words in answers.values()),
    )


def _answer(words: str) -> tuple[int, str]:
    revision, _, names = words.partition(" ")
    return _number(revision), names


def _number(word: str) -> int:
    if not _REVISION.fullmatch(word):
        raise ValueError(f"`{word[:40]}` is not a revision: they count from 1")
    return int(word)


def _escape(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode(errors="surrogateescape"))


def _unescape(match: re.Match[str]) -> str:
    return bytes.fromhex(match[0].replace("%", "")).decode(errors="surrogateescape")
