"""Two objects → the JSON patch (RFC 6902) that turns one into the other. Lists that differ are replaced whole."""

from __future__ import annotations

from typing import Any

from kforge.domain.kubernetes.strategic import same


def operations(old: Any, new: Any, path: str = "") -> list[dict[str, Any]]:
    """Operations in order of their paths."""
    if same(old, new):
        return []
    if not isinstance(old, dict) or not isinstance(new, dict):
        return [{"op": "replace", "path": path, "value": new}]
    found: list[dict[str, Any]] = []
    for key in sorted(old.keys() | new.keys()):
        below = f"{path}/{key.replace('~', '~0').replace('/', '~1')}"
        if key not in new:
            found.append({"op": "remove", "path": below})
        elif key not in old:
            found.append({"op": "add", "path": below, "value": new[key]})
        else:
            found += operations(old[key], new[key], below)
    return found
