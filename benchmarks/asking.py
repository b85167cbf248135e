"""How close asking a model comes to its server's speed: `python -m benchmarks.asking [-n 200] [-c 16] [--latency 1.0]`.

A server of fixed latency L answers at most c questions at once. A cold build of n independent questions can take no
less than ceil(n/c) × L; beyond that it should take the time of the same build without a model, and 5 % more. The health
probe and the canary come before and are measured apart, as questions of their own.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.llm.server import MODEL, serving
from tests.wishes import WISH

KFORGE = [sys.executable, "-m", "kforge", "build", "-j1"]
SOURCE = Path(__file__).parents[1] / "specs" / "hello"


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds: a build by heuristics, the build that asks, and what reaching a model and the canary take alone."""

    offline: float
    asking: float
    reaching: float
    most: int

    def bound(self, number: int, at_once: int, latency: float) -> float:
        return 1.05 * math.ceil(number / at_once) * latency + self.offline + self.reaching


def project(folder: Path, number: int, block: str) -> Path:
    """So many services, each with a source and a wish of its own, and one topic that goes to the model: its questions
    depend on nothing of each other's.
    """
    names = [f"s{index:04d}" for index in range(number)]
    for name in names:
        shutil.copytree(SOURCE / "web", folder / name, ignore=shutil.ignore_patterns("Dockerfile*"))
    services = "".join(
        f"  {name}: {{source: ./{name}, requirements: {json.dumps(WISH.format(name))}}}\n" for name in names
    )
    (folder / "app.kforge.yaml").write_text(
        f"apiVersion: kforge.dev/v1\napp: many\nregistry: ghcr.io/acme\nservices:\n{services}{block}"
    )
    return folder


def timed(folder: Path, environment: dict[str, str], *words: str) -> float:
    begin = time.perf_counter()
    done = subprocess.run([*KFORGE, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"exit {done.returncode}\n{done.stderr}")
    return time.perf_counter() - begin


def measure(scratch: Path, number: int, at_once: int, latency: float) -> Measured:
    """Cold builds: without a model, with one, and both of a single question that costs no time."""
    environment = {
        **os.environ,
        "KFORGE_CACHE_DIR": str(scratch / "caches"),
        "XDG_CONFIG_HOME": str(scratch / "config"),
    }
    block, words = f"model: {{name: {MODEL}, decides: [rollout]}}\n", ("--parallel", str(at_once))
    offline = timed(project(scratch / "offline", number, ""), environment)
    single = min(timed(project(scratch / f"single{turn}", 1, ""), environment) for turn in range(3))
    with serving() as quick:
        alone = {**environment, "KFORGE_BASE_URL": quick.url, "KFORGE_CACHE_DIR": str(scratch / "other")}
        one = timed(project(scratch / "one", 1, block), alone, *words)
    with serving(latency) as asked:
        asking = timed(
            project(scratch / "asking", number, block), {**environment, "KFORGE_BASE_URL": asked.url}, *words
        )
    if len(asked.targets) != number or asked.most > at_once:
        raise SystemExit(f"{len(asked.targets)} questions were asked, {asked.most} at once")
    return Measured(offline, asking, max(0.0, one - single), asked.most)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=200, help="questions")
    parser.add_argument("-c", type=int, default=16, help="answered at once")
    parser.add_argument("--latency", type=float, default=1.0, metavar="SECONDS")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kforge-asking-") as scratch:
        found = measure(Path(scratch), options.n, options.c, options.latency)
    least, bound = (
        math.ceil(options.n / options.c) * options.latency,
        found.bound(options.n, options.c, options.latency),
    )
    print(f"{options.n} questions, {options.c} at once (seen: {found.most}), {options.latency:g} s each")
    print(f"  no faster than         {least:7.2f} s")
    print(f"  build without a model  {found.offline:7.2f} s")
    print(f"  reaching it, canary    {found.reaching:7.2f} s")
    print(f"  build that asks        {found.asking:7.2f} s")
    print(f"  at most                {bound:7.2f} s   {'held' if found.asking <= bound else 'missed'}")
    asking = found.asking - found.offline - found.reaching
    print(f"  asking over the least  {asking / least:7.3f}     at most 1.05")


if __name__ == "__main__":
    main()
