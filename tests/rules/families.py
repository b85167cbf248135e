"""The catalog's rules by the modules that hold them: a new module of a family is tested without being named."""

from __future__ import annotations

from kforge import catalog
from kforge.domain.finding import Rule


def family(name: str) -> tuple[Rule, ...]:
    """Rules of the module `name`, and of all whose names begin with it and an underscore."""
    found = tuple(rule for rule in catalog.rules() if f"{rule.check.__module__}_".startswith(f"kforge.rules.{name}_"))
    assert found, f"the catalog has no rules of {name}"
    return found
