"""A Node project → what its installation in an image must be told: variables that keep tools of development from fetching
browsers, scripts of the project's own that need its source, the version of its package manager. Unaware of the code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kforge.detectors import node_builds, node_prisma
from kforge.detectors.node_versions import allows
from kforge.syntax import yaml_data
from kforge.syntax.plain_data import table_in

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.domain.artifact import Tree

PATH, LOCK = "package.json", "package-lock.json"
PNPM, PNPM_LOCK = "pnpm-workspace.yaml", "pnpm-lock.yaml"
YARN, YARN_LOCK = ".yarnrc.yml", "yarn.lock"
_VERSION = re.compile(r"^lockfileVersion:\s{0,5}['\"]?(\d{1,2})", re.MULTILINE)
_METADATA = re.compile(r"^__metadata:\n\s{1,8}version: (\d{1,2})", re.MULTILINE)
_OLDER = re.compile(r"yarn@([23]\.\d{1,3}\.\d{1,3})(?:\+|$)")
_MAJOR = re.compile(r"\D{0,5}(\d{1,2})")


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    return data


def read(tree: Tree, table: Mapping[str, Any], project: NodeProject, shown: Callable[[str], str]) -> None:
    """Sees `install_variables`, `install_scripts`, `build_first` and `manager_version`. `tree` is the folder that is
    installed in, the workspace's root where there is one, with its manifest; `shown` is a path there as the source names it.
    """
    seen = project.seen
    held = _lock(tree.text(LOCK)) if LOCK in tree.files and project.manager == "npm" else {}
    for name, row in sorted(_data()["downloads"].items()):
        if _developing(name, table, project, held):
            seen.see(
                "install_variables", {"name": row["name"], "value": row["value"]}, shown(PATH), project.place(name).line
            )
    if by := _without_peers(table, held):
        seen.see("install_variables", {"name": "NPM_CONFIG_LEGACY_PEER_DEPS", "value": "true"}, shown(LOCK))
        seen.see("notes", f"`{LOCK}` was made with `legacy-peer-deps`: {by}", shown(LOCK))
    for name, value, place in node_prisma.addresses(tree, project, node_prisma.store(tree, project)):
        seen.see("install_variables", {"name": name, "value": value}, place.file, place.line)
    if project.manager == "pnpm" and "packageManager" not in table and (version := _pnpm(tree, table)):
        seen.see("manager_version", version, shown(PNPM_LOCK))
    if project.manager == "yarn" and (made := _yarn(tree, table)):
        seen.see("manager_version", made[0], shown(made[1]))
    _scripts(tree, table, project, shown)


def _lock(text: str) -> dict[str, Any]:
    """Packages of an npm lock by their place; none of what is not read."""
    try:
        return table_in(table_in(json.loads(text or "{}")).get("packages"))
    except (ValueError, RecursionError):
        return {}


# ---- variables ------------------------------------------------------------------------------------------------
def _developing(name: str, table: Mapping[str, Any], project: NodeProject, held: Mapping[str, Any]) -> bool:
    """Whether a package is there for development alone, of its own accord or for another that is."""
    if project.needs(name) or name in table_in(table.get("dependencies")):
        return False
    entry = table_in(held.get(f"node_modules/{name}"))
    return name in project.dev or name in table_in(table.get("devDependencies")) or entry.get("dev") is True


def _without_peers(table: Mapping[str, Any], held: Mapping[str, Any]) -> str:
    """What shows that a lock was made without regard to peer dependencies, so that a plain `npm ci` refuses it; "" where
    nothing does. npm marks those that it installs of its own accord.
    """
    if any(table_in(entry).get("peer") is True for entry in held.values()):
        return ""
    for name in sorted({*table_in(table.get("dependencies")), *table_in(table.get("devDependencies"))}):
        entry = table_in(held.get(f"node_modules/{name}"))
        optional = table_in(entry.get("peerDependenciesMeta"))
        for peer, spec in sorted(table_in(entry.get("peerDependencies")).items()):
            if table_in(optional.get(peer)).get("optional"):
                continue
            there = table_in(held.get(f"node_modules/{peer}"))
            version = there.get("version")
            if not there:
                return f"`{name}` asks for `{peer}`, which is not there"
            if isinstance(spec, str) and isinstance(version, str) and allows(spec, version) is False:
                return f"`{name}` asks for `{peer}` `{spec}`, and {version} is there"
    return ""


# ---- the package manager --------------------------------------------------------------------------------------
def _pnpm(tree: Tree, table: Mapping[str, Any]) -> str:
    """The pnpm that made a lock file, where nothing names one: a newer one refuses the lock, or to install what it does not
    know to be allowed to build.
    """
    known: dict[str, str] = _data()["pnpm"]
    found = _VERSION.search(tree.text(PNPM_LOCK)[:2000])
    asked = _MAJOR.match(str(table_in(table.get("engines")).get("pnpm", "")))
    settings = yaml_data.read(tree.text(PNPM)) if PNPM in tree.files else None
    modern = bool({*table_in(settings)} - {"packages", "catalog", "catalogs"})
    if not found or found[1] not in known or (asked and int(asked[1]) > 10):
        return ""
    return known["settings"] if found[1] == "9" and (modern or (asked and asked[1] == "10")) else known[found[1]]


def _yarn(tree: Tree, table: Mapping[str, Any]) -> tuple[str, str] | None:
    """The yarn from version 2 that a project is for, and the file that shows it, where nothing names one: what finds no
    name brings version 1, which cannot read its lock file. None where the source holds the program itself. One before
    version 4 is told that the manifest names, too: it installs otherwise.
    """
    if "packageManager" in table:
        older = _OLDER.match(str(table["packageManager"]))
        return (older[1], PATH) if older else None
    known: dict[str, str] = _data()["yarn"]
    settings = table_in(yaml_data.read(tree.text(YARN))) if YARN in tree.files else {}
    found = _METADATA.search(tree.text(YARN_LOCK)[:2000].replace("\r\n", "\n")) if YARN_LOCK in tree.files else None
    if "yarnPath" in settings or (YARN_LOCK in tree.files and not found):
        return None
    if found:
        return (known[found[1]], YARN_LOCK) if found[1] in known else None
    return ([*known.values()][-1], YARN) if YARN in tree.files else None


# ---- scripts of its own ---------------------------------------------------------------------------------------
def _scripts(tree: Tree, table: Mapping[str, Any], project: NodeProject, shown: Callable[[str], str]) -> None:
    """Scripts that an install must not run where only manifests are; those that need the source run once it is there."""
    scripts = {name: text for name, text in table_in(table.get("scripts")).items() if isinstance(text, str)}
    for name in node_builds.LIFECYCLE:
        if name not in scripts:
            continue
        commands = [*node_builds.commands(name, scripts)]
        needs = [_needs(words, tree, project) for words in commands if words[0] != "cd"]
        if len(needs) < len(commands) and {*needs} != {"nothing"}:
            needs.append("source")  # what runs in another folder needs that folder
        if any(needs):
            line = project.line(f'"{name}"')
            project.seen.see("install_scripts", name, shown(PATH), line)
            if "source" in needs:
                project.seen.see("build_first", [project.manager, "run", name], shown(PATH), line)


def _needs(words: list[str], tree: Tree, project: NodeProject) -> str:
    """`nothing` for what serves development alone, `source` for what needs more than manifests, "" for what may run."""
    program = words[0].removeprefix("./").removeprefix("node_modules/.bin/")
    if program in _data()["hooks"]:
        return "nothing"
    if program in _data()["installing"]:
        return ""
    if program == "prisma" and words[1:2] == ["generate"]:
        configured = any(path.startswith("prisma.config.") for path in tree.files)
        usual = node_prisma.SCHEMA in tree.files and not configured and len(words) == 2
        return "" if usual and project.needs("prisma") else "source"
    if program in ("npm", "pnpm", "yarn", "bun") and next(iter(words[1:]), "install") in ("install", "i", "ci", "rebuild", "dedupe", "audit"):  # fmt: skip
        return ""
    return "source"


def has_migrations(tool: str, tree: Tree) -> bool:
    """Whether a source has migrations of a tool at their usual place."""
    pattern = _data()["migrating"].get(tool, "")
    return bool(pattern) and any(re.fullmatch(pattern, path) for path in tree.files)


def migrating(tree: Tree, project: NodeProject) -> str:
    """A development dependency that brings the store's tables up to date, where the source has migrations of it."""
    tools = (name for name in _data()["migrating"] if name in project.dev and not project.needs(name))
    return next((name for name in tools if has_migrations(name, tree)), "")
