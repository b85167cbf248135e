"""pydantic's errors → Problems in our words, one a place. Unaware of rules that need more than one field."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from kforge.domain.near_words import ADVISED, near_words
from kforge.domain.spec.field_types import SpecModel
from kforge.domain.spec.patterns import IN_WORDS, NAME
from kforge.domain.spec.raw import Path, Raw, dig, dotted
from kforge.domain.spec.types import Spec
from kforge.errors import Problem
from kforge.spec.key_types import field_of, keys_of, model_at, owner_of
from kforge.spec.shown_values import SHOWN, confidential, shown
from kforge.spec.suggested_lines import renamed, way_out
from kforge.spec.synonyms import NOTES, SYNONYMS

_EXPECTED = {
    "string_type": "a string", "int_type": "a whole number", "bool_type": "`true` or `false`", "dict_type": "a mapping",
    "model_type": "a mapping", "model_attributes_type": "a mapping", "list_type": "a list",
}  # fmt: skip
TypeFault = ErrorDetails


def problems(raw: Raw, error: ValidationError, known: Collection[Path]) -> Iterator[Problem]:
    """Problems of a spec's shape, less those at or below the paths that others have reported."""
    places: dict[tuple[Path, bool], list[TypeFault]] = {}
    deeper: set[Path] = set()  # places above which an alternative of a union failed for a reason of its own
    for item in error.errors(include_url=False, include_input=False):
        path, of_key, through = _located(item, raw.data)
        places.setdefault((path, of_key), []).append(item)
        deeper |= through
    reported = frozenset(known)
    for number, ((path, of_key), errors) in enumerate(places.items()):
        if any(path[:length] in reported for length in range(len(path) + 1)) or raw.written_at(path) != path:
            continue  # what a service takes has its type where it stands
        telling = [item for item in errors if item["type"] not in _EXPECTED]
        if path in deeper and all(item["type"] == "literal_error" for item in telling):
            telling = []  # it is a block of its own, and no word that stands for one
        if telling:
            yield _telling(raw, path, of_key, telling[0], advise=number < ADVISED)
        elif path not in deeper:
            yield _mistyped(raw, path, errors)


def _located(item: TypeFault, data: Any) -> tuple[Path, bool, set[Path]]:
    """Path in the data, whether the key is meant, and the paths at which a union's alternative was entered."""
    path: Path = ()
    of_key, through = False, set()
    for part in item["loc"]:
        if (isinstance(data, dict) and part in data) or (
            isinstance(data, list) and isinstance(part, int) and part < len(data)
        ):
            path, data = (*path, part), dig(data, (part,))
        elif part == "[key]":
            of_key = True
        elif item["type"] == "missing" and part == item["loc"][-1]:
            path = (*path, part)
        else:
            through.add(path)
    return path, of_key, {above for above in through if len(above) < len(path)}


def _telling(raw: Raw, path: Path, of_key: bool, item: TypeFault, advise: bool) -> Problem:
    """A problem for an error that is about more than a type. `advise`: look up which word may have been meant."""
    kind, context = item["type"], item.get("ctx", {})
    if kind == "extra_forbidden":
        return unknown_key(raw, path, advise)
    if kind == "missing":
        return _missing(raw, path)
    if of_key:
        noun, words = IN_WORDS.get(context.get("pattern", ""), ("key here", ""))
        return Problem(
            f"`{path[-1]}` is not {_one(noun)}", raw.key_place(path), words + _instead_of(str(path[-1]), noun)
        )
    what = f"`{dotted(path)}` is {shown(raw, path)}"
    if kind == "literal_error":
        return _literal(raw, path, context["expected"], advise)
    if kind == "string_pattern_mismatch":
        return _form(raw, path, context["pattern"])
    return Problem(f"{what}, expected {_bound(kind, context)}", raw.place(path))


def _form(raw: Raw, path: Path, pattern: str) -> Problem:
    value = "" if confidential(path) else str(raw.dig(path))
    noun, words = IN_WORDS.get(pattern, ("string of this form", f"expected {pattern}"))
    scheme, found, _ = value.partition("://")
    hint = (
        f"{words}; leave out `{scheme}://`"
        if found and "scheme" in words and len(scheme) <= SHOWN
        else words + _instead_of(value, noun)
    )
    return Problem(f"`{dotted(path)}` is {shown(raw, path)}, which is not {_one(noun)}", raw.place(path), hint)


