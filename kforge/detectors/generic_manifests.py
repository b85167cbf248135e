"""A source and a row of the table of toolchains → what its manifest says: the lines that show a way, the program's name,
the version. Reads lines as plain text: of a manifest that is a program, nothing runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from kforge.detectors.toml_tables import read
from kforge.detectors.tool_versions import pinned_tools
from kforge.domain.facts import Evidence

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.domain.toolchains import Toolchain

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}")
_JAR = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_VERSION = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}")
_COMMENTS = ("#", "//", "%", "<!--", "/*", "*")
_LINES, _WIDTH = 5_000, 400  # of a manifest that is read
_BLOCKS = 20  # of one sort, that a POM may have
_APART = (
    "parent",
    "dependencies",
    "dependencyManagement",
    "build",
    "profiles",
    "reporting",
)  # of a POM: not its own names


@dataclass(frozen=True)
class ToolchainManifest:
    """A toolchain whose manifest lies at the top of a source."""

    tree: Tree
    toolchain: Toolchain
    path: str

    def files(self, pattern: str) -> list[str]:
        """Files by a path, or by a pattern of names at the top of the source."""
        if "*" not in pattern:
            return [pattern] if pattern in self.tree.files else []
        return [path for path in self.tree.files if "/" not in path and fnmatchcase(path, pattern)]

    def shown(self, sign: str) -> Evidence | None:
        """Where `FILE`, or a line of it with certain words, is seen."""
        pattern, _, words = sign.partition(": ")
        for path in self.files(pattern):
            if not words:
                return Evidence(path)
            for number, line in self._lines(path):
                if words in line:
                    return Evidence(path, number)
        return None

    def refusal(self) -> tuple[str, Evidence] | None:
        """Why there is no ordinary way, and where that is seen."""
        for pattern in self.toolchain.manifests:
            several = self.files(pattern)
            if len(several) > 1:
                return f"is one of several: {', '.join(f'`{path}`' for path in several[:4])}", Evidence(several[0])
        for sign, said in self.toolchain.refused.items():
            if (seen := self.shown(sign)) is not None:
                return said, seen
        return None

    @cached_property
    def name(self) -> tuple[str, Evidence]:
        """The program's name as the manifest has it; "" where no line shows it."""
        found = ("", Evidence(self.path))
        if self.toolchain.name_read:
            pattern, before, after = self.toolchain.name_read
            for path in self.files(pattern):
                if before == "project":
                    return _project(self.tree.text(path), after), Evidence(path)
                if before == "package":
                    return _of_table(self.tree.text(path), before, after), Evidence(path)
                if not before:
                    stem = path.rpartition(".")[0]
                    return stem if _JAR.fullmatch(stem) else "", Evidence(path)
                for number, line in self._lines(path):
                    if read := _between(line, before, after):
                        return read, Evidence(path, number)
        return found

    def jar(self) -> str:
        """What Maven calls the archive that it leaves, without its ending; "" where the POM does not say."""
        text = self.tree.text(self.path)
        build = text.partition("<build>")[2].partition("</build>")[0]
        own = build.partition("<finalName>")[2].partition("</finalName>")[0].strip()
        version = (
            _project(text, "version")
            or text.partition("<parent>")[2]
            .partition("</parent>")[0]
            .partition("<version>")[2]
            .partition("</version>")[0]
            .strip()
        )
        name = own or (f"{self.name[0]}-{version}" if self.name[0] and version else "")
        return name if _JAR.fullmatch(name) else ""

    def version(self) -> tuple[str, str]:
        """The version that images of the toolchain have, and why."""
        known = self.toolchain.version
        if not known.usual:
            return "", "images of this toolchain name no version"
        for text, place in self._pinned():
            if found := _VERSION.match(text.strip().removeprefix("v").removeprefix(f"{known.tools}-")):
                version = ".".join(found[0].split(".")[: known.parts])
                if _numbers(version) >= _numbers(known.oldest) and version.count(".") == known.parts - 1:
                    return version, f"`{place}` asks for {found[0]}"
                return known.usual, f"no image of this form is known for {found[0]}, which `{place}` asks for"
        return known.usual, f"the source names no version, so {known.usual}"

    def _pinned(self) -> Iterator[tuple[str, str]]:
        known = self.toolchain.version
        if known.pinned and known.pinned in self.tree.files:
            yield self.tree.text(known.pinned)[:_WIDTH], known.pinned
        if known.tools:
            yield from ((tool.version, tool.file) for tool in pinned_tools(self.tree, known.tools))
        if known.read:
            pattern, before, after = known.read
            for path in self.files(pattern):
                for _, line in self._lines(path):
                    if before in line:
                        yield line.partition(before)[2].partition(after)[0], path

    def _lines(self, path: str) -> Iterator[tuple[int, str]]:
        """Lines of a file that are no comments, cut to a width."""
        for number, line in enumerate(self.tree.text(path).split("\n")[:_LINES], 1):
            if not line.lstrip().startswith(_COMMENTS):
                yield number, line[:_WIDTH]


def _between(line: str, before: str, after: str) -> str:
    """The name behind some words of a line, with or without quotes; "" for anything else."""
    _, found, rest = line.partition(before)
    if not found or (after and after not in rest):
        return ""
    text = rest.partition(after)[0] if after else rest.strip().strip("\"'").partition("#")[0]
    match = NAME.match(text.strip())
    return match[0] if match and (not after or match[0] == text.strip()) else ""


def _project(text: str, tag: str) -> str:
    """A plain text directly below the `project` of a POM, "" where it is none."""
    for other in _APART:
        for _ in range(_BLOCKS):
            head, found, rest = text.partition(f"<{other}>")
            _, end, tail = rest.partition(f"</{other}>")
            text = head + (tail if end else "") if found else text
    named = text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0].strip()
    return named if _JAR.fullmatch(named) else ""


def _of_table(text: str, table: str, key: str) -> str:
    """A name in a table of TOML, "" where there is none; of a file without that table, the name at its top."""
    held = read(text) or {}  # where it is broken, its toolchain reads no name either
    within = held.get(table, held)
    named = within.get(key) if isinstance(within, dict) else None
    return named if isinstance(named, str) and NAME.fullmatch(named) else ""


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part)
