"""A spec's text, a path and a value → the text with that value: every other line stays as it is, byte by byte.

The new value is spliced in at the marks of the old text. A round trip through ruamel.yaml keeps comments too, but it
sets the whole file anew: it folds long lines, moves comments that were aligned, and knows one indentation a file. It is
left for layouts in which the splice does not read back as intended.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from kforge.domain.spec.raw import MISSING, Mark, Path, Raw, dig, dotted
from kforge.errors import InputError
from kforge.spec.read import read
from kforge.spec.tree_builder import ReadLimits
from kforge.spec.unsaved import unsaved

# Safe unquoted for every reader of YAML 1.1 and 1.2; what might be a number, a truth or a time is not.
_PLAIN = re.compile(r"[A-Za-z0-9_./@%][A-Za-z0-9_./@%+-]*")
_NOT_PLAIN = re.compile(
    r"[@%].*|\.+(?:[0-9in].*)?|[-+0-9][-+0-9._a-fA-FxXoO]*|true|false|yes|no|on|off|y|n|null", re.IGNORECASE
)

_BREAK = re.compile("[\x85\u2028\u2029]")  # YAML ends a line there, JSON does not


def set_value(text: str, path: Path, value: Any, file: str = "") -> str:
    """The text of a spec with a value at a path; mappings on the way are made. The value is JSON, keys are strings.

    Raises InputError for a text that cannot be read, and where the path leads through something that is no mapping.
    """
    with unsaved(text, file):
        return _with_value(text, path, value, file)


def _with_value(text: str, path: Path, value: Any, file: str) -> str:
    limits = ReadLimits(size=1 << 40, nodes=1 << 40)  # what was read once may be read again
    raw = read(text, file, limits)
    _refuse_detour(raw, path)
    wanted = _put(raw.data, path, value)
    for edited in _edits(raw, path, value):
        if _reads_as(edited, wanted, limits):
            return edited
    hint = f"write it by hand: `{flow({path[-1]: value})[1:-1]}`"
    raise InputError(f"cannot set `{dotted(path)}` in this layout", raw.place(path), hint)


def _edits(raw: Raw, path: Path, value: Any) -> Iterator[str]:
    spliced = _replaced(raw, path, value) if raw.dig(path) is not MISSING else _added(raw, path, value)
    yield _aligned(raw.text, spliced)
    yield spliced
    yield _round_trip(raw, path, value)


def _refuse_detour(raw: Raw, path: Path) -> None:
    for length in range(1, len(path)):
        above = raw.dig(path[:length])
        if above is MISSING or above is None:
            return
        if not isinstance(above, (dict, list)) or (isinstance(above, list) and raw.dig(path[: length + 1]) is MISSING):
            message = f"cannot set `{dotted(path)}`: `{dotted(path[:length])}` is not a mapping"
            raise InputError(message, raw.place(path[:length]), "change it by hand")


def _put(data: Any, path: Path, value: Any) -> Any:
    if not path:
        return value
    if isinstance(data, list):
        return [_put(item, path[1:], value) if index == path[0] else item for index, item in enumerate(data)]
    here = data if isinstance(data, dict) else {}
    return {**here, path[0]: _put(here.get(path[0]), path[1:], value)}


def _reads_as(text: str, wanted: Any, limits: ReadLimits) -> bool:
    try:
        return _typed(read(text, "", limits).data) == _typed(wanted)
    except InputError:
        return False


def _typed(data: Any) -> str:
    """A value in which `1`, `1.0` and `true` differ and the order of keys does not count, for comparisons."""
    return json.dumps(data, sort_keys=True)


# ---- splices --------------------------------------------------------------------------------------------------


def _replaced(raw: Raw, path: Path, value: Any) -> str:
    """The old value's text gives way to the new one's; a block gives way to one line, and its key's comment stays."""
    text, mark = raw.text, raw.marks.values[path]
    if mark.end > mark.start and text[mark.start] not in "|>":
        return text[: mark.start] + flow(value) + text[mark.end :]
    if path not in raw.marks.keys:
        return text
    after_key = text.index(":", raw.marks.keys[path].end) + 1
    line_end = _line_end(text, after_key)
    comment = re.search(r"[ \t]#.*", text[after_key:line_end])
    kept = text[after_key + comment.start() : line_end] if comment else ""
    rest = text[max(_end(raw, path), line_end if comment else after_key) :]
    return f"{text[:after_key]} {flow(value)}{kept}{rest}"


