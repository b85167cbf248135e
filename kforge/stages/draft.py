"""A sentence and what a repository shows → the services that are wanted. No model: words and facts.

`draft_wiring` then connects them; a model's answer takes the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from kforge.domain.draft import Found, Kind, Wanted, name_of
from kforge.stages.stores import STORES, Store, shown_by

# Signs of a kind, in names of folders and commands and in sentences; the first kind that matches counts.
_CRON = {
    "nightly": "0 3 * * *", "hourly": "0 * * * *", "daily": "0 6 * * *", "weekly": "0 4 * * 1", "monthly": "0 4 1 * *", "cron": "0 3 * * *",
    "cronjob": "0 3 * * *", "scheduled": "0 3 * * *", "periodic": "0 3 * * *", "cleanup": "0 3 * * *", "backup": "0 3 * * *", "report": "0 6 * * *",
}  # fmt: skip
_SAID_CRON = {name: when for name, when in _CRON.items() if name not in ("cleanup", "backup", "report")}
_EVERY = {"night": "nightly", "hour": "hourly", "day": "daily", "morning": "daily", "week": "weekly", "month": "monthly"}
_WORKER = frozenset(("worker", "workers", "consumer", "consumers", "queue", "bot", "daemon", "listener", "background"))
_JOB = frozenset(("migrate", "migration", "migrations", "seed", "import", "importer", "loader", "job", "batch", "setup"))
_WEB = {"frontend": "web", "storefront": "web", "website": "web", "site": "web", "ui": "web", "dashboard": "web", "web": "web", "api": "api", "backend": "api", "graphql": "api", "rest": "api", "grpc": "api"}
_CONSUMES = frozenset(("celery", "rq", "dramatiq", "arq", "huey", "kafka-python", "aiokafka", "pika", "aio-pika", "amqplib", "bullmq", "kafkajs", "discord.py", "aiogram"))


def wanted(sentence: str, found: Sequence[Found], app: str) -> list[Wanted]:
    """Services by what the repository shows, then by what the sentence asks for beyond that, then their stores."""
    services = [one for item in found for one in _of_source(item, found, app)]
    names = {one.name for one in services}
    for one in _of_words(_words(sentence), services):
        services.append(_unique(one, names))
    services = _named_apart(services)
    return [*services, *_stores(sentence, found, services)]


def _of_source(item: Found, found: Sequence[Found], app: str) -> Iterator[Wanted]:
    base = item.path.rstrip("/").rpartition("/")[2]
    name = name_of(base if base not in ("", ".", "..") else app)
    facts = item.facts
    language = facts.value("language") or "its own Dockerfile"
    kind, why = _kind(name, item)
    yield Wanted(name, kind, item.path, schedule=_when(name) if kind == "cron" else "", why=f"{language} in {item.path}: {why}")
    for command in facts.value("start")[1:]:
        program = next((word for word in command[1:] if re.search(r"\.(py|m?js|ts)$", word)), "")
        stem = name_of(program.rpartition("/")[2].rpartition(".")[0], "")
        when = _when(stem)
        if when and kind == "web":
            yield Wanted(stem, "cron", item.path, schedule=when, command=tuple(command), why=f"{program} in {item.path} can be started beside it, by its name at times")


def _kind(name: str, item: Found) -> tuple[Kind, str]:
    facts = item.facts
    ports = facts.value("ports")
    if ports or facts.webserver or (facts.output and not facts.start):
        return "web", f"listens on {ports[0]['port']}" if ports else "serves files"
    words = set(name.split("-"))
    if _when(name):
        return "cron", "listens on nothing, and its name says at times"
    if words & _JOB:
        return "job", "listens on nothing, and its name says once"
    consumes = sorted({str(each) for each in facts.value("dependencies")} & _CONSUMES)
    if words & _WORKER or consumes:
        return "worker", "listens on nothing, and " + (f"{consumes[0]} takes work from elsewhere" if consumes else "its name says that it works on")
    return "worker", "listens on nothing; if it ends by itself, write `job: true` or a `schedule`"


def _when(name: str) -> str:
    return next((_CRON[word] for word in name.split("-") if word in _CRON), "")


def _words(sentence: str) -> list[str]:
    said = re.findall(r"[a-z]+", sentence.lower())
    return [_EVERY.get(word, word) if number and said[number - 1] in ("every", "each") else word for number, word in enumerate(said)]


def _of_words(words: list[str], services: Sequence[Wanted]) -> Iterator[Wanted]:
    """What the sentence asks for and no source shows. It shares the source of what is there, or gets a folder to be made."""
    kinds = {one.kind for one in services}
    shared = next((one.source for one in services if one.kind == "web"), "") or next((one.source for one in services), "")
    asked = [_WEB[word] for word in words if word in _WEB]
    both = len({*asked}) == 2 and not re.search(r"\bweb api\b", " ".join(words))
    for name in dict.fromkeys(asked if both else asked[-1:]):
        if "web" not in kinds:
            yield Wanted(name, "web", f"./{name}", why=f"the sentence says {name}")
    held: list[tuple[Kind, str, str]] = []
    for word in words:
        if word in _SAID_CRON:
            held.append(("cron", word if word not in ("cron", "cronjob", "scheduled", "periodic") else "nightly", _SAID_CRON[word]))
        elif word in _WORKER - {"queue", "background"}:
            held.append(("worker", "worker", ""))
        elif word in ("migration", "migrations", "migrate"):
            held.append(("job", "migrate", ""))
    for kind, name, when in dict.fromkeys(held):
        if kind not in kinds:
            yield Wanted(name, kind, shared or f"./{name}", schedule=when, why=f"the sentence says {name}")


def _stores(sentence: str, found: Sequence[Found], services: Sequence[Wanted]) -> Iterator[Wanted]:
    """Stores by their client libraries, then by name; one of a name."""
    taken = {one.name for one in services}
    hosts = {str(host["host"]) for item in found for host in item.facts.value("hosts")} - taken
    told = _words(sentence)
    seen: set[str] = set()
    signs: list[tuple[Store, str]] = [(store, f"{item.path} uses it") for item in found for store in shown_by(item.facts.value("dependencies"))]
    specific = [store for store in STORES if any(word in told for word in store.words)]
    signs += [(store, "the sentence says so") for store in specific if store.key != "redis" or "redis" in told or not any(other.name == "cache" for other in specific if other is not store)]
    for store, why in signs:
        if store.name in {*seen} and any(store.key == key for key in seen):
            continue
        name = next((host for host in sorted(hosts) if host in (store.key, store.name, *store.words)), store.name)
        if store.key in seen or name in taken:
            continue
        seen.add(store.key)
        taken.add(name)
        yield Wanted(name, "store", store=store.key, why=why)


def _named_apart(services: Sequence[Wanted]) -> list[Wanted]:
    names: set[str] = set()
    return [_unique(one, names) for one in services]


def _unique(one: Wanted, names: set[str]) -> Wanted:
    from dataclasses import replace

    name, number = one.name, 2
    while name in names:
        name, number = f"{one.name}-{number}", number + 1
    names.add(name)
    return replace(one, name=name)


def users(store: Store, found: Iterable[Found]) -> set[str]:
    """Paths of the sources that use a store."""
    return {item.path for item in found if store in shown_by(item.facts.value("dependencies"))}
