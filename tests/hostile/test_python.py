"""Modules, programs and configuration of a checkout are not run: not by kforge as installed, not by the action's steps."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.conftest import SPECS, write
from tests.hostile.attempt import PullRequest, attempt, opened
from tests.hostile.commands import BUILD, DIFF, FULL, Command
from tests.hostile.conftest import Hostile
from tests.hostile.processes import Processes
from tests.hostile.pull_requests.repositories import PYTHON
from tests.hostile.worlds import GIT, World, surroundings
from tests.trials import sample

ROOT = SPECS.parent


@pytest.mark.parametrize("pull", sample(PYTHON, 2), ids=lambda pull: pull.name)
def test_an_installed_kforge_runs_no_module_of_the_checkout(hostile: Hostile, pull: PullRequest) -> None:
    with Processes() as processes:
        steps = attempt(
            processes.run, hostile.original, hostile.place(), pull, (Command(("check",)), FULL, DIFF, BUILD)
        )
    assert [f"{step.command}: {each}" for step in steps for each in step.broke] == []


def scripts() -> list[str]:
    """What the steps of action.yml run, in order."""
    return [step["run"] for step in yaml.safe_load((ROOT / "action.yml").read_text())["runs"]["steps"] if "run" in step]


def act(world: World, script: str, runner: Path) -> None:
    """Run a step as a runner does. No package comes from anywhere, so installing fails, after all that it would run."""
    variables = {
        "PYTHON": sys.executable,
        "RUNNER_TEMP": str(runner),
        "GITHUB_ACTION_PATH": str(runner / "action"),
        "GITHUB_WORKSPACE": str(world.repository),
        "GITHUB_OUTPUT": str(runner / "output"),
        "GITHUB_STEP_SUMMARY": str(runner / "summary"),
        "GITHUB_ACTIONS": "true",
        "FOLDER": ".",
        "FULL": "true",
        "APPROVED": "false",
        "BASE": world.git("rev-parse", "main"),
        "PIP_NO_INDEX": "1",
    }
    environment = {**surroundings(), **GIT, **world.environment, **variables}
    del environment["PYTHONPATH"]
    subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=world.repository,
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
    )


def test_the_actions_steps_run_no_module_of_the_checkout(hostile: Hostile, tmp_path: Path) -> None:
    everything = PullRequest("everything", lambda world: [pull.change(world) for pull in PYTHON])
    write(
        tmp_path / "action",
        {"pyproject.toml": (ROOT / "pyproject.toml").read_text(), ".github/problem-matcher.json": "{}"},
    )
    program = tmp_path / "kforge/bin/kforge"
    with opened(hostile.original, hostile.place(), everything) as world:
        install, *others = scripts()
        act(world, install, tmp_path)
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(
            f"#!{sys.executable}\nimport sys\nsys.path.insert(1, {str(ROOT)!r})\nfrom kforge.cli import main\nsys.exit(main())\n"
        )
        program.chmod(0o755)
        for script in others:
            act(world, script, tmp_path)
        ran = sorted(place.name for place in world.ran.iterdir())
    assert (ran, "current=false\n" in (tmp_path / "output").read_text(), (tmp_path / "summary").exists()) == (
        [],
        True,
        True,
    )
