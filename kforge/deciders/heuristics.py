"""Topic and view → answer, offline: the topic's own rule of thumb. Always there, always the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kforge.domain.decision import Answer, Topic
from kforge.domain.view import View

RECORD: Mapping[str, Any] = {"by": "heuristics"}


def ask(topic: Topic, view: View) -> tuple[Answer, Mapping[str, Any]]:
    """The topic's answer and who gave it, as the lock records it."""
    return topic.heuristics(view), RECORD
