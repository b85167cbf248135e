"""A source with a migration tool → the job that runs it before the programs of that source start.

A tool counts where it is installed in production and its files lie in the source. What the author's own files already run
once (`release` of a Procfile, a service that others wait for) is theirs. Unaware of what the database is.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from kforge.domain.artifact import Tree
from kforge.domain.commands.beside import BesideProcess
from kforge.domain.commands.read_command import read
from kforge.domain.draft import UNKNOWN, FoundSource, Told
from kforge.draft.entry_scripts import effective
from kforge.spec.loose_yaml import LooseTable, documents

NAME = "migrate"
_LONGEST = 2000  # characters of a shell's line
_APPLICATION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(?:\(\))?")

# Variables that let a program migrate when it starts, and what turns them on, in the form of their default.
_SWITCH = re.compile(
    r"(?:^|_)(?:(?:RUN|AUTO|ENABLE|APPLY|EXECUTE)_?(?:DB_|DATABASE_)?MIGRAT(?:E|IONS?)|MIGRAT(?:E|IONS?)_(?:ON_)?START(?:UP)?)$"
)
_MIGRATES = re.compile(r"migrat|upgrade\b|\bsync_?db\b|db push", re.IGNORECASE)
_ON = {"0": "1", "false": "true", "no": "yes", "off": "on"}


@cache
def table() -> dict[str, Any]:
    """The tools: what is installed, a pattern of a file that shows its use, and the command."""
    found: dict[str, Any] = json.loads(Path(__file__).with_name("migrations.json").read_text(encoding="utf-8"))
    return found


def migrates(program: str) -> bool:
    """Whether a program's name says that it migrates and ends."""
    return program in table()["programs"]


def with_migration(source: FoundSource, tree: Tree, told: Iterable[Told], before: Collection[str]) -> tuple[Told, ...]:
    """What the author's files say of a source, and the job for its migrations where they have none. `before` are the
    names of services that may be waiting for it.
    """
    said = tuple(told)
    if any(one.once for one in said):
        return said
    found = _command(source, tree)
    if found is None:
        return _switched_on(source, said)
    command, place, env = found
    main = said or (Told("", place),)
    waiting = tuple(dict.fromkeys((*before, *(one.name for one in said if one.name))))
    return (*main, Told(NAME, place, command=command, env=env, once=True, before=waiting))


def of_library(source: FoundSource, tree: Tree, before: Collection[str]) -> tuple[Told, ...]:
    """The job for migrations that a library of services holds, which is all that starts of it; () for none."""
    found = _command(source, tree)
    return (Told(NAME, found[1], command=found[0], env=found[2], once=True, before=tuple(before)),) if found else ()


def _switched_on(source: FoundSource, said: tuple[Told, ...]) -> tuple[Told, ...]:
    """`RUN_MIGRATIONS` of a program that migrates as it starts, and only where it is told to."""
    for fact in source.facts.env if not source.facts.dockerfile else ():
        on = _ON.get(str(fact.value["default"] or "").lower())
        name = str(fact.value["name"])
        if on and _SWITCH.search(name):
            main = said or (Told("", str(fact.evidence[0]) if fact.evidence else ""),)
            return tuple(replace(one, env={name: on, **one.env}) for one in main)
    return said


def is_due(source: FoundSource, stores: Collection[str]) -> bool:
    """Whether a job can migrate: not a file that only the program's own pod has. `stores` are those that it uses."""
    alone = any("SQLite" in str(kept["what"]) for kept in source.facts.value("kept"))
    return not alone or not {*stores}.isdisjoint(table()["stores"])


def _command(source: FoundSource, tree: Tree) -> tuple[tuple[str, ...], str, dict[str, str]] | None:
    """(command, what shows it, variables of its own) of the job; None for none."""
    found = _started(source, tree)
    if found is None:
        return None
    program = read(found[0]).program
    name = table()["wants"].get(program, "")
    wanted = {name: UNKNOWN} if name and name not in {str(one["name"]) for one in source.facts.value("env")} else {}
    return (*found, {**table()["told"].get(program, {}), **wanted})