def _added(raw: Raw, path: Path, value: Any) -> str:
    """A new entry at the end of the deepest mapping that is there."""
    length = next(length for length in range(len(path) - 1, -1, -1) if raw.dig(path[:length]) is not MISSING)
    above, rest = path[:length], path[length:]
    nested = _put({}, rest, value)
    there = raw.dig(above)
    if not isinstance(there, dict):
        return _replaced(raw, above, nested)
    mark = raw.marks.values[above]
    if mark.end == mark.start:
        return _added_to_block(raw, above, there, nested)
    if not there:
        return raw.text[: mark.start] + flow(nested) + raw.text[mark.end :]
    at = _end(raw, (*above, list(there)[-1]))
    return f"{raw.text[:at]}, {flow(nested)[1:-1]}{raw.text[at:]}"


def _added_to_block(raw: Raw, above: Path, there: dict[str, Any], nested: dict[str, Any]) -> str:
    text, at = raw.text, _line_end(raw.text, _end(raw, above))
    column = raw.marks.keys[(*above, next(iter(there)))].column - 1
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = _block(nested, column, _step(raw, above, there))
    return text[:at] + "".join(newline + line for line in lines) + text[at:]


def _step(raw: Raw, above: Path, there: dict[str, Any]) -> int:
    """How far the mappings beside a new entry are indented; 0 where they stand in braces, or where none is."""
    for key, value in there.items():
        mark = raw.marks.values[(*above, key)]
        if isinstance(value, dict) and value and mark.end == mark.start:
            return max(
                raw.marks.keys[(*above, key, next(iter(value)))].column - raw.marks.keys[(*above, key)].column, 1
            )
    return 0


def _block(nested: dict[str, Any], column: int, step: int) -> Iterator[str]:
    for key, value in nested.items():
        if step and isinstance(value, dict) and value:
            yield f"{' ' * column}{flow(key)}:"
            yield from _block(value, column + step, step)
        else:
            yield f"{' ' * column}{flow(key)}: {flow(value)}"


def _aligned(old: str, new: str) -> str:
    """The new text with the comment of the first changed line in its old column, where there is room."""
    before, after = old.split("\n"), new.split("\n")
    number = next((index for index, pair in enumerate(zip(before, after, strict=False)) if pair[0] != pair[1]), None)
    comment = re.search(r"(?<! ) ++(#.*+)$", before[number]) if number is not None else None
    if number is None or not comment or not after[number].endswith(comment.group(1)):
        return new
    kept = after[number].removesuffix(comment.group(1)).rstrip(" ")
    after[number] = kept.ljust(max(comment.start(1), len(kept) + 1)) + comment.group(1)
    return "\n".join(after)


def _end(raw: Raw, path: Path) -> int:
    """Where the text of a key and all below it ends, white space and comments after it left out."""
    size = len(path)
    marks = (mark for held in (raw.marks.keys, raw.marks.values) for at, mark in held.items() if at[:size] == path)
    return max(_content_end(raw.text, mark) for mark in marks)


def _content_end(text: str, mark: Mark) -> int:
    return mark.start + len(text[mark.start : mark.end].rstrip())


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    end = len(text) if end < 0 else end
    return end - 1 if text[end - 1 : end] == "\r" else end


def flow(value: Any) -> str:
    """A value in one line of YAML; strings are quoted where any reader might take them for something else."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{flow(key)}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, str) and _PLAIN.fullmatch(value) and not _NOT_PLAIN.fullmatch(value):
        return value
    return _BREAK.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(value, ensure_ascii=False))


# ---- the round trip -------------------------------------------------------------------------------------------


def _round_trip(raw: Raw, path: Path, value: Any) -> str:
    # here: it costs as much as all of kforge's own modules, and is hardly ever needed
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    try:
        tree = yaml.load(raw.text)
    except (YAMLError, ValueError, LookupError):  # `2001-99-99` is a text here, and there a date that cannot be
        return raw.text
    here = tree
    for part in path[:-1]:
        if dig(here, (part,)) in (MISSING, None):
            here[part] = {}
        here = here[part]
    here[path[-1]] = value
    out = io.StringIO()
    dump: Callable[[Any, io.StringIO], None] = yaml.dump
    dump(tree, out)
    return out.getvalue()
