"""Lock files of Python's package managers → packages with their files. Unaware of which Python fits.

`uv.lock`, `poetry.lock` of both forms, `pdm.lock` and `pylock.toml` are TOML that programs write, one thing a line, and
list every wheel; they are read by lines, since TOML readers take seconds for a large one. `Pipfile.lock` has versions.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from kforge.detectors.python_project import normalized

LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "pylock.toml")
PIPENV = "Pipfile.lock"
_MOST = 20_000  # packages of one lock file
_HEAD = re.compile(r"\[\[?([\w.\"' -]{1,200})\]?\]\s*+")
_PAIR = re.compile(r"([\w\"'.-]{1,200})\s*+=\s*+(\S.{0,4000})", re.DOTALL)
_FILE = re.compile(
    r"(?:url|file|filename|name|path)\s?=\s?\"[^\"]{0,1000}?([^\"/]{1,300}\.(?:whl|tar\.gz|zip|tar\.bz2))\""
)
_NAMED = re.compile(r"\{[^{}]{0,1000}?\bname\s?=\s?\"([^\"]{1,200})\"([^{}]{0,1000})")
_MARKER = re.compile(r"\bmarkers?\s?=\s?\"((?:[^\"\\]|\\.){0,2000})\"")
_EXTRAS = re.compile(r"\bextras?\s?=\s?\[([^\]]{0,500})\]")
_VERSION = re.compile(r"\bversion\s?=\s?\"([^\"]{1,100})\"")
_WRITTEN = re.compile(
    r"\"\s*+([A-Za-z0-9][\w.-]{0,200})(?:\[([^\]]{0,300})\])?([^;\"]{0,300})(?:;((?:[^\"\\]|\\.){0,2000}))?"
)
_TEXT = re.compile(r"\"((?:[^\"\\]|\\.){0,2000})\"")


@dataclass(slots=True)
class LockedNeed:
    """A package that another one needs, where a marker holds."""

    name: str
    marker: str = ""
    extras: frozenset[str] = frozenset()
    version: str = ""


@dataclass(slots=True)
class LockedPackage:
    """One version of a package. `files` are names of wheels and archives, empty where the lock names none."""

    name: str
    line: int
    version: str = ""
    python: str = ""  # the range of Python that it says it needs
    files: list[str] = field(default_factory=list)
    needs: list[LockedNeed] = field(default_factory=list)
    optional: dict[str, list[LockedNeed]] = field(default_factory=dict)
    markers: list[str] = field(default_factory=list)  # one of them holds where this version is the one
    git: bool = False
    file: str = ""  # where it stands, if not in the lock file


Locked = dict[str, list[LockedPackage]]  # by normalized name


def read(text: str) -> Locked:
    """The packages of a lock file in TOML."""
    found: Locked = {}
    reader = _Reader(found)
    for number, line in enumerate(text.split("\n"), 1):
        reader.take(line.rstrip("\r"), number)
    return found


class _Reader:
    """Where the reader stands: a package, a table below it, and the key whose list goes on."""

    def __init__(self, found: Locked) -> None:
        self._found = found
        self._package: LockedPackage | None = None
        self._table, self._key, self._count = "", "", 0

    def take(self, line: str, number: int) -> None:
        plain = line.strip()
        if not plain or plain.startswith("#"):
            return
        if plain.startswith("[") and (head := _HEAD.fullmatch(plain)):
            self._begin(head[1].replace('"', "").replace("'", ""), plain.startswith("[["), number)
        elif not line[:1].isspace() and (pair := _PAIR.fullmatch(plain)):
            self._key = pair[1].strip("\"'")
            self._value(pair[2], number)
        elif plain[0] in "])":
            self._key = "" if not plain.startswith("],") else self._key
        else:
            self._value(plain, number)

    def _begin(self, table: str, listed: bool, number: int) -> None:
        self._key = ""
        if listed and table in ("package", "packages"):
            self._count += 1
            self._package = LockedPackage("", number) if self._count <= _MOST else None
            self._table = ""
        else:
            self._table = table.partition(".")[2] if table.startswith("package") else table
            if not table.startswith("package"):
                self._package = None

    def _value(self, text: str, number: int) -> None:
        package, key = self._package, self._key
        if package is None:
            if self._table == "metadata.files":  # of Poetry before 1.3: files by name, behind all packages
                for one in self._found.get(normalized(key), ()):
                    one.files.extend(_FILE.findall(text))
        elif self._table == "":
            self._field(package, key, text, number)
        elif self._table == "dependencies":
            self._poetry(package, key, text)
        elif self._table == "optional-dependencies":
            package.optional.setdefault(key, []).extend(_named(text))
        elif self._table == "source" and key == "type":
            package.git = text.startswith('"git"')

    def _field(self, package: LockedPackage, key: str, text: str, number: int) -> None:
        said = _TEXT.match(text)
        if key == "name" and said:
            package.name, package.line = normalized(said[1]), number
            self._found.setdefault(package.name, []).append(package)
        elif key == "version" and said:
            package.version = said[1]
        elif key in ("python-versions", "requires_python", "requires-python") and said:
            package.python = said[1]
        elif key in ("markers", "marker", "resolution-markers"):
            package.markers.extend(_unescaped(one) for one in _TEXT.findall(text)[:50])
        elif key in ("files", "wheels", "sdist", "archive"):
            package.files.extend(_FILE.findall(text))
        elif key == "dependencies":
            package.needs.extend(_named(text) or _written(text))
        elif key in ("source", "vcs", "git"):
            package.git = package.git or key == "git" or re.search(r"\bgit\s?=|type\s?=\s?\"git\"", text) is not None

    def _poetry(self, package: LockedPackage, key: str, text: str) -> None:
        """`name = "range"`, `name = {version = …, markers = …}`, or a list of those."""
        if text[0] not in '"{[':
            return
        marker = _MARKER.search(text)
        package.needs.append(LockedNeed(normalized(key), _unescaped(marker[1]) if marker else "", _extras(text)))


def _named(text: str) -> list[LockedNeed]:
    """`{ name = "x", marker = "…", extra = ["y"] }`, as uv and `pylock.toml` write them."""
    found = []
    for name, rest in _NAMED.findall(text):
        marker, version = _MARKER.search(rest), _VERSION.search(rest)
        said = _unescaped(marker[1]) if marker else ""
        found.append(LockedNeed(normalized(name), said, _extras(rest), version[1] if version else ""))
    return found


def _written(text: str) -> list[LockedNeed]:
    """`"x[y]>=1; marker"`, as pdm writes them."""
    return [
        LockedNeed(normalized(name), _unescaped(marker), frozenset(_parts(extras)))
        for name, extras, _, marker in _WRITTEN.findall(text)
    ]


def _extras(text: str) -> frozenset[str]:
    found = _EXTRAS.search(text)
    return frozenset(_parts(found[1])) if found else frozenset()


def _parts(text: str) -> list[str]:
    return [part for one in text.split(",") if (part := one.strip().strip("\"'").lower())]


def _unescaped(text: str) -> str:
    return text.replace('\\"', '"').strip()


def pipenv(text: str) -> Locked:
    """What `Pipfile.lock` installs by default: versions, and hashes that name no files."""
    try:
        table: Any = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    held = table.get("default") if isinstance(table, dict) else None
    found: Locked = {}
    for name, block in held.items() if isinstance(held, dict) else ():
        if isinstance(block, dict):
            version, marker = str(block.get("version", "")), str(block.get("markers", ""))
            one = LockedPackage(normalized(name), 0, version.removeprefix("=="), markers=[marker] if marker else [])
            one.git = "git" in block
            found.setdefault(one.name, []).append(one)
    return found
