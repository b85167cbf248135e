"""`chart` of a spec → subcharts whose values meet, say a thing twice, or whose folder is none of the repository."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

from kforge.domain.spec.chart_types import OWN_VALUES
from kforge.domain.target import PATHS
from kforge.spec.tolerant import Wrong, listing, mapping, text


def problems(data: dict[str, Any], folder: str) -> Iterator[Wrong]:
    """`folder` is the spec's, from the top of the repository."""
    root = text(data, "paths", "helm") or PATHS["helm"]
    chart = posixpath.join(folder, root, text(data, "app"))
    seen: set[str] = set()
    for number, each in enumerate(listing(data, "chart", "dependencies")):
        where = ("chart", "dependencies", number)
        named = "alias" if text(each, "alias") else "name"
        key = text(each, named)
        if key in OWN_VALUES:
            yield Wrong((*where, named), f"`{key}` is a key of the chart's own values", "give it an `alias`")
        elif key in seen:
            yield Wrong((*where, named), f"two dependencies have their values below `{key}`", "give one an `alias`")
        seen |= {key} - {""}
        if "enabled" in mapping(each, "values"):
            said = f"`enabled` of `{key}` is the condition under which it is installed"
            yield Wrong((*where, "values", "enabled"), said, "write it next to `values`", at_key=True)
        repository = text(each, "repository")
        path = repository.removeprefix("file://")
        if path != repository and posixpath.normpath(posixpath.join(chart, path)).startswith(".."):
            yield Wrong(
                (*where, "repository"), f"`{repository}` lies outside the repository", "name a folder inside it"
            )
