"""What a file of JavaScript exports as its default → the port on which Bun serves that.

Bun starts a server for a file whose default export has a `fetch`: https://bun.com/docs/runtime/http/server. Nothing else
does so, so that it counts only for the file that Bun is given.
"""

from __future__ import annotations

from kforge.domain.commands.command import Command
from kforge.domain.facts import Fact
from kforge.domain.source.sightings import Sightings, port_number
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Expression, Name, Pairs
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import resolve

_KIND = "exported servers"
_USUAL, _VARIABLE = 3000, "PORT"  # where the file says no port
_ROUTERS = ("hono", "@hono/zod-openapi")  # packages whose routers have a `fetch`


def scan(names: SourceProgram, seen: Sightings) -> None:
    for script in names.files:
        for made in script.exported[:1]:
            for one in _given(made, script):
                _note(one, script, names, seen)


def _given(made: Expression, script: CodeFile) -> list[Expression]:
    return script.assigned.get(made.dotted, [])[:MAX_GIVEN] if isinstance(made, Name) else [made]


def _note(made: Expression, script: CodeFile, names: SourceProgram, seen: Sightings) -> None:
    port, variable = _USUAL, _VARIABLE
    if isinstance(made, Pairs):
        if made.get("fetch") is None and all(one.name != "fetch" for one in script.functions):  # `fetch(request) {…}`
            return
        said = made.get("port")
        found = resolve(said, script, names)
        if said is not None:
            port, variable = port_number(found.text) or (_USUAL if found.env else 0), found.env
    elif not _router(made, script):
        return
    if port:
        protocol = "https" if isinstance(made, Pairs) and made.get("tls") is not None else "http"
        seen.see(_KIND, {"port": port, "protocol": protocol, "env": variable}, script.path, made.line)


def _router(made: Expression, script: CodeFile) -> bool:
    """`new Hono()`, `new Hono().basePath("/api")`."""
    for _ in range(MAX_GIVEN):
        if not isinstance(made, Call):
            return False
        if made.owner is None or isinstance(made.callee, Name):
            return script.imports.get(made.name.partition(".")[0], "") in _ROUTERS
        made = made.owner
    return False


def served(command: Command, seen: Sightings) -> Fact | None:
    """The port of what Bun is given to serve, where a command does so."""
    if command.program != "bun":
        return None
    return next((fact for fact in seen.many(_KIND) if any(one.file == command.file for one in fact.evidence)), None)
