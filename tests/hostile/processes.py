"""Words of a command → kforge as an installed program starts it: a new interpreter, its own environment, bounds.

Slower than the fork server a hundred times, and nearer to what happens: start-up, imports and all. With `trace`, the
kernel's calls are recorded by strace.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.hostile.forkserver import MEMORY, WALL, Ran
from tests.hostile.worlds import surroundings

PROGRAM = "import sys\nsys.argv[0] = 'kforge'\nfrom kforge.cli import main\nsys.exit(main())\n"
GROWTH = 3 * MEMORY  # of addresses, which are more than what is held: what is held is measured


class Processes:
    """Used by `with`. The program is a script in a folder of its own, as pip makes them."""

    def __enter__(self) -> Processes:
        self._folder = tempfile.TemporaryDirectory()
        self._program = Path(self._folder.name, "kforge")
        self._program.write_text(f"#!{sys.executable}\n{PROGRAM}")
        self._program.chmod(0o755)
        return self

    def __exit__(self, *how: object) -> None:
        self._folder.cleanup()

    @property
    def program(self) -> Path:
        return self._program

    def run(self, words: Sequence[str], cwd: Path, env: Mapping[str, str], trace: Path | None = None) -> Ran:
        """One command. `trace` is the file that strace writes to."""
        traced = ["strace", "-f", "-y", "-qq", "-s", "4096", "-e", "trace=%file,%process,%network", "-o", str(trace), "--"] if trace else []
        began = time.monotonic()
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            process = subprocess.Popen(
                [*traced, str(self._program), *words], cwd=cwd, env={**surroundings(), **env}, stdin=subprocess.DEVNULL,
                stdout=out, stderr=err, start_new_session=True, preexec_fn=_bounded,  # noqa: PLW1509 - it calls the kernel and nothing else
            )  # fmt: skip
            wall = WALL * (3 if trace else 1)
            late = threading.Timer(wall, lambda: os.killpg(process.pid, signal.SIGKILL))
            late.start()
            _, status, used = os.wait4(process.pid, 0)
            late.cancel()
            process.returncode = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            cpu = 0.0 if trace else used.ru_utime + used.ru_stime
            return Ran(tuple(words), process.returncode, out.read(), err.read(), cpu, time.monotonic() - began, held=used.ru_maxrss << 10)


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (GROWTH, GROWTH))
