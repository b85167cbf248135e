"""Pieces of a plain sentence → the services that it speaks of, each at its place. Unaware of stores and of what a repository
shows, but for the names of its services.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from kforge import catalog
from kforge.domain import known_images
from kforge.domain.draft import ServiceKind, name_of
from kforge.draft.filling_words import filling
from kforge.draft.sentence_pieces import Piece, SentenceReading
from kforge.draft.sentence_words import entries, form, meant, named, pattern
from kforge.draft.stores import main_ports
from kforge.draft.times import repeats, spans, when

_PORT = re.compile(
    r"\b(?:ports?|puerto|porta|porto|poort|порту?|listen\w{0,3} on|端口|ポート)(?: port)? ?:?(\d{2,5})\b|(?:\b(?:on|auf) |(?<=[ (]):)(\d{4,5})\b"
)
_VISITS = re.compile(r"\bweb[ -]?(?:scrap|crawl)\w{0,8}")  # sends requests and serves none
FILES = re.compile(rf"(?P<name>(?<![\w.])[\w-]{{1,40}})\.(?:{'|'.join(entries('file endings'))})\b")
_NAME = r"[a-z][a-z0-9-]{0,39}"
_LIST = re.compile(
    rf"(?:{form(entries('services'))}(?: called | named | namens |: | \()|(?<!\w)apis for )({_NAME}(?:(?:, and |, | and | und | et | y | e | (?:{form(entries('calls'))}) ){_NAME}){{0,15}})"
)
_OWN_NAME = re.compile(r"(?<![\w-])([a-z][a-z0-9]{1,20})([- ])(?:service|dienst)(?![\w-])")
_TASKS = {name: pattern(words) for name, words in named("names of tasks").items()}


@dataclass(frozen=True, slots=True)
class NamedService:
    """A service that the sentence asks for. `sign` is the word that says so."""

    name: str
    kind: ServiceKind
    sign: str
    schedule: str = ""
    port: int = 0
    words: frozenset[str] = frozenset()  # of the piece that says so, where it may name what runs
    known: bool = False  # the repository has a service of this name
    said: bool = True  # the sentence says of which kind it is


@dataclass(frozen=True, slots=True)
class Mention:
    """A service at a place of the sentence."""

    start: int
    end: int
    piece: Piece
    service: NamedService

    @property
    def name(self) -> str:
        return self.service.name

    @property
    def kind(self) -> ServiceKind:
        return self.service.kind


@dataclass(frozen=True, slots=True)
class _Names:
    """Patterns of the names that a repository has and of those that the sentence gives; whether it has better words than
    `app`, and a framework of browsers without an API beside.
    """

    known: re.Pattern[str]
    kinds: Mapping[str, ServiceKind]  # of those
    called: dict[str, str]  # as it is written → the name
    listed: re.Pattern[str]
    best: bool
    beside: bool


def mentions(
    reading: SentenceReading, parts: Sequence[Piece], known: Mapping[str, ServiceKind], remarks: list[str]
) -> list[Mention]:
    """Every service, in order of the sentence; what seems one and is none goes to `remarks`."""
    names = _names(reading.masked, parts, known)
    found: list[Mention] = []
    for number, piece in enumerate(parts):
        after = parts[number + 1] if number + 1 < len(parts) else None
        own = [*_by_name(piece, names)]
        served = own or [*_serving(piece, names, after is not None and after.joined == "calls")]
        found += served
        found += _timed(piece, after, [one for one in own if one.service.known], remarks)
        port = port_of(piece.text)
        for match in _PORT.finditer(piece.text):
            reading.hear(piece.start + match.start(), piece.start + match.end())
        if port and not served and found:  # `…, listening on port 5000`
            last = found[-1]
            found[-1] = replace(last, service=replace(last.service, port=last.service.port or port))
    for one in found:
        reading.hear(one.start, one.end)
    return _apart(reading.text, found)


def lists(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Where the sentence lists names of services, and the names."""
    for match in _LIST.finditer(text):
        names = tuple(word for word in re.findall(_NAME, match[1]) if not _is_word(word))
        yield match.start(), match.end(), names


