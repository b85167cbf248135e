"""Files in which teams pin the versions of their tools: `.tool-versions` of asdf, `mise.toml`. Unaware of what a version means.

https://asdf-vm.com/manage/configuration.html, https://mise.jdx.dev/configuration.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

ASDF = ".tool-versions"
MISE = ("mise.toml", ".mise.toml", "mise/config.toml", ".config/mise.toml", ".config/mise/config.toml")
_TABLE = re.compile(r"[ \t]*+\[([^\]\n]{1,100})\]")
_LINE = re.compile(r"[ \t]*+[\"']?([\w:./-]{1,60}+)[\"']?[ \t]*+=[ \t]*+(.{1,200})")
_QUOTED = re.compile(r"[\"']([^\"'\n]{1,100})[\"']")


class PinnedTool(NamedTuple):
    """A version, as the file writes it, and its place."""

    version: str
    file: str
    line: int


def pinned_tools(tree: Tree, *names: str) -> Iterator[PinnedTool]:
    """What each file says of a tool that goes by one of the names; the first of several versions counts."""
    for number, line in enumerate(tree.text(ASDF).split("\n") if ASDF in tree.files else (), 1):
        words = line.partition("#")[0].split()
        if len(words) > 1 and words[0] in names:
            yield PinnedTool(words[1].removeprefix("latest:"), ASDF, number)
    for path in MISE:
        if path in tree.files:
            yield from _mise(tree.text(path), path, names)


def _mise(text: str, path: str, names: tuple[str, ...]) -> Iterator[PinnedTool]:
    """`node = "22"`, `node = ["22", "20"]` and `node = {version = "22"}` of the table `tools`."""
    table = ""
    for number, line in enumerate(text.split("\n"), 1):
        if found := _TABLE.match(line):
            table = found[1].strip()
            continue
        pair = _LINE.match(line)
        if not pair:
            continue
        key = pair[1].removeprefix("core:")
        held = pair[2].partition("version")[2] if pair[2].lstrip().startswith("{") else pair[2]
        named = (table == "tools" and key in names) or (
            table in [f"tools.{name}" for name in names] and key == "version"
        )
        if named and (version := _QUOTED.search(held)):
            yield PinnedTool(version[1].removeprefix("prefix:"), path, number)
