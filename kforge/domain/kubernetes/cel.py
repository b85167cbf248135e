"""A rule of a CRD, in CEL → whether a value keeps it.

The part of the language that the rules of the Gateway API use, https://github.com/google/cel-spec: operators, the macros
`has`, `all`, `exists`, `exists_one` and `filter`, and a few functions. A rule about changes (`oldSelf`) holds of what is
new. Unaware of schemas and of where values come from.
"""

from __future__ import annotations

import ast
import ipaddress
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache, partial
from typing import Any

Scope = Mapping[str, Any]
Code = Callable[[Scope], Any]
_TOKEN = re.compile(
    r"""\s*(?:(?P<string>r?(?:\"{3}.*?\"{3}|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"))|(?P<number>\d+)|(?P<name>[A-Za-z_]\w*)"""
    r"""|(?P<sign>&&|\|\||[<>=!]=|[-+!<>?:.,()\[\]]))""",
    re.DOTALL,
)
_TIME = re.compile(r"(\d{1,18}(?:\.\d{1,18})?)(h|ms|m|s)")
_UNITS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
_WORDS = {"true": True, "false": False, "null": None}


class CelError(Exception):
    """A rule that is not of the part of CEL that is known here, or a value that it cannot be asked of."""


def holds(rule: str, value: Any) -> bool:
    """Whether a value keeps a rule. One that cannot be asked of it, since a field is not there, does not hold: the API
    server has it so. A rule in words that are not known here holds.
    """
    if "oldSelf" in rule:
        return True
    try:
        code = compiled(rule)
    except CelError:
        return True
    with suppress(CelError):
        return bool(code({"self": value}))
    return False


@lru_cache(maxsize=512)
def compiled(rule: str) -> Code:
    """What works a rule out, given the variables in it. Raises CelError for text that is no rule."""
    reader = _Reader(rule)
    code = reader.choice()
    if reader.ahead() is not None:
        raise CelError(f"`{reader.ahead()}` is left over")
    return code


