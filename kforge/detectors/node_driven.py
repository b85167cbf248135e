"""Folders that a build enters to build there (`npm --prefix client run build`, `cd client && yarn build`) → their installation,
where no script does it. A developer's checkout has their dependencies; the image has those of the project alone.
"""

from __future__ import annotations

import json
import posixpath
import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kforge.detectors.node_builds import LIFECYCLE, simple_parts

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.domain.artifact import Tree

_RUNNERS = ("npm", "pnpm", "yarn", "bun")
_ENTERS = ("--prefix", "--cwd", "--dir", "-C")
_INSTALLS = frozenset(("install", "i", "ci", "add", "clean-install"))
_DEEPEST = 6
_MOST = 10


def installing(tree: Tree, project: NodeProject, built: str) -> Iterator[list[str]]:
    """Commands that install what the script `built` needs in other folders, "" for none."""
    if not built or "workspaces" in project.table or "pnpm-workspace.yaml" in tree.files:
        return
    entered = [*_entered(built, project.scripts)]
    told = [pair for name in LIFECYCLE if name in project.scripts for pair in _entered(name, project.scripts)]
    installed = {folder for folder, installs in (*entered, *told) if installs}
    driven = dict.fromkeys(folder for folder, installs in entered if not installs and folder not in installed)
    for folder in [*driven][:_MOST]:
        if _needs(tree.text(f"{folder}/package.json")) and (words := _install(folder, tree, project.manager)):
            yield words


def _entered(script: str, scripts: Mapping[str, str], depth: int = 0) -> Iterator[tuple[str, bool]]:
    """Folders in which package managers run, with whether they install there."""
    for name in (f"pre{script}", script, f"post{script}"):
        at = ""
        for words in simple_parts(scripts.get(name, "")):
            if words[0] == "cd":
                at = posixpath.normpath(posixpath.join(at, words[1])) if len(words) > 1 else at
                at = "" if at == "." else at
            elif words[0] in _RUNNERS:
                folder, rest = _apart(words[1:])
                inside = posixpath.normpath(posixpath.join(at, folder)) if folder else at
                if inside and not inside.startswith(("..", "/")):
                    yield inside, not rest or not _INSTALLS.isdisjoint(rest[:1])
                elif not inside and depth < _DEEPEST:
                    other = next((word for word in rest if word not in ("run", "run-script")), "")
                    yield from _entered(other, scripts, depth + 1) if other in scripts else ()


def _apart(words: list[str]) -> tuple[str, list[str]]:
    """The folder that an option names, and the other words."""
    folder, rest, index = "", list[str](), 0
    while index < len(words):
        option, said, value = words[index].partition("=")
        if option in _ENTERS:
            folder = value if said else "".join(words[index + 1 : index + 2])
            index += 1 if said else 2
        else:
            rest.append(words[index])
            index += 1
    return folder, rest


def _needs(manifest: str) -> bool:
    try:
        table: Any = json.loads(manifest)
    except (ValueError, RecursionError):
        return False
    return isinstance(table, dict) and bool(table.get("dependencies") or table.get("devDependencies"))


def _install(folder: str, tree: Tree, manager: str) -> list[str]:
    """By the lock file of the folder, where what reads it is in the image."""
    files, at = tree.files, shlex.quote(folder)
    if at != folder:
        return []
    if f"{folder}/package-lock.json" in files:
        return ["npm", "--prefix", folder, "ci"]
    if f"{folder}/yarn.lock" in files and f"{folder}/.yarnrc.yml" not in files and manager in ("npm", "yarn"):
        return ["yarn", "--cwd", folder, "install", "--frozen-lockfile"]
    if f"{folder}/pnpm-lock.yaml" in files:
        return ["pnpm", "--dir", folder, "install", "--frozen-lockfile"] if manager == "pnpm" else []
    if f"{folder}/bun.lock" in files or f"{folder}/bun.lockb" in files:
        return ["bun", "install", "--cwd", folder, "--frozen-lockfile"] if manager == "bun" else []
    return ["npm", "--prefix", folder, "install"] if manager == "npm" else []
