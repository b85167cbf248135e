"""What a command opened, wrote, ran and looked for → what of that it had no right to. Knows neither audit nor strace."""

from __future__ import annotations

import re
import sys
import sysconfig
from pathlib import Path

import kforge
from kforge.system.skipped_names import DENIED, EXAMPLES
from tests.hostile.commands import Command
from tests.hostile.invariants import OWN, state
from tests.hostile.worlds import World

Event = list[str]
PACKAGE = str(Path(kforge.__file__).parent)
PYTHON = tuple(
    {PACKAGE, *(str(Path(path).resolve()) for path in (sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()))}
)
SYSTEM = ("/sys/fs/cgroup/", "/etc/localtime", "/usr/share/zoneinfo", "/dev/null", "/dev/tty")
# Where the interpreter, git and the C library have their own files.
LIBRARIES = (
    "/lib",
    "/usr/lib",
    "/usr/local/lib",
    "/usr/share/locale",
    "/usr/share/git-core",
    "/usr/local/share",
    "/proc/sys",
    "/proc/filesystems",
    "/sys/devices/system/cpu",
)
_OF_A_PROCESS = re.compile(r"/proc/\d+/(?:cgroup|status|statm|maps)")  # `/proc/self` as the kernel names it
ETC = ("/etc/ld.so", "/etc/locale.alias", "/etc/ssl/openssl.cnf")
ROOT = str(Path(PACKAGE).parent)
GIT = ("cat-file", "rev-parse", "ls-tree", "ls-files", "version", "--version")
TEMPORARY = ".kforge-tmp-"


def forbidden(
    world: World, command: Command, events: list[Event], tracked: frozenset[str], theirs: set[str]
) -> list[str]:
    """What is outside of the allowed sets, sorted. `theirs`: files of the user's, relative to the repository."""
    found = set()
    for verb, *words in events:
        if verb == "read":
            found.add(_read(world, command, words[0]))
        elif verb in ("write", "remove"):
            found.add(_written(world, command, verb, words[0], tracked, theirs))
        elif verb == "run":
            found.add(_run(words))
        else:
            found.add(f"looks for {' '.join(words)!a}")
    return sorted(found - {""})


def _read(world: World, command: Command, path: str) -> str:
    if path.startswith((*PYTHON, *SYSTEM, *LIBRARIES, *ETC, str(world.top / "cache"))):
        return ""
    below = _below(world, path)
    if path == ROOT or _OF_A_PROCESS.fullmatch(path):  # modules are looked for in the first
        return ""
    if below is None:
        return f"opens {path!a}, outside of the repository"
    parts = below.split("/")
    if ".git" in parts:  # its index says whether a `.kforge/` is tracked
        return "" if below == ".git/index" else f"opens {below!a}, which is git's"
    example = command.words[0] == "init" and EXAMPLES.fullmatch(parts[-1])  # no other command opens one
    return f"opens {below!a}, which may hold a secret" if DENIED.fullmatch(parts[-1]) and not example else ""


def _written(world: World, command: Command, verb: str, path: str, tracked: frozenset[str], theirs: set[str]) -> str:
    if path.startswith((str(world.top / "cache"), "/dev/null", "/dev/tty")):
        return ""
    below = _below(world, path)
    if below is None:
        return f"{verb}s {path!a}, outside of the repository"
    if state(below, tracked):
        return ""
    if not command.writes:
        return f"{verb}s {below!a}, although it only reads"
    name = below.rpartition("/")[2]
    if ".git" in below.split("/") or below in theirs:
        return f"{verb}s {below!a}, which is the user's"
    # `init` writes to the last
    specs = {path.rpartition("/")[0] for path in theirs if path.endswith(".kforge.yaml")} | {"app", "other"}
    fine = name.startswith(TEMPORARY) or name in OWN or any(below.startswith(f"{folder}/") for folder in specs)
    return "" if fine else f"{verb}s {below!a}, which no layout has"


def _run(words: list[str]) -> str:
    program, *rest = words
    plain = [word for word in rest if not word.startswith("-")]
    known = Path(program).name == "git" and any(word in GIT for word in (*plain, *rest))
    return "" if known else f"runs {' '.join(words)[:200]!a}"


def forbidden_to_git(world: World, events: list[Event]) -> list[str]:
    """What git opened, ran or wrote beyond its own files: it only reads them, and starts nothing."""
    found = []
    for verb, *words in events:
        if verb == "read":
            below = _below(world, words[0])
            inside = below is not None and (below == "." or ".git" in below.split("/"))
            if not inside and not words[0].startswith((*LIBRARIES, *SYSTEM, "/etc/")):
                found.append(f"opens {words[0]!a}")
        elif verb == "connect" and "nscd" in words[0]:
            continue  # the C library asks there who runs it
        elif not (verb == "write" and words[0] == "/dev/null"):
            found.append(f"{verb}s {' '.join(words)[:200]!a}")
    return sorted(set(found))


def _below(world: World, path: str) -> str | None:
    top = str(world.repository.resolve())
    if path == top:
        return "."
    return path[len(top) + 1 :] if path.startswith(f"{top}/") else None
