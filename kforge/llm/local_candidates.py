"""Servers of this machine and the embedded model → candidates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kforge.domain.model import address
from kforge.domain.model.machine import ModelServer, Setting, Settings, Surroundings, Weights
from kforge.domain.model.request import Endpoint, ServedModel
from kforge.domain.model.vendors import BY_NAME, EMBEDDED, LLAMA
from kforge.llm.candidates import CONSENT, Candidate, port_of, refused, served, unnamed
from kforge.llm.model_match import AUTO, best, meet, same
from kforge.spec.tolerant import meant

_CLOUD = "https://ollama.com"


def local_servers(
    model: Setting, settings: Settings, servers: list[ModelServer], named: str, found: Surroundings
) -> Iterator[Candidate]:
    if named and not servers:
        yield refused(
            named,
            f"no {named} answers on this machine",
            "start it, or name its address with KFORGE_BASE_URL",
            "outage",
            0,
        )
    if model.value == AUTO:
        offers = [(server, offer) for server in servers for offer in server.offers]
        first = best(offers, found.machine)
        servers = sorted(servers, key=lambda server: first is None or server is not first[0])
    for server in servers:
        yield local_server(server, model, settings, found, _vendors_key(server, settings, found))


def _vendors_key(server: ModelServer, settings: Settings, found: Surroundings) -> str:
    """The API key for a local server that a vendor's own variable (`OPENAI_BASE_URL`) points to; "" for none."""
    theirs = [
        name
        for name, other in found.gateways.items()
        if name in settings.keys and port_of(other.base_url) == port_of(server.base_url)
    ]
    return next((settings.keys[name][1] for name in sorted(theirs) if BY_NAME[name].provider == server.provider), "")


def local_server(
    server: ModelServer, model: Setting, settings: Settings, found: Surroundings, key: str = ""
) -> Candidate:
    """The candidate at a server of this machine, by the list of models that the server gave."""
    what = f"{server.title} at {server.base_url}"
    if server.problem and not (key and server.problem == "wants a key"):
        hint = (
            "wait a moment and run again"
            if server.loads
            else "name it with KFORGE_BASE_URL and put its key into KFORGE_API_KEY"
        )
        return refused(
            what,
            f"it {server.problem}",
            hint,
            "outage" if server.loads else "world",
            0 if key or settings.base_url else 1,
        )
    if server.problem:
        return served(what, server, ServedModel(model.value), key) if model.value != AUTO else unnamed(what)
    if model.value == AUTO:
        pick = best([(server, offer) for offer in server.offers], found.machine)
        if pick is None:
            return refused(
                what,
                "none of its models fits into this machine" if server.offers else "it has no model",
                "add a smaller model to it",
                "world",
                1,
            )
        return served(what, server, pick[1].model, key, pick[1].file)
    offer = meet(model.value, server.offers)
    if offer is None:
        return refused(what, f"it has no `{model.value}`", _others(model.value, server), "input", 1, model)
    if not offer.chats:
        return refused(what, f"`{offer.model.name}` is not a chat model", "name a chat model", "input", 0, model)
    if offer.elsewhere and not address.consented(_CLOUD, settings.consent):
        return refused(
            what,
            f"it sends questions to `{offer.model.name}` on another machine, which needs your consent",
            CONSENT,
            "input",
            0,
            model,
        )
    candidate = served(what, server, offer.model, key, offer.file)
    return (
        replace(candidate, endpoint=replace(candidate.endpoint, local=False))
        if candidate.endpoint and offer.elsewhere
        else candidate
    )


def _others(name: str, server: ModelServer) -> str:
    names = [offer.model.name for offer in server.offers if offer.chats]
    pull = f"`ollama pull {name}` fetches it" if server.kind == "ollama" else ""
    listed = f"it has {', '.join(f'`{each}`' for each in sorted(names)[:8])}" if names else "it has no chat model"
    return "; ".join(filter(None, (meant(name, names), pull))) or listed


def embedded(model: Setting, settings: Settings, found: Surroundings, named: str) -> Iterator[Candidate]:
    """Candidates for the embedded llama.cpp: GGUF files that the user names. Nothing is downloaded."""
    held = [file for file in found.files if model.value in (AUTO, file.name) or same(model.value, file.name)]
    if not held and (named or found.files):
        have = ", ".join(f"`{file.name}`" for file in found.files)
        why = f"`files` in your configuration has no `{model.value}`" if have else "no GGUF file is named"
        yield refused(
            EMBEDDED,
            why,
            f"it has {have}" if have else "name one: KFORGE_MODEL=/path/model.gguf, or `files` in your configuration",
            "input",
            1,
            model,
        )
    for file in held:
        what = f"{EMBEDDED} with {file.path}"
        if file.problem:
            yield refused(what, file.problem, "correct the path", "input", 0, Setting("", "", file.where))
        elif not found.embedded:
            yield refused(what, "xllamacpp is not installed", f"install it: {LLAMA}", "world", 0)
        else:
            # `cpu`: the user wants no GPU to be used.
            off = "cpu" if settings.gpu and settings.gpu.value.lower() in ("off", "none", "cpu") else ""
            yield Candidate(
                what,
                Endpoint(EMBEDDED, _model(file), file.path, server="llama.cpp, embedded", dialect=off),
                file=file.path,
            )


def _model(file: Weights) -> ServedModel:
    return ServedModel(file.name, file.identity, bool(file.identity), size=file.size)
