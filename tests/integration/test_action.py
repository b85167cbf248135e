"""The action's own steps, run by bash as a runner would, and what keeps the workflows safe."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from tests import locks
from tests.integration.conftest import ROOT, commit, git, run

WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
EVERYTHING = [ROOT / "action.yml", *WORKFLOWS]
ZERO = "0" * 40


Action = Callable[..., CompletedProcess[str]]


def steps_of(path: Path) -> list[dict[str, Any]]:
    text = yaml.safe_load(path.read_text())
    if "runs" in text:
        return list(text["runs"]["steps"])
    return [step for job in text["jobs"].values() for step in job["steps"]]


def step(repository: Path, name: str, **variables: str) -> CompletedProcess[str]:
    """Run one step of action.yml in a repository, with files for what it reports; `INSTALLED` is what the first step
    made.
    """
    runner = repository.parent / "runner"
    runner.mkdir(exist_ok=True)
    made = variables.pop("INSTALLED", "")
    if made and not (runner / "kforge").exists():
        (runner / "kforge").symlink_to(made)
    script = next(each["run"] for each in steps_of(ROOT / "action.yml") if each.get("name") == name)
    more = {
        "RUNNER_TEMP": str(runner),
        "GITHUB_OUTPUT": str(runner / "output"),
        "GITHUB_STEP_SUMMARY": str(runner / "summary"),
        "BASE": "",
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTION_PATH": str(ROOT),
        "FOLDER": ".",
        "FULL": "true",
        "APPROVED": "false",
        **variables,
    }
    # The options that a runner gives to `shell: bash`.
    return run(repository, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script, more=more)


@pytest.fixture
def action(installed: Path) -> Action:
    """`step`, after the action has installed kforge."""
    return partial(step, INSTALLED=str(installed))


def written(repository: Path, name: str) -> str:
    path = repository.parent / "runner" / name
    return path.read_text() if path.exists() else ""


def matched(text: str) -> list[tuple[str, str]]:
    """File and line of everything that the problem matcher makes an annotation of."""
    (matcher,) = json.loads((ROOT / ".github/problem-matcher.json").read_text())["problemMatcher"]
    message, place = (pattern["regexp"] for pattern in matcher["pattern"])
    pairs = pairwise(text.splitlines())
    return [(found[1], found[2]) for one, two in pairs if re.search(message, one) and (found := re.search(place, two))]


def change_env(repository: Path) -> str:
    spec = repository / "app.kforge.yaml"
    spec.write_text(spec.read_text().replace("{source: ./web}", "{source: ./web, env: {GREETING: hello}}"))
    return commit(repository)


@pytest.mark.parametrize("full", ["true", "false"])
def test_a_current_repository_passes_without_an_annotation(repository: Path, action: Action, full: str) -> None:
    done = action(repository, "kforge check", FULL=full)
    assert (done.returncode, written(repository, "output")) == (0, "current=true\n"), done.stdout + done.stderr
    assert "::error" not in done.stdout


def test_an_edited_file_fails_and_is_annotated(repository: Path, action: Action) -> None:
    dockerfile = repository / "web/Dockerfile"
    dockerfile.write_text(dockerfile.read_text() + "USER 0\n")
    commit(repository)
    done = action(repository, "kforge check")
    assert (done.returncode, written(repository, "output")) == (1, "current=false\n"), done.stdout + done.stderr
    assert re.search(r"^::error file=web/Dockerfile[,:]", done.stdout, re.M), done.stdout


def test_a_stale_file_is_annotated_when_a_folder_is_named(repository: Path, action: Action) -> None:
    change_env(repository)
    nested = repository.parent / "outer"
    nested.mkdir()
    run(repository.parent, "mv", str(repository / ".git"), str(nested / ".git"))
    run(repository.parent, "mv", str(repository), str(nested / "app"))
    done = action(nested, "kforge check", FOLDER="app")
    assert (done.returncode, "::error file=app/deploy/kubernetes/web/deployment.yaml" in done.stdout) == (1, True), (
        done.stdout
    )


def test_a_models_decision_without_approval_fails_where_approvals_are_wanted(repository: Path, action: Action) -> None:
    spec = next(repository.glob("*.kforge.yaml"))
    spec.write_text(spec.read_text() + "model: {name: tiny, decides: [resources]}\n")
    with locks.edited(repository) as held:
        held["services"]["web"]["decisions"]["resources"]["decider"] = {
            "by": "model",
            "provider": "openai",
            "model": "tiny",
        }
    commit(repository)
    wanted = {"FULL": "false", "APPROVED": "true"}
    done = action(repository, "kforge check", **wanted)
    assert (done.returncode, written(repository, "output")) == (1, "current=false\n"), done.stdout + done.stderr
    assert re.search(
        r"^::error file=kforge\.lock,title=kforge check::web/resources was decided by a model or is a proposal, and is not approved yet$",
        done.stdout,
        re.M,
    ), done.stdout
    assert action(repository, "kforge check", APPROVED="false").returncode == 0
    run(repository, sys.executable, "-m", "kforge", "approve", "--all")
    commit(repository)
    done = action(repository, "kforge check", **wanted)
    assert (done.returncode, "::error" in done.stdout) == (0, False), done.stdout + done.stderr


def test_the_documentation_lists_the_actions_inputs_with_their_defaults() -> None:
    inputs = yaml.safe_load((ROOT / "action.yml").read_text())["inputs"]
    table = (
        (ROOT / "docs/ci.md")
        .read_text()
        .partition("| input | default | meaning |\n|---|---|---|\n")[2]
        .partition("\n\n")[0]
    )
    rows = [re.split(r" *\| *", row.strip("|"))[:2] for row in table.splitlines()]
    told = {name.strip(" `"): default.strip(" `") for name, default in rows}
    assert list(told) == list(inputs)
    # Without one, the event says which base is meant: that is described in words.
    assert {name: told[name] for name in told if inputs[name]["default"]} == {
        name: each["default"] for name, each in inputs.items() if each["default"]
    }
    assert [name for name, each in inputs.items() if not each["default"]] == ["base"] and " " in told["base"]


def test_every_input_reaches_a_step() -> None:
    action = (ROOT / "action.yml").read_text()
    assert [name for name in yaml.safe_load(action)["inputs"] if f"inputs.{name}" not in action] == []


def test_a_broken_spec_fails_with_its_own_exit_code_and_the_matcher_finds_the_places(
    repository: Path, action: Action
) -> None:
    (repository / "app.kforge.yaml").write_text("apiVersion: kforge.dev/v1\napp: hello\nservice: {}\n")
    done = action(repository, "kforge check")
    assert (done.returncode, written(repository, "output")) == (2, "current=false\n"), done.stdout + done.stderr
    assert ("app.kforge.yaml", "3") in matched(done.stderr), done.stderr


def test_a_folder_that_looks_like_an_option_or_a_script_is_only_a_folder(repository: Path, action: Action) -> None:
    done = action(repository, "kforge check", FOLDER="--help; touch $(touch owned) `touch owned`")
    assert (done.returncode, (repository / "owned").exists()) == (2, False), done.stdout + done.stderr


def test_the_summary_says_what_changed_since_the_base(repository: Path, action: Action) -> None:
    base = run(repository, "git", "rev-parse", "HEAD").stdout.strip()
    change_env(repository)
    run(repository, sys.executable, "-m", "kforge", "build")
    commit(repository)
    done = action(repository, "kforge diff", BASE=base)
    assert (done.returncode, "GREETING" in written(repository, "summary")) == (0, True), done.stdout + done.stderr


def test_the_summary_is_about_the_folder_that_is_checked(repository: Path, action: Action) -> None:
    for name in ("one", "two"):
        shutil.copytree(repository / "web", repository / name / "web")
        shutil.copy(repository / "app.kforge.yaml", repository / name)
    commit(repository)
    base = run(repository, "git", "rev-parse", "HEAD").stdout.strip()
    run(repository, sys.executable, "-m", "kforge", "build")
    commit(repository)
    done = action(repository, "kforge diff", BASE=base, FOLDER="one")
    told = written(repository, "summary")
    assert (done.returncode, "`one/app.kforge.yaml`" in told, "`two/app.kforge.yaml`" in told) == (0, True, False), (
        done.stdout + done.stderr
    )


@pytest.mark.parametrize("base", ["", ZERO, "--output=owned", "1" * 40, "HEAD^{tree}"])
def test_without_a_base_that_is_here_nothing_is_compared(repository: Path, base: str) -> None:
    done = step(repository, "Find the base", BASE=base)
    assert (done.returncode, written(repository, "output")) == (0, ""), done.stdout + done.stderr
    assert {
        each["if"].rpartition("&& ")[2] for each in steps_of(ROOT / "action.yml") if each.get("name") == "kforge diff"
    } == {"steps.base.outputs.commit != '' }}"}


@pytest.mark.parametrize("folder", [".", "web", "nothing", "app.kforge.yaml"])
def test_a_base_is_found_from_whatever_folder_is_checked(repository: Path, folder: str) -> None:
    done = step(repository, "Find the base", BASE="main", FOLDER=folder)
    assert (done.returncode, written(repository, "output")) == (
        0,
        f"commit={git(repository, 'rev-parse', 'HEAD')}\n",
    ), done.stdout + done.stderr


def test_a_shallow_checkout_gets_the_base_from_its_origin_alone(repository: Path) -> None:
    base = git(repository, "rev-parse", "HEAD")
    change_env(repository)
    git(repository, "config", "uploadpack.allowAnySHA1InWant", "true")
    git(repository.parent, "clone", "-q", "--no-local", "--depth=1", f"file://{repository}", "shallow")
    done = step(repository.parent / "shallow", "Find the base", BASE=base)
    assert (done.returncode, written(repository, "output")) == (0, f"commit={base}\n"), done.stdout + done.stderr


def test_a_checkout_in_a_folder_of_its_own_has_its_base(repository: Path) -> None:
    done = step(repository.parent, "Find the base", BASE="main", FOLDER="repository/web")
    assert written(repository.parent, "output") == f"commit={git(repository, 'rev-parse', 'HEAD')}\n", (
        done.stdout + done.stderr
    )


@pytest.mark.parametrize(
    ("full", "approved", "base", "words"),
    [
        ("true", "false", "", ["--full"]),
        ("true", "false", "abc", ["--full", "--base", "abc"]),
        ("false", "false", "abc", []),
        ("false", "true", "abc", ["--approved", "--base", "abc"]),
        ("true", "true", "abc", ["--full", "--approved", "--base", "abc"]),
    ],
)
def test_a_check_that_trusts_no_digest_is_told_the_base(
    tmp_path: Path, full: str, approved: str, base: str, words: list[str]
) -> None:
    folder = tmp_path / "checkout"
    folder.mkdir()
    python = tmp_path / "runner/kforge/bin/python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@" > "$RUNNER_TEMP/words"\n')
    python.chmod(0o755)
    step(folder, "kforge check", FULL=full, APPROVED=approved, BASE=base, FOLDER="a b")
    assert written(folder, "words").splitlines() == [
        "-I",
        "-m",
        "kforge",
        "check",
        "--format",
        "github",
        *words,
        "--",
        "a b",
    ]


def test_steps_run_nothing_that_lies_in_the_checkout(repository: Path, action: Action, canary: Path) -> None:
    base = git(repository, "rev-parse", "HEAD")
    commit(repository)
    more = {"PYTHONPATH": str(repository), "PYTHONSTARTUP": str(repository / "yaml.py"), "PYTHONSAFEPATH": ""}
    for folder in (".", "web"):
        for name in ("Find the base", "kforge check", "kforge diff"):
            done = action(repository, name, FOLDER=folder, BASE="" if name == "kforge check" else base, **more)
            assert not canary.exists(), f"{name} in {folder} ran {canary.read_text()}"
            assert done.returncode < 3, done.stdout + done.stderr
    assert written(repository, "output").count(f"commit={base}") == 2
    assert "what changes since" in written(repository, "summary")


BACKEND = """\
import os, zipfile
def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = "kforge-1-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.writestr("kforge/__main__.py", "print('this is kforge')")
        wheel.writestr("kforge-1.dist-info/METADATA", "Metadata-Version: 2.1\\nName: kforge\\nVersion: 1\\n")
        wheel.writestr("kforge-1.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("kforge-1.dist-info/RECORD", "")
    return name
"""


def test_the_installation_runs_nothing_of_the_checkout_and_obeys_no_setting_in_it(
    repository: Path, canary: Path
) -> None:
    """The action is a small package that builds itself, so that this needs no network."""
    source = repository.parent / "action"
    source.mkdir()
    (source / "backend.py").write_text(BACKEND)
    (source / "pyproject.toml").write_text(
        "[build-system]\nrequires = []\nbuild-backend = 'backend'\nbackend-path = ['.']\n"
    )
    variables = {
        "INTERPRETER": sys.executable,
        "GITHUB_ACTION_PATH": str(source),
        "PYTHONPATH": str(repository),
        "PYTHONHOME": "/nonexistent",
        "PYTHONSTARTUP": str(repository / "yaml.py"),
        "PIP_CONFIG_FILE": str(repository / "pip.conf"),
        "PIP_FIND_LINKS": str(repository),
        "PIP_TARGET": str(repository / "target"),
        "PIP_PYTHON": str(repository / "nothing"),
    }
    done = step(repository, "Install kforge", **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert not canary.exists(), canary.read_text()
    ran = run(repository, str(repository.parent / "runner/kforge/bin/python"), "-I", "-m", "kforge")
    assert (ran.stdout, (repository / "target").exists(), canary.exists()) == ("this is kforge\n", False, False), (
        ran.stderr
    )


def test_what_is_planted_does_run_where_it_is_imported(repository: Path, canary: Path) -> None:
    """Python's own rule, which the documentation warns of: without this, the tests above could not fail."""
    run(repository, sys.executable, "-m", "kforge", "check")
    assert canary.exists()


def test_the_program_of_a_hook_imports_nothing_of_the_checkout(repository: Path, installed: Path, canary: Path) -> None:
    commit(repository)
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    for hook in hooks:
        program, *words = hook["entry"].split()
        done = run(repository, str(installed / "bin" / program), *words)
        assert (done.returncode in (0, 1), canary.exists()) == (True, False), done.stdout + done.stderr
    assert [hook["entry"] for hook in hooks] == ["kforge check", "kforge build"]


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit_and_names_its_version(path: Path) -> None:
    used = re.findall(r"uses: (.*)", path.read_text())
    assert [line for line in used if not re.fullmatch(r"\./|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)] == []


@pytest.mark.parametrize("path", EVERYTHING, ids=lambda path: path.name)
def test_no_expression_stands_inside_a_script(path: Path) -> None:
    assert [each["run"] for each in steps_of(path) if "${{" in each.get("run", "")] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_may_only_read_and_never_run_for_a_fork_with_rights(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    # YAML 1.1 reads the key `on` as true.
    assert (workflow["permissions"], "pull_request_target" in workflow[True]) == ({"contents": "read"}, False)
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


@pytest.mark.skipif(
    shutil.which("actionlint") is None,
    reason="actionlint is not here: go install github.com/rhysd/actionlint/cmd/actionlint@latest",
)
def test_actionlint_finds_nothing() -> None:
    done = run(ROOT, "actionlint", "-no-color", *map(str, WORKFLOWS))
    assert (done.returncode, done.stdout) == (0, "")
