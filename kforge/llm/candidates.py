"""An endpoint that may be asked, or the reason why it may not: what choosing a model goes through, in order."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from kforge.domain.model.machine import FaultKind, ModelServer, Passed, Setting
from kforge.domain.model.request import Endpoint, ServedModel
from kforge.llm.model_match import AUTO

CONSENT = "allow it with `--allow-remote`, KFORGE_ALLOW_REMOTE or `allow_remote` in your configuration"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An endpoint that may be asked, or `passed`: why it may not. `file` holds its weights, "" where they are not at hand."""

    what: str
    endpoint: Endpoint | None = None
    passed: Passed | None = None
    file: str = ""


def served(what: str, server: ModelServer, model: ServedModel, key: str = "", file: str = "") -> Candidate:
    dialect = "" if server.kind == server.provider else server.kind
    endpoint = Endpoint(server.provider, model, server.base_url, key, server=server.title, dialect=dialect)
    return Candidate(what, endpoint, file=file)


def silent(url: Setting) -> Candidate:
    return refused(
        url.value,
        f"nothing answers at the address that {url.by} names",
        f"start the server, or correct {url.by}",
        "outage",
        0,
        url,
    )


def unnamed(what: str) -> Candidate:
    hint = "name a model with KFORGE_MODEL: a remote one may cost money"
    return refused(what, f"`{AUTO}` chooses only among models of servers of your own", hint, "input", 1)


def refused(what: str, why: str, hint: str, kind: FaultKind, rank: int, by: Setting | None = None) -> Candidate:
    return Candidate(what, passed=Passed(what, why, hint, kind, by.where if by else None, rank))


def port_of(url: str) -> int | None:
    return urlsplit(url).port
