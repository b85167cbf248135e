"""Wish + settings + what was found → the endpoint to ask, or every reason why there is none.

The order: what the user names; else a local server that has the model, the embedded provider with the user's file, a
remote API. A spec names a model at most. Nothing beyond loopback is chosen without the user's consent, whoever named
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from kforge.domain.model import address
from kforge.domain.model.machine import Choice, FaultKind, ModelServer, Passed, Setting, Settings, Surroundings, Weights
from kforge.domain.model.request import Endpoint, ServedModel
from kforge.domain.model.vendors import BY_NAME, EMBEDDED, LLAMA, SERVERS, VENDORS, Vendor
from kforge.errors import Problem
from kforge.llm.model_match import AUTO, best, meet, same
from kforge.spec.tolerant import meant

CONSENT = "allow it with `--allow-remote`, KFORGE_ALLOW_REMOTE or `allow_remote` in your configuration"
_CLOUD = "https://ollama.com"


@dataclass(frozen=True, slots=True)
class _Way:
    """One way that may be gone: an endpoint, or why not."""

    what: str
    endpoint: Endpoint | None = None
    passed: Passed | None = None
    file: str = ""


def choose(wish: Setting | None, settings: Settings, found: Surroundings) -> Choice:
    """The first way that can be gone, and why the others are not. `wish` is what the spec names, if it names a model."""
    model = settings.model or wish or Setting(AUTO, "nobody")
    passed: list[Passed] = []
    taken: _Way | None = None
    for way in _ways(model, settings, found):
        if way.passed:
            passed.append(way.passed)
        elif taken is None:
            taken = way
        else:
            passed.append(Passed(way.what, f"{taken.what} goes before it", rank=3))
    if taken is None or taken.endpoint is None:
        return Choice(None, passed=tuple(sorted(passed, key=lambda each: each.rank)))
    endpoint = taken.endpoint
    if settings.context:
        endpoint = replace(endpoint, model=replace(endpoint.model, context=settings.context))
    if settings.parallel:
        endpoint = replace(endpoint, parallel=settings.parallel)
    endpoint = replace(
        endpoint, requests_per_minute=settings.requests_per_minute, tokens_per_minute=settings.tokens_per_minute
    )
    by = f"named by {model.by}" if model.value != AUTO else f"`{AUTO}` takes the best that fits"
    return Choice(endpoint, f"{taken.what}; {by}", tuple(passed), taken.file)


def elsewhere(wish: Setting | None, settings: Settings, found: Surroundings) -> Choice:
    """Whom the keys of answers name where nobody is asked now: as `choose`, without consent, keys and running servers.

    The endpoint holds no key. Nothing may be sent to it.
    """
    settings = replace(settings, consent=("*",))
    local = {
        name: url.value for name, url in settings.urls.items() if name in BY_NAME and address.is_loopback(url.value)
    }
    found = replace(
        found, gateways={name: ModelServer("unknown", BY_NAME[name].provider, url) for name, url in local.items()}
    )
    choice = choose(wish, settings, found)
    if choice.endpoint is None:  # a key that is not at hand here: it would not be used
        keys = {vendor.name: (vendor.keys[0], "-") for vendor in VENDORS} | dict(settings.keys)
        choice = choose(wish, replace(settings, keys=keys), found)
    model, provider, url = settings.model or wish, settings.provider, settings.base_url
    if choice.endpoint is None and model and model.value != AUTO and (url or (provider and provider.value in SERVERS)):
        kind = provider.value if provider else "openai-compatible"
        spoken = SERVERS.get(kind) or (BY_NAME[kind].provider if kind in BY_NAME else "openai")
        named = Endpoint(
            spoken,
            ServedModel(model.value),
            url.value if url else "",
            server=kind,
            dialect="" if kind == spoken else kind,
        )
        return Choice(named, f"{kind}, which is not asked now; named by {model.by}", choice.passed)
    return replace(choice, endpoint=replace(choice.endpoint, key="")) if choice.endpoint else choice


def _ways(model: Setting, settings: Settings, found: Surroundings) -> Iterator[_Way]:
    """Every way in order. Whoever names an address or a provider wants that and no other."""
    if settings.base_url:
        yield _addressed(model, settings.base_url, settings, found)
        return
    named = settings.provider.value if settings.provider else ""
    if not named or named in SERVERS:
        yield from _locals(model, settings, [each for each in found.servers if named in ("", each.kind)], named, found)
    if not named or named == EMBEDDED:
        yield from _embedded(model, settings, found, named)
    for vendor in VENDORS:
        if not named or named == vendor.name:
            yield from _vendor(vendor, model, settings, found, named)
    if (
        named in ("", "ollama")
        and (elsewhere := settings.urls.get("ollama"))
        and not address.is_loopback(elsewhere.value)
    ):
        yield _remote(elsewhere, "ollama", "ollama", None, model, settings, found)


def _locals(
    model: Setting, settings: Settings, servers: list[ModelServer], named: str, found: Surroundings
) -> Iterator[_Way]:
    if named and not servers:
        yield _no(
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
        yield _local(server, model, settings, found, _vendors_key(server, settings, found))


def _vendors_key(server: ModelServer, settings: Settings, found: Surroundings) -> str:
    """The key of the vendor whose own variable leads to this very server, in whose protocol it is asked."""
    theirs = [
        name
        for name, other in found.gateways.items()
        if name in settings.keys and _port(other.base_url) == _port(server.base_url)
    ]
    return next((settings.keys[name][1] for name in sorted(theirs) if BY_NAME[name].provider == server.provider), "")


def _local(server: ModelServer, model: Setting, settings: Settings, found: Surroundings, key: str = "") -> _Way:
    """A server of this machine: its list tells what it has."""
    what = f"{server.title} at {server.base_url}"
    if server.problem and not (key and server.problem == "wants a key"):
        hint = (
            "wait a moment and run again"
            if server.loads
            else "name it with KFORGE_BASE_URL and put its key into KFORGE_API_KEY"
        )
        return _no(
            what,
            f"it {server.problem}",
            hint,
            "outage" if server.loads else "world",
            0 if key or settings.base_url else 1,
        )
    if server.problem:
        return _way(what, server, ServedModel(model.value), key) if model.value != AUTO else _unnamed(what)
    if model.value == AUTO:
        pick = best([(server, offer) for offer in server.offers], found.machine)
        if pick is None:
            return _no(
                what,
                "none of its models fits into this machine" if server.offers else "it has no model",
                "give it a smaller one",
                "world",
                1,
            )
        return _way(what, server, pick[1].model, key, pick[1].file)
    offer = meet(model.value, server.offers)
    if offer is None:
        return _no(what, f"it has no `{model.value}`", _others(model.value, server), "input", 1, model)
    if not offer.chats:
        return _no(what, f"`{offer.model.name}` answers no questions", "name a model that chats", "input", 0, model)
    if offer.elsewhere and not address.consented(_CLOUD, settings.consent):
        return _no(
            what,
            f"it passes `{offer.model.name}` on to another machine, which needs your consent",
            CONSENT,
            "input",
            0,
            model,
        )
    way = _way(what, server, offer.model, key, offer.file)
    return replace(way, endpoint=replace(way.endpoint, local=False)) if way.endpoint and offer.elsewhere else way


def _others(name: str, server: ModelServer) -> str:
    names = [offer.model.name for offer in server.offers if offer.chats]
    pull = f"`ollama pull {name}` fetches it" if server.kind == "ollama" else ""
    listed = f"it has {', '.join(f'`{each}`' for each in sorted(names)[:8])}" if names else "it has none that chats"
    return "; ".join(filter(None, (meant(name, names), pull))) or listed


def _way(what: str, server: ModelServer, model: ServedModel, key: str = "", file: str = "") -> _Way:
    dialect = "" if server.kind == server.provider else server.kind
    endpoint = Endpoint(server.provider, model, server.base_url, key, server=server.title, dialect=dialect)
    return _Way(what, endpoint, file=file)


def _embedded(model: Setting, settings: Settings, found: Surroundings, named: str) -> Iterator[_Way]:
    """Files of the user's: nothing is ever downloaded."""
    held = [file for file in found.files if model.value in (AUTO, file.name) or same(model.value, file.name)]
    if not held and (named or found.files):
        have = ", ".join(f"`{file.name}`" for file in found.files)
        why = f"`files` in your configuration has no `{model.value}`" if have else "no GGUF file is named"
        yield _no(
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
            yield _no(what, file.problem, "correct the path", "input", 0, Setting("", "", file.where))
        elif not found.embedded:
            yield _no(what, "xllamacpp is not installed", f"install it: {LLAMA}", "world", 0)
        else:
            # `cpu`: the user wants no GPU to be used.
            off = "cpu" if settings.gpu and settings.gpu.value.lower() in ("off", "none", "cpu") else ""
            yield _Way(
                what,
                Endpoint(EMBEDDED, _model(file), file.path, server="llama.cpp, embedded", dialect=off),
                file=file.path,
            )


def _model(file: Weights) -> ServedModel:
    return ServedModel(file.name, file.identity, bool(file.identity), size=file.size)


def _vendor(vendor: Vendor, model: Setting, settings: Settings, found: Surroundings, named: str) -> Iterator[_Way]:
    """A remote API with the user's key."""
    own = settings.urls.get(vendor.name)
    url = own or Setting(vendor.base_url, vendor.name)
    if address.is_loopback(url.value):
        if named or vendor.name in settings.keys:  # else it is among the local servers
            yield _gateway(vendor, url, model, settings, found)
    elif not url.value:
        if named:
            yield _no(
                vendor.name,
                f"{vendor.urls[0]} is not set",
                f"set {vendor.urls[0]} to the address of your resource",
                "input",
                0,
            )
    elif not own and not named and model.value != AUTO and not model.value.startswith(vendor.families):
        if vendor.name in settings.keys:
            yield _no(vendor.name, f"it has no `{model.value}`", f"name a model of {vendor.name}'s", "input", 2, model)
    elif vendor.name in settings.keys or named:
        yield _remote(url, vendor.name, vendor.provider, vendor, model, settings, found)


def _gateway(vendor: Vendor, url: Setting, model: Setting, settings: Settings, found: Surroundings) -> _Way:
    """A server of this machine that the vendor's own variable names: it gets the vendor's key, and is spoken to as the
    vendor is.
    """
    server = found.gateways.get(vendor.name)
    if server is None:
        return _silent(url)
    variable, held = settings.keys.get(vendor.name, ("", ""))
    key = settings.key.value if settings.key and settings.provider else held
    if server.kind != "unknown" and server.provider == vendor.provider:
        return _local(server, model, settings, found, key)
    what = f"{vendor.name} at {url.value}"
    if model.value == AUTO:
        return _unnamed(what)
    dialect = "bearer" if variable == "ANTHROPIC_AUTH_TOKEN" and key == held else vendor.dialect
    return _Way(
        what, Endpoint(vendor.provider, ServedModel(model.value), url.value, key, server=vendor.name, dialect=dialect)
    )


def _addressed(model: Setting, url: Setting, settings: Settings, found: Surroundings) -> _Way:
    """The address that the user names, in the protocol that the user, the server or the host tells."""
    named = settings.provider.value if settings.provider else ""
    if named == EMBEDDED:
        return _no(
            url.value, f"`{EMBEDDED}` has no address", f"leave out {url.by}, or name another provider", "input", 0, url
        )
    vendor = BY_NAME.get(named) or next((each for each in VENDORS if address.kin(url.value, each.base_url)), None)
    if not address.is_loopback(url.value):
        guessed = "ollama" if _port(url.value) == 11434 else "openai"
        provider = vendor.provider if vendor else SERVERS.get(named, guessed)
        name = named or (vendor.name if vendor else "openai-compatible" if provider == "openai" else provider)
        return _remote(url, name, provider, vendor, model, settings, found)
    key = settings.key.value if settings.key else ""
    if found.named is None:
        return _silent(url)
    provider = vendor.provider if vendor else SERVERS.get(named, "")
    if found.named.kind == "unknown" or (provider and provider != found.named.provider):
        server = ModelServer(named or "openai-compatible", provider or "openai", url.value)
        return _way(url.value, server, ServedModel(model.value), key) if model.value != AUTO else _unnamed(url.value)
    return _local(found.named, model, settings, found, key)


def _remote(
    url: Setting,
    name: str,
    provider: str,
    vendor: Vendor | None,
    model: Setting,
    settings: Settings,
    found: Surroundings,
) -> _Way:
    """Somewhere else: in no case in the clear, without consent, or with a key that belongs to others."""
    what = f"{name} at {address.host_of(url.value)}"
    if address.is_clear(url.value):
        hint = "use https, or a tunnel: `ssh -N -L 11434:localhost:11434 HOST`"
        return _no(what, f"{url.by} names an address beyond this machine without https", hint, "input", 0, url)
    own = vendor is not None and (address.kin(url.value, vendor.base_url) or settings.urls.get(vendor.name) == url)
    held = settings.keys.get(name, ("", "")) if own or name == "ollama" else ("", "")
    key = settings.key.value if settings.key and (settings.base_url or settings.provider) else held[1]
    if vendor and vendor.keys and own and not key:
        return _no(
            what,
            f"{vendor.keys[0]} is not set",
            f"set {vendor.keys[0]} (or KFORGE_API_KEY) to a key of yours",
            "world",
            0,
        )
    if model.value == AUTO and not settings.base_url:
        return _unnamed(what)
    if not address.consented(url.value, settings.consent):
        return _no(
            what, "asking it needs your consent: parts of the source would leave this machine", CONSENT, "input", 0, url
        )
    offers = found.named.offers if found.named and settings.base_url else ()
    if model.value == AUTO:
        chats = [offer for offer in offers if offer.chats]
        if len(chats) != 1:
            return _unnamed(what)
        chosen = chats[0].model
    else:  # a gateway need not list all that it has: it will say so itself
        listed = meet(model.value, offers)
        chosen = listed.model if listed else ServedModel(model.value)
    dialect = vendor.dialect if vendor else name if name != provider else ""
    if held[0] == "ANTHROPIC_AUTH_TOKEN" and key == held[1]:
        dialect = "bearer"
    accounts = settings.accounts.get(vendor.name, {}) if vendor and own else {}
    parallel = found.parallel.get(name, 1)
    endpoint = Endpoint(
        provider, chosen, url.value, key, False, parallel, server=name, dialect=dialect, headers=accounts
    )
    return _Way(what, endpoint)


def _silent(url: Setting) -> _Way:
    return _no(
        url.value,
        f"nothing answers at the address that {url.by} names",
        f"start the server, or correct {url.by}",
        "outage",
        0,
        url,
    )


def _unnamed(what: str) -> _Way:
    hint = "name a model with KFORGE_MODEL: what a remote one costs is yours to choose"
    return _no(what, f"`{AUTO}` chooses among models that a server of yours lists", hint, "input", 1)


def _no(what: str, why: str, hint: str, kind: FaultKind, rank: int, by: Setting | None = None) -> _Way:
    return _Way(what, passed=Passed(what, why, hint, kind, by.where if by else None, rank))


def _port(url: str) -> int | None:
    return urlsplit(url).port


def refusal(choice: Choice, wish: Setting | None, settings: Settings, found: Surroundings) -> tuple[FaultKind, Problem]:
    """What to tell where there is nothing to ask: the nearest miss, or that nothing at all is there."""
    model = settings.model or wish
    near = [each for each in choice.passed if each.rank == 0]
    if near:
        return near[0].kind, Problem(f"{near[0].what}: {near[0].why}", near[0].where, near[0].hint)
    missing = [each for each in choice.passed if each.rank == 1 and each.kind == "input"]
    if model and model.value != AUTO and missing:
        names = [offer.model.name for server in found.servers for offer in server.offers if offer.chats]
        hint = meant(model.value, names) or missing[0].hint
        return "input", Problem(
            f"nothing here has the model `{model.value}`, which {model.by} names", model.where, hint
        )
    if choice.passed:
        first = choice.passed[0]
        return first.kind, Problem(f"no model can be asked: {first.what}: {first.why}", first.where, first.hint)
    if settings.key:
        hint = "say who takes it with KFORGE_PROVIDER or KFORGE_BASE_URL"
        return "input", Problem(
            "no model can be asked: nothing says whose key KFORGE_API_KEY is", model.where if model else None, hint
        )
    hint = "start Ollama or llama-server, name a GGUF file with KFORGE_MODEL, or set a key such as OPENAI_API_KEY; `kforge doctor` tells what is here"
    return "world", Problem(
        "no model can be asked: no server answers on this machine, and no key is set",
        model.where if model else None,
        hint,
    )
