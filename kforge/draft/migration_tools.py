"""Migrations that a program of their own applies, and none of the source's → a job, and the step that builds the program.

golang-migrate and goose are programs beside the one that uses the tables: a Makefile or a developer starts
them. The job is drafted where one variable has the address of the store, since it is what they are told.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import Any

from kforge.domain.artifact import Tree
from kforge.domain.draft import FoundSource, Told
from kforge.domain.known_images import stores
from kforge.draft.logins import ADDRESS, GENERAL, plain_name
from kforge.draft.migrations import NAME, table
from kforge.draft.stores import alike, shown_by

_STORE = "postgres"  # to whose address each of them is told in the same form
_LOOKED = 400  # files of SQL
_BY_ADDRESS = ("URL", "URI", "DSN", "SOURCE")


def with_tool(source: FoundSource, tree: Tree, told: tuple[Told, ...], before: tuple[str, ...]) -> tuple[Told, ...]:
    """What is told, with the job and the build that it takes; the same where nothing shows one."""
    if source.facts.dockerfile or source.build or any(one.build for one in told):
        return told
    tool, folder = _shown(source, tree)
    variable = _variable(source)
    steps = [list(step) for step in source.facts.value("build")]
    if tool is None or not variable or not steps:
        return told
    main = told or (Told("", folder),)
    build = {"steps": [*steps, tool["step"]]}
    command = tuple(word.format(folder=folder, variable=variable) for word in tool["command"])
    waiting = tuple(dict.fromkeys((*before, *(one.name for one in told if one.name))))
    job = Told(NAME, folder, command=command, env=tool["env"], once=True, before=waiting)
    return (replace(main[0], build=build), *main[1:], job)


def _shown(source: FoundSource, tree: Tree) -> tuple[dict[str, Any] | None, str]:
    """The tool whose files lie in the source, in one folder, while its library is none of the program's."""
    needs = {str(name) for name in source.facts.value("dependencies")}
    language = source.facts.value("language")
    if any(name.startswith(tool["library"]) for tool in table()["programs_of"] for name in needs):
        return None, ""
    for tool in table()["programs_of"]:
        paths = [path for path in tree.files if re.fullmatch(tool["file"], path)][:_LOOKED]
        found = [path for path in paths if not tool["holds"] or tool["holds"] in tree.text(path)]
        folders = {posixpath.dirname(path) for path in found}
        if len(folders) == 1 and tool["language"] == language:
            return tool, next(iter(folders))
    return None, ""


def _variable(source: FoundSource) -> str:
    """The one variable that has the whole address of the source's only database; "" for none."""
    relational = [store for store in shown_by(source.facts.value("dependencies")) if store.database]
    store = stores()[_STORE]
    if not relational or not all(alike(one, store) for one in relational):
        return ""
    names = [str(fact.value["name"]) for fact in source.facts.env]
    found = [
        name
        for name in names
        if (match := ADDRESS.match(plain_name(name)))
        and (match[2] in _BY_ADDRESS or "CONN" in match[2])
        and match[1].rstrip("_") in (*store.variables, *GENERAL[:2])
    ]
    return found[0] if len(found) == 1 else ""
