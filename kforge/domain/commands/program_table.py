"""programs.json → what is known of programs that commands start: their role, and how they are told what matters.

A row of a subcommand holds what its program's row says, and its own words instead where it has them. `*` is the row of
every subcommand that has none of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, Literal

Role = Literal["server", "worker", "scheduler", "once", "watcher", "supervisor", "interpreter", ""]
_NUMBERED = re.compile(r"([a-z]+(?:-fpm)?)-?[0-9][0-9.]*")  # python3.12, php8.3, pypy3


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProgram:
    """A row. Lists of options hold every spelling, the one to write first."""

    role: Role = ""
    title: str = ""  # in a sentence: `Gunicorn`, `Celery workers`
    also: tuple[str, ...] = ()  # other names of the program
    packages: tuple[str, ...] = ()  # what brings it, `name[extra]` where only an extra does
    bind: tuple[str, ...] = ()  # options that take host and port together
    host: tuple[str, ...] = ()
    port: tuple[str, ...] = ()
    positional: str = ""  # `bind` or `port`: what the first free word is
    sockets: tuple[str, ...] = ()  # options that take something else to listen on: a socket's file
    say: tuple[str, ...] = ()  # the option to add where the program listens on nothing unless told
    workers: tuple[str, ...] = ()  # processes
    threads: tuple[str, ...] = ()
    tls: tuple[str, ...] = ()  # options with which it serves TLS
    certificates: tuple[str, ...] = ()  # … whose value is the file of a certificate or a key
    config: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()  # configuration files that it reads of its own accord
    modules: Mapping[str, str] = field(default_factory=dict)  # what a module of that kind is named by, and its ending
    reload: tuple[str, ...] = ()  # what watches and reloads: for development
    reload_takes: tuple[str, ...] = ()  # … with a value
    debugs: tuple[str, ...] = ()  # what lets a debugger in
    takes: tuple[str, ...] = ()  # other options that take a value
    schedules: tuple[str, ...] = ()  # options with which a worker also starts work at times
    silent: tuple[str, ...] = ()  # options with which it serves nothing
    skips: tuple[str, ...] = ()  # words that stand before what it starts
    executes: tuple[str, ...] = ()  # options whose value is the command that it starts
    module: tuple[str, ...] = ()  # options whose value is a module to start
    env_files: tuple[str, ...] = ()  # options whose value is a file of variables that must be there
    # options that keep it in the foreground, where it starts a program and ends; without them a container ends with it
    stays: tuple[str, ...] = ()
    parts: str = ""  # what the free words of a supervisor are: `scripts` of the project, or `commands`
    parallel: tuple[str, ...] = ()  # options with which these run at once, "" where they always do
    code: tuple[str, ...] = ()  # options whose value is code
    starts: str = ""  # `file` or `jar`: what an interpreter is given
    address: str = ""  # where it listens unless told: `127.0.0.1:8000`
    moved: bool = False  # older versions of it listen elsewhere, so that an image's EXPOSE counts for more
    speaks: str = "http"
    development: str = ""  # why it is not for production, as a sentence; "" where it is
    development_by: Mapping[str, str] = field(default_factory=dict)  # options with which it is not: `-S`
    production: str = ""  # the subcommand that is
    migrates: tuple[str, ...] = ()  # subcommands that change a database's tables; "" is the row itself
    needs: str = ""  # the runtime of its own that it needs
    own: bool = False  # a command of the source's own, not the program's
    each_cpu: bool = False  # as many processes as the machine has processors, unless told
    variables: Mapping[str, str] = field(default_factory=dict)  # what else tells it: {"port": "PORT"}
    prefix: str = ""  # … and each of its long options, by a variable of its own: `UVICORN_` for `UVICORN_PORT`
    opened: Mapping[str, str] = field(default_factory=dict)  # variables that let it listen on all addresses
    state: Mapping[str, Any] = field(default_factory=dict)  # the file in which it keeps what it knows
    threaded: Mapping[str, Any] = field(default_factory=dict)  # the option with which its workers are no processes
    subcommands: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def by_variable(self) -> tuple[str, ...]:
        """The long options that say where it listens and with how many processes, or that it watches."""
        lists = (self.bind, self.host, self.port, self.sockets, self.workers, self.threads, self.tls, self.certificates)
        return tuple(each for options in (*lists, self.reload) for each in options if each.startswith("--"))

    @property
    def valued(self) -> frozenset[str]:
        """Every option that takes a value."""
        lists = (self.bind, self.host, self.port, self.sockets, self.workers, self.threads, self.config, self.takes)
        more = (
            self.certificates,
            self.reload_takes,
            self.executes,
            self.module,
            self.env_files,
            tuple(self.state.get("option", ())),
        )
        return frozenset(option for options in (*lists, *more) for option in options)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownWrapper:
    """A program that starts another one, whose words follow its own."""

    also: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()  # one of these words follows, else it starts nothing
    needs_or: tuple[str, ...] = ()  # one of these words may follow
    passes: int = 0  # free words before the other program
    until: str = ""  # a word after which the other program stands, where there is one
    assignments: bool = False
    kept: bool = False  # it belongs to the program, and is in its image
    packages: tuple[str, ...] = ()  # what brings it
    builds: bool = False  # it installs what an image holds, and is in none itself
    variables: str = ""  # where it takes the variables from that it gives to the other program


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRunner:
    """A package manager, which runs scripts of the project by their names."""

    runs: tuple[str, ...] = ()  # subcommands that a script's name follows
    executes: tuple[str, ...] = ()  # subcommands that a program follows
    named: tuple[str, ...] = ()  # scripts that need no subcommand
    any: bool = False  # every script and program needs none
    takes: tuple[str, ...] = ()
    builds: bool = False  # it installs what an image holds, and is in none itself


_LISTS = frozenset(each.name for each in fields(KnownProgram) if str(each.type).startswith("tuple"))


@cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_name("programs.json").read_text(encoding="utf-8"))
    return data


@cache
def _names() -> dict[str, str]:
    rows = _data()["programs"]
    return {
        **{other: name for name, row in rows.items() for other in row.get("also", ())},
        **{name: name for name in rows},
    }


def called(word: str) -> str:
    """The name of a program's row by the word that starts it, `` where there is none: `/usr/bin/python3.12` → `python`."""
    name = word.replace("\\", "/").rpartition("/")[2]
    known = _names()
    if name in known:
        return known[name]
    if (numbered := _NUMBERED.fullmatch(name)) and numbered[1] in known:
        return known[numbered[1]]
    stem = next((name.removesuffix(end) for end in _data()["endings"] if name.endswith(end)), "")
    return known.get(stem, "") if stem and "node_modules" in word else ""


