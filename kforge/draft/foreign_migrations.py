"""Folders of migrations that a program of their own applies, and that no image here has → what to say of them.

Flyway, dbmate, Atlas and their like are started from an image of their own or from a developer's machine: which variables
of theirs hold the address of the store, no file says. So no job is drafted; the folder is named, with the way out.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import Any

from kforge.domain.artifact import Tree
from kforge.domain.draft import FoundSource, name_of
from kforge.domain.source.build_context import upwards
from kforge.draft.migrations import table
from kforge.draft.source_roles import aside

_LOOKED = 400  # files of one tool
_CODE = ("Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts", "mix.exs")  # programs that migrate by themselves


def untold(tree: Tree, found: Sequence[FoundSource], app: str) -> Iterator[str]:
    """One line for each tool that has migrations in a repository, where nothing of the draft applies them."""
    if any(one.once for source in found for one in source.told):
        return
    texts = [tree.text(path) for path in _dockerfiles(tree, found)]
    for tool in table()["elsewhere"]:
        shown = next(_shown(tool, tree), "")
        program = re.compile(rf"(?<![\w-]){tool['program']}(?![\w-])")
        if shown and not _brought(tool, found) and not any(program.search(text) for text in texts):
            yield _line(tool, posixpath.dirname(shown), posixpath.basename(shown), _waiting(found, app), tree)


def _shown(tool: dict[str, Any], tree: Tree) -> Iterator[str]:
    """Files of a tool that are no test's and none of a program that applies them itself."""
    own = {posixpath.dirname(path) for path in tree.files if posixpath.basename(path) in _CODE}
    paths = [path for path in tree.files if re.fullmatch(tool["file"], path)][:_LOOKED]
    for path in paths:
        within = any(not folder or path.startswith(f"{folder}/") for folder in own)
        if not within and not aside(posixpath.dirname(path)) and re.search(tool["holds"], tree.text(path)):
            yield path


def _dockerfiles(tree: Tree, found: Sequence[FoundSource]) -> Iterator[str]:
    """Dockerfiles of the draft's sources, and the scripts beside them."""
    places = {source.path.removeprefix("./").removeprefix(".") for source in found if source.facts.dockerfile}
    for path in tree.files:
        name = posixpath.basename(path)
        if posixpath.dirname(path) in places and ("Dockerfile" in name or name.endswith(".sh")):
            yield path


def _brought(tool: dict[str, Any], found: Sequence[FoundSource]) -> bool:
    """Whether a source applies them by a library or a package of the tool."""
    names = {str(name) for source in found for name in source.facts.value("dependencies")}
    return any(name.startswith(tool["library"]) or name == tool["program"] for name in names if tool["library"])


def _waiting(found: Sequence[FoundSource], app: str) -> list[str]:
    return [
        source.name or name_of(posixpath.basename(source.path.removeprefix(".").strip("/")) or app)
        for source in found
        if source.ports
    ]


def _line(tool: dict[str, Any], folder: str, file: str, waiting: Sequence[str], tree: Tree) -> str:
    words = ", ".join(f'"{word}"' if word.startswith("-") else word for word in tool["command"])
    before = f", before: [{', '.join(waiting)}]" if waiting else ""
    packed = _packed(tool, folder, tree)
    source = posixpath.dirname(packed) if packed else folder
    service = f"`migrate: {{source: ./{source}, command: [{words}], job: true{before}}}`"
    said = f"`{folder or '.'}` holds migrations of {tool['title']} (`{file}`), which"
    if packed:
        return f"{said} `{packed}` packs and nothing starts: add {service} with the variables of its store"
    base = f"`FROM {tool['image']}`" if tool["image"] else f"`FROM` an image that has {tool['title']}"
    return (
        f"{said} no image of the draft has: give the folder a Dockerfile ({base}, `COPY . {tool['folder']}`), and add"
        f" {service} with the variables of its store"
    )


def _packed(tool: dict[str, Any], folder: str, tree: Tree) -> str:
    """The author's Dockerfile of the tool's own image, in the folder or above it; "" for none."""
    image = re.compile(rf"^FROM[ \t]+\S*{re.escape(tool['image'])}\b", re.IGNORECASE | re.MULTILINE)
    paths = (posixpath.join(place, "Dockerfile") for place in upwards(folder))
    return next((path for path in paths if tool["image"] and path in tree.files and image.search(tree.text(path))), "")
