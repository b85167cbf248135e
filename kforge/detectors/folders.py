"""A program → the folders that it writes while it runs, and what it keeps there that must outlive its pod.

Unaware of languages: tables say which calls write. Scripts, commands of administrators, generators and build steps run
once, by hand or while building, so what they write is none of the service's.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from kforge.detectors.folder_tables import OWNER, FolderTable, WritingRow
from kforge.domain.source.sightings import Sightings, Value, folder_of
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Expression, Many, Name, Pairs, Text, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import resolve

# `sqlite:///shop.db`, `sqlite+aiosqlite:////data/shop.db`, `sqlite:./shop.db`
_SQLITE = re.compile(r"sqlite3?(?:\+[a-z0-9]+)?:(?:///|//)?([^\s:?{][^\s?]*|\{\}/[^\s?]+)(?:\?\S*)?")
_SQLITE_KEEPS = "a SQLite database"
_NO_PLACE = (":memory:", "{", "~", "http:", "https:", "%")
_UPLOADS = re.compile(r"(?:^|/)(?:uploads?|uploaded|media|attachments|user[-_]?files|avatars)(?:/|$)", re.IGNORECASE)
# Variables that choose a store, or say where it is.
_SWITCH = re.compile(r"(?:^|_)(?:DB|DATABASE|SQL\w*|POSTGRES\w*|PG|MYSQL|MARIADB|MONGO\w*|DSN|STORE|STORAGE)(?:_|$)")
# Classes and objects of settings for other places than production.
_ASIDE = re.compile(r"(?:dev|test|local|debug|ci\b)\w*", re.IGNORECASE)
_CREATES = frozenset("wax+")
_MODES = frozenset("rwaxbt+")
_SUFFIX = re.compile(r"\.[a-z]{1,3}$")


class Written(NamedTuple):
    """A place that a program writes: the text that names it, as far as it is known, with the line."""

    value: Value
    folder: bool
    keeps: str
    file: CodeFile
    line: int


class _Kept:
    """What each folder keeps, by which variables it is moved, and where that is seen."""

    def __init__(self) -> None:
        self.whats: dict[str, list[str]] = {}
        self.variables: dict[str, set[str]] = {}
        self.moved: dict[str, dict[str, str]] = {}  # by folder: variable → its value, `{}` for another folder
        self.places: dict[str, list[tuple[str, int]]] = {}
        self.mixed: set[str] = set()  # folders in which other files are written as well

    def add(self, folder: str, found: Written, what: str, moved: str) -> None:
        """`moved`: the value of the variable that names what is written, `{}` for its folder; "" where none does."""
        whats = self.whats.setdefault(folder, [])
        if what not in whats:
            whats.append(what)
        variable = found.value.env
        self.variables.setdefault(folder, set()).update([variable] if variable else [])
        self.moved.setdefault(folder, {}).update({variable: moved} if moved else {})
        self.places.setdefault(folder, []).append((found.file.path, found.line))

    def value(self, folder: str, beside: Collection[str]) -> dict[str, Any]:
        """The fact of a folder; `beside` are variables that choose stores, read where it is seen."""
        whats, moved = self.whats[folder], self.moved[folder]
        variables = self.variables[folder] | ({*beside} if any(" " in what for what in whats) else set())
        fact: dict[str, Any] = {"folder": folder, "what": " and ".join(whats), "env": sorted(variables)}
        fact |= {"moved": dict(sorted(moved.items()))} if moved else {}
        return {**fact, "mixed": True} if folder in self.mixed else fact


def scan(
    names: SourceProgram,
    table: FolderTable,
    seen: Sightings,
    started: Collection[str] = (),
    ends: Mapping[str, int] | None = None,
    instance: str = "",
    by_hand: Collection[str] = (),
) -> None:
    """Adds `writable`, `kept` and `named_folders`. `started`: files that the service starts with; `ends`: files → the line behind which
    nothing runs in the service; `instance`: the folder of relative SQLite URLs where a library has one of its own;
    `by_hand`: files that people run.
    """
    read = [(fact.value["name"], fact.value["default"]) for fact in seen.many("env") if fact.value["default"]]
    named = {default: name for name, default in read}
    defaults: dict[str, list[str]] = {}
    for name, default in read:
        defaults.setdefault(name, []).append(default)
    kept = _Kept()
    for file in _running(names, table, started, by_hand):
        end = (ends or {}).get(file.path, 0)
        for found in (*_called(file, names, table), *_said(file, names, table), *_named(file, names, table)):
            if (not end or found.line < end) and not _aside(file, found.line):
                _see(found, seen, kept, defaults)
        for text, line in _urls(file, names):
            if (match := _SQLITE.fullmatch(text)) and not _aside(file, line):
                path = match.group(1).removeprefix("{}/")
                path = path if path.startswith("/") or not instance else f"{instance}/{path}"
                value = Value(path, named.get(text, ""))
                _see(Written(value, False, _SQLITE_KEEPS, file, line), seen, kept, defaults)
    for folder in sorted(kept.whats):
        files = {place for place, _ in kept.places[folder]}
        fact = kept.value(folder, {name for name in _variables(files, seen) if _SWITCH.search(name)})
        for path, line in kept.places[folder]:
            seen.see("kept", fact, path, line)


def _variables(files: Collection[str], seen: Sightings) -> Iterator[str]:
    for fact in seen.many("env"):
        if any(evidence.file in files for evidence in fact.evidence):
            yield fact.value["name"]


def _see(found: Written, seen: Sightings, kept: _Kept, defaults: Mapping[str, list[str]]) -> None:
    text = found.value.text or ""
    text = text.removeprefix("file://").removeprefix("file:")
    text = text if " " in text else text.partition("?")[0]
    if match := _SQLITE.fullmatch(text):
        text = match.group(1)
    if found.value.env and (text.startswith("{}/") or (not text and found.folder)):
        seen.see("named_folders", found.value.env, found.file.path, found.line)
    if not text or text.startswith(_NO_PLACE) or "://" in text:
        return
    folder = folder_of(text, found.folder)
    if not folder:
        return
    seen.see("writable", folder, found.file.path, found.line)
    keeps = found.keeps or ("uploads" if _UPLOADS.search(folder) else "")
    if keeps and posixpath.commonpath(("/tmp", folder)) != "/tmp":  # noqa: S108  # a fact, not a use
        forms = (_moved(text, default, found.folder) for default in defaults.get(found.value.env, ()))
        kept.add(folder, found, keeps, next(filter(None, forms), ""))
    elif not keeps:
        kept.mixed.add(folder)


def _moved(path: str, default: str, folder: bool) -> str:
    """The value of a variable that names a path, `{}` for another folder: `{}/a.db`, `sqlite:///{}/a.db`; "" where its
    default is something else than the path, so that its form is unknown.
    """
    url = _SQLITE.fullmatch(default)
    own = (url.group(1) if url else default).removeprefix("file:").partition("?")[0]
    plain = posixpath.normpath(own) if own else ""
    if not plain or not f"/{posixpath.normpath(path)}".endswith(f"/{plain.lstrip('/')}"):
        return ""
    if folder:
        return default.replace(own, "{}") if own.rstrip("/") in default else ""
    before, found, behind = default.rpartition(own)
    return f"{before}{{}}/{posixpath.basename(plain)}{behind}" if found and "{" not in default else ""


# ---- which files run ----------------------------------------------------------------------------------------------
def _running(
    names: SourceProgram, table: FolderTable, started: Collection[str], by_hand: Collection[str]
) -> Iterator[CodeFile]:
    """Files of the running program: those that run once are left out, but where the program imports or starts them."""
    once = {file.path for file in names.files if table.once.search(file.path) or file.path in by_hand}
    called = _imports([file for file in names.files if file.path not in once])
    for file in names.files:
        if file.path not in once or file.path in started or _ends(file) & called:
            yield file


def imported(files: list[CodeFile]) -> set[str]:
    """Paths of the files that others import."""
    called = _imports(files)
    return {file.path for file in files if _ends(file) & called}


def _imports(files: list[CodeFile]) -> set[str]:
    """What files import, dotted, each also without its last part: a name of a module, or the module."""
    found: set[str] = set()
    for file in files:
        for origin in file.imports.values():
            dots = _SUFFIX.sub("", origin).replace("/", ".").strip(".")
            found.update((dots, dots.rpartition(".")[0]))
    return found - {""}


def _ends(file: CodeFile) -> set[str]:
    """How an import may name a file, or the folder of a package."""
    stem = _SUFFIX.sub("", file.path).removesuffix("/__init__").removesuffix("/index")
    whole = posixpath.dirname(file.path) if file.package else stem
    parts = whole.split("/")
    return {".".join(parts[number:]) for number in range(len(parts))} if whole else set()


def _aside(file: CodeFile, line: int) -> bool:
    """Whether a line stands in a class of settings that production does not take: `class TestingConfig:`."""
    return any(each.line <= line <= each.end and _ASIDE.match(each.name) for each in file.classes)


# ---- what writes --------------------------------------------------------------------------------------------------
def _called(file: CodeFile, names: SourceProgram, table: FolderTable) -> Iterator[Written]:
    beside = {call.last for call in file.calls}
    for call in file.calls:
        for row in table.calls.get(call.last, ()):
            path = _path(call, row, file, names, beside)
            if path is not None:
                yield Written(resolve(path, file, names), row.folder, row.keeps, file, call.line)
                break


def _path(
    call: Call, row: WritingRow, file: CodeFile, names: SourceProgram, beside: Collection[str]
) -> Expression | None:
    """What a call writes; None where it is another call than the row's."""
    if not _fits(call, row, file, names) or (row.beside and row.beside not in beside):
        return None
    if row.path == OWNER:
        return call.owner
    first = call.argument(0)
    if row.field and isinstance(first, Pairs):
        return first.get(*row.field)
    given = call.argument(row.path, *row.words)
    return None if isinstance(given, Pairs) else given


