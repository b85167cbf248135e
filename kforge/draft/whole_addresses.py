"""Whole addresses that services of a draft take from a store's Secret → keys, one for every form of them.

`mysql+pymysql://…` and `mysql://…` are the same store to two libraries, and no value serves both.
"""

from __future__ import annotations

from collections.abc import Mapping

from kforge.draft.wiring_context import Wires

ADDRESS_KEY = "url"


def is_address(reference: Mapping[str, str], secret: str) -> bool:
    """Whether a reference to a Secret is to the whole address of the store that has it."""
    return reference["secret"] == secret and reference["key"].partition("-")[0] == ADDRESS_KEY


def tell_apart(app: str, wires: Mapping[str, Wires]) -> None:
    """Gives the services after the first that take a store's address in another form a key of their own."""
    forms: dict[str, dict[str, str]] = {}
    for service, held in wires.items():
        for store, form in held.urls.items():
            keys = forms.setdefault(store, {})
            key = keys.setdefault(form, f"{ADDRESS_KEY}-{service}" if keys else ADDRESS_KEY)
            for reference in held.secrets.values():
                if is_address(reference, f"{app}-{store}"):
                    reference["key"] = key
