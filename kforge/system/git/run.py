"""Words → what git answers, at the top of a repository. The one place that starts git; knows no file of kforge's.

A pull request may change everything in a repository but `.git`, and git obeys what it reads: a folder that looks like a
bare repository has a configuration that names programs, attributes name filters, a promised object is fetched. So git
runs where kforge found `.git`, on plumbing words alone (no diff, no checkout: no filter, textconv or pager), and may
reach no other repository. The user's own configuration stays the user's.
"""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import stat
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from kforge.errors import InputError, Place, WorldError

SECONDS = 60.0  # that one git may take
ANSWER = 512 << 20  # bytes of one answer: a listing of two million files has 200 MB
_COMPLAINT = 64 << 10  # bytes of its standard error that are looked at
_CHUNK = 1 << 16

# What the user's own git is told by, and safe.directory in containers: https://git-scm.com/docs/git-config#ENVIRONMENT
_OF_THE_USER = (
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_COUNT",
    "GIT_CONFIG_KEY_",
    "GIT_CONFIG_VALUE_",
)
_VARIABLES = {
    "GIT_ALLOW_PROTOCOL": "none",  # no transport has this name; git before 2.45 does not know GIT_NO_LAZY_FETCH
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_PAGER": "cat",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",  # the one complaint that is told apart below is matched by its words
}
# Names that an older git does not know mean nothing to it, unlike options.
_SETTINGS = (
    "safe.bareRepository=explicit",  # since 2.38: a repository is what has a `.git`
    "protocol.allow=never",
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.attributesFile=/dev/null",
    "core.pager=cat",
    "core.alternateRefsCommand=",
    "credential.helper=",
    "diff.external=",
)
_NOBODYS = "`--base` compares with what git holds"


@dataclass(frozen=True, slots=True)
class Repository:
    """The top of a repository in which git may be started, as `repository` found it."""

    top: Path


def repository(top: Path) -> Repository:
    """The repository at a folder that holds `.git`. Raises InputError where git would read another, or none."""
    _look(top)
    code, answer, complaint = _started(top, ("rev-parse", "--absolute-git-dir"), b"", ANSWER)
    if code:
        if b"dubious ownership" in complaint or b"unsafe repository" in complaint:
            hint = f"if you trust it: git config --global --add safe.directory {top}"
            raise InputError(f"`{top}` belongs to another user, so git does not read it", Place(str(top)), hint)
        raise _none(top)
    # Where `.git` is damaged, an old git takes the folder itself for a bare repository and obeys its `config`.
    if _same(Path(os.fsdecode(answer.removesuffix(b"\n"))), top):
        raise _none(top)
    return Repository(top)


def git(where: Repository, *words: str, stdin: bytes = b"", limit: int = ANSWER) -> bytes | None:
    """What git writes to standard output; None where it says no.

    Raises WorldError where git is missing, takes longer than SECONDS, or writes more than `limit` bytes. What it
    complains of may quote the repository, and is not told.
    """
    code, answer, _ = _started(where.top, words, stdin, limit)
    return None if code else answer


def _look(top: Path) -> None:
    place = top / ".git"
    try:
        kind = os.lstat(place).st_mode
        if stat.S_ISLNK(kind):
            raise InputError(
                f"`{place}` is a symbolic link",
                Place(str(place)),
                "`.git` must be a folder, or the file that git makes for worktrees and submodules",
            )
        if stat.S_ISDIR(kind):
            fits = os.path.lexists(place / "HEAD")
        else:
            fits = stat.S_ISREG(kind) and _begins(place, b"gitdir: ")
    except OSError:
        fits = False
    if not fits:
        raise _none(top)


def _begins(path: Path, text: bytes) -> bool:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return os.read(handle, len(text)) == text
    finally:
        os.close(handle)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return True  # what cannot be looked at is no repository to read


def _none(top: Path) -> InputError:
    return InputError(f"`{top}` is not in a git repository that can be read", Place(str(top)), _NOBODYS)


