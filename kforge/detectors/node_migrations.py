"""A Node project → the process that brings its store's tables up to date: what a script of its own says, a data source of
TypeORM, a file that only migrates. Signs of other tools are rows of `draft/migrations.json`.

A tool of development that is needed is kept in the image. Unaware of what the store is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kforge.detectors import node_commands, node_imports, node_scripts
from kforge.detectors.node_commands import NodeCommand, NodePlaces
from kforge.detectors.node_project import PATH
from kforge.detectors.node_scripts import NeedsShell, ScriptStep
from kforge.domain.commands.beside import BesideProcess
from kforge.domain.commands.read_command import CommandContext, read
from kforge.domain.facts import Evidence
from kforge.syntax.expression import Constant, Pairs

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.detectors.node_start import NodeStarts
    from kforge.domain.artifact import Tree
    from kforge.syntax.code_file import CodeFile
    from kforge.syntax.program import SourceProgram

_NAMED = re.compile(
    r"(?:(?:db|database|orm|sql|pg|mysql)[:_-])?(?:migrate|migrations?)(?:[:_-](?:run|up|latest|deploy|prod|production|all|apply|execute))*"
)
_OTHER = re.compile(
    r"(?:^|[:_.-])(?:add|check|clear|compile|create|debug|dev|diff|docker|down|drop|dry|fake|fresh|gen|generate|init|list|local|make"
    r"|new|prepare|pull|push|redo|refresh|reset|resolve|revert|rollback|schema|seed|show|squash|status|studio|test|tests|undo|watch)(?:[:_.-]|$)"
)  # what scripts do with migrations besides
_BEST = re.compile(r"(?:^|[:_-])(?:deploy|prod|production|release|docker)(?:[:_-]|$)")
_SCRIPT = re.compile(
    r"(?:^|/)(?:(?:run|db|database|auto)[-_])?migrat(?:e|ions?|or)(?:[-_](?:run|up|latest|deploy|prod))?\.[cm]?[jt]s$"
)
_MIGRATES = ("latest", "migrate", "migrateToLatest", "runMigrations", "up", "runner")
_FOLDER = re.compile(r"(?:^|/)migrations?/[^/]+\.[cm]?[jt]s$")
_CLI = re.compile(r"(?:\./)?node_modules/typeorm/cli(?:-ts-node-\w+)?(?:\.js)?")
_TYPED = re.compile(r"(?P<head>(?:-[\w-]+=)?)(?:\./)?(?P<path>[\w@./-]+\.[cm]?ts)")
_LONGEST = 300  # characters of a command


def take(tree: Tree, project: NodeProject, names: SourceProgram, start: NodeStarts) -> None:
    """Adds the process to `start.beside`, and what of development it needs to `start.needs`."""
    place = NodePlaces(project, start.output[0] if start.output else "", bool(start.builds))
    around = CommandContext(scripts=project.scripts, text=tree.text)
    ways = (
        _of_scripts(project, place, around),
        _of_data_source(project, names, place),
        _of_files(names, place, around),
    )
    for made, shown, why in (each for way in ways for each in way):
        if made.words and sum(map(len, made.words)) <= _LONGEST and not made.idle:
            process = BesideProcess("migrate", "migration", node_commands.by_itself(made), why)
            start.beside.append((process, shown))
            start.needs = tuple(dict.fromkeys((*start.needs, *made.needs)))
            return


Found = Iterator[tuple[NodeCommand, Evidence, str]]


# ---- scripts ----------------------------------------------------------------------------------------------------------
def _of_scripts(project: NodeProject, place: NodePlaces, around: CommandContext) -> Found:
    found: list[tuple[tuple[bool, bool, int, str], NodeCommand]] = []
    for name in project.scripts:
        if name.startswith(("pre", "post")) and re.sub(r"^(?:pre|post)", "", name) in project.scripts:
            continue
        if _OTHER.search(name):
            continue
        try:
            steps = node_scripts.steps(name, project.scripts, {})
            made, by_tool = _made([one for one in steps if isinstance(one, ScriptStep)], place, around, name)
        except NeedsShell:
            continue
        if made.words:
            found.append(((not _BEST.search(name), not by_tool, len(name), name), made))
    for (*_, name), made in sorted(found, key=lambda each: each[0]):
        yield made, Evidence(PATH, project.line(f'"{name}"')), f"script `{name}` runs it"


def _made(
    steps: Sequence[ScriptStep], place: NodePlaces, around: CommandContext, name: str
) -> tuple[NodeCommand, bool]:
    """What a script comes to where it migrates, and whether a known tool does."""
    if not steps:
        return NodeCommand(), False
    last = replace(steps[-1], words=_plain(steps[-1].words, place))
    command = read(last.words)
    by_tool = command.migrates and "push" not in last.words and bool(place.project.has(*command.known.packages))
    by_file = (
        bool(_NAMED.fullmatch(name)) and bool(command.file) and command.program in ("node", "tsx", "ts-node", "bun")
    )
    if not by_tool and not by_file:
        return NodeCommand(), False
    made = node_commands.of_steps([*steps[:-1], replace(last, building=False)], place, around, 0)
    typed = [word for word in made.words if _TYPED.fullmatch(word)]
    loader = place.project.has("ts-node", "tsx", "@swc-node/register") if typed and by_tool else ""
    own = ("drizzle-kit", "prisma", "node-pg-migrate", "mikro-orm")  # read TypeScript by themselves
    if typed and by_tool and not loader and command.program not in own:
        return NodeCommand(), False
    kept = (loader,) if loader and not place.project.needs(loader) else ()
    return replace(made, needs=tuple(dict.fromkeys((*made.needs, *kept)))), by_tool


def _plain(words: Sequence[str], place: NodePlaces) -> tuple[str, ...]:
    """Words of TypeORM by whichever loader of TypeScript, as they are where the source is compiled."""
    at = next((number for number, word in enumerate(words) if _CLI.fullmatch(word)), -1)
    own = ("typeorm", *words[at + 1 :]) if at >= 0 else tuple(words)
    if not own or not own[0].rpartition("/")[2].startswith("typeorm"):
        return tuple(words)
    compiled = tuple(_compiled(word, place) for word in own[1:])
    if any(_TYPED.fullmatch(word) for word in compiled):
        return tuple(words)
    return ("typeorm", *compiled)


def _compiled(word: str, place: NodePlaces) -> str:
    found = _TYPED.fullmatch(word)
    path = found["path"] if found else ""
    moved = place.compiled(path) if path.startswith("src/") else ""
    return f"{found['head']}{moved}" if found and moved else word


# ---- code -------------------------------------------------------------------------------------------------------------
def _of_data_source(project: NodeProject, names: SourceProgram, place: NodePlaces) -> Found:
    """`new DataSource({migrations: […]})` of a file, where the source has migrations and does not run them as it starts."""
    if not project.needs("typeorm") or not any(_FOLDER.search(path) for path in project.files):
        return
    options = [one for file in names.files for one in file.objects if one.get("migrations") is not None]
    if not options or any(_is_true(one, "migrationsRun") for file in names.files for one in file.objects):
        return
    for file in names.files:
        call = next((call for call in file.calls if call.last == "DataSource" and "typeorm" in file.imported), None)
        path = _compiled(file.path, place)
        if call is not None and not path.endswith("ts"):
            words = ("typeorm", "migration:run", "-d", path)
            yield NodeCommand(words), Evidence(file.path, call.line), "TypeORM has migrations for it"


def _is_true(one: Pairs, key: str) -> bool:
    held = one.get(key)
    return isinstance(held, Constant) and held.word == "true"


def _of_files(names: SourceProgram, place: NodePlaces, around: CommandContext) -> Found:
    """A file that is called after migrating, does so, and that no other loads."""
    meant = [file for file in names.files if _SCRIPT.search(file.path) and _migrating(file)]
    used = node_imports.loaded(names.files) if meant else set()
    for file in meant:
        if file.path not in used:
            try:
                made = node_commands.of_steps([ScriptStep(("node", file.path))], place, around, 0)
            except NeedsShell:
                continue
            yield made, Evidence(file.path), "it migrates, and nothing else starts it"


def _migrating(file: CodeFile) -> bool:
    return any(call.last in _MIGRATES for call in file.calls)
