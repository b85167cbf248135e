"""The package → every pattern in it, with texts that would make it slow, were it not linear.

A text repeats what one of the pattern's own repeats takes, behind all that has to stand before it, and ends so that the
match fails. Knows patterns as Python's own parser gives them; unaware of what they are for.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kforge

_parser: Any = importlib.import_module("re._parser")  # nothing public takes a pattern apart
_CHARACTERS = "a0 \n_A.-/\"'(){}[]<>=:,;$@#|\\`!*+~^&%?é\x01\t"
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")
_ONCE = {"match", "fullmatch"}  # tried at one place only
_LONG = 30  # a repeat of fewer takes no time


@dataclass(frozen=True)
class Found:
    """A pattern, where it is, and how it is asked."""

    place: str
    pattern: re.Pattern[str]
    ways: tuple[str, ...]

    def ask(self, text: str) -> None:
        for way in self.ways:
            if way == "search":
                for _ in self.pattern.finditer(text):
                    pass
            else:
                getattr(self.pattern, way)(text)


def patterns() -> list[Found]:
    """Every pattern that a module holds, in a name or within a call of `re`."""
    found: dict[tuple[str, int, tuple[str, ...]], Found] = {}
    names = [
        info.name for info in pkgutil.walk_packages(kforge.__path__, "kforge.") if not info.name.endswith("__main__")
    ]
    modules = {name: importlib.import_module(name) for name in names}
    texts = {name: Path(str(module.__file__)).read_text("utf-8") for name, module in modules.items()}
    everywhere = "\n".join(texts.values())
    for place, module in modules.items():
        held = [
            Found(f"{place}.{name}", one, _ways(name, texts[place] if name.startswith("_") else everywhere))
            for name, value in vars(module).items()
            for one in _within(value)
        ]
        for one in (*held, *_written(place, texts[place])):
            found.setdefault((one.pattern.pattern, one.pattern.flags, one.ways), one)
    return list(found.values())


def _within(value: object) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        yield value
    elif isinstance(value, dict):
        yield from (one for item in value.values() for one in _within(item))
    elif isinstance(value, (tuple, list)):
        yield from (one for item in value for one in _within(item))


def _ways(name: str, text: str) -> tuple[str, ...]:
    lines = (line for line in text.splitlines() if "import" not in line)
    asked = {match[1] for line in lines for match in re.finditer(rf"\b{name}\b(?! *[:=](?!=))(?:\.([a-z]+))?", line)}
    return tuple(sorted(asked)) if asked and asked <= _ONCE else ("search",)


def _written(place: str, text: str) -> Iterator[Found]:
    """Patterns written where they are used: `re.search(r"…", text)`. What an f-string fills in counts as a name."""
    inside = [one for one in ast.parse(text).body if isinstance(one, ast.FunctionDef | ast.ClassDef)]
    for node in (one for part in inside for one in ast.walk(part)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        called = node.func
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "re":
            source = _source(node.args[0])
            flags = [
                getattr(re, one.attr)
                for one in ast.walk(node)
                if isinstance(one, ast.Attribute) and one.attr.isupper() and hasattr(re, one.attr)
            ]
            try:
                pattern = re.compile(source or "", sum(set(flags)))
            except re.error:
                continue
            if source:
                yield Found(f"{place}:{node.lineno}", pattern, (called.attr,) if called.attr in _ONCE else ("search",))


def _source(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "ab" for part in node.values)
    return ""


def attacks(pattern: re.Pattern[str]) -> list[Callable[[int], str]]:
    """Texts of about a given length, each as a function of it."""
    tree = _parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE)
    whole = _sample(tree, 0)
    made: dict[tuple[str, str, str], None] = {}
    for pick in range(2):
        for before, pump in _pumped(tree, "", pick):
            for tail in ("", "\x00", "\n!"):
                made[before, pump, tail] = None
            made["", before + pump, "\x00"] = None
    for char in {*whole, " ", "\n", "a", *_classes(tree)}:
        made["", char, "\x00"] = None
    made["", whole or "a", ""] = None
    made["", (whole or "a")[:-1] or "a", ""] = None
    return [_text(*one) for one in made]


def _text(before: str, pump: str, tail: str) -> Callable[[int], str]:
    return lambda length: f"{before}{pump * max(1, length // len(pump))}{tail}"


def _pumped(tree: Any, before: str, pick: int) -> Iterator[tuple[str, str]]:
    """What stands before each long repeat, and what the repeat takes once."""
    for name, held in ((str(op), value) for op, value in tree):
        if name in _REPEATS:
            low, high, body = held
            if int(high) > _LONG and (pump := _sample(body, pick)):
                yield before, pump
                yield before + pump * 3, pump
                if other := _sample(body, pick + 2):
                    yield before, pump + other
            yield from _pumped(body, before, pick)
            before += _sample(body, pick) * max(int(low), 1 if pick else 0)
            continue
        for inner in _inner(name, held):
            yield from _pumped(inner, before, pick)
        before += _one(name, held, pick)


def _inner(name: str, held: Any) -> list[Any]:
    if name == "SUBPATTERN":
        return [held[3]]
    if name == "BRANCH":
        return list(held[1])
    if name in ("ASSERT", "ASSERT_NOT"):
        return [held[1]]
    return [held] if name == "ATOMIC_GROUP" else []


def _sample(tree: Any, pick: int) -> str:
    """A short text that a part of a pattern takes, look-around left out."""
    return "".join(_one(str(op), held, pick) for op, held in tree)


def _one(name: str, held: Any, pick: int) -> str:
    if name == "LITERAL":
        return chr(held)
    if name in ("IN", "NOT_LITERAL", "ANY", "CATEGORY"):
        fitting = _fitting(name, held)
        return fitting[pick % len(fitting)] if fitting else ""
    if name in _REPEATS:
        return _sample(held[2], pick) * int(held[0])
    if name == "SUBPATTERN":
        return _sample(held[3], pick)
    if name == "ATOMIC_GROUP":
        return _sample(held, pick)
    if name == "BRANCH":
        return _sample(held[1][pick % len(held[1])], pick)
    return ""


def _fitting(name: str, held: Any) -> list[str]:
    if name == "ANY":
        return ["a", " ", "0"]
    if name == "NOT_LITERAL":
        return [char for char in _CHARACTERS if ord(char) != held]
    parts = held if name == "IN" else [(name, held)]
    negated = str(parts[0][0]) == "NEGATE"
    found = [char for char in _CHARACTERS if negated != any(_takes(str(op), value, char) for op, value in parts)]
    return found or [
        chr(value if str(op) == "LITERAL" else value[0]) for op, value in parts if str(op) in ("LITERAL", "RANGE")
    ]


def _takes(name: str, held: Any, char: str) -> bool:
    if name == "LITERAL":
        return ord(char) == int(held)
    if name == "RANGE":
        return bool(held[0] <= ord(char) <= held[1])
    kind = str(held)
    hit = char.isspace() if "SPACE" in kind else char.isdigit() if "DIGIT" in kind else char.isalnum() or char == "_"
    return name == "CATEGORY" and hit != ("NOT" in kind)


def _classes(tree: Any) -> Iterator[str]:
    """Every character that stands in the pattern, as far as it is one of those that matter."""
    for name, held in ((str(op), value) for op, value in tree):
        if name == "LITERAL":
            yield chr(held)
        elif name in ("IN", "NOT_LITERAL"):
            yield from _fitting(name, held)[:2]
        elif name in _REPEATS:
            yield from _classes(held[2])
        for inner in _inner(name, held):
            yield from _classes(inner)
