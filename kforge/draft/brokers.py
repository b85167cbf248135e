"""The name of a variable → the store that a task queue takes as its broker."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from kforge.domain.known_images import Store

# Stems by which task queues are told of it: `CELERY_BROKER_URL`, `TASK_QUEUE_URL`, `RQ_URL`.
NAMED = re.compile(r"(?:^|_)(?:BROKER|CELERY|RQ|HUEY|DRAMATIQ|ARQ|TASKIQ|(?:TASK|JOB)_?QUEUE|RESULT_BACKEND)$")


def queue_of(stem: str, stores: Mapping[str, Store], used: Collection[str]) -> str:
    """The one store that a source's task queue can take; "" where the name is of something else, or several could be."""
    found = [name for name, store in stores.items() if name in used and "queue" in store.roles]
    return found[0] if len(found) == 1 and NAMED.search(stem) else ""
