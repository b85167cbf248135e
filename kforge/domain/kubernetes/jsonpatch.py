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


def patched(data: Any, found: list[dict[str, Any]]) -> Any:
    """The object after operations as `operations` gives them: on values of mappings, in their order."""
    for each in found:
        keys = [key.replace("~1", "/").replace("~0", "~") for key in each["path"].split("/")[1:]]
        data = _set(data, keys, each) if keys else each["value"]
    return data


def _set(data: Any, keys: list[str], operation: dict[str, Any]) -> Any:
    key, *rest = keys
    if rest:
        return {**data, key: _set(data[key], rest, operation)}
    out = {name: value for name, value in data.items() if name != key}
    return out if operation["op"] == "remove" else {**out, key: operation["value"]}
