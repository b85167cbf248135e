"""Vendors and addresses that the user names → candidates. Nothing is sent: consent, https and keys are judged from settings."""

from __future__ import annotations

from collections.abc import Iterator

from kforge.domain.model import address
from kforge.domain.model.machine import ModelServer, Setting, Settings, Surroundings
from kforge.domain.model.request import Endpoint, ServedModel
from kforge.domain.model.vendors import BY_NAME, EMBEDDED, SERVERS, VENDORS, Vendor
from kforge.llm.candidates import CONSENT, Candidate, port_of, refused, served, silent, unnamed
from kforge.llm.local_candidates import local_server
from kforge.llm.model_match import AUTO, meet


def vendor_api(
    vendor: Vendor, model: Setting, settings: Settings, found: Surroundings, named: str
) -> Iterator[Candidate]:
    """A remote API with the user's key."""
    own = settings.urls.get(vendor.name)
    url = own or Setting(vendor.base_url, vendor.name)
    if address.is_loopback(url.value):
        if named or vendor.name in settings.keys:  # else it is among the local servers
            yield _gateway(vendor, url, model, settings, found)
    elif not url.value:
        if named:
            yield refused(
                vendor.name,
                f"{vendor.urls[0]} is not set",
                f"set {vendor.urls[0]} to the address of your resource",
                "input",
                0,
            )
    elif not own and not named and model.value != AUTO and not model.value.startswith(vendor.families):
        if vendor.name in settings.keys:
            yield refused(
                vendor.name, f"it has no `{model.value}`", f"name a model of {vendor.name}'s", "input", 2, model
            )
    elif vendor.name in settings.keys or named:
        yield remote(url, vendor.name, vendor.provider, vendor, model, settings, found)


def _gateway(vendor: Vendor, url: Setting, model: Setting, settings: Settings, found: Surroundings) -> Candidate:
    """A server of this machine that the vendor's own variable names: it gets the vendor's key, and is spoken to as the
    vendor is.
    """
    server = found.gateways.get(vendor.name)
    if server is None:
        return silent(url)
    variable, held = settings.keys.get(vendor.name, ("", ""))
    key = settings.key.value if settings.key and settings.provider else held
    if server.kind != "unknown" and server.provider == vendor.provider:
        return local_server(server, model, settings, found, key)
    what = f"{vendor.name} at {url.value}"
    if model.value == AUTO:
        return unnamed(what)
    dialect = "bearer" if variable == "ANTHROPIC_AUTH_TOKEN" and key == held else vendor.dialect
    return Candidate(
        what, Endpoint(vendor.provider, ServedModel(model.value), url.value, key, server=vendor.name, dialect=dialect)
    )


def addressed(model: Setting, url: Setting, settings: Settings, found: Surroundings) -> Candidate:
    """The address that the user names, in the protocol that the user, the server or the host tells."""
    named = settings.provider.value if settings.provider else ""
    if named == EMBEDDED:
        return refused(
            url.value, f"`{EMBEDDED}` has no address", f"leave out {url.by}, or name another provider", "input", 0, url
        )
    vendor = BY_NAME.get(named) or next((each for each in VENDORS if address.kin(url.value, each.base_url)), None)
    if not address.is_loopback(url.value):
        guessed = "ollama" if port_of(url.value) == 11434 else "openai"
        provider = vendor.provider if vendor else SERVERS.get(named, guessed)
        name = named or (vendor.name if vendor else "openai-compatible" if provider == "openai" else provider)
        return remote(url, name, provider, vendor, model, settings, found)
    key = settings.key.value if settings.key else ""
    if found.named is None:
        return silent(url)
    provider = vendor.provider if vendor else SERVERS.get(named, "")
    if found.named.kind == "unknown" or (provider and provider != found.named.provider):
        server = ModelServer(named or "openai-compatible", provider or "openai", url.value)
        return served(url.value, server, ServedModel(model.value), key) if model.value != AUTO else unnamed(url.value)
    return local_server(found.named, model, settings, found, key)


def remote(
    url: Setting,
    name: str,
    provider: str,
    vendor: Vendor | None,
    model: Setting,
    settings: Settings,
    found: Surroundings,
) -> Candidate:
    """Somewhere else: in no case in the clear, without consent, or with a key that belongs to others."""
    what = f"{name} at {address.host_of(url.value)}"
    if address.is_clear(url.value):
        hint = "use https, or a tunnel: `ssh -N -L 11434:localhost:11434 HOST`"
        return refused(what, f"{url.by} names an address beyond this machine without https", hint, "input", 0, url)
    own = vendor is not None and (address.kin(url.value, vendor.base_url) or settings.urls.get(vendor.name) == url)
    held = settings.keys.get(name, ("", "")) if own or name == "ollama" else ("", "")
    key = settings.key.value if settings.key and (settings.base_url or settings.provider) else held[1]
    if vendor and vendor.keys and own and not key:
        return refused(
            what,
            f"{vendor.keys[0]} is not set",
            f"set {vendor.keys[0]} (or KFORGE_API_KEY) to your key",
            "world",
            0,
        )
    if model.value == AUTO and not settings.base_url:
        return unnamed(what)
    if not address.consented(url.value, settings.consent):
        return refused(
            what, "asking it needs your consent: parts of the source would leave this machine", CONSENT, "input", 0, url
        )
    offers = found.named.offers if found.named and settings.base_url else ()
    if model.value == AUTO:
        chats = [offer for offer in offers if offer.chats]
        if len(chats) != 1:
            return unnamed(what)
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
    return Candidate(what, endpoint)
