"""A Node program → the folders that it writes, and what it keeps there: its code's, and Prisma's SQLite file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kforge.detectors import folders, node_imports
from kforge.detectors.folder_tables import table
from kforge.detectors.node_commands import NodePlaces
from kforge.domain.facts import Fact
from kforge.domain.source.sightings import Sightings, folder_of
from kforge.domain.source.text import every
from kforge.syntax.program import SourceProgram

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.detectors.node_start import NodeStarts
    from kforge.domain.artifact import Tree

# Scripts of package.json that run the program itself, in some way.
_RUNS = re.compile(r"^(?:dev|start|serve|server|watch|debug|prod|preview)")
_FILE = re.compile(r"[\w@./-]{1,200}\.[cm]?[jt]sx?")
_PROVIDER = re.compile(r'^[^\S\n]*+provider[^\S\n]*+=[^\S\n]*+"sqlite"', re.MULTILINE)
_URL = re.compile(r'^[^\S\n]*+url[^\S\n]*+=[^\S\n]*+(?:"(?:file:)?([^"\n]*+)"|env\("(\w++)"\))', re.MULTILINE)
_SQLITE = ("better-sqlite3", "sqlite3", "sqlite", "@libsql/client", "libsql")
_FILENAME = re.compile(r"(?:^|_)(?:DB|DATABASE|SQLITE\w{0,20})_(?:FILE|FILENAME|FILE_NAME|FILE_PATH|PATH|STORAGE)$")


def scan(tree: Tree, names: SourceProgram, project: NodeProject, start: NodeStarts, seen: Sightings) -> None:
    """Adds `writable` and `kept`."""
    started = {word for words, _ in start.commands[:1] for word in words}
    names.moved = _moved(start, started)
    names.values.clear()  # paths beside a file were read before it was known where the build puts it
    by_hand = {
        word.removeprefix("./")
        for name, text in project.scripts.items()
        if not _RUNS.match(name)
        for word in text[:2000].split()
        if _FILE.fullmatch(word)
    }
    offered = project.table.get("bin")  # commands for those who install the package
    by_hand |= {
        path.removeprefix("./")
        for path in (offered.values() if isinstance(offered, dict) else (offered,))
        if isinstance(path, str)
    }
    folders.scan(names, table("node"), seen, started, by_hand=by_hand - started)
    _prisma(tree, seen)
    _files(project, seen)
    _excuse(seen, _beside(names, project, start, started))


def _moved(start: NodeStarts, started: set[str]) -> tuple[str, str] | None:
    """Where a build puts the code: (`src/`, `dist/`), or (``, `dist/`) where the folder is kept below that."""
    output = start.output[0] if start.output else ""
    below = next((word[len(output) + 1 :] for word in sorted(started) if output and word.startswith(f"{output}/")), "")
    return ("" if below.startswith("src/") else "src/", f"{output}/") if below else None


def _prisma(tree: Tree, seen: Sightings) -> None:
    """`provider = "sqlite"`: the file that `url` names, which is relative to the schema's folder."""
    for path in tree.files:
        if not path.endswith("schema.prisma") or not (text := tree.text(path)) or not _PROVIDER.search(text):
            continue
        for match in every(_URL, text):
            line = text.count("\n", 0, match.start()) + 1
            variable = match.group(2) or ""
            file = match.group(1) or "dev.db"
            folder = folder_of(file if file.startswith("/") else f"{path.rpartition('/')[0]}/{file}")
            if folder:
                seen.see("writable", folder, path, line)
                fact = {"folder": folder, "what": "a SQLite database", "env": [variable] if variable else []}
                seen.see("kept", fact, path, line)


def _files(project: NodeProject, seen: Sightings) -> None:
    """`DB_FILENAME=db/data`: the file of SQLite that a setting names, where the code hands it on in ways of its own."""
    library = project.needs(*_SQLITE)
    for fact in seen.many("env") if library else ():
        name, default = fact.value["name"], fact.value["default"]
        folder = folder_of(default) if default and _FILENAME.search(name) and "://" not in default else ""
        for place in fact.evidence if folder else ():
            seen.see("writable", folder, place.file, place.line)
            kept = {"folder": folder, "what": "a SQLite database", "env": [name]}
            seen.see("kept", kept, place.file, place.line)


def _beside(names: SourceProgram, project: NodeProject, start: NodeStarts, started: set[str]) -> set[str]:
    """Files that people run, by scripts or as commands that the package installs, and what only these load."""
    place = NodePlaces(project, start.output[0] if start.output else "", bool(start.builds))
    runs = started | {word for one, _ in start.beside for word in one.command}
    commands = project.table.get("bin")
    named = [commands] if isinstance(commands, str) else commands.values() if isinstance(commands, dict) else []
    words = [word for name, text in project.scripts.items() if not _RUNS.match(name) for word in text[:2000].split()]
    paths = {word.removeprefix("./") for word in (*words, *named) if isinstance(word, str) and _FILE.fullmatch(word)}
    by_hand = {path for path in paths if not {path, f"./{path}", place.compiled(path)} & runs}
    loads = node_imports.loads(names.files)
    inner = {path for held in loads.values() for path in held}
    live = {path for path in loads if path not in by_hand and path not in inner} | (started & loads.keys())
    waiting = [*live]
    while waiting:
        new = loads.get(waiting.pop(), set()) - live
        live |= new
        waiting += new
    found = by_hand | {path for path in loads if path not in live}
    return found - live


def _excuse(seen: Sightings, beside: set[str]) -> None:
    """The service does without the variables that only files beside it need."""
    facts = seen.many("env")
    seen.forget("env")
    for fact in facts:
        required = fact.value["required"] and not (fact.evidence and {one.file for one in fact.evidence} <= beside)
        seen.adopt("env", (Fact({**fact.value, "required": required}, fact.evidence),))
