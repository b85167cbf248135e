"""A configuration file of the source that a Go program reads → what the fields and keys that it fills come to.

The file comes into the image with the program, so that its values hold unless a variable says otherwise. Only names and
numbers are taken, and only to tell where the program listens and what it calls.
"""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from kforge.domain.source.sightings import Sightings, Value
from kforge.domain.source.text import MAX_TEXT
from kforge.syntax import yaml_data
from kforge.syntax.expression import Text
from kforge.syntax.program import SourceProgram
from kforge.syntax.scopes import classes, outermost, qualified

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_FILE = re.compile(
    r"(?:(?:config|configs|conf|etc|settings|resources)/)?((?:config|configuration|conf|settings|app|application|default)(?:\.(?:default|prod|production))?)\.(ya?ml|json|toml)"
)
_TAG = re.compile(r'\b(?:yaml|json|toml|mapstructure|koanf)\s*+:\s*+"([^",]*+)')
_DEPTH, _MOST = 5, 500


def scan(names: SourceProgram, tree: Tree, seen: Sightings) -> None:
    """Adds the values of a file to the settings of the program, and sees the file as `config file`."""
    told = _told(names, tree, seen)
    if not told:
        return
    for key, text in told.items():
        held = names.settings.get(f"key {key}")
        if held is None or held.text is None:
            names.settings[f"key {key}"] = Value(text, held.env if held else "")
    known = classes(names)
    tagged = [name for name, (made, _) in known.items() if any(_TAG.search(each.tag) for each in made.fields)]
    queue = [(name, "", 0) for name in outermost(tagged, known)]
    for name, path, depth in queue:  # which grows by structs within structs, up to `_MOST`
        made, file = known[name]
        for each in made.fields[:_MOST]:
            tag = _TAG.search(each.tag)
            key = f"{path}{tag.group(1) if tag and tag.group(1) else each.name}".lower()
            kind = qualified(each.form, file)
            if kind in known and kind != name and depth < _DEPTH and len(queue) < _MOST:
                queue.append((kind, f"{key}.", depth + 1))
            elif key in told:
                held = names.settings.get(f"{name}.{each.name}")
                names.settings[f"{name}.{each.name}"] = Value(told[key], held.env if held else "")


def _told(names: SourceProgram, tree: Tree, seen: Sightings) -> dict[str, str]:
    """Keys with their values, of the one such file that the program's texts name."""
    found = [match for path in tree.files if (match := _FILE.fullmatch(path))]
    said: dict[str, tuple[str, int]] = {}
    for file in names.files if found else ():
        for text in file.texts:
            if isinstance(text, Text) and len(text.value) < MAX_TEXT:
                said.setdefault(text.value.removeprefix("./"), (file.path, text.line))
    for match in found:
        place = said.get(match[0]) or said.get(match[0].rpartition("/")[2]) or said.get(match[1])
        if place:
            seen.see("config file", match[0], *place)
            flat: dict[str, str] = {}
            _flatten(_read(tree.text(match[0]), match[2]), "", flat, 0)
            return flat
    return {}


def _read(text: str, kind: str) -> Any:
    if kind != "toml":
        return yaml_data.read(text)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):
        return None


def _flatten(held: Any, path: str, flat: dict[str, str], depth: int) -> None:
    if isinstance(held, dict) and depth < _DEPTH:
        for key, value in held.items():
            _flatten(value, f"{path}.{key}" if path else str(key), flat, depth + 1)
    elif isinstance(held, str | int) and not isinstance(held, bool) and len(flat) < _MOST and path:
        flat[path.lower()] = str(held)
