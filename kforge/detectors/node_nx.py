"""Nx's `serve` → the program that its `build` leaves. `nx serve` itself compiles, watches and starts anew.

https://nx.dev/reference/project-configuration
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.domain.commands.program_table import called
from kforge.domain.facts import Evidence
from kforge.syntax.plain_data import table_in

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_FILE = "project.json"
_KEEPS_FOLDERS = ("tsc", "swc")  # executors that leave each file where it lay below its project
_BUNDLES = re.compile(r"@(?:nx|nrwl)/(?:esbuild|webpack|node|rollup|js|rspack|vite)(?::\w+)?")


class NxProgram(NamedTuple):
    """The file that is started, the folder that the build fills, and what says so."""

    file: str
    output: str
    place: Evidence


def served(words: Sequence[str], tree: Tree) -> NxProgram | None:
    """What words of Nx serve; None for other words, and where its build leaves what is no program of Node.js."""
    if not words or called(words[0]) != "nx":
        return None
    asked = _asked([word for word in words[1:] if not word.startswith("-")])
    paths = [path for path in tree.files if path == _FILE or path.endswith(f"/{_FILE}")] if asked is not None else []
    for path in paths:
        table = table_in(_json(tree.text(path)))
        named = str(table.get("name") or posixpath.basename(posixpath.dirname(path)))
        if (asked == named or (not asked and path == _FILE)) and (found := _built(table, path)):
            return found
    return None


def _asked(free: list[str]) -> str | None:
    """The project of `nx serve api` and `nx run api:serve:production`, "" for that of the folder; None for other work."""
    if free[:1] == ["serve"]:
        return next(iter(free[1:]), "")
    target = free[1].split(":") if free[:1] == ["run"] and len(free) > 1 else []
    return target[0] if target[1:2] == ["serve"] else None


def _built(table: dict[str, Any], path: str) -> NxProgram | None:
    build = table_in(table_in(table.get("targets")).get("build"))
    executor = str(build.get("executor", ""))
    options = {**table_in(build.get("options")), **table_in(table_in(build.get("configurations")).get("production"))}
    main, output, folder = (str(options.get(key, "")) for key in ("main", "outputPath", "outputFileName"))
    output = re.sub(r"^\{workspaceRoot\}/", "", output).removeprefix("./").rstrip("/")
    if not _BUNDLES.fullmatch(executor) or not main or not output or "{" in output:
        return None
    below = posixpath.relpath(main, posixpath.dirname(path) or ".")
    named = below if executor.endswith(_KEEPS_FOLDERS) else folder or posixpath.basename(main)
    return NxProgram(f"{output}/" + re.sub(r"\.([cm]?)tsx?$", r".\1js", named), output, Evidence(path))


def _json(text: str) -> Any:
    try:
        return json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
