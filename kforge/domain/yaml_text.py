"""Plain data → YAML text, and a Kubernetes document → its file. Unaware of what the data mean.

One rule orders every mapping, at every depth: the keys of FIRST come first, in that order, the others follow by
alphabet. So the text depends on the data alone, not on who put which key in first.

The text reads the same by YAML 1.1 (PyYAML, libyaml), YAML 1.2 (ruamel) and go-yaml (the API server, kustomize):
a string stays plain only where none of them could take it for anything else, and a key too long for `key: value`
is written as `? key` and `: value`.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from kforge.domain.document import mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kforge.domain.document import Document

FIRST = (
    "apiVersion", "kind", "metadata", "name", "namespace", "labels", "annotations", "type",
    "image", "imagePullPolicy", "command", "args", "env", "envFrom", "from", "to", "ports",
)  # fmt: skip
_RANK = {key: f"{rank:02}" for rank, key in enumerate(FIRST)}

# A letter or a slash, then nothing that YAML gives a meaning: `: ` and ` #` cannot arise, nor can a flow collection.
# No number, date or base-60 value begins with a letter or a slash, in any of the three readings.
_WORD = r"[A-Za-z0-9_./@=+%~$()-]+"
_PLAIN = re.compile(rf"(?=[A-Za-z/]){_WORD}(?::{_WORD})*(?: {_WORD}(?::{_WORD})*)*")
# Quantities and percentages begin with a digit, and their suffix keeps them from being numbers; `1E` and `1e3` do not.
_QUANTITY = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:m|k|M|G|T|P|[KMGTPE]i|%)")
RESERVED = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "inf", "nan"})

# What an editor hides or a reader refuses: controls, C1, soft hyphen, zero width, bidi, separators, surrogates, BOM,
# tags. Ranges are spelled out because Python's own tables differ between its versions.
_UNSEEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\ud800-\udfff\ufeff\ufff0-\uffff\U000e0000-\U000e0fff"
)
_ESCAPED = re.compile(rf'[\t\n"\\{_UNSEEN}]')
# A parser looks no further than this for the `:` of a key: https://yaml.org/spec/1.2.2/#742-flow-mappings
SIMPLE_KEY = 1024
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
# White space at a line's end would fall to the first editor that saves the file; tabs inside a line are safe.
_NOT_LITERAL = re.compile(rf"[{_UNSEEN}]|[ \t](?:\n|\Z)|\A\n*\Z")
_LITERAL_STARTS = re.compile(r"[\n \t]")


def render(document: Document, spec: str) -> str:
    """The file of a Kubernetes document; its first line marks it as kforge's and names the spec's file."""
    return marked(document.data, spec)


def marked(data: Any, spec: str) -> str:
    """Any data as such a file."""
    return f"{mark(spec)}\n{to_yaml(data)}"


class Inset:
    """A part that is no data and writes lines of its own, as an action of a template does."""

    __slots__ = ()

    def lines(self, key: str | None, head: str, pad: str) -> Iterable[str]:
        """What stands in place of a key and its value, or, without a key, of a list item; nothing where it is left out.

        `head` is what the first line begins with, for an item without its dash; `pad` what the others begin with.
        """
        raise NotImplementedError


def to_yaml(data: Any) -> str:
    """YAML of plain data: dicts with string keys, lists, strings, numbers, booleans, None. Ends with a line feed.

    Raises TypeError for anything else, a `Sourced` value among them; an `Inset` may stand within dicts and lists.
    """
    if data and isinstance(data, (dict, list, tuple)):
        return "\n".join(block_lines(data)) + "\n"
    return f"{_leaf(data, '  ')}\n"


def block_lines(data: Any, pad: str = "") -> list[str]:
    """The lines of a mapping or list that is not empty, each behind `pad`. A line may hold line feeds: a literal."""
    out: list[str] = []
    _block(data, pad, pad, out)
    return out


def _block(data: Any, pad: str, head: str, out: list[str]) -> None:
    """Append the lines of a mapping or list that is not empty; `head` stands before the first, `pad` before the rest."""
    if not isinstance(data, dict):
        _items(data, pad, head, out)
        return
    deeper = pad + "  "
    for key in _ordered(tuple(data)):
        value, name = data[key], scalar(key)
        if len(name) > SIMPLE_KEY:
            out.append(f"{head}? {name}")
            _explicit(value, pad, out)
        elif value and isinstance(value, dict):
            out.append(f"{head}{name}:")
            _block(value, deeper, deeper, out)
        elif value and isinstance(value, (list, tuple)):
            out.append(f"{head}{name}:")
            _items(value, pad, pad, out)
        elif (leaf := _leaf(value, deeper)) is not None:
            out.append(f"{head}{name}: {leaf}")
        elif lines := value.lines(key, head, pad):
            out += lines
        else:
            continue
        head = pad


def _items(data: Sequence[Any], pad: str, head: str, out: list[str]) -> None:
    """Append the lines of a list, as `_block`."""
    deeper = pad + "  "
    for item in data:
        if item and isinstance(item, (dict, list, tuple)):
            _block(item, deeper, head + "- ", out)
        elif (leaf := _leaf(item, deeper)) is not None:
            out.append(f"{head}- {leaf}")
        elif lines := item.lines(None, head, pad):
            out += lines
        else:
            continue
        head = pad


def _explicit(value: Any, pad: str, out: list[str]) -> None:
    """Append the value of a key that stands in a line of its own."""
    if value and isinstance(value, (dict, list, tuple)):
        _block(value, pad + "  ", f"{pad}: ", out)
    else:
        out.append(f"{pad}: {_leaf(value, pad + '  ')}")


@lru_cache(maxsize=1024)
def _ordered(keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(keys, key=lambda key: _RANK.get(key, "~" + key)))


def _leaf(value: Any, deeper: str) -> str | None:
    """The text of what is no block; None for an inset."""
    if isinstance(value, str):
        return _literal(value, deeper) if "\n" in value and not _NOT_LITERAL.search(value) else scalar(value)
    if value is True:
        return "true"
    if value is False:
        return "false"
    if value is None:
        return "null"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _float(value)
    if isinstance(value, (dict, list, tuple)):
        return "{}" if isinstance(value, dict) else "[]"
    if isinstance(value, Inset):
        return None
    raise TypeError(f"{type(value).__name__} is no plain data")


@lru_cache(maxsize=8192)
def scalar(text: str) -> str:
    """A string on one line: plain where every reader takes it for a string, else in double quotes."""
    if _PLAIN.fullmatch(text):
        if text.lower() not in RESERVED:
            return text
    elif _QUANTITY.fullmatch(text):
        return text
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    return _SHORT.get(char) or (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def _literal(text: str, pad: str) -> str:
    """A literal block: `|` ends in one line feed, `|-` in none, `|+` in several; a digit where the indent is unclear."""
    body = text.rstrip("\n")
    ends = len(text) - len(body)
    lines = [f"{pad}{line}" if line else "" for line in body.split("\n")]
    header = f"|{'2' if _LITERAL_STARTS.match(text) else ''}{'-' if ends == 0 else '+' if ends > 1 else ''}"
    return "\n".join([header, *lines, *[""] * (ends - 1)])


def _float(value: float) -> str:
    if not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    text = repr(value)
    # YAML 1.1 knows no exponent without a point: `1e+16` would be a string there.
    return text.replace("e", ".0e") if "e" in text and "." not in text else text