def _fits(call: Call, row: WritingRow, file: CodeFile, names: SourceProgram) -> bool:
    name = call.name
    if name != row.name and not name.endswith(f".{row.name}") and file.imports.get(name) != row.name:
        return False
    if row.bare and call.owner is not None:
        return False
    if (row.path == OWNER and call.owner is None) or name.partition(".")[0] in row.others:
        return False
    if row.modules and not _imports_one(row.modules, file):
        return False
    if row.when is not None:
        at, pattern = row.when
        said = call.argument(at)
        parts = said.items if isinstance(said, Many) else (said,) if said else ()
        texts = [part.value if isinstance(part, Text) else dotted(part) for part in parts]
        texts += [resolve(said, file, names).text or ""] if isinstance(said, Name) else []
        return any(pattern.search(text) for text in texts)
    return row.mode is None or _writes(call.argument(row.mode, "mode"))


def _imports_one(modules: Collection[str], file: CodeFile) -> bool:
    origins = {*file.imported, *(origin.removeprefix("node:") for origin in file.imports.values())}
    return any(origin == one or origin.startswith((f"{one}.", f"{one}/")) for one in modules for origin in origins)


def _writes(mode: Expression | None) -> bool:
    letters = set(mode.value) if isinstance(mode, Text) else set()
    return bool(letters & _CREATES) and letters <= _MODES


