"""A workspace of Nest's own (`nest-cli.json`) → where the build leaves the application that starts, and which others there are.

https://docs.nestjs.com/cli/monorepo
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from kforge.detectors import node_builds
from kforge.domain.near_words import listed
from kforge.syntax.plain_data import table_in

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.detectors.node_start import NodeStarts
    from kforge.domain.artifact import Tree

PATH = "nest-cli.json"
_MAIN = ("dist/main", "dist/main.js")  # where a project by itself has it, and what scripts keep saying


def place(tree: Tree, project: NodeProject, start: NodeStarts) -> None:
    """Start the application that `nest build` builds where it leaves it, and doubt that the others are built."""
    table = _table(tree.text(PATH)) if PATH in tree.files else {}
    root = table.get("root")
    if table.get("monorepo") is not True or not isinstance(root, str) or not root:
        return
    kinds = {name: table_in(each) for name, each in table_in(table.get("projects")).items()}
    applications = {name: str(one.get("root", "")) for name, one in kinds.items() if one.get("type") == "application"}
    entry = next(
        (str(kinds[name].get("entryFile") or "main") for name in applications if applications[name] == root), "main"
    )
    for words, _ in start.commands:
        words[:] = [f"dist/{root}/{entry}.js" if word in _MAIN else word for word in words]
    start.commands[:] = [
        one for number, one in enumerate(start.commands) if one[0] not in [held for held, _ in start.commands[:number]]
    ]
    script = start.builds[0][0][-1] if start.builds else ""
    built = {word for words in node_builds.commands(script, project.scripts) for word in words[1:]}
    others = sorted(name for name, where in applications.items() if where != root and not built & {name, "--all"})
    if others and start.commands:
        said = f"`nest build` builds `{root}` alone, and {listed(others)} beside it not"
        hint = f"have the build script make them (`nest build {others[0]}`), and start each by `command: [node, dist/{applications[others[0]]}/main.js]`"
        project.seen.see("doubts", {"said": said, "hint": hint}, PATH, 1)


def _table(text: str) -> dict[str, Any]:
    try:
        return table_in(json.loads(text or "{}"))
    except (ValueError, RecursionError):
        return {}
