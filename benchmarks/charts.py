"""What a chart costs beside kustomize's files of the same objects: `python -m benchmarks.charts [--services 1000]`.

The time of a cold `kforge build` with `outputs: [helm]` over that with `outputs: [kubernetes]`, each in a fresh folder
and in turns, so that a busy machine is busy for both; then that of making the files alone, of the same documents.
Processor time, and the least of several rounds. A chart is 2.5 times as many bytes.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from benchmarks import project
from kforge import catalog, pipeline
from kforge.domain.spec.project import Project
from kforge.outcome import Options, Outcome
from kforge.render import outputs
from kforge.stages.inputs import Inputs

BUILD = [sys.executable, "-m", "kforge", "build", "-j1"]
FORMS = ("kubernetes", "helm")
AT_MOST = 1.5


def write(folder: Path, form: str, services: int) -> Path:
    folder.mkdir()
    project.write(folder, services, max(1, services // 10))
    spec = folder / "app.kforge.yaml"
    spec.write_text(spec.read_text().replace("\nservices:", f"\noutputs: [{form}]\nservices:", 1))
    return folder


def builds(scratch: Path, services: int, rounds: int) -> dict[str, float]:
    """Seconds of processor time of the fastest cold build, by form of output."""
    least = dict.fromkeys(FORMS, float("inf"))
    for form in FORMS * rounds:
        folder = write(scratch / form, form, services)
        child = subprocess.Popen(BUILD, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            raise SystemExit(f"{' '.join(BUILD)}: exit {child.returncode}")
        least[form] = min(least[form], usage.ru_utime + usage.ru_stime)
        shutil.rmtree(folder)
    return least


def renderings(scratch: Path, services: int, rounds: int) -> tuple[dict[str, float], dict[str, int]]:
    """Seconds of processor time of the fastest rendering, and bytes, by form of output."""
    folder = write(scratch / "rendered", "helm", services)
    outcome = pipeline.run(Project(folder / "app.kforge.yaml", folder), Options(date.today(), looks=False))
    least, sizes = dict.fromkeys(FORMS, float("inf")), dict.fromkeys(FORMS, 0)
    for form in FORMS * rounds:
        wanted = _rendering(outcome, form)
        begin = time.process_time()
        files = outputs.files(wanted, outcome.documents)
        least[form] = min(least[form], time.process_time() - begin)
        sizes[form] = sum(len(file.content) for file in files.values())
    return least, sizes


def _rendering(outcome: Outcome, form: str) -> outputs.Rendering:
    world = outcome.loaded.world
    artifacts = {each.name: (each.output, each.revision) for each in catalog.artifacts()}
    return outputs.Rendering(
        spec=world.spec.model_copy(update={"outputs": [form]}),
        inputs=Inputs(world.raw, world.facts, outcome.settled.values),
        raw=world.raw,
        name="app.kforge.yaml",
        artifacts=artifacts,
        targets=catalog.targets([form]),
    )


def row(name: str, found: dict[str, float], at_most: float | None) -> None:
    ratio = found["helm"] / found["kubernetes"]
    aim = "" if at_most is None else f"≤ {at_most}" + ("  missed" if ratio > at_most else "")
    print(f"{name:22}{found['kubernetes'] * 1000:12.0f}{found['helm'] * 1000:8.0f}{ratio:8.2f}  {aim}".rstrip())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kforge-charts-") as scratch:
        whole = builds(Path(scratch), options.services, options.rounds)
        alone, sizes = renderings(Path(scratch), options.services, options.rounds)
    print(
        f"{options.services} services; least of {options.rounds} rounds, ms; {sizes['kubernetes'] / 1e6:.1f} and {sizes['helm'] / 1e6:.1f} MB"
    )
    print(f"{'':22}{'kubernetes':>12}{'helm':>8}{'ratio':>8}  aim")
    row("build, cold", whole, AT_MOST)
    row("making the files alone", alone, None)


if __name__ == "__main__":
    main()