def _said(file: CodeFile, names: SourceProgram, table: FolderTable) -> Iterator[Written]:
    """Objects that say where: `{dialect: "sqlite", storage: "shop.db"}`, `lumberjack.Logger{Filename: …}`."""
    other = {
        id(value)
        for each in file.objects
        for key, value in each.items
        if isinstance(value, Pairs) and _ASIDE.fullmatch(key)
    }
    for each in file.objects:
        for row in table.objects if id(each) not in other else ():
            if (row.name and not each.kind.endswith(row.name)) or (row.modules and not _imports_one(row.modules, file)):
                continue
            if row.key and not (row.said and row.said.search(resolve(each.get(row.key), file, names).text or "")):
                continue
            held: Expression | None = each
            for key in row.inner:
                held = held.get(key) if isinstance(held, Pairs) else None
            if held is not None and not isinstance(held, Pairs):
                yield Written(resolve(held, file, names), row.folder, row.keeps, file, each.line)
                break


def _named(file: CodeFile, names: SourceProgram, table: FolderTable) -> Iterator[Written]:
    """Settings that libraries know by name: `MEDIA_ROOT = BASE_DIR / "media"`, `config["UPLOAD_FOLDER"] = …`."""
    if not table.names:
        return
    pairs = [(name.rpartition(".")[2], value) for name, values in file.assigned.items() for value in values[:MAX_GIVEN]]
    pairs += [pair for each in file.objects for pair in each.items]
    pairs += [pair for call in file.calls for pair in call.named.items()]
    for name, value in pairs:
        if row := table.names.get(name):
            yield Written(resolve(value, file, names), row.folder, row.keeps, file, value.line)


def _urls(file: CodeFile, names: SourceProgram) -> Iterator[tuple[str, int]]:
    """Texts that are a URL of SQLite, whole or put together."""
    for node in file.texts:
        text = node.value if isinstance(node, Text) else resolve(node, file, names).text or ""
        if text.startswith("sqlite"):
            yield text, node.line
