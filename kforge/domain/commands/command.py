"""Command: what a start command comes to, once everything that only starts something else is looked through."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from kforge.domain.commands.program_table import KnownProgram, Role
from kforge.domain.commands.server_file import ServerFile

_ASIDE = frozenset(
    ("worker", "workers", "consumer", "consumers", "beat", "scheduler", "cron", "migrate", "migration", "seed", "queue", "job", "jobs", "tasks")
)  # fmt: skip
_ENDING = re.compile(r"\.(?:py|[cm]?[jt]s|rb|php|jar)$")
LOOPBACK = ("127.0.0.1", "localhost", "::1", "[::1]")


class Listening(NamedTuple):
    """Where a command listens. `word` is what says so, "" for the program's own default."""

    host: str = ""  # "" where every address is meant, or nothing says
    port: int = 0  # 0 where no number is known
    variable: str = ""  # the variable that holds the port
    word: str = ""
    host_word: str = ""  # what says the host, "" for the program's own default
    socket: bool = False  # on a socket's file, which no other pod reaches

    @property
    def local(self) -> bool:
        """Whether only the container itself can connect."""
        return self.host in LOOPBACK


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A command as its program takes it. Everything is absent where the words do not say it."""

    words: tuple[str, ...] = ()  # the program and what follows
    at: int = -1  # where the program stands in the argument list; -1 in the text of a shell or script
    begins: int = -1  # where the words begin that a container needs: `python -m x`, without `poetry run` before it
    through: tuple[str, ...] = ()  # names of what only starts something else: `sh`, `poetry`, `npm run start`
    env: Mapping[str, str] = field(default_factory=dict)  # variables that the command itself sets
    program: str = ""  # name of the program's row, "" for one that is not known
    subcommand: str = ""
    known: KnownProgram = field(default_factory=KnownProgram)
    file: str = ""  # code file, module or script that is started
    listening: Listening = field(default_factory=Listening)
    told: bool = False  # whether the words say where it listens
    workers: int = 0  # processes, 0 where the words do not say
    threads: int = 0
    tls: bool = False
    certificates: tuple[str, ...] = ()  # files of certificates and keys that the words name
    config: str = ""
    each_cpu: bool = False  # told to take as many processes as the machine has processors
    settings: ServerFile | None = None  # the `ServerFile` that says what the words do not
    reloads: tuple[str, ...] = ()  # options that watch and reload
    silent: bool = False  # told to serve nothing

    @property
    def role(self) -> Role:
        """What it is among the processes of a service; "" where that is not known."""
        if self.silent:
            return "worker"
        if any(option in self.words for option in self.known.development_by):
            return "server"
        return "" if self.known.role == "interpreter" else self.known.role

    @property
    def speaks(self) -> str:
        """The protocol of its port."""
        return "https" if self.tls and self.known.speaks == "http" else self.known.speaks

    @property
    def serves(self) -> bool:
        """Whether it is known to listen."""
        return (
            self.role == "server" or (self.role == "watcher" and bool(self.known.address)) or bool(self.listening.port)
        )

    @property
    def portless(self) -> bool:
        """Whether it is known to listen on nothing."""
        return self.role in ("worker", "scheduler", "once") and not self.listening.port

    @property
    def aside(self) -> bool:
        """Whether a file or module of the source's own bears the name of work beside a server."""
        stem = re.split(r"[./]", _ENDING.sub("", self.file))[-1].lower()
        return not self.role and bool({*re.split("[-_]", stem)} & _ASIDE)

    @property
    def migrates(self) -> bool:
        """Whether it brings the tables of a database up to date."""
        free = {word for word in self.words[1:] if not word.startswith("-")}
        return "" in self.known.migrates or any(word in free for word in self.known.migrates)

    @property
    def development(self) -> str:
        """Why it is not for production, as a sentence; "" where nothing says so."""
        if self.reloads:
            return f"`{self.reloads[0]}` watches the source and starts anew with every change"
        if debugged := next((word for word in self.words if word.partition("=")[0] in self.known.debugs), ""):
            return f"`{debugged}` lets a debugger in"
        by = next((why for option, why in self.known.development_by.items() if option in self.words), "")
        return by or self.known.development

    @property
    def singular(self) -> bool:
        """Whether a second copy would do the same work again: what starts work at times."""
        return self.role == "scheduler" or any(option in self.words for option in self.known.schedules)

    @property
    def title(self) -> str:
        """The program in a sentence."""
        return self.known.title or (self.words[0] if self.words else "")
