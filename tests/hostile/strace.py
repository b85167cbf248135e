"""The lines of strace → the events that the audit gives: what was opened, written, removed, run, connected to."""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from pathlib import Path

Event = list[str]
_LINE = re.compile(r"(\d+) +(\w+)\((.*)\) += (-?\d+|\?)(?:<((?:[^>\\]|\\.)*)>)?(.*)", re.DOTALL)
_UNFINISHED = re.compile(r"(\d+) +(\w+)\((.*) <unfinished \.\.\.>")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)", re.DOTALL)
# A folder's handle with its path, if any, then a text.
_PATH = re.compile(r'(?:(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>, )?"((?:[^"\\]|\\.)*)"')
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"')
_WRITES = ("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND")
_CHANGES = (
    "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "chmod", "fchmodat", "chown", "lchown",
    "fchownat", "utimensat", "truncate", "mknod", "mknodat", "setxattr",
)  # fmt: skip
_REMOVES = ("unlink", "unlinkat", "rmdir")


def events(text: str, cwd: str) -> Iterator[tuple[str, Event]]:
    """Process and event, in order. Calls that failed are left out, looking at what is there as well."""
    folders: dict[str, str] = {}
    for pid, call, given, answer, real in _calls(text):
        here = folders.get(pid, cwd)
        if answer == "?" or answer.startswith("-"):
            continue
        if call == "chdir":
            folders[pid] = _paths(given, here)[0]
        elif call in ("fork", "vfork", "clone", "clone3"):
            folders[answer] = here
        elif call in ("open", "openat", "openat2", "creat"):
            verb = "write" if call == "creat" or any(flag in given for flag in _WRITES) else "read"
            yield pid, [verb, _text(real) or _paths(given, here)[0]]
        elif call in ("execve", "execveat"):
            words = [_text(word) for word in _WORD.findall(given)]
            yield pid, ["run", *(words[1:] or words)]
        elif call in ("connect", "bind", "sendto", "sendmsg") and "sa_family" in given:
            yield pid, ["connect", given[:200]]
        elif call in _REMOVES:
            yield pid, ["remove", _paths(given, here)[0]]
        elif call in _CHANGES:
            places = _paths(given, here)
            yield from ((pid, ["write", place]) for place in (places[-1:] if "symlink" in call else places))


def _calls(text: str) -> Iterator[tuple[str, str, str, str, str]]:
    waiting: dict[str, str] = {}
    for line in text.splitlines():
        whole = line
        if held := _UNFINISHED.fullmatch(line):
            waiting[held[1]] = f"{held[1]} {held[2]}({held[3]}"
            continue
        if (resumed := _RESUMED.fullmatch(line)) and resumed[1] in waiting:
            whole = waiting.pop(resumed[1]) + resumed[3]
        if call := _LINE.fullmatch(whole):
            yield call[1], call[2], call[3], call[4], call[5] or ""


def _paths(given: str, cwd: str) -> list[str]:
    """The paths among a call's arguments, absolute, with the folders on their way resolved."""
    found = []
    for above, path in _PATH.findall(given):
        whole = Path(_text(above) or cwd, _text(path))
        found.append(f"{os.path.realpath(whole.parent)}/{whole.name}")
    return found or [cwd]


def _text(shown: str) -> str:
    return os.fsdecode(codecs.escape_decode(shown.encode())[0])