def words_of(text: str) -> frozenset[str]:
    """The words of a piece, files without their endings."""
    rest = FILES.sub(r"\g<name>", text).replace("-", " ")
    return frozenset(re.findall(r"[a-z0-9][a-z0-9.+#]*[a-z0-9+#]|\.net|[^\W\d_]+", rest))


def port_of(text: str) -> int:
    """The port that a piece says, 0 for none; ports of stores are no other service's."""
    match = _PORT.search(text)
    port = int(match[1] or match[2]) if match else 0
    return port if port <= 65535 and port not in main_ports() else 0


def _names(text: str, parts: Sequence[Piece], known: Mapping[str, ServiceKind]) -> _Names:
    called = {name: name for _, _, names in lists(text) for name in names}
    if not known:
        for match in _OWN_NAME.finditer(text):
            if not _is_word(match[1]):
                called[match[0]] = called[match[1]] = name_of(match[0] if match[2] == "-" else match[1])
    every = " , ".join(piece.text for piece in parts)
    api = bool(meant("api").search(every))
    return _Names(
        _known(known),
        known,
        called,
        pattern(called),
        api or bool(meant("web").search(every)),
        bool(meant("pages").search(every)) and not api,
    )


def _known(names: Iterable[str]) -> re.Pattern[str]:
    """Names of services as people write them: `load-gen`, `load gen`, `workers`."""
    held = sorted(names, key=lambda name: (-len(name), name))
    forms = "|".join(re.escape(name).replace(r"\-", "[-_ ]?") for name in held)
    return re.compile(rf"(?<![\w.-])(?P<name>{forms})s?(?!\w|-\w|\.\w)") if held else pattern(())


def _is_word(word: str) -> bool:
    """Whether a word says something else already and so names no service."""
    stores = {one for store in known_images.stores().values() for one in store.words}
    meanings = (
        "web",
        "api",
        "servers",
        "strong servers",
        "workers",
        "migrate",
        "other products",
        "other languages",
        "own languages",
        "calls",
        "databases",
        "queues",
        "caches",
        "services",
    )
    return (
        filling(word)
        or word in stores
        or any(meant(meaning).fullmatch(word) for meaning in meanings)
        or when(word) is not None
    )


def _by_name(piece: Piece, names: _Names) -> Iterator[Mention]:
    words, port = words_of(piece.text), port_of(piece.text)
    matches = [*names.known.finditer(piece.text)]
    rest = names.known.sub(" ", piece.text)
    for match in matches:
        name = next(name for name in names.kinds if _joined(name) == _joined(match["name"]))
        kind, sign = _kind_said(rest) if names.kinds[name] != "web" else (None, "")
        one = NamedService(name, kind or names.kinds[name], sign or match[0], "", port, words, True, bool(kind))
        yield _mention(piece, match, one)
    for match in () if matches else names.listed.finditer(piece.text):
        name = names.called.get(match[0], name_of(match[0]))
        yield _mention(piece, match, NamedService(name, "web", match[0], port=port))


def _joined(name: str) -> str:
    return re.sub(r"[-_ ]", "", name)


def _kind_said(text: str) -> tuple[ServiceKind | None, str]:
    """What a piece says that a service is, and by which words; None where it says nothing."""
    for kind, one in (("job", meant("singly")), ("worker", meant("lasting")), ("worker", _workers())):
        if match := one.search(text):
            return ("job" if kind == "job" else "worker"), match[0]
    return None, ""


