"""What the user still has to make or say before a draft runs, each said once for all services that it is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from kforge.domain.draft import Drafted, WantedService
from kforge.domain.invisible_chars import line
from kforge.domain.known_images import Store
from kforge.domain.near_words import listed
from kforge.draft.stores import filled
from kforge.draft.whole_addresses import ADDRESS_KEY, is_address
from kforge.draft.wiring_context import Wires


def secrets(
    app: str, stores: Mapping[str, Store], drafted: Mapping[str, Drafted], wires: Mapping[str, Wires]
) -> Iterator[str]:
    """Secrets that the draft refers to, each with all its keys."""
    keys: dict[str, dict[str, bool]] = {}
    for name, store in stores.items():
        for key in store.secrets.values():
            keys.setdefault(f"{app}-{name}", {})[key] = False
    for name, one in drafted.items():
        for reference in one.block.get("secrets", {}).values() if name not in stores else ():
            optional = bool(reference.get("optional"))
            there = keys.setdefault(reference["secret"], {})
            there[reference["key"]] = there.get(reference["key"], True) and optional
    for held in wires.values():
        for file in held.files.values():
            keys.setdefault(file.secret, {})[file.key] = False
    for secret, found in keys.items():
        wanted = sorted(key for key, optional in found.items() if not optional)
        spare = sorted(key for key, optional in found.items() if optional)
        parts = [f"with {_named(wanted)}"] if wanted else []
        parts += [f"{_named(spare)} if {'it is' if len(spare) == 1 else 'they are'} used"] if spare else []
        yield f"make the Secret `{secret}` {', and '.join(parts)}: kforge only refers to it"
    examples: dict[tuple[str, str], str] = {}
    for held in wires.values():
        for name, example in held.urls.items():
            key = next((one["key"] for one in held.secrets.values() if is_address(one, f"{app}-{name}")), ADDRESS_KEY)
            examples.setdefault((name, key), example)
    for (name, key), example in sorted(examples.items()):
        like = f", like `{example}`" if example else ""
        yield f"`{key}` in the Secret `{app}-{name}` is the whole address of `{name}`, with the password in it{like}"


def lacks(wires: Mapping[str, Wires], drafted: Mapping[str, Drafted]) -> Iterator[str]:
    """Variables that only the user knows, and that no service has which this one is `like`. Services that lack the same
    share a note.
    """
    alike: dict[tuple[str, str], list[str]] = {}
    for service, held in wires.items():
        main = drafted.get(str(drafted[service].block.get("like")))
        given = {*main.block.get("env", {}), *main.block.get("secrets", {})} if main else set()
        for name, why in held.lacks.items():
            if why != "needs" or name not in given:
                alike.setdefault((name, why), []).append(service)
    needed: dict[tuple[str, ...], list[str]] = {}
    for (name, why), services in alike.items():
        if why == "needs":
            needed.setdefault(tuple(services), []).append(name)
        else:
            yield f"`{name}` of {_named(services)} {why}"
    for group, names in needed.items():
        verb = "needs" if len(group) == 1 else "need"
        yield f"{_named(group)} {verb} {_named(names)}: set {'it' if len(names) == 1 else 'them'} under `env` or `secrets`"


def examples(drafted: Mapping[str, Drafted]) -> Iterator[str]:
    """Variables whose values come from examples of the author's: a person has to look at them."""
    for name, one in drafted.items():
        if found := [each for each in one.taken if each in one.block.get("env", {})]:
            files = listed(sorted({line(one.taken[each].file, 200) for each in found}))
            has, them = ("has its value", "it") if len(found) == 1 else ("have their values", "them")
            yield f"{_named(found)} of `{name}` {has} from {files}: check {them}"


def named(wires: Mapping[str, Wires]) -> Iterator[str]:
    """Variables that hold what a program calls itself, which no file of the author's says."""
    alike: dict[str, list[str]] = {}
    for service, held in wires.items():
        for variable in held.named:
            alike.setdefault(variable, []).append(service)
    for variable, services in alike.items():
        yield f"`{variable}` of {_named(services)} is set to the name of the application: write the name that people should see"


def stranger(app: str, name: str, store: Store, clients: Sequence[str]) -> str:
    """Clients of a store that read neither its user nor its password from a variable."""
    said = filled(store.user, store, app, name)
    return (
        f"`{name}` accepts the user `{said}` with the `password` of the Secret `{app}-{name}`, and {listed(clients)} "
        f"read{'s' if len(clients) == 1 else ''} neither from a variable: clients must log in as `{said}`"
    )


def reached(services: Sequence[WantedService]) -> Iterator[str]:
    """What makes a service reachable, and the certificate that one which is needs."""
    for one in services:
        if one.host[0] and one.kind == "web":
            yield f"`{one.host[0]}` is served with TLS: make the Secret `{one.name}-tls`, or write `tls: false`"
    if any(one.kind == "web" for one in services) and not any(one.host[0] for one in services):
        yield "`expose: {host: …}` makes a service reachable from outside"


def _named(words: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)
