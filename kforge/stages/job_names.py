"""Documents whose Jobs a fragment or patch changed → those Jobs under other names, and all that refers to them.

The name of a one-off Job ends in a digest of its template, which is immutable. What waits for it, and what it says that it
is done with, bear the same name; and a Job that waits for another has that one's name in its template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from kforge.domain import fieldpath
from kforge.domain.document import Document
from kforge.domain.kubernetes import strategic
from kforge.domain.kubernetes.objects import mapping
from kforge.domain.kubernetes.pod import job_name


def renamed(before: Sequence[Document], after: Sequence[Document]) -> tuple[Document, ...]:
    """The documents with Jobs named by their templates. `before` are those whose names are right."""
    old, new = list(before), list(after)
    jobs = sum(document.kind == "Job" for document in old)
    for _ in range(jobs + 1):  # one that waits for another is named after it
        names: dict[str, str] = {}
        for index, (was, now) in enumerate(zip(old, new, strict=True)):
            if now.kind == "Job" and not strategic.same(_template(was), _template(now)):
                name = job_name(now.service, _template(now))
                names[now.name] = name
                new[index] = replace(now, data=fieldpath.put(now.data, "metadata.name", name))
        if not names:
            break
        old, new = list(new), [_told(document, names) for document in new]
    return tuple(new)


def _template(document: Document) -> dict[str, Any]:
    return dict(mapping(document.data, "spec", "template"))


def _told(document: Document, names: Mapping[str, str]) -> Document:
    """A document that speaks of Jobs by their new names."""
    data = _replaced(document.data, names)
    return document if data is document.data else replace(document, data=data)


def _replaced(data: Any, names: Mapping[str, str]) -> Any:
    if isinstance(data, str):
        return names.get(data, data)
    if isinstance(data, dict):
        inner = {key: _replaced(value, names) for key, value in data.items()}
        return inner if any(inner[key] is not value for key, value in data.items()) else data
    if isinstance(data, list):
        items = [_replaced(value, names) for value in data]
        return items if any(one is not other for one, other in zip(items, data, strict=True)) else data
    return data
