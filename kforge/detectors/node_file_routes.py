"""Next, Nuxt, SvelteKit, Astro and Remix → health routes: the place of a file is its route."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from kforge.detectors.route_graph import METHOD, Prefix, RouteGraph
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.program import SourceProgram

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree


class FileRoutes(NamedTuple):
    """Where a framework keeps its routes. `gets`: names one of which a file exports when it takes GET."""

    pattern: re.Pattern[str]
    gets: frozenset[str] = frozenset()


_GETS = frozenset(("GET", "HEAD"))
_ROUTES = (
    FileRoutes(re.compile(r"\A(?:src/)?pages(/api/.+?)(?:/index)?\.[jt]sx?")),
    FileRoutes(re.compile(r"\A(?:src/)?app(/.+?)/route\.[jt]s"), _GETS),
    FileRoutes(re.compile(r"\Aserver(/api/.+?|/routes/.+?)(?:\.get|\.head)?\.[jt]s")),
    FileRoutes(re.compile(r"\Asrc/routes(/.+?)/\+server\.[jt]s"), _GETS),
    FileRoutes(re.compile(r"\Asrc/pages(/(?!api/).+?)\.[jt]s"), frozenset(("GET", "HEAD", "ALL", "get", "all"))),
    FileRoutes(re.compile(r"\Aapp/routes(/.+?)\.[jt]sx?"), frozenset(("loader",))),
)
_CONFIGS = (
    "next.config.js",
    "next.config.mjs",
    "next.config.ts",
    "next.config.cjs",
    "svelte.config.js",
    "nuxt.config.ts",
    "nuxt.config.js",
)
_BASE = re.compile(r"\b(?:basePath|base)\s*+:\s*+([^,}\n]{1,200}+)")
_POSTS = re.compile(r"\.(?:post|put|patch|delete|options)\.[jt]s$")


def health(tree: Tree, names: SourceProgram, seen: Sightings) -> None:
    """Adds `health` and `unprobed`."""
    graph = RouteGraph(seen)
    base: Prefix | None = None
    for script in names.files:
        for kind in _ROUTES:
            found = kind.pattern.fullmatch(script.path)
            if found:
                base = base or Prefix(_base(tree), guarded=_locked(names))
                graph.see(base, _route(found.group(1)), script, 1, _refuses(kind, script))
                break


def _route(path: str) -> str:
    """`/(ops)/health` → /health; Remix' `/api.health` → /api/health."""
    shown = re.sub(r"/\([^()]*+\)", "", path).removeprefix("/routes")
    return re.sub(r"/_[^/]*+(?=/)|/index$", "", shown.replace(".", "/"))


def _refuses(kind: FileRoutes, script: CodeFile) -> str:
    if _POSTS.search(script.path):
        return METHOD
    given = {function.name for function in script.functions} | {name for name, _, _ in script.top} | {*script.imports}
    others = given & {"POST", "PUT", "PATCH", "DELETE", "action"}
    return METHOD if kind.gets and others and not given & kind.gets else ""


def _base(tree: Tree) -> str | None:
    """The prefix of all routes that the framework's own file names; None where it is put together."""
    for path in tree.files:
        if path in _CONFIGS and (found := _BASE.search(tree.text(path))):
            text = re.fullmatch(r"""["'`]([^"'`$]*+)["'`]""", found.group(1).strip())
            return text.group(1).rstrip("/") if text and text.group(1).startswith("/") else None
    return ""


def _locked(names: SourceProgram) -> bool:
    """Whether a middleware lets only known callers through: `export { default } from "next-auth/middleware"`."""
    return any(
        script.path.removeprefix("src/").startswith("middleware.")
        and any(one.startswith("next-auth/middleware") for one in script.imports.values())
        for script in names.files
    )
