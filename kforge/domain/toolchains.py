"""Toolchains without a detector of their own, one row of data each: what shows one, the images that build and run it,
and the ordinary ways from its manifest to a program. Asks no registry and reads no source.

What a row says of a source is a proposal: a person approves it before `kforge check --approved` passes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from kforge.domain.language import Commands, Needs


class ToolchainImage(NamedTuple):
    """An image and its key in the `bases` of a spec; both may hold `{version}`."""

    key: str
    image: str

    def of(self, version: str) -> ToolchainImage:
        return ToolchainImage(self.key.replace("{version}", version), self.image.replace("{version}", version))


class ToolchainVersion(NamedTuple):
    """Which version of a toolchain an image has. `parts` is how many numbers of it a tag names."""

    usual: str = ""
    oldest: str = ""  # that images of this form exist for
    parts: int = 1
    tools: str = ""  # the toolchain's name in `.tool-versions` and `mise.toml`
    pinned: str = ""  # a file that holds the version alone
    read: tuple[str, ...] = ()  # file, and what stands before and after the version in a line


class OrdinaryWay(NamedTuple):
    """A way from the manifest to a program. Words may hold `{name}`, `{jar}` and `{port}`."""

    shown: tuple[str, ...]  # `FILE`, or `FILE: WORDS` that a line of it holds; all of them show the way
    command: list[str]
    steps: Commands
    copied: list[str]  # paths below the source that the final image gets, "." for all of it
    port: int  # that the command tells the program, or that its framework takes; 0 where only the code says
    writable: list[str]  # folders below the source
    doubt: str  # what a person should know of what is proposed


class Toolchain(NamedTuple):
    """One row of the table."""

    name: str
    title: str
    manifests: tuple[str, ...]  # names or patterns of names at the top of a source, the first that lies there counts
    locks: tuple[str, ...]
    code: tuple[str, ...]  # how names of code files end
    programs: tuple[str, ...]  # that a step or a command may begin with
    base: ToolchainImage
    runtime: ToolchainImage
    version: ToolchainVersion
    packages: list[str]
    build_packages: list[str]
    variables: Mapping[str, str]  # of the build
    settings: Mapping[str, str]  # of what runs
    caches: tuple[str, ...]
    install: Commands  # steps that need the manifests alone
    steps: Commands  # that come before those of a way
    # File, and what stands before and after the program's name in a line; or the table of the file, and the key in it.
    name_read: tuple[str, ...]
    refused: Mapping[str, str]  # `FILE: WORDS` → why there is no ordinary way then
    ways: tuple[OrdinaryWay, ...]
    needs: Needs


@cache
def toolchains() -> dict[str, Toolchain]:
    """Every row by its name."""
    rows = json.loads(Path(__file__).with_suffix(".json").read_text("utf-8"))
    return {name: _toolchain(name, row) for name, row in rows.items()}


def _toolchain(name: str, row: Mapping[str, Any]) -> Toolchain:
    base = ToolchainImage(*row["base"])
    cpu, memory, startup = row["needs"]
    version = {**row.get("version", {})}
    return Toolchain(
        name=name,
        title=row["title"],
        manifests=tuple(row["manifests"]),
        locks=tuple(row.get("locks", ())),
        code=tuple(row["code"]),
        programs=tuple(row["programs"]),
        base=base,
        runtime=ToolchainImage(*row["runtime"]) if "runtime" in row else base,
        version=ToolchainVersion(**{**version, "read": tuple(version.get("read", ()))}),
        packages=row.get("packages", []),
        build_packages=row.get("build_packages", []),
        variables=row.get("variables", {}),
        settings=row.get("settings", {}),
        caches=tuple(row.get("caches", ())),
        install=row.get("install", []),
        steps=row.get("steps", []),
        name_read=tuple(row.get("name", ())),
        refused=row.get("refused", {}),
        ways=tuple(map(_way, row["ways"])),
        needs=Needs(f"{row['title']} programs", cpu, memory, startup),
    )


def _way(row: Mapping[str, Any]) -> OrdinaryWay:
    return OrdinaryWay(
        shown=tuple(row["shown"]),
        command=row["command"],
        steps=row.get("steps", []),
        copied=row["copied"],
        port=row.get("port", 0),
        writable=row.get("writable", []),
        doubt=row.get("doubt", ""),
    )
