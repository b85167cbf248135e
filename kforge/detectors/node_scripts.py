"""Scripts of package.json → the steps that one comes to, in their order: what it runs before and with it, scripts that
it starts looked through. Unaware of what the steps are for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kforge.domain.commands.container_words import given_by
from kforge.domain.commands.program_table import called, program, runner
from kforge.domain.commands.read_command import read
from kforge.domain.commands.shell_text import ASSIGNMENT, SimpleCommand, expanded, simple_commands

LONGEST = 2000  # characters of a script
_DEEPEST = 6  # scripts that start each other
_MOST = 40  # steps of a script
_BUILDING = re.compile(
    r"(?:pre|post)?(?:build|compile|clean|lint|generate|typecheck|type-check|bundle|tsc)(?:[:.-].*)?"
)
_ELSEWHERE = frozenset(
    (
        "--prefix",
        "-w",
        "--workspace",
        "--workspaces",
        "-ws",
        "--cwd",
        "-C",
        "--dir",
        "--filter",
        "-F",
        "-r",
        "--recursive",
    )
)  # options by which a package manager runs what another package has
_PASSED = re.compile(r"-{1,2}(?:s|silent|if-present|no-install|yes|y|no|quiet|q)")
_INSTALLING = frozenset(("install", "i", "ci", "add", "prune", "rebuild", "audit", ""))
_QUIET = frozenset(("rm", "rimraf", "echo", "printf", "mkdir", "cp", "mv", "touch", "chmod", "true", "sleep", "shx", "del-cli", "cpx", "copyfiles",
                    "ncp", "wait-on", "wait-port", "is-ci", "kill-port", "fkill"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScriptStep:
    """A command of a script. `building`: it makes what the image holds already, or tidies up."""

    words: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    building: bool = False
    unread: tuple[str, ...] = ()  # what gives it variables and is left out, in words that follow its name


class ScriptParts(NamedTuple):
    """What a script starts at once: lines of a shell, each with the name that it goes by."""

    lines: tuple[tuple[str, str], ...]


class NeedsShell(Exception):
    """Raised for a script that pipes, branches, works in the background or in another package."""


def steps(name: str, scripts: Mapping[str, str], variables: Mapping[str, str]) -> list[ScriptStep | ScriptParts]:
    """The steps of a script, with those of the script that its package manager runs before it.

    Raises NeedsShell where no list of steps does the same.
    """
    return _Reading(scripts, variables).script(name, (), 0)


def line_steps(text: str, scripts: Mapping[str, str], variables: Mapping[str, str]) -> list[ScriptStep | ScriptParts]:
    """The same of a line that is no script: a Procfile's."""
    return _Reading(scripts, variables).text(text, "", (), 0)


