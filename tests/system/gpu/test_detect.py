"""GPU detection on recorded machines: one file each in gpus/, with what was read, what was run and what to see in it.

They are written after the vendors' documentation, in the forms that the kernel and the tools give.
"""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge.system.gpu import host as hosts
from kforge.system.gpu.detect import detect
from kforge.system.gpu.host import Host, Ran
from tests.growth import SOON

MACHINES = sorted((Path(__file__).parent / "gpus").glob("*.yaml"))


def recorded(machine: Path, root: Path) -> tuple[Host, dict[str, Any]]:
    """The host that a recording describes, below a folder, and what to expect of it."""
    told = yaml.safe_load(machine.read_text())
    for path, content in told.get("files", {}).items():
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content)
    commands = {
        words: held if isinstance(held, dict) else {"code": 0, "output": held}
        for words, held in told.get("commands", {}).items()
    }

    def run(words: tuple[str, ...]) -> Ran | None:
        held = commands.get(" ".join(words))
        return Ran(held["code"], held["output"]) if held else None

    return Host(root, run, told.get("environment", {}), told.get("system", "Linux")), told["expect"]


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.stem)
def test_every_recorded_machine_is_seen_as_it_is(machine: Path, tmp_path: Path) -> None:
    host, expected = recorded(machine, tmp_path)
    seen = asdict(detect(host))
    named = [{key: gpu[key] for key in want} for gpu, want in zip(seen["gpus"], expected["gpus"], strict=True)]
    rest = {key: list(seen[key]) if isinstance(seen[key], tuple) else seen[key] for key in expected if key != "gpus"}
    assert {**rest, "gpus": named} == expected


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("off", []), ("cpu", []), ("auto", ["Intel integrated GPU 4680", "Intel GPU 56a0"]), ("1", ["Intel GPU 56a0"]),
        ("intel", ["Intel integrated GPU 4680", "Intel GPU 56a0"]), ("nvidia", []), ("7", []),
    ],
)  # fmt: skip
def test_the_user_may_narrow_what_is_used(wanted: str, names: list[str], tmp_path: Path) -> None:
    host, _ = recorded(Path(__file__).parent / "gpus" / "intel_i915.yaml", tmp_path)
    assert [gpu.name for gpu in detect(host, wanted).gpus] == names


@pytest.mark.parametrize("visible", ["", "-1", "NoDevFiles", "GPU-99999999"])
def test_cuda_visible_devices_may_leave_nothing(visible: str, tmp_path: Path) -> None:
    host, _ = recorded(Path(__file__).parent / "gpus" / "h100.yaml", tmp_path)
    assert detect(replace(host, environment={"CUDA_VISIBLE_DEVICES": visible})).gpus == ()


def test_a_step_that_meets_an_unknown_form_is_a_note_and_no_failure(tmp_path: Path) -> None:
    host, _ = recorded(Path(__file__).parent / "gpus" / "amd_xtx.yaml", tmp_path)
    (tmp_path / "sys/class/kfd/kfd/topology/nodes/1/properties").write_text("gfx_target_version many\n")
    seen = detect(host)
    assert not seen.gpus and seen.notes[0].startswith("a step of GPU detection failed")


def test_a_command_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosts, "SECONDS", 0.2)
    began = time.monotonic()
    assert hosts.run(("sleep", "90")) == Ran(None, "") and time.monotonic() - began < SOON


def test_a_missing_command_is_none() -> None:
    assert hosts.run(("a-program-that-nobody-has",)) is None


def test_this_machine_can_be_looked_at() -> None:
    assert detect(Host()).memory > 0
