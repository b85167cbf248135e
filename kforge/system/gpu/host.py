"""The machine as detection sees it: files below a root, and commands that end soon. Both can be a recording."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kforge.domain.natural_order import natural

SECONDS = 2.0  # that any one command may take
_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True)
class Ran:
    """How a command ended; `code` is None where it took too long."""

    code: int | None
    output: str


Run = Callable[[tuple[str, ...]], Ran | None]  # None: there is no such program


def run(words: tuple[str, ...]) -> Ran | None:
    """Run a command without a shell, for at most SECONDS."""
    environment = {**os.environ, "LC_ALL": "C"}
    try:
        done = subprocess.run(  # noqa: S603 - the words are the detectors' own, none is the user's
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False, env=environment
        )
    except subprocess.TimeoutExpired:
        return Ran(None, "")
    except OSError:
        return None
    return Ran(done.returncode, done.stdout[:_LIMIT].decode(errors="replace"))


@dataclass(frozen=True, slots=True)
class Host:
    """Where detectors look. Everything unreadable is absent: a detector sees less, and never fails."""

    root: Path = Path("/")
    run: Run = run
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    system: str = field(default_factory=platform.system)  # Linux, Darwin, Windows

    def text(self, path: str | Path) -> str:
        """A file's text without white space around it, "" where it cannot be read."""
        try:
            with self._at(path).open("rb") as stream:
                return stream.read(_LIMIT).decode(errors="replace").strip().strip("\0")
        except (OSError, ValueError):
            return ""

    def number(self, path: str | Path) -> int:
        """A file that holds one number, decimal or `0x…`; 0 where it does not."""
        try:
            return int(self.text(path), 0)
        except ValueError:
            return 0

    def exists(self, path: str | Path) -> bool:
        return os.path.lexists(self._at(path))

    def glob(self, pattern: str) -> list[Path]:
        """Paths below the root by a pattern, in the order of their numbers."""
        try:
            return sorted(self.root.glob(pattern.lstrip("/")), key=lambda path: natural(path.as_posix()))
        except OSError:
            return []

    def _at(self, path: str | Path) -> Path:
        path = Path(path)
        return path if path.is_relative_to(self.root) else self.root / str(path).lstrip("/")
