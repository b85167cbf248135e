"""A command → every path that it opened, wrote or removed, every program it ran, every address it looked for.

Runs inside the command's own process (`begin` and `end` of `forkserver.Watch`), by Python's audit events. What an event
lacks is added: a path that is relative to a folder's handle, and where links on the way lead.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

Event = list[str]  # verb, and what it was about: a path, or the words of a program
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_NOFOLLOW = getattr(os, "O_NOFOLLOW", 0)
# Event → what it is called here, and which of its arguments are a path and the handle that the path is relative to.
_CHANGES: dict[str, tuple[str, tuple[tuple[int, int], ...]]] = {
    "os.mkdir": ("write", ((0, 2),)),
    "os.remove": ("remove", ((0, 1),)),
    "os.rmdir": ("remove", ((0, 1),)),
    "os.rename": ("write", ((0, 2), (1, 3))),
    "os.link": ("write", ((0, 2), (1, 3))),
    "os.symlink": ("write", ((1, 2),)),
    "os.chmod": ("write", ((0, 2),)),
    "os.chown": ("write", ((0, 3),)),
    "os.utime": ("write", ((0, 3),)),
    "os.truncate": ("write", ((0, -1),)),
    "os.mkfifo": ("write", ((0, 2),)),
    "os.mknod": ("write", ((0, 3),)),
    "os.setxattr": ("write", ((0, -1),)),
}
_CONNECTS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind", "socket.sendto")


class Recorder:
    """Collects events. `above` is the handle that an `os.open` of this thread is relative to."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.on = True
        self._own = threading.local()

    def opening(self, real: Callable[..., int]) -> Callable[..., int]:
        """`os.open`, which remembers its handle for the event that it raises."""

        def opened(path: Any, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
            self._own.above = dir_fd
            try:
                return real(path, flags, mode, dir_fd=dir_fd)
            finally:
                self._own.above = None

        return opened

    def hook(self, event: str, given: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "open":
            path, _, flags = given
            verb = "write" if flags & _WRITES else "read"
            self._note(verb, path, getattr(self._own, "above", None), follow=not flags & _NOFOLLOW)
        elif event in ("os.listdir", "os.scandir"):
            self._note("read", "." if given[0] is None else given[0], None, follow=True)
        elif event in _CHANGES:
            verb, places = _CHANGES[event]
            for path, above in places:
                self._note(verb, given[path], given[above] if 0 <= above < len(given) else None, follow=False)
        elif event == "subprocess.Popen":
            self.events.append(["run", *(os.fsdecode(word) for word in given[1])])
        elif event in ("os.system", "os.exec", "os.posix_spawn", "os.spawn"):
            self.events.append(["run", str(given[0]), *map(str, given[1] if len(given) > 1 else ())])
        elif event in _CONNECTS:
            self.events.append(["connect", str(given[0] if event.startswith("socket.get") else given[1])])

    def _note(self, verb: str, path: Any, above: int | None, follow: bool) -> None:
        if isinstance(path, int):
            return  # an open handle, whose path was told when it was opened
        place = Path(self._folder(above), os.fsdecode(path))
        real = os.path.realpath(place) if follow else f"{os.path.realpath(place.parent)}/{place.name}"
        self.events.append([verb, real])

    def _folder(self, above: int | None) -> str:
        if above is None or above < 0:
            return str(Path.cwd())
        return str(Path(f"/proc/self/fd/{above}").readlink())


def begin(settings: dict[str, Any]) -> Recorder:
    recorder = Recorder()
    os.open = recorder.opening(os.open)  # type: ignore[assignment]
    sys.addaudithook(recorder.hook)
    return recorder


def end(recorder: Recorder) -> list[Event]:
    recorder.on = False
    return recorder.events
