"""A decision's schema → the part of JSON Schema that one server understands. What it does not goes into descriptions.

A keyword that a server ignores would silently weaken the question, and one that it refuses would end the call; the
answer is validated against the whole schema in any case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_ALWAYS = frozenset({"type", "properties", "required", "additionalProperties", "items", "anyOf", "enum", "description"})
# look-around, references, classes by letter: not for every automaton
_FOREIGN = re.compile(r"\(\?[=!<]|\\[bBAZdDwWsS1-9]")
_LITERAL = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\]){0,200}+\]")  # escapes and classes: nothing in them is an operator
_ANCHOR = re.compile(r"[\^$]")
_ENDLESS = re.compile(r"[*+]|\{\d+,\}")


@dataclass(frozen=True, slots=True)
class Dialect:
    """What a server's JSON Schema knows beyond types, properties, items, enum and anyOf."""

    keywords: frozenset[str] = frozenset()
    anchored: bool = False  # a pattern counts only between ^ and $, and the length is forgotten beside it
    repeats: int = 0  # the longest bound that it takes; 0: any
    least: int | None = None  # the largest `minItems` that it takes; None: any


# Structured outputs of OpenAI, strict. https://platform.openai.com/docs/guides/structured-outputs
OPENAI = Dialect(frozenset({"pattern", "minimum", "maximum", "minItems", "maxItems"}))
# Grammars of llama.cpp: common/json-schema-to-grammar.cpp; repetitions beyond 2,000 are refused.
LLAMA = Dialect(
    frozenset({"pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"}),
    anchored=True,
    repeats=2000,
)
# xgrammar, the default of vLLM and SGLang: bounds of numbers, strings and arrays, and patterns.
XGRAMMAR = LLAMA
# https://platform.claude.com/docs/en/build-with-claude/structured-outputs: no bounds but minItems 0 and 1.
ANTHROPIC = Dialect(frozenset({"minItems"}), least=1)
# https://ai.google.dev/gemini-api/docs/structured-output
GEMINI = Dialect(frozenset({"minimum", "maximum", "minItems", "maxItems"}))


def translate(schema: Mapping[str, Any], dialect: Dialect) -> dict[str, Any]:
    """The schema in a dialect: properties in their order, unknown bounds as words."""
    told: dict[str, Any] = {}
    lost: list[str] = []
    for key, value in schema.items():
        if key == "const":
            told["enum"] = [value]  # the same, and known everywhere
        elif key == "properties":
            told[key] = {name: translate(inner, dialect) for name, inner in value.items()}
        elif key == "items":
            told[key] = translate(value, dialect)
        elif key == "anyOf":
            told[key] = [translate(inner, dialect) for inner in value]
        elif key in _ALWAYS or _knows(dialect, key, value):
            told[key] = value
        elif key != "title":
            lost.append(f"{key}: {value}")
    if told.get("type") == "object":  # what every strict server asks for
        told |= {"additionalProperties": False, "required": list(told.get("properties", {}))}
    if lost:
        told["description"] = " ".join(filter(None, (str(told.get("description", "")), f"({'; '.join(lost)})")))
    return told


def _knows(dialect: Dialect, key: str, value: Any) -> bool:
    if key not in dialect.keywords:
        return False
    if key == "pattern":
        return not _FOREIGN.search(value) and (not dialect.anchored or _whole(value))
    if key in ("maxLength", "minLength", "maxItems", "minItems") and dialect.repeats and value > dialect.repeats:
        return False
    return not (key == "minItems" and dialect.least is not None and value > dialect.least)


def _whole(pattern: str) -> bool:
    """Whether a grammar can be made of a pattern that holds the length as well.

    llama.cpp forgets `maxLength` beside a pattern, and takes any string, of any length, for one with an anchor inside.
    """
    inner = _LITERAL.sub("x", pattern[1:-1])
    return pattern[:1] == "^" and pattern[-1:] == "$" and not _ANCHOR.search(inner) and not _ENDLESS.search(inner)
