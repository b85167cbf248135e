"""What `docs/ci.md` shows is what stands in this repository, and every output is named where people look for it."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
import yaml

from kforge import catalog
from kforge.spec.inherited import inherited
from kforge.spec.read import read
from kforge.spec.resolve import resolve
from tests.integration.conftest import ROOT

TEXT = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
BLOCKS = dict(re.findall(r"```yaml\n# (\S+)\n(.*?)```", TEXT, re.S))


def test_the_documented_hooks_exist() -> None:
    there = {hook["id"] for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    shown = {
        hook["id"] for repo in yaml.safe_load(BLOCKS[".pre-commit-config.yaml"])["repos"] for hook in repo["hooks"]
    }
    named = set(re.findall(r"`(kforge-[a-z]+)`", TEXT))
    assert shown <= there
    assert named == there


def test_the_documented_inputs_are_the_action_s() -> None:
    inputs = set(yaml.safe_load((ROOT / "action.yml").read_text())["inputs"])
    assert set(re.findall(r"^\| `([a-z-]+)` \|", TEXT, re.M)) == inputs


def test_the_documented_pins_are_those_of_the_workflow() -> None:
    pins = set(re.findall(r"uses: (actions/\S+ # \S+)", BLOCKS[".github/workflows/kforge.yml"]))
    assert pins <= set(re.findall(r"uses: (actions/\S+ # \S+)", (ROOT / ".github/workflows/ci.yml").read_text()))


def test_the_documented_pipeline_for_gitlab_is_yaml_with_a_script() -> None:
    (line,) = yaml.safe_load(BLOCKS[".gitlab-ci.yml"])["kforge"]["script"]
    for base, words in (("", []), ("abc", ["--base", "abc"])):
        done = subprocess.run(
            ["sh", "-c", f'kforge() {{ printf "%s\\n" "$@"; }}; {line}'],
            env={"CI_MERGE_REQUEST_DIFF_BASE_SHA": base},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout.split() == ["check", "--full", *words]


@pytest.mark.skipif(
    shutil.which("actionlint") is None,
    reason="actionlint is not here: go install github.com/rhysd/actionlint/cmd/actionlint@latest",
)
def test_actionlint_accepts_the_documented_workflow() -> None:
    workflow = BLOCKS[".github/workflows/kforge.yml"].replace("kforge-dev/kforge@COMMIT", f"acme/kforge@{'0' * 40}")
    done = subprocess.run(["actionlint", "-no-color", "-"], input=workflow, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_documented_spec_of_shared_keys_is_one() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/sharing.md").read_text(encoding="utf-8"), re.S)
    spec = resolve(read(block, "app.kforge.yaml"))
    assert (spec.services["worker"].source, spec.services["worker"].env.keys()) == ("./shop", {"DATABASE_HOST"})
    changed = spec.environments["staging"].services
    assert changed["nightly"].env == {"DATABASE_HOST": "db.staging.example.com", "LOG_FORMAT": "text"}


def test_the_documented_spec_of_jobs_is_one() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs/jobs.md").read_text(encoding="utf-8"), re.S)
    assert resolve(inherited(read(block, "app.kforge.yaml"))).services["migrate"].before == ["web", "worker"]


@pytest.mark.parametrize("page", ["README.md", "docs/targets.md"])
def test_every_output_is_named(page: str) -> None:
    text = (ROOT / page).read_text()
    named = {"dockerfile": "`Dockerfile`", "kubernetes": "`deploy/kubernetes/`"} if page == "README.md" else {}
    assert [name for name in catalog.TARGETS if named.get(name, f"`{name}`") not in text] == []