def _started(source: FoundSource, tree: Tree) -> tuple[tuple[str, ...], str] | None:
    needs = {str(name) for fact in ("dependencies", "unpruned") for name in source.facts.value(fact)}
    if not source.facts.start or source.facts.dockerfile:
        return None  # its image is its author's, and so is what is in it
    for fact in source.facts.beside:
        process = BesideProcess.of(fact.value)
        if process.role == "migration":
            return process.command, next(map(str, fact.evidence), "")
    for tool in table()["tools"]:
        if tool["needs"] not in needs and not _grouped(tool["needs"], tree):
            continue
        shown = _shown(tool, tree)
        words = {"file": shown, "app": _application(source)}
        command = tuple(word.format(**words) for word in tool["command"])
        if shown and all(command):
            return command, shown
    return None


def _shown(tool: dict[str, Any], tree: Tree) -> str:
    """The first file that shows a tool's use, where what it must be told by is there as well; "" for none."""
    path, text = tool.get("with", ("", ""))
    if path and (path not in tree.files or text not in tree.text(path)):
        return ""
    return next((path for path in tree.files if re.fullmatch(tool["file"], path)), "")


def _grouped(package: str, tree: Tree) -> bool:
    """Whether a group of the manifest brings a package: a build installs what a command starts."""
    listed = rf"^[ \t]*+[\"']?{re.escape(package)}(?:[\s\"'\[<>=~!;]|$)|[\"']{re.escape(package)}[\s\"'\[<>=~!;]"
    held = (tree.text(path) for path in table()["grouped"] if path in tree.files)
    return any(re.search(listed, text, re.MULTILINE) for text in held)


def _application(source: FoundSource) -> str:
    """`shop:app` of `gunicorn shop:app`, also of a shell's line; "" where no word names an application."""
    words = [part for word in source.facts.start[0].value for part in str(word)[:_LONGEST].split()]
    return next((word for word in words if _APPLICATION.fullmatch(word)), "")


def _scripts(source: FoundSource, tree: Tree, started: Sequence[str]) -> Iterator[str]:
    """The scripts of a package that an image starts by name (`pnpm start-docker`), and those that they run in turn."""
    texts = [tree.text(path) for path in map(str, source.facts.value("manifests")) if path.endswith(".json")]
    known: dict[str, str] = {}
    for one in (each for text in texts for each in documents(text) if isinstance(each, LooseTable)):
        known.update({name: line for name, line in one.of("scripts").items() if isinstance(line, str)})
    wanted = [word for line in started for word in line.split()] if known else []
    seen: set[str] = set()
    for word in wanted:
        for name in (word, f"pre{word}", f"post{word}"):
            if name in known and name not in seen:
                seen.add(name)
                wanted += known[name].split()
                yield known[name]


def left_to_the_user(source: FoundSource, tree: Tree, name: str) -> str:
    """What to say of migrations in a source whose image is its author's, and which nothing there starts; "" for none."""
    described = source.facts.value("dockerfile")
    needs = {str(each) for fact in ("dependencies", "unpruned") for each in source.facts.value(fact)}
    if not described:
        return ""
    started = [str(word) for word in (*(described.get("entrypoint") or ()), *(described.get("cmd") or ()))]
    files = {posixpath.basename(word) for line in started for word in line.split()}
    scripts = list(_scripts(source, tree, started))
    files |= {posixpath.basename(word) for text in scripts for word in text.split()}
    first = next(iter(described.get("cmd") or ()), "") if described.get("entrypoint") else ""
    opened = (tree.text(path) for path in tree.files if posixpath.basename(path) in files)
    texts = [*started, *scripts, *(effective(text, str(first), described.get("env") or {}) for text in opened)]
    if any(_MIGRATES.search(text) for text in texts):
        return ""
    for tool in table()["tools"]:
        shown = _shown(tool, tree)
        own = next((part for line in started for part in line.split() if _APPLICATION.fullmatch(part)), "")
        words = {"file": shown, "app": own or (_application(source) if source.facts.start else "")}
        command = [word.format(**words) for word in tool["command"]]
        if shown and tool["needs"] in needs:
            return f"`{name}` has migrations (`{shown}`), and its Dockerfile starts none: write a job that does, such as `command: [{', '.join(command)}]`, with `job: true` and `before: [{name}]`"
    return ""
