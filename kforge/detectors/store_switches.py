"""Code → variables whose value chooses a store: `if os.getenv("DB") == "postgres"`, `"ENGINE": os.getenv("DB_ENGINE", …)`.

Unaware of languages and of which store is there. What a branch connects to is read off the driver or the address in it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.environment_reads import reads
from kforge.syntax.expression import Call, Expression, Joined, Many, Text
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import resolve

# What a driver or an address is of; longer words first.
_STORES = (("postgres", "postgres"), ("postgis", "postgres"), ("mariadb", "mariadb"), ("mysql", "mysql"))
_DRIVER = re.compile(
    r"(?:\w{1,40}\.){1,6}(?:postgresql|postgis|mysql|mariadb)\w{0,20}|(?:postgres|postgresql|mysql|mariadb)(?:\+\w{1,20})?://"
)
_DJANGO = {"postgres": "postgresql", "mysql": "mysql"}
_BACKENDS = "django.db.backends."
_FIRST = 3  # lines of a condition before what it guards


def scan(names: SourceProgram, seen: Sightings) -> None:
    """Sees `switches`: {"env": …, "value": …, "store": the key of a known image}."""
    for file in names.files:
        places = sorted((line, store) for line, store in _connections(file))
        for left, rights in file.compared if places else ():
            variable = resolve(left, file, names).env
            for store in _within(file, left.line, places) if variable else ():
                if value := _chosen(rights, store, file, names):
                    seen.see("switches", {"env": variable, "value": value, "store": store}, file.path, left.line)
        for held in file.objects:
            _named(held.get("ENGINE"), file, names, seen)


def _connections(file: CodeFile) -> Iterator[tuple[int, str]]:
    """(line, store) of drivers and addresses."""
    for text in file.texts:
        first = text.parts[0] if isinstance(text, Joined) and text.parts else text
        if isinstance(first, Text) and _DRIVER.match(first.value):
            yield text.line, _store(first.value)


def _store(text: str) -> str:
    return next((store for word, store in _STORES if word in text.lower()), "")


def _within(file: CodeFile, line: int, places: list[tuple[int, str]]) -> list[str]:
    """The stores that the branch behind a condition connects to."""
    ranges = [(first, last) for first, last in file.branches if line <= first <= line + _FIRST]
    if not ranges:
        return []
    first, last = min(ranges)
    found = places[bisect_left(places, (first, "")) : bisect_left(places, (last + 1, ""))]
    return list(dict.fromkeys(store for _, store in found[:MAX_GIVEN]))


def _chosen(rights: tuple[Expression, ...], store: str, file: CodeFile, names: SourceProgram) -> str:
    """The value that is compared, of several the one that is called like the store; "" where it names another."""
    items = [part for one in rights for part in (one.items if isinstance(one, Many) else (one,))]
    words = [text for one in items[:MAX_GIVEN] if (text := resolve(one, file, names).text)]
    alike = [word for word in words if _store(word) in (store, "mysql" if store == "mariadb" else store)]
    others = [word for word in words if _store(word) or "sqlite" in word.lower()]
    return next(iter(alike or ([] if others else words)), "")


def _named(value: Expression | None, file: CodeFile, names: SourceProgram, seen: Sightings) -> None:
    """A variable that holds Django's own name of the driver, or the end of it."""
    if value is None:
        return
    found = resolve(value, file, names)
    text = found.text or ""
    if not found.env or not text.startswith(_BACKENDS):
        return
    whole = not isinstance(value, Joined)
    read = reads(value, file, names) if isinstance(value, Call) else None
    whole = whole and (read is None or read.default is not None)
    for store, word in _DJANGO.items():
        shown = f"{_BACKENDS}{word}" if whole else word
        if _store(text) != store:
            seen.see("switches", {"env": found.env, "value": shown, "store": store}, file.path, value.line)
