"""What sources speak to, and what a sentence names → the stores of a draft. Unaware of how they are wired."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kforge.domain.draft import FoundSource, WantedService
from kforge.domain.known_images import Store, stores
from kforge.draft.addresses import fits, store_meant
from kforge.draft.compose_roles import table
from kforge.draft.logins import ADDRESS, GENERAL, plain_name
from kforge.draft.stores import alike, as_told, shown_by, signs
from kforge.draft.words import Said


def store_services(
    asked: Said, found: Sequence[FoundSource], services: Sequence[WantedService]
) -> Iterator[WantedService]:
    """Stores by their client libraries and by addresses, then by name; one of a kind, and none that a source here is
    itself or that the author's file has.
    """
    taken = {one.name for one in services}
    hosts = {str(host["host"]) for item in found for host in item.facts.value("hosts")} - taken
    shown = [(store, f"{item.path} uses it") for item in found for store in spoken_to(item)[0]]
    shown += [(stores()[key], f"the sentence says {sign}") for key, sign in asked.stores.items()]
    own = {
        one.name
        for one in services
        if not one.store and not next((item.facts.language for item in found if item.path == one.source), None)
    } | {item.base for item in found}
    seen = {one.store for one in services if one.store}
    for store, why in shown:
        signed = signs(store)
        name = next((host for host in sorted(hosts) if host in signed), store.service)
        name = store.key if name in taken - {one.name for one in services} else name
        if store.key in asked.declined or store.key in seen or name in taken or own & {*signed}:
            continue
        seen.add(store.key)
        taken.add(name)
        yield WantedService(name, "store", store=store.key, why=why)


def spoken_to(item: FoundSource) -> tuple[list[Store], list[tuple[Store, str]]]:
    """The stores that a source is drafted with, and those that it could use, each with the reason against it.

    Where a Compose file runs the source, it names the stores. Of databases that take the place of each other, one is
    drafted: that of an address in the source, else the first; none where an embedded one does without. Where one does,
    clients of stores of which nothing in the source says where they are may be what it looks at: a monitor's.
    """
    addressed = [stores()[key] for fact in item.facts.env if (key := store_meant(str(fact.value["default"] or "")))]
    shown = list({store.key: store for store in (*addressed, *shown_by(item.facts.value("dependencies")))}.values())
    if any(one.names for one in item.told):
        return [], [(store, "the Compose file does not run it") for store in shown]
    kept: list[Store] = []
    spare: list[tuple[Store, str]] = []
    relational = [store for store in shown if store.database]
    embedded = not {*map(str, item.facts.value("dependencies"))}.isdisjoint(table()["embedded"])
    embedded = embedded or any("SQLite" in str(kept["what"]) for kept in item.facts.value("kept"))
    placeless = [store for store in shown if not _placed(store, item)] if embedded else []
    for store in shown:
        others = [each for each in relational if each is not store]
        if store in placeless and (not _any_address(item) if store in relational else len(placeless) > 1):
            spare.append((store, "no address of one is configured, and an embedded database works without it"))
        elif relational and store not in relational and "database" in store.roles and not _placed(store, item):
            spare.append((store, "another database is drafted instead"))
        elif store not in relational or not others or store in addressed[:1]:
            kept.append(store)
        elif embedded:
            spare.append((store, "an embedded database works without it, and there are several alternatives"))
        elif store is relational[0] and not {each.key for each in addressed} & {each.key for each in relational}:
            kept.append(store)
        else:
            spare.append((store, "another database is drafted instead"))
    return kept, spare


def _placed(store: Store, item: FoundSource) -> bool:
    """Whether a variable, a default or a host of a source names the store."""
    own = {*store.variables} - {*GENERAL}
    names = [str(fact.value["name"]) for fact in item.facts.env]
    stems = {match[1].rstrip("_") for name in names if (match := ADDRESS.match(plain_name(name)))}
    hosts = {str(host["host"]) for host in item.facts.value("hosts")}
    met = any(fits(store, store_meant(str(fact.value["default"] or ""))) for fact in item.facts.env)
    return met or any({stem, stem.rpartition("_")[2]} & own for stem in stems) or not hosts.isdisjoint(signs(store))


def _any_address(item: FoundSource) -> bool:
    """Whether a variable of a source may name a database, or says which one is taken."""
    names = [plain_name(str(fact.value["name"])) for fact in item.facts.env]
    stems = [match[1] for name in names if (match := ADDRESS.match(name))]
    return bool(item.facts.switches) or any({*stem.split("_")} & {*GENERAL, "SQL"} for stem in (*stems, *names))


def drafted_store(one: WantedService, found: Sequence[FoundSource]) -> tuple[Store, str]:
    """The store, and why it is another one than its name says. An author's file names one that lets its services in."""
    store = stores()[one.store]
    if one.told:
        return as_told(store, one.told.image, one.told.env), ""
    return store.that_lets_in([str(each) for each in item.facts.value("dependencies")] for item in found)


def spared(found: Sequence[FoundSource], services: Sequence[WantedService]) -> list[str]:
    """What to say of stores that a source could use and that are none of the draft."""
    there = {one.store for one in services}
    return [
        f"`{store.key}`, which {item.path} could use, is left out: {why}"
        for item in found
        for store, why in spoken_to(item)[1]
        if store.key not in there and not any(alike(store, stores()[key]) for key in there if key)
    ]


def users(store: Store, found: Iterable[FoundSource]) -> set[str]:
    """Paths of the sources that use a store, by a library or by an address."""
    return {
        item.path
        for item in found
        if any(alike(store, each) for each in shown_by(item.facts.value("dependencies")))
        or any(fits(store, store_meant(str(fact.value["default"] or ""))) for fact in item.facts.env)
    }