def _serving(piece: Piece, names: _Names, calls: bool) -> Iterator[Mention]:
    """A service that listens, by the best word of the piece. `calls`: it is said to call another."""
    text = _VISITS.sub(lambda match: " " * len(match[0]), piece.text)
    port, works = port_of(text), _workers().search(text)
    for name, meaning in (("admin", "admin"), ("api", "api"), ("web", "web")):
        if match := meant(meaning).search(text):
            yield _mention(piece, match, NamedService(name, "web", match[0], port=port))
            return
    strong, weak = meant("strong servers").search(text), _servers().search(text)
    match = strong or weak
    if match and not works and (names.beside or port or strong or calls or not names.best):
        name = "api" if names.beside else "web" if not names.best else "server" if strong or port else "app"
        yield _mention(piece, match, NamedService(name, "web", match[0], port=port))


def _timed(piece: Piece, after: Piece | None, own: Sequence[Mention], remarks: list[str]) -> Iterator[Mention]:
    """A job with a time, a worker, or a job that runs once."""
    text = piece.text
    words, works, migrates = words_of(text), _workers().search(text), meant("migrate").search(text)
    noun, match = next(((name, found) for name, one in _TASKS.items() if (found := one.search(text))), ("", None))
    time = when(text)
    task = match or works or meant("tasks").search(text)
    called = (
        bool(own) or any(meant(meaning).search(text) for meaning in ("web", "api")) or bool(_servers().search(text))
    )
    sign = f"`{text[:60]}`"
    if time and (own or task or (not called and (repeats(text) or text.endswith(time.name) or _nothing_else(text)))):
        name = own[0].name if own else noun or ("worker" if works else time.name)
        sign += "; the hour is a guess" if time.guessed else ""
        yield _whole(piece, NamedService(name, "cron", sign, time.schedule, words=words, known=bool(own)))
    elif meant("cron").search(text) and not own:
        if after is not None and after.clause == piece.clause and when(after.text):
            return  # `cron for emails every 5 minutes`
        yield _whole(
            piece, NamedService(noun or "nightly", "cron", f"{sign}; the time is a guess", "0 3 * * *", words=words)
        )
    elif time:
        remarks.append(f"`{text}` is not drafted as a job: if it is one, add a service with a `schedule`")
    elif beat := meant("beat").search(text):
        yield _mention(piece, beat, NamedService("beat", "worker", beat[0], words=words))
    elif works and not own:
        yield _mention(piece, works, NamedService("worker", "worker", works[0], words=words))
    elif migrates and not own:
        yield _mention(piece, migrates, NamedService("migrate", "job", migrates[0], words=words))


def _nothing_else(text: str) -> bool:
    """Whether a piece says when and nothing else."""
    rest = [*text]
    for start, end in spans(text):
        rest[start:end] = " " * (end - start)
    return all(filling(word) for word in "".join(rest).split())


def _apart(text: str, found: Sequence[Mention]) -> list[Mention]:
    """`an orders API and a payments API` are two: each by the word before it."""
    for kind in ("api",):
        same = [one for one in found if one.name == kind and not one.service.known]
        before = [re.search(r"(?<![\w-])([a-z][a-z0-9]{2,20}) $", text[: one.start]) for one in same]
        names = [match[1] if match and not _is_word(match[1]) else "" for match in before]
        if len(same) > 1 and len({*names} - {""}) == len(same):
            said = {
                id(one): replace(one, service=replace(one.service, name=name))
                for one, name in zip(same, names, strict=True)
            }
            return [said.get(id(one), one) for one in found]
    return [*found]


def _mention(piece: Piece, match: re.Match[str], service: NamedService) -> Mention:
    return Mention(piece.start + match.start(), piece.start + match.end(), piece, service)


def _whole(piece: Piece, service: NamedService) -> Mention:
    return Mention(piece.start, piece.end, piece, service)


def _servers() -> re.Pattern[str]:
    """Words that ask for a server, those of the languages that are built in among them."""
    return _asking("servers", tuple(word for language in catalog.languages() for word in language.server_words))


def _workers() -> re.Pattern[str]:
    """Words that ask for a worker, those of the languages that are built in among them."""
    return _asking("workers", tuple(word for language in catalog.languages() for word in language.worker_words))


@cache
def _asking(name: str, more: tuple[str, ...]) -> re.Pattern[str]:
    return pattern([*entries(name), *more])
