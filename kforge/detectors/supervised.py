"""supervisord's file → the programs of the source that it keeps running: http://supervisord.org/configuration.html

A container runs one process and its platform starts it anew, so nothing here starts supervisord.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from kforge.domain.commands.program_table import called
from kforge.domain.near_words import listed
from kforge.domain.source.sightings import Sightings

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_NAMES = ("supervisord.conf", "supervisor.conf", "supervisord.ini")
_SECTION = re.compile(r"\[(?:program:([\w.-]{1,63})|[^\]\n]{0,99})\]\s*")
_OPTION = re.compile(r"([a-z_]{1,40})\s{0,9}=\s{0,9}(\S.{0,1999}|)")
_VARIABLE = re.compile(r"%\(ENV_(\w{1,63})\)s")
# Programs that other containers run: stores, proxies, what belongs to a machine.
_ASIDE = frozenset(
    (
        "nginx",
        "apache2-foreground",
        "redis-server",
        "memcached",
        "postgres",
        "crond",
        "php-fpm",
        "haproxy",
        "envoy",
        "caddy",
        "traefik",
    )
)
_BINARY = re.compile(r"^/\S{0,200}/bin/(?=\w)")
_MOST = 50


class SupervisedProgram(NamedTuple):
    """A program with its line of a shell, and where that stands."""

    name: str
    line: str
    number: int
    file: str


def programs(tree: Tree) -> list[SupervisedProgram]:
    """The programs of the source's own, in the order of the file."""
    path = next((path for path in tree.files if path.rpartition("/")[2] in _NAMES and path.count("/") < 3), "")
    sections: list[tuple[str, dict[str, str], int]] = []
    for number, text in enumerate(tree.text(path).split("\n") if path else (), 1):
        line = text.strip()
        if found := _SECTION.fullmatch(line):
            sections.append((found[1] or "", {}, 0))
        elif sections and (option := _OPTION.fullmatch(re.split(r"\s;", line, maxsplit=1)[0].strip())):
            name, held, at = sections[-1]
            held.setdefault(option[1], option[2])
            sections[-1] = name, held, number if option[1] == "command" else at
    made = (_made(name, held, at, path) for name, held, at in sections[:_MOST] if name)
    return [one for one in made if one is not None]


def _made(name: str, held: dict[str, str], at: int, path: str) -> SupervisedProgram | None:
    # the environment of a machine: the image has its programs on PATH
    line = _BINARY.sub("", _VARIABLE.sub(r"$\1", held.get("command", "")))
    if not line or "%(" in line or held.get("autostart", "").lower() == "false":
        return None
    if called(line.split()[0]) in _ASIDE:
        return None
    folder = held.get("directory", "").removeprefix("./").rstrip("/")
    enter = f"cd {shlex.quote(folder)} && " if folder and folder != "." and not folder.startswith(("/", "%")) else ""
    return SupervisedProgram(name, f"{enter}{line}", at, path)


def only(tree: Tree, seen: Sightings) -> SupervisedProgram | None:
    """The one program that it runs; several are told, since each is to be a service of its own."""
    found = programs(tree)
    if len(found) < 2:
        return next(iter(found), None)
    said = f"supervisord starts several programs, and one container runs one of them: {listed([one.name for one in found])}"
    commands = "; ".join(f"`{one.name}`: {one.line}" for one in found)[:500]
    hint = f"make a service of each, with `source` or `like`, and `command`: {commands}"
    seen.see("doubts", {"said": said, "hint": hint}, found[0].file, found[0].number)
    return None
