"""A sentence → what it asks for: services with their times and ports, stores, what it names beside them. No facts, no
model.

It reads words, not grammar: a piece of the sentence (up to a comma, `and`, `with`) has at most one meaning. What it
names and nothing is made of becomes a remark, so that a reader sees what was not understood.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from kforge import catalog
from kforge.domain import known_images
from kforge.domain.draft import ServiceKind, name_of
from kforge.domain.language import listed
from kforge.draft.stores import USUAL, main_ports, said_in, that_are
from kforge.draft.times import EACH, when

_WEB = frozenset(
    (
        "frontend",
        "storefront",
        "website",
        "webseite",
        "webapp",
        "webshop",
        "site",
        "sitio",
        "ui",
        "dashboard",
        "portal",
        "blog",
        "spa",
        "web",
        "react",
        "vue",
        "angular",
        "svelte",
        "nuxt",
        "astro",
        "next.js",
        "nextjs",
        "wordpress",
    )
)
_API = frozenset(("api", "apis", "backend", "graphql", "grpc"))
_SERVERS = frozenset((
    "app", "apps", "application", "anwendung", "aplicacion", "applicazione", "server", "service", "dienst", "microservice", "nginx", "spring", "rails", "laravel",
    "axum", "actix", "shop", "proxy", "gateway",
))  # fmt: skip
# frameworks that run in a browser: a server framework beside one is a service of its own
_PAGES = frozenset(("react", "vue", "angular", "svelte"))
_WORKERS = frozenset(
    (
        "worker",
        "workers",
        "consumer",
        "consumers",
        "bot",
        "daemon",
        "listener",
        "trabajador",
        "scraper",
        "crawler",
    )
)
_MIGRATE = frozenset(("migration", "migrations", "migrate", "migrationen"))
_CRON = frozenset(("cron", "cronjob", "cronjobs", "crons", "scheduled", "periodic"))
_TASK = re.compile(
    r"\b(?:jobs?|tasks?|cron\w*|scripts?|batch|runs?|clean\w*|sen[dt]s?|mails?|emails?|fetch\w*|updat\w*|refresh\w*|process\w*|scrap\w*|delet\w*|remov\w*|purg\w*|index\w*|reindex\w*|aufgabe|tache|tarea|\w*job)\b"
)
_NOUN = re.compile(r"\b(backup|report|cleanup|import|export|sync|digest|newsletter|invoice)(?:s|ing|er)?\b")
_DATABASE = re.compile(r"\b(?:databases?|datenbank\w*|bases? de (?:datos|donnees)|dbs?|sql)\b")
_NO = re.compile(r"\b(?:no|not|without|never|ohne|kein\w*|sans|pas de|sin|instead of|except)\b")
_YES = re.compile(r"\b(?:but|with|mit|avec|aber|mais|con)\b")
_PIECES = re.compile(r"[,;!?]|\.(?= |$)|(?<= )\+(?= )|\b(?:and|und|et|y|with|mit|avec|con|plus|then|behind|for|&)\b")
_PORT = re.compile(r"\b(?:ports?|puerto|listen\w* on)(?: port)? :?(\d{2,5})\b|(?:\b(?:on|auf) |(?<=[ (]):)(\d{4,5})\b")
_VISITS = re.compile(r"\bweb[ -]?(?:scrap|crawl)\w*")  # sends requests and serves none
_LIST = re.compile(
    r"\b(?:(?:micro)?services(?: called| named|:)|apis for) ([a-z][a-z0-9-]*(?:(?:, and |, | and )[a-z][a-z0-9-]*)*)"
)
_FILLING = frozenset(("a", "all", "an", "and", "both", "each", "every", "one", "that", "the", "their", "which", "with"))
_OTHERS = frozenset((
    "kafka", "clickhouse", "elasticsearch", "opensearch", "cassandra", "sqs", "s3", "minio", "dynamodb", "oracle", "mssql", "neo4j", "influxdb", "etcd",
    "zookeeper", "pubsub", "snowflake", "bigquery", "cockroachdb", "qdrant", "weaviate", "milvus", "keycloak", "vault", "prometheus", "grafana", "couchdb", "sqlite",
))  # fmt: skip
_LANGUAGES = frozenset((
    "rust", "java", "kotlin", "scala", "ruby", "rails", "php", "laravel", "wordpress", "elixir", "phoenix", "erlang", "haskell", "c#", "csharp",
    "dotnet", ".net", "spring", "swift", "perl", "zig", "c++", "axum", "actix",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class NamedService:
    """A service that the sentence asks for. `sign` is the word that says so."""

    name: str
    kind: ServiceKind
    sign: str
    schedule: str = ""
    port: int = 0
    words: frozenset[str] = frozenset()  # of the piece that says so, where it may name what runs


@dataclass(slots=True)
class Said:
    """What a sentence asks for. `remarks` is what was left out or not understood."""

    services: list[NamedService] = field(default_factory=list)
    stores: dict[str, str] = field(default_factory=dict)  # key → the word that says so
    remarks: list[str] = field(default_factory=list)


def said(sentence: str) -> Said:
    """What the words of a sentence ask for, in order."""
    plain = _plain(sentence)
    wanted, refused = _told(plain)
    found = Said()
    _web(wanted, found)
    for piece in wanted:
        _timed(piece, found)
    _stores(" , ".join(wanted), found)
    for match in _LIST.finditer(plain):
        if match[0].startswith("apis"):  # `APIs for users and billing`: it names them
            found.services = [one for one in found.services if one.name != "api"]
        found.services += _named(match[1])
    found.services = list(_once(found.services))
    _remark(" ".join(wanted), refused, found)
    return found


def _once(services: Sequence[NamedService]) -> Iterator[NamedService]:
    """What is said twice is one service, with the words of both."""
    held: dict[tuple[str, str], list[NamedService]] = {}
    for one in services:
        held.setdefault((one.name, one.schedule), []).append(one)
    for same in sorted(held.values(), key=lambda each: services.index(each[-1])):
        yield replace(same[0], words=frozenset().union(*(one.words for one in same)))


def _plain(sentence: str) -> str:
    """Lower case without accents, so that `nächtlich` is a word as `nightly` is."""
    letters = unicodedata.normalize("NFKD", sentence.casefold())
    return " ".join("".join(char for char in letters if not unicodedata.combining(char)).split())


def _told(plain: str) -> tuple[list[str], list[str]]:
    """Pieces that ask for something, and what the sentence refuses. A refusal lasts up to a comma, `but` or `with`."""
    wanted, refused = [], []
    for clause in re.split(r"[,;!?]|\.(?= |$)", plain):
        begin = _NO.search(clause)
        if begin:
            end = _YES.search(clause, begin.end())
            refused.append(clause[begin.start() : end.start() if end else None].strip())
        rest = f"{clause[: begin.start()]} , {clause[end.end() :] if end else ''}" if begin else clause
        wanted += [piece.strip() for piece in _PIECES.split(rest) if piece.strip()]
    return wanted, refused


def _words(piece: str) -> list[str]:
    return re.findall(r"[a-z0-9][a-z0-9.+#]*[a-z0-9+#]|\.net|[a-z]", piece.replace("-", " "))


def _servers() -> frozenset[str]:
    """Words that ask for a server, those of the languages that are built in among them."""
    return _SERVERS.union(*(language.server_words for language in catalog.languages()))


def _workers() -> frozenset[str]:
    """Words that ask for a worker, those of the languages that are built in among them."""
    return _WORKERS.union(*(language.worker_words for language in catalog.languages()))


def _own() -> frozenset[str]:
    """What the languages that are built in are called."""
    return frozenset(language.name for language in catalog.languages())


def _web(pieces: Sequence[str], found: Said) -> None:
    """Services that listen: `web` and `api` by their names, another kind of server where nothing better is said."""
    every = {word for piece in pieces for word in _words(piece)}
    best = bool(every & (_WEB | _API))
    beside = bool(every & _PAGES) and not every & _API
    for piece in pieces:
        words, port = _words(_VISITS.sub("", piece)), _port(piece)
        api, web, server = (next((word for word in words if word in among), "") for among in (_API, _WEB, _servers()))
        if api:
            found.services.append(NamedService("api", "web", api, port=port))
        elif web:
            found.services.append(NamedService("web", "web", web, port=port))
        elif server and (beside or port or not best) and not any(word in _workers() for word in words):
            named = "api" if beside else "server" if best else "web"
            found.services.append(NamedService(named, "web", server, port=port))
        elif port and found.services:  # `…, listening on port 5000`
            found.services[-1] = replace(found.services[-1], port=found.services[-1].port or port)


def _port(piece: str) -> int:
    match = _PORT.search(piece)
    port = int(match[1] or match[2]) if match else 0
    return port if port <= 65535 and port not in main_ports() else 0


def _timed(piece: str, found: Said) -> None:
    """A job with a time, a worker, or a job that runs once."""
    words = frozenset(_words(piece))
    noun, works, migrates = _NOUN.search(piece), sorted(words & _workers()), sorted(words & _MIGRATE)
    time = when(piece)
    task = noun or works or _TASK.search(piece)
    if time and (task or (not words & (_WEB | _API | _servers()) and re.search(rf"{EACH}|{time.name}$", piece))):
        name = noun[1] if noun else "worker" if works else time.name
        sign = f"`{piece[:60]}`" + ("; the hour is a guess" if time.guessed else "")
        found.services.append(NamedService(name, "cron", sign, time.schedule, words=words))
    elif words & _CRON:
        found.services.append(
            NamedService(
                noun[1] if noun else "nightly", "cron", f"`{piece[:60]}`; when is a guess", "0 3 * * *", words=words
            )
        )
    elif time:
        found.remarks.append(f"`{piece}` was taken for no job: for one, add a service with a `schedule`")
    elif works:
        found.services.append(NamedService("worker", "worker", works[0], words=words))
    elif migrates:
        found.services.append(NamedService("migrate", "job", migrates[0], words=words))


def _named(names: str) -> Iterator[NamedService]:
    """`services: orders, billing and search`, but for words that say something else already."""
    stores = {word for store in known_images.stores().values() for word in store.words}
    for word in re.findall(r"[a-z][a-z0-9-]*", names):
        if (
            word not in _FILLING | _WEB | _API | _servers() | _workers() | _MIGRATE | _OTHERS | stores
            and when(word) is None
        ):
            yield NamedService(name_of(word), "web", word)


def _stores(text: str, found: Said) -> None:
    words = {*_words(text)}
    found.stores |= said_in(words)
    database, databases = _DATABASE.search(text), that_are("database")
    if database and "sqlite" not in words and not words & _OTHERS and not found.stores.keys() & databases:
        found.stores[USUAL["database"]] = database[0]
        found.remarks.append(f"the sentence does not say which database: {databases[USUAL['database']]} is drafted")


def _remark(text: str, refused: Sequence[str], found: Said) -> None:
    words = {*_words(text)}
    others, languages = sorted(words & _OTHERS - {"sqlite"}), sorted(words & _LANGUAGES - _own())
    if others:
        found.remarks.append(
            f"nothing is drafted for {', '.join(f'`{word}`' for word in others)}: give the address under `env`, or add a service with an `image`"
        )
    if "sqlite" in words:
        found.remarks.append("SQLite keeps its file where the service runs: give it one of `volumes`")
    queues = that_are("queue")
    if words & {"queue", "broker"} and not words & _OTHERS and not found.stores.keys() & queues:
        names = ", ".join(sorted(queues.values()))
        found.remarks.append(f"the sentence does not say which queue, and none is drafted: kforge knows {names}")
    if languages:
        found.remarks.append(
            f"sources in {listed(sorted(each.title for each in catalog.languages()), 'and')} are built without a Dockerfile; for {', '.join(f'`{word}`' for word in languages)}, put one beside the source, or name an `image`"
        )
    for piece in refused:
        found.remarks.append(f"left out, as the sentence says: `{piece}`")
    for one in found.services:
        if 0 < one.port < 1024:
            found.remarks.append(
                f"port {one.port} of `{one.name}` is left out: pods here run without root, so let it listen above 1023"
            )
    found.services = [replace(one, port=one.port if one.port >= 1024 else 0) for one in found.services]
