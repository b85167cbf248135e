"""Bytes → text, and a YAML error → what is wrong in words. Unaware of specs: it speaks of characters and syntax."""

from __future__ import annotations

import re
from itertools import islice

from yaml.error import MarkedYAMLError

from kforge.domain.invisible_chars import BIDI, IGNORABLE, IGNORABLE_BEYOND
from kforge.domain.yaml_text import SIMPLE_KEY
from kforge.errors import InputError, Place, Problem
from kforge.spec.indentation import key_without_colon, wrong_indentation

_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff\ud800-\udfff"
_REFUSED = re.compile(f"[{_CONTROL}{BIDI}{IGNORABLE}]")  # `joining_chars.py` has those that prose needs
_MISLEADING = re.compile(f"[{_CONTROL}{BIDI}]")
_REFUSED_BEYOND = re.compile(f"[{IGNORABLE_BEYOND}]")
_CONFLICT = re.compile(r"^<<<<<<<(?: .*)?$|^>>>>>>>(?: .*)?$", re.MULTILINE)
_QUOTE = "put it in quotes"
_BRACES, _BRACKETS = "separate entries by `,` and end with `}`", "separate entries by `,` and end with `]`"
_ONE_COLUMN = "check the indentation: the keys of a block begin in the same column"
SHORTER = "use a shorter one"
SHOWN = 20  # characters that are told of one text

# libyaml's and PyYAML's words for the same mistakes → ours, and the way out.
_INDENTED = (
    "mapping values are not allowed", "did not find expected key",
    "did not find expected '-' indicator", "expected <block end>", "did not find expected <document start>",
    "expected '<document start>'", "block sequence entries are not allowed", "cannot start any token", "tab character that violates indentation",
)  # fmt: skip
_MEANINGS = (
    (
        "mapping values are not allowed",
        "`:` cannot stand here",
        "quote a value that holds `: `, or add the `:` that the line above lacks",
    ),
    ("found unexpected end of stream", "a quote is opened here and never closed", "close it"),
    ("found unknown escape character", "unknown escape", "write `\\\\` for a backslash, or use single quotes"),
    ("could not find expected ':'", "a key without `:`", "write `key: value`, or check the indentation"),
    ("did not find expected key", "expected a key here", "check the quotes, the `-` and the indentation above"),
    ("did not find expected '-' indicator", "expected `-` here", "begin each item of the list with `- `"),
    ("expected <block end>", "expected a key here", "check the quotes, the `-` and the indentation above"),
    ("did not find expected ',' or '}'", "`{` is opened here and not closed", _BRACES),
    ("did not find expected ',' or ']'", "`[` is opened here and not closed", _BRACKETS),
    ("expected ',' or '}'", "`{` is opened here and not closed", _BRACES),
    ("expected ',' or ']'", "`[` is opened here and not closed", _BRACKETS),
    ("block sequence entries are not allowed", "`-` cannot stand here", "begin the list on a line of its own"),
    ("alphabetic or numeric character", "a value cannot begin with `*` or `&`", _QUOTE),
    ("expected alphabetic or numeric", "a value cannot begin with `*` or `&`", _QUOTE),
    ("found undefined tag handle", "a value cannot begin with `!`", _QUOTE),
    ("did not find expected tag", "a value cannot begin with `!`", _QUOTE),
    ("did not find expected <document start>", "expected a key here", _ONE_COLUMN),
    ("expected '<document start>'", "expected a key here", _ONE_COLUMN),
    ("found unexpected document indicator", "`---` or `...` inside a quoted value", "close the quote before it"),
)


def decoded(text: str | bytes, file: str, invisible: bool = False) -> str:
    """The text of a spec; raises InputError for what is not plain UTF-8, with every place, and for merge conflicts.

    `invisible`: characters that are not drawn may stand in it, as in manifests, whose text kforge hands on as it is.
    """
    if isinstance(text, bytes):
        text = _from_bytes(text, file)
    problems = _characters(text, file, invisible)
    if "<<<<<<<" in text or ">>>>>>>" in text:
        problems += [
            Problem(
                "a merge conflict is not resolved",
                place(text, match.start(), file),
                "keep one side and remove the markers",
            )
            for match in _CONFLICT.finditer(text)
            if match.group().startswith("<")
        ]
    if problems:
        raise InputError(tuple(problems))
    return text


