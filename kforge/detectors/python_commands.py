"""Commands of Django and scripts of a Python source → those that go on until they are stopped: workers of the source's own.

A command goes on where a loop of it does, or where it calls what does. One that cannot be started without words that
only its caller knows, that waits for something to be there, or that listens on a port is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kforge.detectors.python_servers import PythonStarts, main_line, run
from kforge.domain.commands.beside import BesideProcess, BesideRole
from kforge.domain.facts import Evidence
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Constant, Text
from kforge.syntax.program import SourceProgram

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_COMMAND = re.compile(r"(?:[^/]+/){0,8}management/commands/([a-z][a-z0-9_]{0,60})\.py")
MANAGE: tuple[str, ...] = ("manage.py", "src/manage.py")
_WAITS = re.compile(
    r"(?:^|_)(?:wait|check|ready|await|ensure|test|debug|demo|benchmark|profile|shell|repl|dev|watch)(?:_|$)|runserver|^wait"
)
# Names of a script that works beside a server.
_WORKS = frozenset(("worker", "workers", "consumer", "consumers", "scheduler", "bot", "listener", "daemon", "poller", "dispatcher", "processor", "subscriber", "queue", "cron", "tasks", "jobs", "relay", "sweeper", "sync"))  # fmt: skip
_ENDS = ("sys.exit", "exit", "os._exit")


def beside(
    tree: Tree, names: SourceProgram, table: Mapping[str, Any], start: PythonStarts
) -> Iterator[tuple[BesideProcess, Evidence]]:
    """Each with the line that shows it."""
    manage = next((path for path in MANAGE if path in tree.files), "")
    served = {word for words, _ in start.commands[:1] for word in words}
    for file in sorted(names.files, key=lambda file: file.path):
        if match := _COMMAND.fullmatch(file.path):
            words = ["python", manage, match[1]] if manage and not _WAITS.search(match[1]) else []
            title = f"`{match[1]}`, a command of Django's, "
        else:
            stem = file.path.rpartition("/")[2].removesuffix(".py")
            script = {*stem.lower().split("_")} & _WORKS and main_line(file) and file.path.count("/") < 3
            words = run(file.path, tree) if script and not served & {file.path, *run(file.path, tree)[-1:]} else []
            title = f"`{file.path}` "
        if words and (line := _endless(file, table)) and (options := _options(file, table)) is not None:
            singular = any(call.last in table["blocking"] for call in file.calls)
            role: BesideRole = "scheduler" if singular else "worker"
            name = match[1] if match else words[-1].rpartition("/")[2].removesuffix(".py").rpartition(".")[2]
            told = BesideProcess(label(name), role, (*words, *options), f"{title}goes on until it is stopped")
            yield told, Evidence(file.path, line)


def label(name: str) -> str:
    """The name of a service."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")


def _endless(file: CodeFile, table: Mapping[str, Any]) -> int:
    """The line from which a file goes on for good; 0 where it ends."""
    for first, last in file.endless:
        if not any(call.name in _ENDS and first <= call.line <= last for call in file.calls):
            return first
    blocking = any(call.last in table["blocking"] for call in file.calls)
    going = (call for call in file.calls if lasts(call, file, table) or (blocking and call.last == "start"))
    return next((call.line for call in going), 0)


def lasts(call: Call, file: CodeFile, table: Mapping[str, Any]) -> bool:
    """Whether a call goes on for good: by its name, or by its name in a file that takes it from a library."""
    by_library = (package for package, names in table["works"].items() if call.last in names)
    taken = any(package in file.imported for package in by_library) and "burst" not in call.named
    return taken or call.last in table["lasting"]


def _options(file: CodeFile, table: Mapping[str, Any]) -> list[str] | None:
    """The switches that let it go on; None where it listens, or asks for words that nothing here knows."""
    found: list[str] = []
    for call in file.calls:
        flags = [one.value for one in call.arguments if isinstance(one, Text)]
        if call.last != "add_argument" or not flags:
            continue
        if "--port" in flags or _insists(call, flags):
            return None
        switch = isinstance(action := call.named.get("action"), Text) and action.value == "store_true"
        found += [flag for flag in flags if switch and flag in table["flags"]][:1]
    return found


def _insists(call: Call, flags: list[str]) -> bool:
    """Whether a command does not start without this argument."""
    required, many = call.named.get("required"), call.named.get("nargs")
    if isinstance(required, Constant) and required.word == "True":
        return True
    optional = isinstance(many, Text) and many.value in ("*", "?")
    return not flags[0].startswith("-") and not optional and "default" not in call.named
