"""The spec's wish, the settings and what was found → the endpoint to ask, or every reason why there is none.

The order: what the user names; else a local server that has the model, the embedded provider with the user's file, a
remote API. A spec names a model at most. Nothing beyond loopback is chosen without the user's consent, not even where
the spec or a variable names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from kforge.domain.model import address
from kforge.domain.model.machine import Choice, FaultKind, ModelServer, Passed, Setting, Settings, Surroundings
from kforge.domain.model.request import Endpoint, ServedModel
from kforge.domain.model.vendors import BY_NAME, EMBEDDED, SERVERS, VENDORS
from kforge.errors import Problem
from kforge.llm.candidates import Candidate
from kforge.llm.local_candidates import embedded, local_servers
from kforge.llm.model_match import AUTO
from kforge.llm.remote_candidates import addressed, remote, vendor_api
from kforge.spec.tolerant import meant


def choose(wish: Setting | None, settings: Settings, found: Surroundings) -> Choice:
    """The first endpoint that may be asked, and why the others are not taken. `wish` is what the spec names, if it names a model."""
    model = settings.model or wish or Setting(AUTO, "nobody")
    passed: list[Passed] = []
    taken: Candidate | None = None
    for candidate in _candidates(model, settings, found):
        if candidate.passed:
            passed.append(candidate.passed)
        elif taken is None:
            taken = candidate
        else:
            passed.append(Passed(candidate.what, f"{taken.what} goes before it", rank=3))
    if taken is None or taken.endpoint is None:
        return Choice(None, passed=tuple(sorted(passed, key=lambda each: each.rank)))
    endpoint = taken.endpoint
    if settings.context:
        endpoint = replace(endpoint, model=replace(endpoint.model, context=settings.context))
    if settings.parallel:
        endpoint = replace(endpoint, parallel=settings.parallel)
    endpoint = replace(
        endpoint,
        requests_per_minute=settings.requests_per_minute,
        tokens_per_minute=settings.tokens_per_minute,
        together=settings.together,
    )
    by = f"named by {model.by}" if model.value != AUTO else f"`{AUTO}` takes the best that fits"
    return Choice(endpoint, f"{taken.what}; {by}", tuple(passed), taken.file)


def choose_offline(wish: Setting | None, settings: Settings, found: Surroundings) -> Choice:
    """The endpoint whose answers are looked up where none is asked now: as `choose`, without consent, keys and servers.

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
            together=settings.together,
        )
        return Choice(named, f"{kind}, which is not asked now; named by {model.by}", choice.passed)
    return replace(choice, endpoint=replace(choice.endpoint, key="")) if choice.endpoint else choice


def _candidates(model: Setting, settings: Settings, found: Surroundings) -> Iterator[Candidate]:
    """Every candidate in order. Where an address or a provider is named, there are no others."""
    if settings.base_url:
        yield addressed(model, settings.base_url, settings, found)
        return
    named = settings.provider.value if settings.provider else ""
    if not named or named in SERVERS:
        yield from local_servers(
            model, settings, [each for each in found.servers if named in ("", each.kind)], named, found
        )
    if not named or named == EMBEDDED:
        yield from embedded(model, settings, found, named)
    for vendor in VENDORS:
        if not named or named == vendor.name:
            yield from vendor_api(vendor, model, settings, found, named)
    if (
        named in ("", "ollama")
        and (elsewhere := settings.urls.get("ollama"))
        and not address.is_loopback(elsewhere.value)
    ):
        yield remote(elsewhere, "ollama", "ollama", None, model, settings, found)


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
        return "input", Problem(f"no server has the model `{model.value}` that {model.by} names", model.where, hint)
    if choice.passed:
        first = choice.passed[0]
        return first.kind, Problem(f"no model can be asked: {first.what}: {first.why}", first.where, first.hint)
    if settings.key:
        hint = "name its provider with KFORGE_PROVIDER or KFORGE_BASE_URL"
        return "input", Problem(
            "no model can be asked: the provider of KFORGE_API_KEY is not known", model.where if model else None, hint
        )
    hint = "start a model server on this machine, name a GGUF file with KFORGE_MODEL, or set the key of an API; `kforge doctor` shows what this machine has"
    return "world", Problem(
        "no model can be asked: no server answers on this machine, and no key is set",
        model.where if model else None,
        hint,
    )
