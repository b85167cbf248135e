"""Settings, the machine and its servers → the endpoint to ask. Used only by runs that have open questions, and by
`doctor`.

settle   flags, environment, configuration → Settings         system/settings.py
probe    ports, files, GPUs → Surroundings                    system/http/servers.py, system/weights.py, system/gpu/
choose   the spec's wish, Settings, Surroundings → Choice     llm/selection.py
resolve  Choice → Endpoint with its weights identified, or the error that says why there is none
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kforge import catalog
from kforge.domain.model import address, wire
from kforge.domain.model.machine import Choice, Machine, ModelServer, Offer, Passed, Setting, Settings, Surroundings
from kforge.domain.model.progress import Tell
from kforge.domain.model.request import Capabilities, Endpoint, Fault, ServedModel
from kforge.domain.model.vendors import BY_NAME, EMBEDDED, VENDORS
from kforge.errors import Error, InputError, OutageError, WorldError
from kforge.llm.model_client import open_endpoint
from kforge.llm.model_match import AUTO
from kforge.llm.selection import choose, choose_offline, refusal
from kforge.system import weights
from kforge.system.clock import CLOCK
from kforge.system.gpu import detect
from kforge.system.gpu.host import Host
from kforge.system.http import servers
from kforge.system.settings import Flags, settle
from kforge.system.store.rows import place

if TYPE_CHECKING:
    pass

NO_FLAGS = Flags()
_NAP = 0.5  # seconds between two looks at a server that loads its model
_ERRORS: Mapping[str, type[Error]] = {"input": InputError, "world": WorldError, "outage": OutageError}
_FAULTS: Mapping[str, str] = {"key": "world", "quota": "outage", "busy": "outage", "outage": "outage"}


@dataclass(frozen=True, slots=True)
class ModelSetup:
    """All that `doctor` shows: settings, surroundings, and the choice that follows."""

    settings: Settings
    found: Surroundings
    choice: Choice
    wish: Setting | None = None
    able: Capabilities | None = None  # what the chosen server's protocol can do
    health: Fault | bool = False  # whether the chosen server answers, or why not; False: only a question will tell


def resolve(
    wish: Setting | None,
    flags: Flags = NO_FLAGS,
    environment: Mapping[str, str] = os.environ,
    home: Path | None = None,
    tell: Tell = lambda line: None,
    patience: float = 0.0,
) -> Endpoint:
    """The endpoint to ask. `wish` is the spec's model with its place. Where nothing but a server that still loads its
    model could be asked, waits for it, for `patience` seconds at most.

    Raises InputError for a wrong name, provider, configuration or a missing consent, WorldError where there is nothing
    to ask or a key is missing or refused, OutageError where a named server does not answer.
    """
    settings = settle(flags, environment, home or Path.home())
    model = settings.model or wish
    until, told = CLOCK.tick() + patience, False
    while True:
        found = probe(settings, environment, thorough=model is None or model.value == AUTO)
        choice = choose(wish, settings, found)
        if choice.endpoint:
            return _identified(choice.endpoint, choice.file, _cache(environment))
        near = (found.named,) if settings.base_url else found.servers
        loads = next((server for server in near if server and server.loads), None)
        if loads is None or CLOCK.tick() >= until:
            kind, problem = refusal(choice, wish, settings, found)
            raise _ERRORS[kind]((problem,))
        if not told:
            tell(f"{loads.title} at {loads.base_url} {loads.problem}: waiting until it is ready")
        told = True
        time.sleep(_NAP)


def wanted_name(
    wish: Setting | None, flags: Flags = NO_FLAGS, environment: Mapping[str, str] = os.environ, home: Path | None = None
) -> str:
    """The name of the model that is wanted: the user's word goes before the spec's. Raises InputError."""
    model = settle(flags, environment, home or Path.home()).model or wish
    return model.value if model else AUTO


def wanted_together(
    flags: Flags = NO_FLAGS, environment: Mapping[str, str] = os.environ, home: Path | None = None
) -> int:
    """How many questions the user puts into one request. Raises InputError."""
    return settle(flags, environment, home or Path.home()).together


def resolve_offline(
    wish: Setting | None,
    flags: Flags = NO_FLAGS,
    environment: Mapping[str, str] = os.environ,
    home: Path | None = None,
    otherwise: Endpoint | None = None,
) -> Endpoint:
    """The endpoint that `resolve` would give, where nothing may be sent, not even to this machine: its answers came
    from a file or a recording.

    What a server alone tells of its weights is left out. `otherwise` is returned where the settings do not tell the
    endpoint; without it, raises as `resolve` does.
    """
    settings = settle(flags, environment, home or Path.home())
    cache = _cache(environment)
    found = Surroundings(
        embedded=weights.installed(),
        files=tuple(weights.look(file, cache) for file in settings.files),
        parallel=_parallel(),
    )
    choice = choose_offline(wish, settings, found)
    if choice.endpoint is None:
        if otherwise:
            return otherwise
        kind, problem = refusal(choice, wish, settings, found)
        raise _ERRORS[kind]((problem,))
    endpoint = choice.endpoint
    return _identified(endpoint, choice.file, cache) if endpoint.provider == EMBEDDED else endpoint


def model_setup(
    wish: Setting | None, flags: Flags = NO_FLAGS, environment: Mapping[str, str] = os.environ, home: Path | None = None
) -> ModelSetup:
    """Settings, hardware, servers and the choice, for `doctor`: hashes no weights, sends nothing beyond loopback without
    consent.

    The chosen endpoint is asked for its list of models, so that a refused key or a wrong name shows before a build.
    """
    settings = settle(flags, environment, home or Path.home())
    try:
        found = probe(settings, environment, thorough=True)
        choice = choose(wish, settings, found)
    except (WorldError, OutageError) as error:  # the server that the user named, elsewhere: all else can be shown
        found = probe(replace(settings, base_url=None), environment, thorough=True)
        told, late = error.problems[0], isinstance(error, OutageError)
        named = settings.base_url.value if settings.base_url else ""
        choice = Choice(
            None,
            passed=(Passed(named, told.message, "" if late else told.hint, "outage" if late else "world", rank=0),),
        )
    if choice.endpoint is None:
        return ModelSetup(settings, found, choice, wish)
    able = catalog.providers()[choice.endpoint.provider].at(choice.endpoint).capabilities
    return ModelSetup(settings, found, choice, wish, able, _health(choice.endpoint))


def _health(endpoint: Endpoint) -> Fault | bool:
    with open_endpoint(endpoint) as client:
        return client.healthy()


def probe(settings: Settings, environment: Mapping[str, str], thorough: bool) -> Surroundings:
    """Servers, weights and, where `thorough`, GPUs and servers on the usual ports of this machine."""
    wanted = settings.gpu.value if settings.gpu else ""
    machine = detect.detect(Host(environment=environment), wanted) if thorough else Machine()
    url = settings.base_url.value if settings.base_url else ""
    local = [setting.value for _, setting in sorted(settings.urls.items()) if address.is_loopback(setting.value)]
    asked = settings.provider.value if settings.provider else ""
    probed = thorough or (not url and asked != EMBEDDED)
    cache = _cache(environment)
    files = {file: weights.look(file, cache) for file in settings.files}
    gateways = {
        name: servers.probe_one(setting.value)
        for name, setting in settings.urls.items()
        if probed and name in BY_NAME and setting.value in local
    }
    return Surroundings(
        machine=machine,
        servers=servers.probe(local) if probed else (),
        named=_named(url, settings) if url else None,
        gateways={name: server for name, server in gateways.items() if server},
        embedded=weights.installed(),
        files=tuple(files[file] for file in settings.files),
        parallel=_parallel(),
    )


def _parallel() -> dict[str, int]:
    """How many requests at once each vendor bears: a protocol alone does not tell, since local servers speak it, too."""
    ends = [Endpoint(vendor.provider, ServedModel(""), vendor.base_url, server=vendor.name) for vendor in VENDORS]
    return {end.server: catalog.providers()[end.provider].at(end).capabilities.parallel for end in ends}


def _named(url: str, settings: Settings) -> ModelServer | None:
    """The server at the address that the user named. Beyond loopback it is asked for its list where that is allowed."""
    if address.is_loopback(url):
        return servers.probe_one(url)
    if (
        address.is_clear(url)
        or not address.consented(url, settings.consent)
        or any(address.kin(url, vendor.base_url) for vendor in VENDORS)
    ):
        return None  # a vendor lists hundreds, and a wrong name costs nothing there
    model = settings.model or Setting(AUTO, "")
    choice = choose(
        None, replace(settings, model=Setting(model.value if model.value != AUTO else "-", model.by)), Surroundings()
    )
    return _listed(choice.endpoint) if choice.endpoint else None


def _listed(endpoint: Endpoint) -> ModelServer | None:
    """The models of a remote server; None where it keeps no list. Raises WorldError for a refused key, OutageError."""
    with open_endpoint(endpoint) as client:
        try:
            offers = tuple(Offer(model) for model in client.models())
        except Fault as fault:
            if fault.kind in _FAULTS:
                raise _ERRORS[_FAULTS[fault.kind]](fault.message, hint=fault.hint) from None
            return None  # a gateway need not list anything
    return ModelServer(endpoint.server, endpoint.provider, endpoint.base_url, offers=offers) if offers else None


def _identified(endpoint: Endpoint, file: str, cache: Path | None) -> Endpoint:
    """With the digest of its weights, where they are at hand, and with what the server tells of this one model."""
    model = endpoint.model
    if endpoint.local and file and not model.strong and os.access(file, os.R_OK) and Path(file).is_file():
        model = replace(model, identity=weights.identify(Path(file), cache), strong=True)
    provider = catalog.providers()[endpoint.provider]
    if endpoint.local and provider.show and provider.decode_show:
        sent = provider.show(model.name)
        reply = servers.fetch(endpoint.base_url, sent.path, body=wire.encoded(sent.body))
        if reply.status == 200:
            with suppress(Fault):  # what it says beside its list is no JSON: the list will do
                told = provider.decode_show(model, reply.status, {}, reply.body)
                model = replace(told, context=model.context or told.context)
    return replace(endpoint, model=model)


def _cache(environment: Mapping[str, str]) -> Path | None:
    completions = place(environment)
    return completions.parent if completions else None
