"""Prisma in a Node project → the store that its schema names, the variable of that store's address, the step that makes its
client, and what its configuration needs while an image is built.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from kforge.detectors import node_builds
from kforge.domain.facts import Evidence
from kforge.syntax import javascript as syntax
from kforge.syntax.expression import Text

if TYPE_CHECKING:
    from kforge.detectors.node_project import NodeProject
    from kforge.domain.artifact import Tree

SCHEMA = "prisma/schema.prisma"  # where an installation looks for it
_SOURCE = re.compile(r"^[^\S\n]{0,9}datasource[^\n{}]{1,99}\{([^{}]{0,999})\}", re.MULTILINE)
_PROVIDER = re.compile(r"\bprovider\s{0,9}=\s{0,9}\"(\w{1,20})\"")
_VARIABLE = re.compile(r"\burl\s{0,9}=\s{0,9}env\(\s{0,9}\"(\w{1,99})\"\s{0,9}\)")
_MAJOR = re.compile(r"\D{0,5}(\d{1,2})")
_CONFIGURATIONS = (
    "prisma.config.ts",
    "prisma.config.mts",
    "prisma.config.js",
    "prisma.config.mjs",
    ".config/prisma.ts",
)
_PLACEHOLDERS = {
    "mysql": "mysql://none:none@localhost/none",
    "sqlite": "file:./none.db",
    "mongodb": "mongodb://localhost/none",
    "sqlserver": "sqlserver://localhost;database=none",
}
_USUAL = "postgresql://none:none@localhost/none"


class PrismaStore(NamedTuple):
    """What a schema says: `postgresql`, and the variable of the address, "" where the schema names none."""

    provider: str
    variable: str
    place: Evidence


def store(tree: Tree, project: NodeProject) -> PrismaStore | None:
    """The first data source of the schemas of a project that uses Prisma."""
    for path in tree.files if project.has("prisma", "@prisma/client") else ():
        text = tree.text(path) if path.endswith(".prisma") else ""
        if found := _SOURCE.search(text):
            provider, variable = _PROVIDER.search(found[1]), _VARIABLE.search(found[1])
            if provider:
                line = text.count("\n", 0, found.start()) + 1
                return PrismaStore(provider[1], variable[1] if variable else "", Evidence(path, line))
    return None


def addresses(tree: Tree, project: NodeProject, named: PrismaStore | None) -> Iterator[tuple[str, str, Evidence]]:
    """Variables without which its configuration cannot be read, though a build asks no store: `env("DATABASE_URL")`, each
    with a value that reaches nothing.
    """
    for path in _CONFIGURATIONS:
        if path not in project.files or not project.has("prisma"):
            continue
        for call in syntax.read(path, tree.text(path)).calls:
            name = call.argument(0)
            if call.name == "env" and isinstance(name, Text):
                value = _PLACEHOLDERS.get(named.provider if named else "", _USUAL)
                yield name.value, value, Evidence(path, call.line)


def generating(tree: Tree, project: NodeProject, built: str) -> list[str]:
    """The step that makes its client, where no script does and no installation would. `built` is the script that builds, ""
    for none.
    """
    scripts = project.scripts
    if not project.needs("@prisma/client") or not project.has("prisma"):
        return []
    names = [name for name in (built, *node_builds.LIFECYCLE) if name in scripts]
    commands = (words for name in names for words in node_builds.commands(name, scripts))
    if any(words[0].endswith("prisma") and "generate" in words for words in commands):
        return []
    major = _MAJOR.match(project.requires["@prisma/client"][0])
    usual = SCHEMA in tree.files and (built or project.needs("prisma")) and project.manager != "pnpm"
    if usual and major and int(major[1]) < 7:
        return []  # the client's own installation makes it: https://www.prisma.io/docs/orm/prisma-client
    return ["node_modules/.bin/prisma", "generate"]