class _Reading:
    def __init__(self, scripts: Mapping[str, str], variables: Mapping[str, str]) -> None:
        self._scripts, self._variables = scripts, variables
        self._left = _MOST

    def script(self, name: str, more: Sequence[str], depth: int) -> list[ScriptStep | ScriptParts]:
        before = self._scripts.get(f"pre{name}", "")
        found = self.text(before, f"pre{name}", (), depth) if before else []
        return [*found, *self.text(self._scripts[name], name, more, depth)]

    def text(self, text: str, name: str, more: Sequence[str], depth: int) -> list[ScriptStep | ScriptParts]:
        """Steps of a line. `more` are words that the last of them is given."""
        commands = simple_commands(text)
        if not commands or len(text) > LONGEST or depth > _DEEPEST:
            raise NeedsShell
        found: list[ScriptStep | ScriptParts] = []
        exported: dict[str, str] = {}
        for number, one in enumerate(commands, 1):
            self._left -= 1
            if self._left < 0 or one.operator not in ("&&", ";", ""):
                raise NeedsShell
            set_ = ASSIGNMENT.fullmatch(one.words[1]) if one.words[:1] == ("set",) and len(one.words) == 2 else None
            if set_ or not one.words:  # `export A=b`, and how the shell of Windows says it
                exported.update({set_[1]: set_[2]} if set_ else one.assignments)
                continue
            made = self._command(one, name, more if number == len(commands) else (), depth)
            found += (_with(step, exported) for step in made)
        return found

    def _command(
        self, one: SimpleCommand, name: str, more: Sequence[str], depth: int
    ) -> list[ScriptStep | ScriptParts]:
        assigned = dict(one.assignments)
        known = {**self._variables, **assigned}
        words = [*(expanded(word, known)[0] for word in one.words), *more]
        if any("$" in word or "`" in word for word in words) or words[0] in ("cd", "source", ".", "export", "exit"):
            raise NeedsShell
        inner = read(words)
        own, unread = [*words], given_by(inner)
        if inner.begins >= 0 and inner.words:  # behind what only sets variables: `cross-env A=b`
            own = words[inner.begins :]
            assigned.update(inner.env)
        if own[:1] == ["per-env"]:
            own = ["npm", "run", f"{name}:production"]
        if found := self._followed(words, depth) or (self._followed(own, depth) if own != words else []):
            return [_with(step, assigned, unread) for step in found]
        first = own[0].rpartition("/")[2] if own else ""
        building = bool(_BUILDING.fullmatch(name)) or first in _QUIET or _installs(own)
        return [ScriptStep(tuple(own), assigned, building, unread)]

    def _followed(self, words: list[str], depth: int) -> list[ScriptStep | ScriptParts]:
        """Steps of the scripts that words run; none for other words."""
        if not words:
            return []
        if found := self._several(words, depth):
            return found
        asked, rest = _asked(words, self._scripts)
        if not asked:
            return []
        if _BUILDING.fullmatch(asked):
            return [ScriptStep(tuple(words), {}, True)]
        return self.script(asked, rest, depth + 1)

    def _several(self, words: list[str], depth: int) -> list[ScriptStep | ScriptParts]:
        """`run-s a b`, `npm-run-all --parallel a b`, `concurrently "npm:a" "node b.js"`."""
        name = called(words[0])
        row = program(name) if name else None
        if row is None or not row.parts:
            return []
        free = [*_free(words[1:], row.valued)]
        if row.parts == "commands":
            named = [(word, self._scripts[word[4:]]) if word[4:] in self._scripts else (word, word) for word in free]
            return [ScriptParts(tuple((title.removeprefix("npm:"), line) for title, line in named))]
        names = [name for pattern in free for name in self._matching(pattern)]
        if not names:
            raise NeedsShell
        if "" in row.parallel or set(row.parallel) & set(words):
            return [ScriptParts(tuple((name, f"npm run {name}") for name in names))]
        return [step for name in names for step in self._followed(["npm", "run", name], depth)]

    def _matching(self, pattern: str) -> Iterator[str]:
        """Names of scripts: `build:*` stands for all that begin so."""
        head, star, _ = pattern.partition("*")
        yield from (name for name in self._scripts if name == pattern or (star and head and name.startswith(head)))


def _with(
    step: ScriptStep | ScriptParts, assigned: Mapping[str, str], unread: tuple[str, ...] = ()
) -> ScriptStep | ScriptParts:
    if isinstance(step, ScriptParts):
        return step
    return ScriptStep(step.words, {**assigned, **step.variables}, step.building, (*unread, *step.unread))


def _asked(words: list[str], scripts: Mapping[str, str]) -> tuple[str, list[str]]:
    """The script that a package manager is to run, and what it is given. Raises NeedsShell for that of another package."""
    manager = runner(words[0])
    if manager is None:
        return "", []
    if any(word.partition("=")[0] in _ELSEWHERE for word in words[1:]) or words[1:2] in (["workspace"], ["workspaces"]):
        raise NeedsShell
    rest = [*words[1:]]
    while rest and _PASSED.fullmatch(rest[0]):
        rest = rest[1:]
    explicit = bool(rest) and rest[0] in manager.runs
    rest = rest[1:] if explicit else rest
    while rest and _PASSED.fullmatch(rest[0]):
        rest = rest[1:]
    if not rest or rest[0] not in scripts or not (explicit or manager.any or rest[0] in manager.named):
        return "", []
    return rest[0], [word for word in rest[1:] if word != "--"]


def _installs(words: Sequence[str]) -> bool:
    return bool(words) and runner(words[0]) is not None and next(iter(words[1:]), "") in _INSTALLING


def _free(words: Sequence[str], valued: frozenset[str]) -> Iterator[str]:
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word.startswith("-"):
            skip = word in valued
        elif word.strip():
            yield word.strip("\"'")
