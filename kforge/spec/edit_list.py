"""A spec's text → the text with one item more, or one less, in a list: every other line stays as it is, byte by byte.

Like `edit`, it splices at the marks of the old text and keeps only what reads back as intended; what no splice can do
in a layout is left to `set_value`, which sets the list anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from kforge.domain.spec.raw import MISSING, Path, Raw
from kforge.errors import InputError
from kforge.spec.edit import flow, set_value
from kforge.spec.read import read
from kforge.spec.tree_builder import ReadLimits

_LIMITS = ReadLimits(size=1 << 40, nodes=1 << 40)  # what was read once may be read again
_COMMENT = re.compile(r"(?<![ \t])([ \t]++)(#[^\"']{0,300})$")
_DASH = re.compile(r"[ \t]*+- ++")


def append_item(text: str, path: Path, value: Any, file: str = "") -> str:
    """The text with a value at the end of the list at `path`, which is made where there is none."""
    raw = read(text, file, _LIMITS)
    held = raw.dig(path)
    items = held if isinstance(held, list) else []
    wanted = [*items, value]
    if items:
        for edited in _appended(raw, path, items, value):
            if _reads(edited, raw, path, wanted):
                return edited
    return _spaced(text, set_value(text, path, wanted, file))


def _spaced(old: str, new: str) -> str:
    """With the space before the comment of the first changed line as it was, so that taking the item back gives the old
    text.
    """
    before, after = old.split("\n"), new.split("\n")
    number = next((index for index, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), 0)
    was, now = _COMMENT.search(before[number]), _COMMENT.search(after[number])
    if was and now and was[2] == now[2]:
        after[number] = after[number][: now.start()] + was[0]
    return "\n".join(after)


def drop_item(text: str, path: Path, index: int, file: str = "") -> str:
    """The text without an item of the list at `path`, and without the list where that was its only one.

    Raises InputError where there is no such item.
    """
    raw = read(text, file, _LIMITS)
    held = raw.dig(path)
    if not isinstance(held, list) or not 0 <= index < len(held):
        raise InputError("there is nothing to undo", raw.place(path))
    left: Any = [*held[:index], *held[index + 1 :]] or MISSING
    for edited in _dropped(raw, path, index) if left else _without_key(raw, path):
        if _reads(edited, raw, path, left):
            return edited
    return set_value(text, path, left or [], file)


def _appended(raw: Raw, path: Path, items: list[Any], value: Any) -> Iterator[str]:
    text, end = raw.text, _end(raw, (*path, len(items) - 1))
    if text[end:].lstrip().startswith((",", "]")) or not _block(raw, path):
        yield f"{text[:end]}, {flow(value)}{text[end:]}"
    dash = _line(text, raw.marks.values[(*path, len(items) - 1)].start)
    found = _DASH.match(text[dash[0] : dash[1]])
    if found:
        at = _line(text, end)[1]
        newline = "\r\n" if "\r\n" in text else "\n"
        at -= 1 if text[at - 1 : at] == "\r" else 0
        yield f"{text[:at]}{newline}{found.group()}{flow(value)}{text[at:]}"


def _dropped(raw: Raw, path: Path, index: int) -> Iterator[str]:
    text, mark = raw.text, raw.marks.values[(*path, index)]
    end = _end(raw, (*path, index))
    before = re.search(r"(?:,|(?<![, \t]))[ \t]*+\Z", text[: mark.start])
    after = re.match(r"[ \t]*+,[ \t]*+", text[end:])
    if index and before and before.group().startswith(","):
        yield text[: before.start()] + text[end:]
    if after:
        yield text[: mark.start] + text[end + after.end() :]
    yield _lines_out(text, mark.start, end)


def _without_key(raw: Raw, path: Path) -> Iterator[str]:
    """Without the key and its list: with the comma that holds it in braces, or with its lines."""
    text, start = raw.text, raw.marks.keys[path].start
    end = max(
        raw.marks.values[path].end,
        max((_end(raw, at) for at in raw.marks.values if at[: len(path)] == path), default=start),
    )
    before, after = re.search(r",[ \t]*+\Z", text[:start]), re.match(r"[ \t]*+,[ \t]*+", text[end:])
    if before:
        yield text[: before.start()] + text[end:]
    if after:
        yield text[:start] + text[end + after.end() :]
    yield _lines_out(text, start, end)
    yield text[:start] + text[end:]


def _lines_out(text: str, start: int, end: int) -> str:
    """Without the whole lines that a range touches; of a last line without a line end, the one before gives its own."""
    first, last = _line(text, start)[0], _line(text, end)[1]
    return text[:first] + text[last + 1 :] if last < len(text) else text[:first].removesuffix("\n").removesuffix("\r")


def _line(text: str, at: int) -> tuple[int, int]:
    """Where the line of a position begins, and where its line feed stands."""
    end = text.find("\n", at)
    return text.rfind("\n", 0, at) + 1, len(text) if end < 0 else end


def _block(raw: Raw, path: Path) -> bool:
    """Whether the list stands without brackets."""
    mark = raw.marks.values[path]
    return mark.end == mark.start


def _end(raw: Raw, path: Path) -> int:
    mark = raw.marks.values[path]
    return mark.start + len(raw.text[mark.start : mark.end].rstrip())


def _reads(text: str, before: Raw, path: Path, wanted: Any) -> bool:
    """Whether the text is the old one but for the list."""
    try:
        data = read(text, "", _LIMITS).data
    except InputError:
        return False
    return bool(data == _put(before.data, path, wanted))


def _put(data: Any, path: Path, value: Any) -> Any:
    head, rest = path[0], path[1:]
    if rest:
        return {**data, head: _put(data[head], rest, value)}
    kept = {key: held for key, held in data.items() if key != head}
    return kept if value is MISSING else {**kept, head: value}
