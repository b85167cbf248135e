"""Pods whose program is an init container → the same, with native sidecars before it.

So is the program of a job that others wait for. What a fragment adds to a list comes last; a sidecar there would start
when the program has ended. https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from kforge.domain import fieldpath
from kforge.domain.document import Document, pod_spec


def sidecars_first(document: Document) -> Document:
    """The document with its sidecars before its program; what each field comes from moves with it."""
    path, spec = pod_spec(document) or ("", {})
    held = spec.get("initContainers")
    if not isinstance(held, list):
        return document
    program = next((index for index, each in enumerate(held) if _name(each) == document.service), len(held))
    late = [index for index in range(program + 1, len(held)) if _is_sidecar(held[index])]
    if not late:
        return document
    order = [*range(program), *late, *(index for index in range(program, len(held)) if index not in late)]
    place = f"{path}.initContainers"
    moved = {f"{place}[{old}]": f"{place}[{new}]" for new, old in enumerate(order)}
    inner = re.compile(rf"({re.escape(place)}\[\d+\])(.*)", re.DOTALL)
    origins = {
        f"{moved[match[1]]}{match[2]}" if (match := inner.fullmatch(key)) and match[1] in moved else key: origin
        for key, origin in document.origins.items()
    }
    data = fieldpath.put(document.data, place, [held[index] for index in order])
    return replace(document, data=data, origins=origins)


def _name(container: Any) -> Any:
    return container.get("name") if isinstance(container, dict) else None


def _is_sidecar(container: Any) -> bool:
    return isinstance(container, dict) and container.get("restartPolicy") == "Always"
