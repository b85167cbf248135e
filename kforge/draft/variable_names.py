"""Names of variables → which service or store of a draft they mean. Unaware of values and of how they are wired."""

from __future__ import annotations

from collections.abc import Collection

from kforge.domain.known_images import Store
from kforge.draft import brokers
from kforge.draft.logins import ADDRESS, plain_name
from kforge.draft.wiring_context import WiringContext

_ROLES = ("base", "api", "service", "svc", "server")  # what a name of a service may say besides
_ANOTHER = frozenset(
    ("TEST", "TESTS", "TESTING", "SHADOW", "OLD", "SOURCE", "LEGACY", "BACKUP")
)  # databases of their own


def prefix_of(names: Collection[str], words: Collection[str]) -> str:
    """The prefix of a source's settings: a name of the whole, or what most of several variables begin with."""
    begun = [name.partition("_")[0] for name in names if "_" in name]
    for word in sorted({*begun}):
        if word.lower() in words or (begun.count(word) >= 3 and begun.count(word) * 2 > len(names)):
            return f"{word}_"
    return ""


def service_called(stem: str, around: WiringContext) -> str:
    """The service whose name a stem is, else the only one that it is but for a word such as `API`; "" for none."""
    target = stem.lower().replace("_", "-")
    if target in around.others:
        return target
    meant = _words_of(target)
    found = [name for name, one in around.others.items() if not one.store and _words_of(name) == meant]
    return found[0] if len(found) == 1 else ""


def _words_of(name: str) -> str:
    """`usercontacts` of `user-contacts-api`: what is left without separators and the role at its end."""
    for role in _ROLES:
        name = name.removesuffix(f"-{role}")
    return name.replace("-", "")


def store_called(stem: str, around: WiringContext) -> str:
    """The store whose word a stem is, or ends in where it begins with another: `LEDGER_DATABASE`."""
    ranked = sorted(around.stores, key=lambda each: each not in around.used)
    whole = next((each for each in ranked if stem in around.stores[each].variables), "")
    own = stem.removeprefix(around.prefix) if around.prefix else stem
    ended = [each for each in ranked if own != stem and own in around.stores[each].variables]
    found = whole or (ended[0] if len(ended) == 1 or (ended and ended[0] in around.used) else "")
    return found or brokers.queue_of(stem, around.stores, around.used)


def may_address(name: str, store: Store) -> bool:
    """Whether a variable is called like the whole address of a store, of the one that runs."""
    match = ADDRESS.match(plain_name(name))
    if match is None or match[2] not in ("URL", "URI", "DSN") or another(name):
        return False
    return match[1].rstrip("_").rpartition("_")[2] in store.variables


def another(name: str) -> bool:
    """Whether a variable is of a database beside the one that runs: `TEST_DATABASE_URL`."""
    return not _ANOTHER.isdisjoint(name.split("_"))
