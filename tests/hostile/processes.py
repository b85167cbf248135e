"""Words of a command → kforge as an installed program starts it: a new interpreter, its own environment, bounds.

Slower than the fork server a hundred times, and nearer to what happens: start-up, imports and all. With `trace`, the
kernel's calls are recorded by strace.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.hostile.forkserver import ENDLESS, MEMORY, TORN, WALL, Ran
from tests.hostile.worlds import surroundings

PROGRAM = "import sys\nsys.argv[0] = 'kforge'\nfrom kforge.cli import main\nsys.exit(main())\n"
GROWTH = 3 * MEMORY  # of addresses, which are more than what is held: what is held is measured
# A process counts the memory of the one that started it until it runs its own program, so a small one starts kforge.
STARTER = """\
import os, resource, sys
resource.setrlimit(resource.RLIMIT_AS, (int(sys.argv[1]),) * 2)
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[2]),) * 2)
report = int(sys.argv[3])
child = os.fork()
if not child:
    os.close(report)
    os.execv(sys.argv[4], sys.argv[4:])
_, status, used = os.wait4(child, 0)
os.write(report, f"{os.waitstatus_to_exitcode(status)} {used.ru_utime + used.ru_stime} {used.ru_maxrss << 10}".encode())
"""


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
        strace = [
            str(shutil.which("strace")),
            "-f",
            "-y",
            "-qq",
            "-s",
            "4096",
            "-e",
            "trace=%file,%process,%network",
            "-o",
            str(trace),
            "--",
        ]
        began = time.monotonic()
        report, reported = os.pipe()
        starter = [
            sys.executable,
            "-I",
            "-S",
            "-c",
            STARTER,
            str(GROWTH),
            str(ENDLESS * (3 if trace else 1)),
            str(reported),
            *(strace if trace else []),
            str(self._program),
            *words,
        ]
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err, os.fdopen(report) as told:
            process = subprocess.Popen(
                starter,
                cwd=cwd,
                env={**surroundings(), **env},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                pass_fds=[reported],
            )
            os.close(reported)
            late = threading.Timer(WALL * (3 if trace else 1), lambda: os.killpg(process.pid, signal.SIGKILL))
            late.start()
            process.wait()
            late.cancel()
            code, cpu, held = (float(word) for word in told.read().split() or (TORN, 0, 0))
            out.seek(0)
            err.seek(0)
            wall = time.monotonic() - began
            return Ran(tuple(words), int(code), out.read(), err.read(), 0.0 if trace else cpu, wall, held=int(held))
