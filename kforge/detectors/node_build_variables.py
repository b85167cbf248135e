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

from kforge.detectors import node_config_reads
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
    esbuild, webpack's DefinePlugin. Nothing reads them when the program runs, but for `const { A } = process.env`, which no
    bundler replaces.

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
        kept = [_not_replaced(fact, tree) if fact.value["name"] in given else fact for fact in seen.many("env")]
        seen.forget("env")
        seen.adopt("env", (fact for fact in kept if fact.evidence))


def _not_replaced(fact: Fact, tree: Tree) -> Fact:
    """A variable with the places in files that read it in another way than by its whole name."""
    whole = re.compile(rf"env\.{fact.value['name']}\b")
    return Fact(fact.value, tuple(one for one in fact.evidence if not whole.search(tree.text(one.file))))


def _always_replaced(fact: Fact, tree: Tree) -> bool:
    """Whether every place asks the bundler: Node.js itself knows no `import.meta.env`."""
    bundled = re.compile(rf"import\.meta\.env\.{fact.value['name']}\b")
    other = re.compile(rf"(?:process|Bun)\.env\.{fact.value['name']}\b")
    texts = [tree.text(one.file) for one in fact.evidence]
    return all(bundled.search(text) and not other.search(text) for text in texts)


def find(tree: Tree, names: SourceProgram, project: NodeProject, static: bool, seen: Sightings) -> Many:
    """`static`: whether the build leaves files alone, so that nothing reads a variable later."""
    begun = tuple(prefix for package, known in _prefixes().items() if project.has(package) for prefix in known)
    read = {fact.value["name"]: fact for fact in seen.env()}
    replaced = (
        {name for name, fact in read.items() if name.startswith(begun) and _always_replaced(fact, tree)}
        if begun
        else set()
    )
    if replaced:
        kept = [fact for fact in seen.many("env") if fact.value["name"] not in replaced]
        seen.forget("env")
        seen.adopt("env", kept)
    found = {
        name: (fact.value["required"], name not in replaced, fact.evidence)
        for name, fact in read.items()
        if begun and name.startswith(begun)
    }
    for file in names.files if begun else ():
        for name, origin in file.imports.items():
            if _STATIC.fullmatch(origin) and _CONSTANT.fullmatch(name):
                seen.see("static variables", name, file.path, file.import_lines.get("$env", 0))
    for fact in seen.many("static variables"):
        found.setdefault(fact.value, (True, True, fact.evidence))
    for one in node_config_reads.of_bundlers(tree):
        found.setdefault(one.name, (one.written, one.later or one.name in read, (one.place,)))
    return tuple(
        Fact({"name": name, "required": required, "later": later and not static}, evidence)
        for name, (required, later, evidence) in sorted(found.items())[:_MOST]
    )
