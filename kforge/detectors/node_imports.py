"""Names in a JavaScript file → the router or the file of the source that they stand for; what chains begin with."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from kforge.detectors.route_graph import Router
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Attribute, Call, Expression, Name, Text, dotted
from kforge.syntax.program import MAX_GIVEN

SUFFIXES = ("", ".js", ".ts", ".mjs", ".cjs", ".mts", "/index.js", "/index.ts")
_ENDING = re.compile(r"\.[cm]?[jt]sx?$")
_FILE = re.compile(r"^[\w@./-]{1,200}\.[cm]?[jt]s$")


def mounted(target: Expression, script: CodeFile, paths: Collection[str]) -> Router | None:
    """(file, router or "") of what is mounted: a required file, an imported name, a router of the same file."""
    while isinstance(target, Attribute):
        target = target.owner
    if isinstance(target, Call):
        if target.name in ("require", "import"):
            wanted = target.argument(0)
            return (_resolved(script.path, wanted.value, paths), "") if isinstance(wanted, Text) else None
        return mounted(target.callee, script, paths)
    if not isinstance(target, Name):
        return None
    name = target.dotted.partition(".")[0]
    origin = _resolved(script.path, script.imports.get(name, ""), paths)
    return (origin, "") if origin else (script.path, name)


def _resolved(path: str, wanted: str, paths: Collection[str]) -> str:
    """The file that an import names; "" for a package."""
    if wanted.startswith(("@/", "~/")):
        wanted = f"{'/'.join(['..'] * path.count('/')) or '.'}/src/{wanted[2:]}"
    if not wanted.startswith("."):
        return ""
    parts = path.split("/")[:-1]
    for part in wanted.split("/"):
        parts = parts[:-1] if part == ".." else [*parts, part] if part not in (".", "") else parts
    every = stems("/".join(parts))
    return next((stem + suffix for stem in every for suffix in SUFFIXES if stem + suffix in paths), "")


def stems(path: str) -> tuple[str, str]:
    """What an import names, as it is written and without its ending: TypeScript's name the file that will be."""
    return path, re.sub(r"\.[cm]?js$", "", path)


def loaded(files: Iterable[CodeFile]) -> set[str]:
    """Paths of the files that others load."""
    return {path for paths in loads(files).values() for path in paths}


def loads(files: Iterable[CodeFile]) -> dict[str, set[str]]:
    """Files → the others that each loads: by an import, or by a text that may be their name."""
    every = [*files]
    paths = {file.path for file in every}
    by_name: dict[str, set[str]] = {}
    for path in paths:
        by_name.setdefault(_stem(path), set()).add(path)
    found: dict[str, set[str]] = {}
    for file in every:
        required = (call.argument(0) for call in file.calls if call.name in ("require", "import"))
        named = {*file.loaded, *file.imports.values(), *(one.value for one in required if isinstance(one, Text))}
        held = {_resolved(file.path, one, paths) for one in named}
        for text in file.texts:
            if isinstance(text, Text) and _FILE.search(text.value):  # `fork("./worker.js")`, a worker of threads
                held |= by_name.get(_stem(text.value), set())
        found[file.path] = held - {"", file.path}
    return found


def _stem(path: str) -> str:
    return _ENDING.sub("", path.rpartition("/")[2])


def called_name(value: Expression) -> str:
    return dotted(value.callee if isinstance(value, Call) else value)


def innermost(made: Call) -> str:
    """What a chain begins with: `new Hono().basePath("/api")` → Hono."""
    while isinstance(made.callee, Attribute) and isinstance(made.callee.owner, Call):
        if made.callee.owner.name in ("require", "import"):
            break
        made = made.callee.owner
    return made.name


def chains(script: CodeFile) -> dict[int, str]:
    """Calls within a chain → the name that the chain is given to: `const app = new Hono().get(…).get(…)`."""
    found: dict[int, str] = {}
    for name, values in script.assigned.items():
        for value in values[:MAX_GIVEN]:
            part: Expression = value
            while isinstance(part, Call) and id(part) not in found:
                found[id(part)] = name
                part = part.callee.owner if isinstance(part.callee, Attribute) else part.callee
    return found