@cache
def program(name: str, subcommand: str = "") -> KnownProgram:
    """The row of a program, or of its subcommand. Raises KeyError for a name that has none."""
    row = _data()["programs"][name]
    below = row.get("subcommands", {})
    if not subcommand:
        return _made(row)
    own = below.get(subcommand, below.get("*", {}))
    joined = [*row.get("takes", ()), *own.get("takes", ())]
    shared = {key: value for key, value in row.items() if key not in ("migrates", "also", "subcommands")}
    return _made({**shared, **own, "takes": joined})


def _made(row: Mapping[str, Any]) -> KnownProgram:
    fields_: dict[str, Any] = {key: tuple(value) if key in _LISTS else value for key, value in row.items()}
    return KnownProgram(**fields_)


@cache
def wrapper(word: str) -> KnownWrapper | None:
    """What a wrapper's words are, None for another program."""
    rows = _data()["wrappers"]
    name = word.replace("\\", "/").rpartition("/")[2]
    found = rows.get(name, next((row for row in rows.values() if name in row.get("also", ())), None))
    return None if found is None else KnownWrapper(**_with_tuples(found))


@cache
def runner(word: str) -> KnownRunner | None:
    """How a package manager runs scripts, None for another program."""
    row = _data()["runners"].get(word.rpartition("/")[2])
    return None if row is None else KnownRunner(**_with_tuples(row))


def _with_tuples(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


def named_files() -> frozenset[str]:
    """Files of a source that are known by their names to take a program's subcommands."""
    return frozenset(_data()["files"])


def programs() -> tuple[str, ...]:
    """Names of all rows, sorted."""
    return tuple(sorted(_data()["programs"]))
