"""A package of a Node workspace → how each package manager installs what it needs of the workspace, and removes what only
building needed. Commands run in the workspace's root.

Seen with npm 11, pnpm 9 and 10, yarn 1 and 4, bun 1.4: npm, pnpm, yarn 1 and bun install from a lock file of the whole
workspace where only the manifests of the needed packages are there; yarn from version 2 needs all of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.domain.source.layout import layout

if TYPE_CHECKING:
    from kforge.domain.source.layout import ImageLayout
    from kforge.domain.view import View

# How a package manager runs a script of a package in another folder.
ELSEWHERE = {"bun": ["bun", "--cwd"], "npm": ["npm", "--prefix"], "pnpm": ["pnpm", "--dir"], "yarn": ["yarn", "--cwd"]}
_PLAIN = re.compile(r"(?:@[a-z0-9][\w.-]*/)?[a-z0-9][\w.-]*", re.ASCII)


class WorkspacePackage(NamedTuple):
    """A package within its workspace."""

    path: str  # from the root
    name: str
    folders: tuple[str, ...]  # of the packages that are installed, from the root


def workspace_package(view: View) -> WorkspacePackage | None:
    """The source within its workspace; None where it is none, or the root itself."""
    found = view.fact("workspace")
    if found is None or found["root"] == ".":
        return None
    return package_of(found, layout(view))


def package_of(workspace: dict[str, Any], place: ImageLayout) -> WorkspacePackage:
    """What a layout places, within a workspace of which it is not the root."""
    root = f"{place.root}/" if place.root != "." else ""
    folders = tuple(place.inside(path).removeprefix(root) for path in (*workspace["members"], "."))
    return WorkspacePackage(folders[-1], str(workspace["packages"][-1]["name"]), folders)


def member_builds(workspace: dict[str, Any], manager: str) -> list[Sequence[str]]:
    """Commands that build what a package needs of its workspace, run in the package's folder."""
    others = [one for one in workspace["packages"] if one["build"] and one["path"] != "."]
    return [[*ELSEWHERE[manager], one["path"], "run", one["build"]] for one in others]


def chosen(package: WorkspacePackage, manager: str) -> list[str]:
    """Words that limit an installation to a package, what it needs of the workspace, and the root."""
    if manager == "npm":
        return ["--workspace", package.path, "--include-workspace-root"]
    if manager == "pnpm":
        name = package.name if _PLAIN.fullmatch(package.name) else f"{{{package.path}}}"
        return ["--filter", f"{name}...", "--filter", "{.}"]
    return []  # the others install what has a manifest there


def prune(package: WorkspacePackage, manager: str) -> list[Sequence[str]]:
    """Commands that leave what running needs."""
    words = chosen(package, manager)
    if manager == "npm":
        return [["npm", "prune", "--omit=dev", *words]]
    if manager == "pnpm":
        # What development needed would stay in pnpm's own folder, as a cache for the next installation.
        tidy = ["--config.modules-cache-max-age=0", "--config.confirm-modules-purge=false"]
        return [["pnpm", "install", "--frozen-lockfile", "--offline", "--ignore-scripts", "--prod", *words, *tidy]]
    if manager == "yarn":
        return [["yarn", "install", "--frozen-lockfile", "--production", "--ignore-scripts", "--prefer-offline"]]
    if manager == "berry":
        return [["yarn", "workspaces", "focus", "--production", package.name]]
    modules = ["node_modules", *(f"{folder}/node_modules" for folder in package.folders)]
    return [["rm", "-rf", *modules], ["bun", "install", "--frozen-lockfile", "--production"]]