def _program(top: Path) -> str:
    """Path of the git executable. Entries of PATH that are relative or lie in the repository are ignored."""
    inside = top.resolve()
    folders = [
        folder
        for folder in map(Path, os.get_exec_path())
        if folder.is_absolute() and not folder.resolve().is_relative_to(inside)
    ]
    found = shutil.which("git", path=os.pathsep.join(map(str, folders)))
    if not found:
        raise WorldError("git is not installed", hint="`--base` reads the other revision with git")
    return found


def _environment(top: Path) -> dict[str, str]:
    """The user's, less what a hook or a script said of another repository."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_OF_THE_USER)
    }
    return {**kept, **_VARIABLES, "GIT_CEILING_DIRECTORIES": str(top.parent)}


def _started(top: Path, words: tuple[str, ...], stdin: bytes, limit: int) -> tuple[int, bytes, bytes]:
    """Exit code, standard output and error of git. Nothing else in kforge starts it, which a test holds."""
    settings = [part for setting in _SETTINGS for part in ("-c", setting)]
    command = [_program(top), "-C", str(top), "--no-pager", "--no-replace-objects", *settings, *words]
    until = time.monotonic() + SECONDS
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell; the words are kforge's own, a revision begins with no dash
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(top),
            cwd=top,
            start_new_session=True,
        )
    except OSError as error:
        raise WorldError(f"cannot start git: {(error.strerror or str(error)).lower()}", hint=_NOBODYS) from None
    try:
        answer, complaint = _talk(process, stdin, limit, until)
        return process.wait(max(0.1, until - time.monotonic())), answer, complaint
    except BaseException as error:
        with suppress(OSError):  # its group, before it is reaped, so that its children end with it
            os.killpg(process.pid, signal.SIGKILL)
        if isinstance(error, subprocess.TimeoutExpired):
            raise _late() from None
        raise
    finally:
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            with suppress(OSError, AttributeError):
                stream.close()  # type: ignore[union-attr]


def _talk(process: subprocess.Popen[bytes], stdin: bytes, limit: int, until: float) -> tuple[bytes, bytes]:
    """Feed git and read both its streams until it closes them, within the bounds of time and size."""
    answer, complaint, rest = bytearray(), bytearray(), memoryview(stdin)
    with selectors.DefaultSelector() as ready:
        ready.register(cast("IO[bytes]", process.stdout), selectors.EVENT_READ, (answer, limit))
        ready.register(cast("IO[bytes]", process.stderr), selectors.EVENT_READ, (complaint, _COMPLAINT))
        feed = cast("IO[bytes]", process.stdin)
        os.set_blocking(feed.fileno(), False)
        ready.register(feed, selectors.EVENT_WRITE)
        while ready.get_map():
            left = until - time.monotonic()
            if left <= 0:
                raise _late()
            for key, _ in ready.select(left):
                if key.data:
                    finished = _drained(key.fd, *key.data)
                else:
                    rest = _fed(key.fd, rest)
                    finished = not rest
                if finished:
                    ready.unregister(key.fileobj)
                    if not key.data:
                        feed.close()  # git learns that this was all
    return bytes(answer), bytes(complaint)


def _fed(handle: int, rest: memoryview) -> memoryview:
    """What is still to be written; nothing once git reads no more."""
    try:
        return rest[os.write(handle, rest[:_CHUNK]) :] if rest else rest
    except BlockingIOError:
        return rest
    except BrokenPipeError:
        return rest[len(rest) :]


def _drained(handle: int, held: bytearray, limit: int) -> bool:
    """Whether the stream has ended. Raises WorldError beyond the limit."""
    more = os.read(handle, _CHUNK)
    held += more
    if len(held) > limit:
        raise WorldError(
            f"git answered with more than {limit >> 10} KiB and was ended",
            hint="the repository is larger than kforge reads",
        )
    return not more


def _late() -> WorldError:
    return WorldError(
        f"git took longer than {SECONDS:.0f} seconds and was ended",
        hint="check whether `git status` answers",
    )
