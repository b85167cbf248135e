"""Examples of what owners say, by the setting that each asks for, and of remarks that ask for none: wish_examples.json.

A label is `topic.setting`, with `: phrase` behind it where a setting has phrases to choose from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

REMARK = "remark"  # the label of what asks for nothing


def examples() -> Iterator[tuple[str, str]]:
    """Each example with its label before it."""
    return ((label, text) for label, texts in _table().items() for text in texts)


@cache
def _table() -> dict[str, list[str]]:
    data: dict[str, list[str]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return data
