"""What the user's own Dockerfile starts, where that is a script of the source → the words that the script comes to.

Of a script's commands the one that serves counts; where several do and name different ports, none does, unless the
image exposes one of them. Nothing is run, and a script that is not in the source stays closed.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kforge.detectors.dockerfile_lines import DockerfileLine
from kforge.domain.artifact import Tree
from kforge.domain.commands.command import Command
from kforge.domain.commands.read_command import CommandContext, read
from kforge.domain.commands.shell_text import SimpleCommand, main_command, simple_commands
from kforge.domain.commands.started import dockerfile_words

_SHEBANG = re.compile(r"#!\s{0,4}\S{1,100}\b(?:env\s{1,4})?(?:ba|da|a|z|k)?sh\b|#!/usr/bin/env\s{1,4}(?:ba|da|z)?sh\b")
_ALONE = re.compile(r"\$(?:(\w{1,99})|\{(\w{1,99})\})")
_CASE = re.compile(r"^[^\S\n]*+case\s{1,9}\"?\$\{?1\}?\"?\s{1,9}in\b", re.MULTILINE)
_BRANCH = re.compile(r"^[^\S\n]*+\(?([\w.| \"'*-]{1,200})\)", re.MULTILINE)
_MOST = 40  # scripts of one name, and commands of one script that are read


def with_script(tree: Tree, lines: Sequence[DockerfileLine], described: dict[str, Any]) -> dict[str, Any]:
    """A described Dockerfile with the program that a started script comes to, as `starts`: words that name variables
    where it does. As it is where ENTRYPOINT and CMD say it themselves, and where the script cannot be read.
    """
    words = dockerfile_words(described)
    scripts = _Scripts(tree, lines, described["workdir"])
    around = CommandContext(variables=described["env"], text=scripts.text)
    found = read(words, around)
    if not scripts.opened:
        return described
    exposed = [each["port"] for each in described["expose"]]
    chosen = _dispatched(words, around, scripts) or (None if found.at >= 0 else _serving(scripts, around, exposed))
    return {**described, "starts": [*chosen.words]} if chosen else described


@dataclass(slots=True)
class _Scripts:
    """The scripts of a source by the paths that they have in the image; `opened` are the texts that were asked for."""

    tree: Tree
    lines: Sequence[DockerfileLine]
    workdir: str
    opened: list[str] = field(default_factory=list)

    def text(self, path: str) -> str:
        text = self._text(path)
        if text and text not in self.opened:
            self.opened.append(text)
        return text

    def _text(self, path: str) -> str:
        name = posixpath.basename(path)
        for line in self.lines:
            if line.name in ("COPY", "ADD") and line.heredocs and posixpath.basename(line.rest.split()[-1]) == name:
                return line.heredocs[0]
        found = self._file(path, name)
        text = self.tree.text(found) if found else ""
        return text if path.endswith((".sh", ".bash")) or _SHEBANG.match(text) else ""

    def _file(self, path: str, name: str) -> str:
        """The file of the source: the one of this name, of several the one that a COPY names, or that lies as it does
        in the image.
        """
        alike = [each for each in self.tree.files if posixpath.basename(each) == name][:_MOST]
        if len(alike) < 2:
            return "".join(alike)
        copied = {
            posixpath.normpath(word)
            for line in self.lines
            if line.name in ("COPY", "ADD")
            for word in line.rest.split()
        }
        named = [each for each in alike if each in copied]
        whole = posixpath.normpath(posixpath.join(self.workdir or "/", path))
        below = posixpath.relpath(whole, self.workdir or "/")
        return named[0] if len(named) == 1 else below if below in alike else ""


def _dispatched(words: Sequence[str], around: CommandContext, scripts: _Scripts) -> Command | None:
    """What a script starts for its first argument: `case "$1" in web) exec gunicorn …`."""
    for at, word in enumerate(words[:-1]):
        text = scripts.text(word.removeprefix("./")) if re.fullmatch(r"[\w./-]{1,200}", word) else ""
        case = _CASE.search(text)
        branch = _branch(text[case.end() :], words[at + 1]) if case else ""
        if branch:
            main, variables = main_command(simple_commands(branch))
            found = read(_filled(main, variables), around) if main else None
            return found if found and _tells(found) else None
    return None


def _branch(text: str, wanted: str) -> str:
    """The commands of one branch of a `case`, "" where none is called so."""
    for match in _BRANCH.finditer(text):
        if wanted in [each.strip(" \"'") for each in match[1].split("|")]:
            return text[match.end() :].partition(";;")[0]
    return ""


def _serving(scripts: _Scripts, around: CommandContext, exposed: Collection[int]) -> Command | None:
    """The command of the last script that serves; else its last one, where that works beside a server."""
    commands = simple_commands(scripts.opened[-1])
    variables: dict[str, str] = {}
    servers: list[Command] = []
    optional = False
    for one in commands[: _MOST * 10]:
        given = {name: f"${{{name}:-{text}}}" if optional else text for name, text in one.assignments}
        variables.update(given if not one.words else {})
        optional = one.operator == "||"  # `[ "$PORT" ] || PORT=8080` only fills in what is not set
        found = read(_filled(one, variables), around) if one.words else Command()
        if found.role == "server" and found.program and not found.development and len(servers) < _MOST:
            servers.append(found)
    ports = {each.listening.port: each for each in servers}
    if len(ports) > 1:
        ports = {port: each for port, each in ports.items() if port in exposed}
    if servers:
        return next(iter(ports.values())) if len(ports) == 1 else None
    main, _ = main_command(commands)
    last = read(_filled(main, variables), around) if main else None
    return last if last and _tells(last) else None


def _tells(command: Command) -> bool:
    return command.role in ("server", "worker", "scheduler") or (command.told and command.role != "once")


def _filled(one: SimpleCommand, variables: Mapping[str, str]) -> list[str]:
    """The words of a command, with the variables that the script sets; one that is a variable alone may be many."""
    given = {**variables, **dict(one.assignments)}
    words: list[str] = []
    for word in one.words:
        alone = _ALONE.fullmatch(word)
        value = given.get(alone[1] or alone[2], "") if alone else ""
        try:
            parts = shlex.split(value) if value else [word]
        except ValueError:
            parts = [word]
        words += [_replaced(part, given) for part in parts]
    return words


def _replaced(word: str, given: Mapping[str, str]) -> str:
    """A word with what a script's own variables hold. `A=${A:-9090}` leaves `${A:-9090}`, which the container settles."""
    if "$" not in word:
        return word

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return given.get(name) or match[0]

    held = _ALONE.sub(value, word)
    return held if len(held) < len(word) + 500 else word
