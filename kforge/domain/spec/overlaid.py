"""A value of the base and an environment's → the one that holds there. Unaware of keys."""

from __future__ import annotations

from typing import Any


def overlaid(value: Any, changed: Any) -> Any:
    """An environment's value over the base's: mappings and models merge field by field, the rest is replaced."""
    if changed is None:
        return value
    if isinstance(value, dict) and isinstance(changed, dict):
        return {**value, **changed}
    if value is not None and hasattr(changed, "model_fields_set") and type(value) is type(changed):
        merged = {name: overlaid(getattr(value, name), getattr(changed, name)) for name in changed.model_fields_set}
        return value.model_copy(update=merged)
    return changed
