"""Variables whose values a bundler writes into the files that it makes: `import.meta.env.VITE_API_URL`.

They are known while the image is built, or never: what a container is given later comes too late for them. Bundlers take
those whose names begin in a certain way, so that no secret gets into files that browsers read.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kforge.domain.facts import Fact, Many
from kforge.syntax import javascript
from kforge.syntax.expression import Pairs

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.domain.artifact import Tree
    from kforge.domain.source.sightings import Sightings
    from kforge.syntax.program import SourceProgram

_STATIC = re.compile(r"\$env/static/(?:public|private)(?:\..*)?")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]*")
_CONFIG = re.compile(r"(?:next|vite|webpack|rspack|rsbuild|esbuild|farm)\.config(?:\.\w{2,12})?\.[cm]?[jt]s")
_DEFINED = re.compile(r"(?:process|import\.meta)\.env\.(\w+)")
_MOST = 50


@cache
def _prefixes() -> dict[str, list[str]]:
    """Package of a bundler → what the names begin with, each row with the page that says so."""
    rows: list[dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return {package: row["prefixes"] for row in rows for package in row["packages"]}


def forget_defined(tree: Tree, seen: Sightings) -> None:
    """Drops the variables that the configuration of a bundler gives a value: `env` of Next.js, `define` of Vite and
    esbuild, webpack's DefinePlugin. Nothing reads them when the program runs.

    Source: https://nextjs.org/docs/app/api-reference/config/next-config-js/env
    """
    if not seen.has("env"):
        return
    given: set[str] = set()
    for path in filter(_CONFIG.fullmatch, tree.files):
        for each in javascript.read(path, tree.text(path)).objects:
            for key, value in each.items:
                if match := _DEFINED.fullmatch(key):
                    given.add(match[1])
                elif key == "env" and isinstance(value, Pairs) and path.startswith("next."):
                    given.update(name for name, _ in value.items)
    if given:
        kept = [fact for fact in seen.many("env") if fact.value["name"] not in given]
        seen.forget("env")
        seen.adopt("env", kept)


def find(names: SourceProgram, project: NodeProject, static: bool, seen: Sightings) -> Many:
    """`static`: whether the build leaves files alone, so that nothing reads a variable later."""
    begun = tuple(prefix for package, known in _prefixes().items() if project.has(package) for prefix in known)
    if not begun:
        return ()
    found = {fact.value["name"]: fact for fact in seen.env() if fact.value["name"].startswith(begun)}
    for file in names.files:
        for name, origin in file.imports.items():
            if _STATIC.fullmatch(origin) and _CONSTANT.fullmatch(name):
                seen.see("static variables", name, file.path, file.import_lines.get("$env", 0))
    for fact in seen.many("static variables"):
        value = {"name": fact.value, "default": None, "required": True}
        found.setdefault(fact.value, Fact(value, fact.evidence))
    kept = sorted(found.items())[:_MOST]
    return tuple(
        Fact({"name": name, "required": fact.value["required"], "later": not static}, fact.evidence)
        for name, fact in kept
    )
