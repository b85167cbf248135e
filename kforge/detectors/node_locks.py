"""Lock files of Node's package managers → the one that fits package.json. Unaware of what is installed.

A lock file fits when it knows every direct dependency by the range that package.json gives: the frozen installs of
all managers refuse one that does not. Patterns and lines are read, not YAML: a lock may have 100,000 lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from kforge.detectors.node_versions import allows
from kforge.domain.source.sightings import Sightings

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

PATH = "package.json"
LOCKS = (
    ("pnpm-lock.yaml", "pnpm"), ("yarn.lock", "yarn"), ("package-lock.json", "npm"), ("npm-shrinkwrap.json", "npm"),
    ("bun.lock", "bun"), ("bun.lockb", "bun"),
)  # fmt: skip
MANAGERS = ("npm", "pnpm", "yarn", "bun")
_HEAD = re.compile(r"(npm|pnpm|yarn|bun)@")
_YARN_KEY = re.compile(r"[^\s#].{0,4000}:")
_YAML_PAIR = re.compile(r"(?P<indent> *+)['\"]?(?P<key>[^'\":\s][^'\":]{0,200})['\"]?:(?: ++(?P<value>\S.{0,300}))?")
_TRAILING = re.compile(r",(?=\s{0,200}[}\]])")
_UNTOLD = re.compile(
    r"(?:workspace|link|file|portal|patch|catalog|npm|git|github|http|https|ssh|\.|/)"
)  # not registry ranges

Ranges = Mapping[str, tuple[str, int]]  # dependency → its range and line


class ChosenLock(NamedTuple):
    """The manager, its lock file ("" where there is none), and the line of `packageManager` where that decided."""

    manager: str
    lock: str
    declared: bool


def choose(tree: Tree, table: dict[str, Any], wanted: Ranges, line: int, seen: Sightings) -> ChosenLock:
    """The declared manager where its lock fits or no other does, else the first lock that fits; the rest is told."""
    files = frozenset(tree.files)
    declared = _declared(table)
    present = [(lock, manager) for lock, manager in LOCKS if lock in files]
    present.sort(key=lambda pair: pair[1] != declared)
    lacking = {lock: _lacking(tree, lock, wanted) for lock, _ in present}
    lock, manager = next((pair for pair in present if not lacking[pair[0]]), present[0] if present else ("", ""))
    _tell(seen, ChosenLock(manager, lock, False), present, lacking, wanted)
    if lock and declared and declared != manager:
        said = f"`packageManager` names {declared}, and what fits is `{lock}` of {manager}: {manager} installs"
        hint = f"commit the lock file of {declared}, or name {manager} there"
        seen.see("doubts", {"said": said, "hint": hint}, PATH, line)
    if not lock:
        return ChosenLock(declared or "npm", "", bool(declared))
    return ChosenLock(manager, lock, manager == declared)


def _declared(table: dict[str, Any]) -> str:
    found = _HEAD.match(str(table.get("packageManager", "")))
    if found:
        return found[1]
    development = table.get("devEngines")
    named = development.get("packageManager") if isinstance(development, dict) else None
    for each in named if isinstance(named, list) else (named,):
        if isinstance(each, dict) and each.get("name") in MANAGERS:
            return str(each["name"])
    engines = table.get("engines")
    asked = [name for name in MANAGERS if isinstance(engines, dict) and isinstance(engines.get(name), str)]
    return asked[0] if len(asked) == 1 else ""


def _tell(
    seen: Sightings, chosen: ChosenLock, present: list[tuple[str, str]], lacking: dict[str, str], wanted: Ranges
) -> None:
    for lock, manager in present:
        name = lacking[lock]
        if lock == chosen.lock and name:
            said = f"`{lock}` does not have `{name}` as package.json asks for it, so {manager} will refuse to install from it"
            hint = f"run `{manager} install` and commit `{lock}`"
            seen.see("doubts", {"said": said, "hint": hint}, PATH, wanted[name][1])
        elif lock != chosen.lock and manager == chosen.manager:
            seen.see("notes", f"`{lock}` of {manager} is not used: `{chosen.lock}` is", lock)
        elif lock != chosen.lock:
            why = f", which lacks `{name}` of package.json" if name else ""
            said = f"`{lock}` of {manager}{why} is not used: `{chosen.lock}` is"
            seen.see(
                "doubts",
                {"said": said, "hint": f"remove the one of `{lock}` and `{chosen.lock}` that is left over"},
                lock,
            )


def _lacking(tree: Tree, lock: str, wanted: Ranges) -> str:
    """The first direct dependency that a lock does not have as it is asked for; "" for none, and for a lock unread."""
    text = tree.text(lock)
    if not text or not wanted:
        return ""
    if lock == "yarn.lock":
        return _yarn(text, wanted)
    if lock == "pnpm-lock.yaml":
        return _pnpm(text, wanted)
    try:
        held = json.loads(_TRAILING.sub("", text) if lock == "bun.lock" else text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(held, dict):
        return ""
    return _bun(held, wanted) if lock == "bun.lock" else _npm(held, wanted)


def _npm(held: dict[str, Any], wanted: Ranges) -> str:
    """npm takes a lock whose versions satisfy the manifest, though it was made of other ranges."""
    packages, older = held.get("packages"), held.get("dependencies")
    for name, (spec, _) in wanted.items():
        if isinstance(packages, dict):
            entry = packages.get(f"node_modules/{name}")
        else:
            entry = older.get(name) if isinstance(older, dict) else None
        if not isinstance(entry, dict):
            return name
        version = entry.get("version")
        if (
            isinstance(version, str)
            and not entry.get("link")
            and not _UNTOLD.match(spec)
            and allows(spec, version) is False
        ):
            return name
    return ""


def _bun(held: dict[str, Any], wanted: Ranges) -> str:
    spaces = held.get("workspaces")
    root = spaces.get("") if isinstance(spaces, dict) else None
    if not isinstance(root, dict):
        return ""
    known: dict[str, Any] = {}
    for block in ("dependencies", "devDependencies", "optionalDependencies"):
        known.update(root[block] if isinstance(root.get(block), dict) else {})
    return next((name for name, (spec, _) in wanted.items() if known.get(name) != spec), "")


def _yarn(text: str, wanted: Ranges) -> str:
    """Keys of entries: `left-pad@^1.0.0, left-pad@^1.1.0:`, with `npm:` before the range from version 2."""
    keys: set[str] = set()
    names: set[str] = set()
    for line in text.split("\n"):
        if found := _YARN_KEY.fullmatch(line.rstrip("\r")):
            for each in found[0][:-1].replace('"', "").split(","):
                key = each.strip()
                keys.add(key)
                names.add(key[: key.find("@", 1)])
    modern = "__metadata" in keys or "__metadata:" in text
    for name, (spec, _) in wanted.items():
        if _UNTOLD.match(spec) or "/" in spec:
            if name not in names and not spec.startswith(("link:", "workspace:", "file:", ".")):
                return name
        elif not {f"{name}@{spec}", f"{name}@npm:{spec}"} & keys and not (modern and name in names):
            return name
    return ""


def _pnpm(text: str, wanted: Ranges) -> str:
    """Specifiers of the root: of `importers` → `.`, of a lock of one package, or of the older `specifiers`."""
    known = _specifiers(text)
    if known is None:
        return ""
    return next((name for name, (spec, _) in wanted.items() if known.get(name) not in (spec, "?")), "")


def _specifiers(text: str) -> dict[str, str] | None:
    known: dict[str, str] = {}
    path: list[tuple[int, str]] = []
    found = False
    for line in text.split("\n"):
        if line.startswith(("packages:", "snapshots:")):
            break
        pair = _YAML_PAIR.fullmatch(line.rstrip())
        if not pair:
            continue
        indent, key, value = len(pair["indent"]), pair["key"], (pair["value"] or "").strip("'\"")
        while path and path[-1][0] >= indent:
            path.pop()
        above = [name for _, name in path]
        own = above[2:] if above[:2] == ["importers", "."] else above
        if own[:1] and own[0] in ("dependencies", "devDependencies", "optionalDependencies"):
            found = True
            if len(own) == 1:
                known.setdefault(key, value if value and not value[0].isdigit() else "?")
            elif key == "specifier":
                known[own[1]] = value
        elif own[:1] == ["specifiers"]:
            found = True
            known[key] = value
        path.append((indent, key))
    overridden = re.search(r"^overrides:", text, re.MULTILINE)
    return known if found and not overridden else None
