"""A check of one container → a check of every container of every workload. Unaware of rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from typing import Any

from kforge.domain.document import Documents
from kforge.domain.finding import Hit
from kforge.domain.kubernetes.objects import containers, workloads

Violation = tuple[str, str]  # field path, message


def each_container(
    control: Callable[[str, Mapping[str, Any]], Iterator[Violation]],
) -> Callable[[Documents], Iterator[Hit]]:
    """The check of all; it keeps the docstring, which is a rule's page."""

    @wraps(control)
    def check(documents: Documents) -> Iterator[Hit]:
        for document in workloads(documents):
            for path, container in containers(document):
                yield from (Hit(document, field, message) for field, message in control(path, container))

    return check
