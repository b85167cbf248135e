"""Whether a server holds a model's answers to a schema.

Constraints can fail open with status 200: an older server ignores the key, a backend lacks grammars. Then every answer
rests on the prompt alone, which is worth a word to the user. So a model is asked, once, for a word that only the schema
names. What it says is cached like any answer.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from kforge.domain.model.request import Completion, Fault, Message, Request

_LONGEST = 1000  # characters: the word with the spaces that a model may put around it
ASK = "Answer with a JSON object that has one key, `word`, and any word as its value."


def request(model: str) -> Request:
    """A question whose answer stands in its schema alone, so that only a model held to the schema can give it."""
    word = "kf-" + hashlib.sha256(model.encode()).hexdigest()[:12]
    schema = {
        "type": "object",
        "properties": {"word": {"type": "string", "enum": [word]}},
        "required": ["word"],
        "additionalProperties": False,
    }
    return Request("the canary", (Message("user", ASK),), schema, max_tokens=64)


def constrained(model: str, complete: Callable[[Request], Completion]) -> bool:
    """Whether the answer keeps to the schema. A fault says nothing of constraints: the first question meets it, too."""
    asked = request(model)
    try:
        text = complete(asked).text
    except Fault:
        return True
    try:
        told = json.loads(text) if len(text) <= _LONGEST else None
    except (ValueError, RecursionError):
        return False
    return bool(told == {"word": asked.schema["properties"]["word"]["enum"][0]})