class _Reader:
    """Recursive descent; each method is a level of binding, the loosest first."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        at, text = 0, text.rstrip()
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                raise CelError(f"`{text[at : at + 20]}` is not a word of CEL")
            kind = found.lastgroup or ""
            self._tokens.append((kind, found[kind]))
            at = found.end()
        self._at = 0

    def ahead(self) -> str | None:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else None

    def _take(self, *signs: str) -> str | None:
        said = self.ahead()
        if said in signs and self._tokens[self._at][0] != "string":
            self._at += 1
            return said
        return None

    def _need(self, sign: str) -> None:
        if self._take(sign) is None:
            raise CelError(f"`{sign}` is missing before `{self.ahead()}`")

    def choice(self) -> Code:
        asked = self._either()
        if not self._take("?"):
            return asked
        then = self.choice()
        self._need(":")
        other = self.choice()
        return lambda scope: then(scope) if asked(scope) else other(scope)

    def _either(self) -> Code:
        left = self._both()
        while self._take("||"):
            left = _settled(left, self._both(), True)
        return left

    def _both(self) -> Code:
        left = self._compared()
        while self._take("&&"):
            left = _settled(left, self._compared(), False)
        return left

    def _compared(self) -> Code:
        return self._chained(self._sum, "==", "!=", "<=", ">=", "<", ">", "in")

    def _sum(self) -> Code:
        return self._chained(self._signed, "+", "-")

    def _chained(self, below: Callable[[], Code], *signs: str) -> Code:
        left = below()
        while sign := self._take(*signs):
            left = _operator(sign, left, below())
        return left

    def _signed(self) -> Code:
        if self._take("!"):
            inner = self._signed()
            return lambda scope: not inner(scope)
        return self._reached()

    def _reached(self) -> Code:
        code = self._first()
        while sign := self._take(".", "["):
            if sign == "[":
                code = _operator("[", code, self.choice())
                self._need("]")
                continue
            name = self._name()
            code = self._called(code, name) if self._take("(") else partial(_reach, code, name)
        return code

    def _first(self) -> Code:
        if self._take("("):
            inner = self.choice()
            self._need(")")
            return inner
        if self._take("["):
            held = self._listed("]")
            return lambda scope: [each(scope) for each in held]
        if self._at >= len(self._tokens):
            raise CelError("a value is missing at the end")
        kind, said = self._tokens[self._at]
        self._at += 1
        if kind == "name":
            return self._named(said)
        if kind == "sign":
            raise CelError(f"`{said}` stands where a value should")
        value = ast.literal_eval(said)  # strings and numbers are written as Python writes them
        return lambda scope: value

    def _named(self, name: str) -> Code:
        if name in _WORDS:
            return lambda scope: _WORDS[name]
        if not self._take("("):
            return lambda scope: _at(scope, name)
        (value,) = self._listed(")")
        if name == "has":
            return lambda scope: _is_there(value, scope)
        if name not in _FUNCTIONS:
            raise CelError(f"there is no function `{name}`")
        return lambda scope: _FUNCTIONS[name](value(scope))

    def _called(self, code: Code, name: str) -> Code:
        if name in _MACROS:
            variable = self._name()
            self._need(",")
            body = self.choice()
            self._need(")")
            return lambda scope: _MACROS[name]([(each, body({**scope, variable: each})) for each in code(scope)])
        held = self._listed(")")
        if name not in _METHODS:
            raise CelError(f"there is no function `{name}`")

        def call(scope: Scope) -> Any:
            try:
                return _METHODS[name](code(scope), *(each(scope) for each in held))
            except (TypeError, AttributeError) as error:
                raise CelError(f"`{name}` has no answer: {error}") from None

        return call

    def _name(self) -> str:
        kind, said = self._tokens[self._at] if self._at < len(self._tokens) else ("", "")
        if kind != "name":
            raise CelError(f"`{said}` is not a name")
        self._at += 1
        # Words of the language are escaped where they are fields: `__namespace__`.
        return said[2:-2] if said.startswith("__") and said.endswith("__") else said

    def _listed(self, end: str) -> list[Code]:
        found: list[Code] = []
        while not self._take(end):
            found.append(self.choice())
            if not self._take(","):
                self._need(end)
                break
        return found


def _settled(left: Code, right: Code, answer: bool) -> Code:
    """`||` and `&&`: the side that settles it does so, though the other one has no value."""

    def settle(scope: Scope) -> bool:
        try:
            if bool(left(scope)) is answer:
                return answer
        except CelError:
            if bool(right(scope)) is answer:
                return answer
            raise
        return bool(right(scope))

    return settle


def _operator(sign: str, left: Code, right: Code) -> Code:
    work = _OPERATORS[sign]

    def operate(scope: Scope) -> Any:
        try:
            return work(left(scope), right(scope))
        except (TypeError, KeyError, IndexError) as error:
            raise CelError(f"`{sign}` has no answer: {error}") from None

    return operate


def _reach(code: Code, name: str, scope: Scope) -> Any:
    return _at(code(scope), name)


def _at(held: Any, name: str) -> Any:
    if not isinstance(held, Mapping) or name not in held:
        raise CelError(f"there is no `{name}`")
    return held[name]


def _is_there(code: Code, scope: Scope) -> bool:
    with suppress(CelError):
        return code(scope) is not None
    return False


def _equal(left: Any, right: Any) -> bool:
    return type(left) is type(right) and bool(left == right)


def _matches(text: str, pattern: str) -> bool:
    # Python wants the flag first: https://docs.python.org/3/library/re.html#regular-expression-syntax
    return re.search("(?i)" + pattern.replace("(?i)", "", 1) if "(?i)" in pattern else pattern, text) is not None


def _milliseconds(text: str) -> float:
    found = _TIME.findall(text)
    if "".join(f"{number}{unit}" for number, unit in found) != text:
        raise CelError(f"`{text}` is not a duration")
    return sum(float(number) * _UNITS[unit] for number, unit in found)


def _is_address(text: str) -> bool:
    with suppress(ValueError):
        return bool(ipaddress.ip_address(text))
    return False


_OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "in": lambda left, right: left in right,
    "[": lambda left, right: left[right],
}
_MACROS: Mapping[str, Callable[[list[tuple[Any, Any]]], Any]] = {
    "all": lambda told: all(answer for _, answer in told),
    "exists": lambda told: any(answer for _, answer in told),
    "exists_one": lambda told: sum(bool(answer) for _, answer in told) == 1,
    "filter": lambda told: [each for each, answer in told if answer],
}
_METHODS: Mapping[str, Callable[..., Any]] = {
    "size": len,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": lambda text, part: part in text,
    "matches": _matches,
    "split": lambda text, sign: text.split(sign),
    "substring": lambda text, start: text[start:],
}
_FUNCTIONS: Mapping[str, Callable[[Any], Any]] = {"size": len, "duration": _milliseconds, "isIP": _is_address}
