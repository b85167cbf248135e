"""Configuration files of Node's tools → the variables that they read: those of bundlers while an image is built, those of
migration tools in the job that migrates, and those that Nuxt makes of its `runtimeConfig`.

Code that runs in the service is read elsewhere: files called `*.config.ts` are none of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from kforge.detectors import environment, node_install, node_prisma
from kforge.detectors.node_dialect import DIALECT
from kforge.detectors.settings_knowledge import knowledge
from kforge.domain.facts import Evidence
from kforge.domain.source.sightings import Sightings
from kforge.syntax import javascript
from kforge.syntax.expression import Call, Either, Expression, Name, Pairs, Text
from kforge.syntax.program import SourceProgram, program
from kforge.syntax.values import asked

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.detectors.node_start import NodeStarts
    from kforge.domain.artifact import Tree
    from kforge.syntax.code_file import CodeFile

_BUNDLERS = re.compile(
    r"(?:(?:astro|docusaurus|esbuild|farm|next|nuxt|quasar|rollup|rsbuild|rspack|svelte|vite|vue|webpack)\.config"
    r"|gatsby-config|craco\.config)(?:\.\w{2,12})?\.[cm]?[jt]s"
)
_DEFINES = re.compile(r"define|(?:process|import\.meta)\.env\.\w+")
_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]{1,80}")
_TOOLS = {"drizzle.config": "drizzle-kit", "mikro-orm.config": "@mikro-orm/cli", "prisma.config": "prisma"}
_ENDING = re.compile(r"\.[cm]?[jt]s$")
_NUXT = re.compile(r"nuxt\.config\.[cm]?[jt]s")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_DEEPEST = 4  # objects of a configuration within each other
_MOST = 50


class ConfigRead(NamedTuple):
    """`written`: the value gets into what the build makes, and there is no other; `later`: read again at every start."""

    name: str
    written: bool
    later: bool
    place: Evidence


def of_bundlers(tree: Tree) -> list[ConfigRead]:
    """What the configurations at the top of a source read."""
    found: dict[str, ConfigRead] = {}
    for path in filter(_BUNDLERS.fullmatch, tree.files):
        for one in _reads(path, tree.text(path)):
            held = found.setdefault(one.name, one)
            found[one.name] = held._replace(written=held.written or one.written, later=held.later or one.later)
    return sorted(found.values())[:_MOST]


def _reads(path: str, text: str) -> Iterator[ConfigRead]:
    names = _program(path, text)
    file = names.files[0]
    later = path.startswith("next.")  # its server reads the file anew
    loaded = [name for name, values in file.assigned.items() if any(_loads(one) for one in values)]
    written = {name for one in _defined(file, path) if (name := _variable(one, file, names, loaded))}
    seen = Sightings()
    environment.scan(names, knowledge("node"), seen)
    for fact in seen.env():
        name = fact.value["name"]
        yield ConfigRead(name, name in written and fact.value["default"] is None, later, fact.evidence[0])
    for local in loaded[:_MOST]:  # const env = loadEnv(mode, process.cwd(), "")
        for match in re.finditer(rf"(?<![\w.$]){re.escape(local)}\.([A-Z][A-Z0-9_]{{1,80}})\b", text):
            line = text.count("\n", 0, match.start()) + 1
            yield ConfigRead(match[1], match[1] in written, later, Evidence(path, line))


def _program(path: str, text: str) -> SourceProgram:
    return program([javascript.read(path, text)], DIALECT)


def _loads(value: Expression) -> bool:
    return isinstance(value, Call) and value.last == "loadEnv"


def _defined(file: CodeFile, path: str) -> Iterator[Expression]:
    """Values that the build writes into its files."""
    for each in file.objects:
        for key, value in each.items:
            if isinstance(value, Pairs) and (key == "define" or (key == "env" and path.startswith("next."))):
                yield from (inner for _, inner in value.items)
            elif _DEFINES.fullmatch(key):
                yield value


def _variable(value: Expression, file: CodeFile, names: SourceProgram, loaded: list[str]) -> str:
    if isinstance(value, Call) and value.name == "JSON.stringify" and value.arguments:
        value = value.arguments[0]
    if isinstance(value, Name) and value.dotted.partition(".")[0] in loaded:
        name = value.dotted.partition(".")[2]
        return name if _CONSTANT.fullmatch(name) else ""
    given = file.assigned.get(value.dotted, [value])[-1] if isinstance(value, Name) else value
    if isinstance(given, Either):  # `A || ""`: the build does without
        return ""
    return asked(value, file, names)


# ---- tools that migrate -----------------------------------------------------------------------------------------------
def of_migrations(tree: Tree, project: NodeProject, start: NodeStarts, seen: Sightings) -> None:
    """Sees what a tool needs that migrates in a job of its own: it reads its configuration there."""
    migrating = {word for one, _ in start.beside if one.role == "migration" for word in one.command}
    for path in tree.files:
        stem = _ENDING.sub("", path.removeprefix("src/"))
        tool = _TOOLS.get(stem, "") if stem != path else ""
        program_of = tool.removeprefix("@").removesuffix("/cli")
        if not tool or not project.has(tool):
            continue
        if program_of not in migrating and (migrating or not node_install.has_migrations(tool, tree)):
            continue
        own = Sightings()
        environment.scan(_program(path, tree.text(path)), knowledge("node"), own)
        for fact in own.env():
            seen.see(
                "env",
                {**fact.value, "required": fact.value["default"] is None},
                fact.evidence[0].file,
                fact.evidence[0].line,
            )
        for name, _, place in node_prisma.addresses(tree, project, None) if tool == "prisma" else ():
            seen.see("env", {"name": name, "default": None, "required": True}, place.file, place.line)


# ---- Nuxt -------------------------------------------------------------------------------------------------------------
def of_nuxt(tree: Tree, seen: Sightings) -> None:
    """Sees the variables by which Nuxt takes the values of `runtimeConfig` at every start: `public: {apiBase: …}` is
    `NUXT_PUBLIC_API_BASE`.

    Source: https://nuxt.com/docs/guide/going-further/runtime-config#environment-variables
    """
    for path in filter(_NUXT.fullmatch, tree.files):
        for each in javascript.read(path, tree.text(path)).objects:
            held = each.get("runtimeConfig")
            for name, value in _leaves(held, "NUXT", 0) if isinstance(held, Pairs) else ():
                default = value.value if isinstance(value, Text) and value.value else None
                seen.see("env", {"name": name, "default": default, "required": False}, path, value.line)


def _leaves(held: Pairs, before: str, depth: int) -> Iterator[tuple[str, Expression]]:
    for key, value in held.items[:_MOST]:
        name = f"{before}_{_WORDS.sub('_', key).upper().replace('-', '_')}"
        if isinstance(value, Pairs) and depth < _DEEPEST:
            yield from _leaves(value, name, depth + 1)
        elif not isinstance(value, Pairs):
            yield name, value
