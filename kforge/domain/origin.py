"""Where a field's value comes from, carried beside the value until a document is finished.

An artifact writes `sourced(value, "resources.memory")`; `split` later gives the plain data and a map from field
path to origin, which `explain` and every finding read.

Origins are one of
  `TOPIC.FIELD`   a decision: `resources.memory`
  `spec.KEY`      a key of the service's block: `spec.env.CATALOG_URL`
  `app.KEY`       a top-level key: `app.registry`
  `services.S.KEY`   a key of another service's block, in an object of the app: `services.web.expose`
  `kforge: WHY`   fixed by kforge, with the reason in one clause
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class Sourced:
    """A value with its origin; it exists only between an artifact and `split`."""

    value: Any
    origin: str


def sourced(value: Any, origin: str) -> Sourced:
    return Sourced(value, origin)


def split(data: Any) -> tuple[Any, dict[str, str]]:
    """Plain data and its origins by field path (`spec.template.spec.containers[0].image`). None values vanish."""
    origins: dict[str, str] = {}
    return _plain(data, "", origins), origins


_SCALARS = frozenset((str, int, float, bool, type(None)))  # most values: without origin or parts, so without a path


def _plain(data: Any, path: str, origins: dict[str, str]) -> Any:
    if isinstance(data, Sourced):
        origins[path] = data.origin
        return _plain(data.value, path, origins)
    if isinstance(data, dict):
        plain = {}
        for key, value in data.items():
            inner = value if type(value) in _SCALARS else _plain(value, join(path, key), origins)
            if inner is not None:
                plain[key] = inner
        return plain
    if isinstance(data, (list, tuple)):
        return [
            value if type(value) in _SCALARS else _plain(value, f"{path}[{index}]", origins)
            for index, value in enumerate(data)
        ]
    return data


@lru_cache(maxsize=4096)  # the same few hundred paths, once for every object of every environment
def join(path: str, key: str) -> str:
    """A field path one key deeper; keys that are no identifiers are bracketed: `data["features.yaml"]`."""
    step = _step(key)
    return f"{path}{step}" if path or step[0] == "[" else key


@lru_cache(maxsize=4096)
def _step(key: str) -> str:
    if key.replace("_", "").replace("-", "").isalnum():
        return f".{key}"
    return f"[{json.dumps(key, ensure_ascii=False)}]"


def paths_of(data: Any, path: str = "") -> list[str]:
    """Paths of every leaf of plain data, in order."""
    if isinstance(data, Mapping) and data:
        return [leaf for key, value in data.items() for leaf in paths_of(value, join(path, key))]
    if isinstance(data, (list, tuple)) and data:
        return [leaf for index, value in enumerate(data) for leaf in paths_of(value, f"{path}[{index}]")]
    return [path]