def _one(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def _instead_of(value: str, noun: str) -> str:
    """A name near the one that breaks the form: `Shop_App` → `shop-app`."""
    near = re.sub(r"[^a-z0-9]+", "-", value.lower()).strip("-")
    return f": `{near}` would do" if noun == "valid name" and re.search(NAME, near) else ""


def _bound(kind: str, context: dict[str, Any]) -> str:
    if kind.startswith(("greater", "less")):
        word = "at least" if kind.startswith("greater") else "at most"
        return f"{word} {next(iter(context.values()))}"
    least = "short" in kind
    number = context.get("min_length" if least else "max_length")
    unit = "characters" if kind.startswith("string") else "entries"
    return f"{'at least' if least else 'at most'} {number} {unit if number != 1 else unit[:-1].replace('ie', 'y')}"


def _literal(raw: Raw, path: Path, expected: str, advise: bool) -> Problem:
    values = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    value = raw.dig(path)
    comparable = isinstance(value, str) and advise and not confidential(path)
    near = near_words(value, values, cutoff=0.5) if comparable else []
    listed = " or ".join(filter(None, [", ".join(f"`{word}`" for word in values[:-1]), f"`{values[-1]}`"]))
    message = f"`{dotted(path)}` is {shown(raw, path)}, expected {listed}"
    return Problem(
        message,
        raw.place(path),
        f"did you mean `{near[0]}`?" if near else f"write `{path[-1]}: {values[0]}`" if len(values) == 1 else "",
    )


def _missing(raw: Raw, path: Path) -> Problem:
    field = field_of(path)
    return Problem(f"{_in(path[:-1])} lacks `{path[-1]}`", raw.place(path[:-1]), _meaning(str(path[-1]), field))


def _meaning(key: str, field: FieldInfo | None) -> str:
    if field is None or not field.description:
        return ""
    meaning = field.description[0].lower() + field.description[1:].rstrip(".")
    example = f"; for instance `{field.examples[0]}`" if field.examples and isinstance(field.examples[0], str) else ""
    return f"add `{key}`: {meaning}{example}"


def unknown_key(raw: Raw, path: Path, advise: bool = True) -> Problem:
    """What to say of a key that the spec does not have."""
    key, model = str(path[-1]), model_at(path[:-1])
    return Problem(
        f"`{key}` is not a key of {_in(path[:-1])}",
        raw.key_place(path),
        _instead(raw, path, model, advise) if model else "",
    )


def _instead(raw: Raw, path: Path, model: type[SpecModel], advise: bool) -> str:
    key, keys = str(path[-1]), keys_of(model)
    name = "Service" if model.__name__ == "EnvironmentService" else model.__name__
    synonyms = {word: put for word, put in SYNONYMS.get(name, {}).items() if put.split(".")[0] in keys}
    notes = NOTES.get(name, {})
    if key in notes:
        return notes[key]
    owner = owner_of(key, model)
    if owner and key not in synonyms:
        return f"`{key}` is a key of {owner}"
    if model is Spec and key not in synonyms and key in SYNONYMS["Service"]:
        return f"a service has it: `services.NAME.{SYNONYMS['Service'][key]}`"
    words = {word.lower(): word for word in (*notes, *synonyms, *keys)}
    close = near_words(key.lower(), words, cutoff=0.75) if advise else []
    word = key if key in synonyms else words[close[0]] if close else ""
    if word in synonyms:
        return renamed(raw, path, synonyms[word])
    if word in notes:
        return notes[word]
    if word:
        return f"did you mean `{word}`?"
    listed = ", ".join(f"`{word}`" for word in keys)
    return f"its keys are {listed}" if len(keys) <= 12 else "`kforge schema` lists every key"


def _in(path: Path) -> str:
    return f"`{dotted(path)}`" if path else "the spec"


def _mistyped(raw: Raw, path: Path, errors: list[TypeFault]) -> Problem:
    expected = list(dict.fromkeys(_EXPECTED[item["type"]] for item in errors))
    value, number = raw.dig(path), "a whole number" in expected
    digits = number and isinstance(value, str) and value.isdecimal() and len(value) <= SHOWN
    what = f"`{raw.written(path)}`" if digits and not confidential(path) else shown(raw, path)
    message = f"`{dotted(path)}` must be {' or '.join(expected)}, not {what}"
    return Problem(message, raw.place(path), way_out(raw, path, expected))
