"""Measure kforge against the floor: `python -m benchmarks [--services 1000] [--rounds 7]`.

What is measured is what a user has: a wheel of this checkout, installed with its dependencies into an environment of
its own, by the `kforge` that pip makes. Prints medians and ratios. The floor is that environment's Python that reads and
hashes the same files; ratios carry over to other machines, milliseconds do not. Nothing here is a test: a noisy machine
must not turn a build red.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import project

ROOT = Path(__file__).parents[1]
FLOOR = Path(__file__).with_name("floor.py")
ALONE = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


@dataclass(frozen=True, slots=True)
class Run:
    """Median wall time in seconds and peak memory in MB of a command."""

    seconds: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Installed:
    """An environment with kforge and nothing that develops it: its Python, and the program."""

    python: str
    kforge: str


def installed(scratch: Path) -> Installed:
    """Build a wheel of this checkout and install it. Packages come from where pip takes them."""
    environment = scratch / "environment"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = environment / "bin" / "python"
    # A copy, since setuptools would leave its folder, and take up modules of an earlier one.
    source = scratch / "source"
    shutil.copytree(ROOT, source, ignore=shutil.ignore_patterns(".*", "build", "*.egg-info", "specs", "tests", "cache"))
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", source], check=True)
    return Installed(str(python), str(environment / "bin" / "kforge"))


def measure(
    command: Sequence[str], cwd: Path, rounds: int, stdin: str = "", before: Callable[[], None] | None = None
) -> Run:
    times, peaks = [], []
    for _ in range(rounds):
        if before:
            before()
        with tempfile.TemporaryFile("w+") as text:
            text.write(stdin)
            text.seek(0)
            start = time.perf_counter()
            child = subprocess.Popen(
                command, cwd=cwd, env=ALONE, stdin=text, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
            pipe = child.stderr
            assert pipe is not None  # asked for above
            error = pipe.read()
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            pipe.close()
        if child.returncode not in (0, 1):
            raise SystemExit(f"{' '.join(command)}: exit {child.returncode}\n{error.decode()}")
        times.append(time.perf_counter() - start)
        peaks.append(usage.ru_maxrss / 1024)
    return Run(statistics.median(times), max(peaks))


def files(folder: Path) -> list[str]:
    """What a check must know of: the spec, the lock, the sums, the outputs, the sources."""
    skipped = {".git", ".kforge"}
    found = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - skipped)
        found += [os.path.join(place, name) for name in names]
    return sorted(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--sources", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kforge-benchmark-") as scratch:
        report(Path(scratch), options.services, options.sources, options.rounds)


def report(scratch: Path, services: int, sources: int, rounds: int) -> None:
    template, folder = scratch / "template", scratch / "big"
    template.mkdir()
    project.write(template, services, sources)
    few = max(2, rounds // 3)

    def fresh() -> None:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(template, folder)

    here = installed(scratch)
    fresh()
    bare = measure([here.python, "-c", "pass"], scratch, rounds * 3)
    version = measure([here.kforge, "--version"], scratch, rounds * 3)
    usage = measure([here.kforge, "--help"], scratch, rounds * 3)
    build = measure([here.kforge, "build", "-j1"], folder, few, before=fresh)
    listed = files(folder)
    floor = measure([here.python, str(FLOOR)], folder, rounds, stdin="\n".join(listed))

    def forget() -> None:
        shutil.rmtree(folder / ".kforge", ignore_errors=True)

    clone = measure([here.kforge, "check"], folder, rounds, before=forget)
    time.sleep(0.1)  # the index remembers nothing younger than the clock's tick
    measure([here.kforge, "check"], folder, 1)
    index = measure([here.kforge, "check"], folder, rounds)
    full = measure([here.kforge, "check", "--full"], folder, few)
    plan = measure([here.kforge, "plan"], folder, few)
    again = measure([here.kforge, "build", "-j1"], folder, few)
    size = sum(os.path.getsize(path) for path in listed) / 1e6
    print(f"{services} services, {sources} with sources; {len(listed)} files, {size:.1f} MB; {rounds} rounds, medians")
    print(f"{'':32}{'ms':>8}{'ratio':>9}{'target':>9}{'MB':>7}{'target':>8}{'per s':>8}{'target':>8}")
    row("bare python", bare)
    row("kforge --version", version, version.seconds / bare.seconds, 2.0)
    row("kforge --help", usage, usage.seconds / bare.seconds, 2.0)
    row("floor: read and hash all files", floor)
    row("check, with its index", index, index.seconds / floor.seconds, 1.0, 60)
    row("check, fresh clone", clone, clone.seconds / floor.seconds, 3.5)
    row("check --full", full, None, None, 250, services, 300)
    row("plan", plan, None, None, 250, services, 300)
    row("build, cold", build, None, None, 250, services, 300)
    row("build, nothing to do", again, None, None, 250, services, 300)


def row(
    name: str,
    run: Run,
    ratio: float | None = None,
    at_most: float | None = None,
    memory: int | None = None,
    services: int | None = None,
    rate: int | None = None,
) -> None:
    cells = [
        f"{run.seconds * 1000:.1f}",
        f"{ratio:.2f}×" if ratio else "",
        f"≤ {at_most}×" if at_most else "",
        f"{run.megabytes:.0f}",
        f"≤ {memory}" if memory else "",
        f"{services / run.seconds:.0f}" if services else "",
        f"≥ {rate}" if rate else "",
    ]
    missed = (
        (ratio and at_most and ratio > at_most)
        or (memory and run.megabytes > memory)
        or (services and rate and services / run.seconds < rate)
    )
    widths = (8, 9, 9, 7, 8, 8, 8)
    print(
        f"{name:32}"
        + "".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
        + ("  missed" if missed else "")
    )


if __name__ == "__main__":
    main()
