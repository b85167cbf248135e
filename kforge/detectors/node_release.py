"""Where a Node project says which Node.js it wants → the version to build with, and what is to be said where none fits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.detectors.node_versions import MAJORS, fitting
from kforge.detectors.tool_versions import pinned_tools

if TYPE_CHECKING:
    from collections.abc import Callable

    from kforge.domain.artifact import Tree
    from kforge.domain.source.sightings import Sightings

PATH = "package.json"


class WantedNode(NamedTuple):
    """A range as it is written, what it is called, and its place."""

    spec: str
    called: str
    file: str
    line: int


def read_release(
    tree: Tree, table: dict[str, Any], line: Callable[[str, str], int], seen: Sightings
) -> WantedNode | None:
    """See `version`, or `version_range` where no version fits: what is pinned for tools first, then what the manifest
    allows. The one that decided comes back.

    `line` gives the line of a key inside a block of package.json.
    """
    wanted = [*_pinned(tree), *_allowed(table, line)]
    unknown: WantedNode | None = None
    for each in wanted:
        found = fitting(each.spec)
        if found.major:
            seen.see("version", found.major, each.file, each.line)
            if not found.usual:
                _doubt(seen, each, f"none of {_known()} fits, so Node.js {found.major} is taken")
            return each
        unknown = unknown or each
        if found.understood:
            _doubt(seen, each, f"no Node.js that has an image fits: {MAJORS[0]} is taken")
            break
        _doubt(seen, each, "which is no version or range of versions")
    if unknown:
        seen.see("version_range", unknown.spec, unknown.file, unknown.line)
    return None


def _known() -> str:
    *first, last = (str(major) for major in reversed(MAJORS))
    return f"{', '.join(first)} and {last}"


def _doubt(seen: Sightings, wanted: WantedNode, said: str) -> None:
    hint = f"name a version that is supported in `{wanted.file}`, or pin `build.base` and `build.runtime`"
    seen.see(
        "doubts", {"said": f"{wanted.called} asks for `{wanted.spec}`, {said}", "hint": hint}, wanted.file, wanted.line
    )


def _pinned(tree: Tree) -> Iterator[WantedNode]:
    for path in (".nvmrc", ".node-version"):
        for number, text in enumerate(tree.text(path).split("\n") if path in tree.files else (), 1):
            words = text.partition("#")[0].split()
            if words and "=" not in words[0]:  # nvm keeps such lines for settings
                yield WantedNode(words[0], f"`{path}`", path, number)
                break
    for tool in pinned_tools(tree, "node", "nodejs"):
        if not tool.version.startswith(("system", "path:", "ref:")):
            yield WantedNode(tool.version, f"`{tool.file}`", tool.file, tool.line)


def _allowed(table: dict[str, Any], line: Callable[[str, str], int]) -> Iterator[WantedNode]:
    volta, engines = table.get("volta"), table.get("engines")
    if isinstance(volta, dict) and isinstance(volta.get("node"), str):
        yield WantedNode(volta["node"], "`volta.node`", PATH, line("volta", "node"))
    if isinstance(engines, dict) and isinstance(engines.get("node"), str):
        yield WantedNode(engines["node"], "`engines.node`", PATH, line("engines", "node"))
    for text in engines if isinstance(engines, list) else ():  # as npm wrote it before 2012
        if isinstance(text, str) and text.startswith("node"):
            yield WantedNode(text.removeprefix("node").strip(), "`engines`", PATH, line("engines", text))
    development = table.get("devEngines")
    runtime = development.get("runtime") if isinstance(development, dict) else None
    for each in runtime if isinstance(runtime, list) else (runtime,):
        if isinstance(each, dict) and each.get("name") == "node" and isinstance(each.get("version"), str):
            yield WantedNode(each["version"], "`devEngines.runtime`", PATH, line("devEngines", "version"))