def _from_bytes(data: bytes, file: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start].decode()
        where = place(before, len(before), file)
        raise InputError(f"byte 0x{data[error.start]:02x} is not UTF-8", where, "save the file as UTF-8") from None


def _characters(text: str, file: str, invisible: bool) -> list[Problem]:
    if text.startswith("\ufeff"):
        return [Problem("the file begins with a byte order mark", Place(file, 1, 1), "save it as UTF-8 without one")]
    forms = (_MISLEADING,) if invisible else (_REFUSED, _REFUSED_BEYOND) if _wide(text) else (_REFUSED,)
    found = [match for form in forms for match in islice(form.finditer(text), SHOWN)]
    return [
        Problem(f"the text holds {name_of(match.group())}", place(text, match.start(), file), "leave it out")
        for match in sorted(found, key=lambda match: match.start())[:SHOWN]
    ]


def _wide(text: str) -> bool:
    """Whether a text has characters beyond U+FFFF."""
    return not text.isascii() and len(text.encode("utf-16-le", "surrogatepass")) > 2 * len(text)


def unreadable(text: str, invisible: bool = False) -> str:
    """Name of the first character that no text may hold: `control character U+0000`; "" where there is none."""
    match = _MISLEADING.search(text) if invisible else _REFUSED.search(text) or _REFUSED_BEYOND.search(text)
    return name_of(match.group()) if match else ""


def name_of(char: str) -> str:
    """What to call a character that cannot be shown: `invisible character U+200B (zero width space)`."""
    code = f"U+{ord(char):04X}"
    if re.match(f"[{_CONTROL}\t\n\r\x85]", char):
        return f"control character {code}"
    if re.match(f"[{BIDI}]", char):
        return f"bidirectional control {code}"
    from unicodedata import name  # a megabyte of names that a sound spec never needs

    known = name(char, "").lower()
    return f"invisible character {code}" + (f" ({known})" if known else "")


def place(text: str, index: int, file: str) -> Place:
    """Line and column of a character."""
    return Place(file, text.count("\n", 0, index) + 1, index - (text.rfind("\n", 0, index) + 1) + 1)


def explain(error: Exception, text: str, file: str, private: bool = False) -> Problem:
    """The problem that an exception of the YAML parser stands for, with its place and a hint. `private`: no message
    repeats a key.
    """
    if not isinstance(error, MarkedYAMLError) or error.problem_mark is None:
        return Problem(f"not readable as YAML: {_plain(str(error))}", Place(file), "check the file")
    mark, words = error.problem_mark, _plain(error.problem or "")
    line = text.split("\n")[mark.line] if mark.line < text.count("\n") + 1 else ""
    where = Place(file, mark.line + 1, mark.column + 1)
    if "could not find expected ':'" in words or "mapping values are not allowed" in words:
        begins = error.context_mark.index if error.context_mark and "could not" in words else mark.index - mark.column
        key, colon, _ = text[begins:].split("\n", 1)[0].partition(": ")
        if colon and len(key.strip()) > SIMPLE_KEY:
            return Problem(
                long_key(len(key.strip())), place(text, begins + len(key) - len(key.lstrip()), file), SHORTER
            )
    word = key_without_colon(text, mark.line, file) if "mapping values are not allowed" in words else None
    if word:
        return Problem("a key without `:`", word, "write `key:` above what belongs to it")
    shifted = wrong_indentation(text, mark.line, file, private) if any(part in words for part in _INDENTED) else None
    if shifted:
        return shifted
    if "cannot start any token" in words:
        return Problem(f"a value cannot begin with `{line[mark.column : mark.column + 1]}`", where, _QUOTE)
    if line[: mark.column].strip() and ("did not find expected key" in words or "expected <block end>" in words):
        return Problem("unexpected text after the value", where, "put the whole value into one pair of quotes")
    for part, message, hint in _MEANINGS:
        if part in words:
            opened = error.context_mark if "opened here" in message or "without" in message else None
            return Problem(message, Place(file, opened.line + 1, opened.column + 1) if opened else where, hint)
    return Problem(f"not readable as YAML: {words}", where, "check the indentation and the quotes")


def long_key(length: int) -> str:
    """What is wrong with a key of so many characters."""
    return f"the key has {length:,} characters, and YAML allows {SIMPLE_KEY:,}"


def _plain(words: str) -> str:
    return " ".join(words.split())
