"""A model's text → the JSON object in it. Unaware of what the object means.

Models wrap answers in thoughts, fences and prose, and leave commas before brackets. All of that is accepted; two keys
of one name, numbers that JSON lacks and an answer that ends half-way are not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from kforge.domain.model.question import Rejected

LONGEST = 64 * 1024  # characters: no answer to a small question is longer
_THOUGHTS = ("</think>", "</thinking>", "</reasoning>")  # some servers leave out where a thought begins
_FENCE = re.compile(r"```[A-Za-z0-9]*[ \t]*\n(.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)
# A text that nothing closes goes on to the end: were that no match, each of its quotes would be tried again.
_STRING = r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)'
_STRING_OR_BRACE = re.compile(rf"{_STRING}|[{{}}]", re.DOTALL)
_STRING_OR_COMMA = re.compile(rf"({_STRING})|,(?=\s*[}}\]])", re.DOTALL)


def recover(text: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """The first object of the text that has one of the keys, else the first object. Raises Rejected."""
    if len(text) > LONGEST:
        raise Rejected(f"the answer has {len(text)} characters; answer with the JSON object alone")
    first: dict[str, Any] | None = None
    problem = ""
    for candidate in _candidates(text.removeprefix("\ufeff")):
        found = _decoded(candidate)
        if isinstance(found, str):
            problem = problem or found
        elif any(key in found for key in keys):
            return found
        elif first is None:
            first = found
    if first is not None:
        return first
    raise Rejected(problem or "the answer holds no JSON object; answer with the JSON object alone")


def _candidates(text: str) -> Iterator[str]:
    """Texts that may be the object, best first."""
    spoken = text
    for mark in _THOUGHTS:
        rest = spoken.rpartition(mark)[2]
        spoken = rest if "{" in rest else spoken
    yield spoken
    yield from (match[1] for match in _FENCE.finditer(spoken))
    # Each object that the text holds, outermost only: what stands inside a braced object is a part of it.
    at = spoken.find("{")
    for _ in range(8):
        if at < 0:
            return
        yield spoken[at:]
        end = _end(spoken, at)
        at = spoken.find("{", end)


def _end(text: str, start: int) -> int:
    """Position after the brace that closes the one at `start`; the text's end where none does."""
    depth = 0
    for match in _STRING_OR_BRACE.finditer(text[start:]):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return start + match.end()
    return len(text)


def _decoded(text: str) -> dict[str, Any] | str:
    """The object at the text's beginning, or why there is none."""
    body = text.strip()
    if not body.startswith("{"):
        return ""
    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, parse_int=_number)
    try:
        found, _ = decoder.raw_decode(body)
    except Rejected as fault:
        return fault.finding
    except RecursionError:
        return "the answer is nested too deeply"
    except ValueError:
        try:
            found, _ = decoder.raw_decode(_STRING_OR_COMMA.sub(lambda match: match[1] or "", body))
        except Rejected as fault:
            return fault.finding
        except (ValueError, RecursionError) as error:
            return f"the answer is no JSON: {_why(error)}"
    return found if isinstance(found, dict) else ""


def _why(error: Exception) -> str:
    return (
        f"{error.msg.lower()} at line {error.lineno}, column {error.colno}"
        if isinstance(error, json.JSONDecodeError)
        else "it cannot be read"
    )


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise Rejected("the answer names a key twice; name each once")
    return made


def _no_constant(word: str) -> Any:
    raise Rejected(f"the answer holds `{word}`, which JSON lacks")


def _number(digits: str) -> int:
    if len(digits) > 18:
        raise Rejected("the answer holds a number that is far too large")
    return int(digits)
