"""A value of the wrong type, or a neighbour's key → the line to write instead, with the user's own value where it fits."""

from __future__ import annotations

import re
import shlex
from typing import Annotated, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from kforge.domain.spec.patterns import HOST, LABEL, NAME, QUANTITY
from kforge.domain.spec.raw import Path, Raw
from kforge.spec.edit import flow
from kforge.spec.key_types import field_of
from kforge.spec.shown_values import SHOWN, confidential
from kforge.spec.synonyms import SHAPES
from kforge.spec.validate_amounts import BYTES

_TRUE, _FALSE = ("yes", "on", "y", "1"), ("no", "off", "n", "0")
# Blocks that people write as a single value: the key that takes it, and the form that the value must have.
_WRAPPED = {
    "scale": ("min", r"[1-9][0-9]{0,4}"), "resources": ("memory", QUANTITY), "expose": ("host", HOST),
    "readiness": ("path", r"/\S*"), "liveness": ("path", r"/\S*"), "startup": ("path", r"/\S*"),
}  # fmt: skip
_ONE_STRING = {
    "list": 'write one string, as the program reads it: `"[1, 2]"` or `"1,2"`; a whole file belongs under `config.files`',
    "dict": "write one string, as the program reads it: `'{\"a\": 1}'`; a Secret's value belongs under `secrets`, a whole file under `config.files`",
}
_PUBLISHED = re.compile(r"(?:[0-9.]+:)?(?:[0-9]+:)?([0-9]{1,5})(?:/tcp)?")
_MOUNTED = re.compile(r"([^:\s]+):(/[^:\s]*)(?::\S+)?")


def way_out(raw: Raw, path: Path, expected: list[str]) -> str:
    """What to write where a value has another type than the `expected` ones; "" where there is nothing to say."""
    value, key = raw.dig(path), str(path[-1]) if path else ""
    quiet = confidential(path)
    if key in BYTES and isinstance(value, int) and not isinstance(value, bool):
        return f"write `{key}: {value}Mi`"
    if "a string" in expected and isinstance(value, (bool, int, float)):
        return "put the value in quotes" if quiet else f"write `{_quoted(path, raw.written(path))}`"
    if isinstance(value, str) and "`true` or `false`" in expected and value.lower() in (*_TRUE, *_FALSE):
        return f"write `{key}: {'true' if value.lower() in _TRUE else 'false'}`"
    if isinstance(value, str) and "a whole number" in expected and value.isdecimal() and len(value) <= SHOWN:
        return f"leave the quotes out: `{key}: {value}`"
    if path == ("kubernetes",):
        return 'write the version of Kubernetes, in quotes: `kubernetes: "1.36"`'
    if path[-2:-1] == ("env",) and isinstance(value, (list, dict)):
        return _ONE_STRING["list" if isinstance(value, list) else "dict"]
    line = "" if quiet else _line(key, value) or _item(path, value)
    if line:
        return f"write `{line}`"
    if len(path) > 1 and isinstance(path[-1], int):
        return SHAPES.get(str(path[-2]), "")
    parent = str(path[-2]) if len(path) > 1 and path[-2] in ("secrets", "kubernetes") else ""
    return SHAPES.get(parent or key, "")


def renamed(raw: Raw, path: Path, put: str) -> str:
    """The question whether another key was meant, with the line to write where the value cannot stay as it is."""
    parts, value = put.split("."), raw.dig(path)
    target = (*path[:-1], *parts)
    question, field = f"did you mean `{put}`?", field_of(target)
    fits = field is not None and _fits(field, value)
    if fits and len(parts) == 1:
        return question
    plain = isinstance(value, (int, float)) or (isinstance(value, str) and len(value) <= SHOWN and value.isprintable())
    if fits and plain and not confidential(path) and not confidential(target):
        return f"{question} write `{_nested(parts, value)}`"
    names = [name for name in value if re.search(NAME, name)] if isinstance(value, dict) else []
    if put in ("needs", "before") and names and sum(map(len, names)) <= SHOWN:
        return f"{question} write `{_nested(parts, names)}`"
    named = value.get("service") if put == "like" and isinstance(value, dict) else None
    if isinstance(named, str) and re.search(NAME, named):
        return f"{question} write `like: {named}`"
    if len(parts) == 1:
        return f"{question} {SHAPES.get(put, '')}".rstrip()
    example = field.examples[0] if field and field.examples else None
    return question if example is None else f"{question} write `{_nested(parts, example)}`"


def _quoted(path: Path, value: str) -> str:
    """A scalar as a string: `version: "1.10"`, `"8080"` in a list."""
    key = f"{path[-1]}: " if path and isinstance(path[-1], str) else ""
    return f'{key}"{value}"'


def _line(key: str, value: Any) -> str:
    """A single value as the block or list that its key takes; "" where it has not the form."""
    if isinstance(value, bool) or not isinstance(value, (str, int)) or len(str(value)) > SHOWN:
        return ""
    inner, form = _WRAPPED.get(key, ("", ""))
    if inner and re.search(f"^(?:{form})$", str(value)):
        return f"{key}: {flow({inner: value})}"
    if key in ("needs", "before", "include", "registries", "outputs") and str(value) and " " not in str(value):
        return f"{key}: {flow([value])}"
    if key == "command" and isinstance(value, str):
        return f"command: {flow(_words(value))}"
    if key == "build" and isinstance(value, str) and re.fullmatch(r"[./\w-]+", value):
        return f"source: {flow(value)}"
    return ""


def _item(path: Path, value: Any) -> str:
    """An item of a list as Compose writes it: `8080:80` of `ports`, `data:/data` of `volumes`."""
    if len(path) < 2 or not isinstance(path[-1], int):
        return ""
    if path[-2] == "ports":
        found = _PUBLISHED.fullmatch(str(value))
        return f"ports: [{{name: http, port: {int(found[1])}}}]" if found and 0 < int(found[1]) < 65536 else ""
    mounted = _MOUNTED.fullmatch(str(value)) if path[-2] == "volumes" else None
    if mounted and re.search(LABEL, mounted[1]):
        return f"volumes: {flow([{'name': mounted[1], 'path': mounted[2], 'size': '1Gi'}])}"
    return ""


def _words(command: str) -> list[str]:
    """The words of a command; a shell's own where only a shell can run it."""
    if re.search(r"[|&;<>$`*?]", command):
        return ["sh", "-c", command]
    try:
        return shlex.split(command)
    except ValueError:
        return ["sh", "-c", command]


def _nested(parts: list[str], value: Any) -> str:
    """`scale: {min: 3}` of the parts `scale` and `min`."""
    for part in reversed(parts[1:]):
        value = {part: value}
    return f"{parts[0]}: {flow(value)}"


def _fits(field: FieldInfo, value: Any) -> bool:
    form: Any = Annotated[field.annotation, *field.metadata, None]
    try:
        TypeAdapter(form).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True
