"""The hooks under pre-commit itself: it clones this repository at its newest commit and installs it as users' machines
do.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT, git, run


def why_not(scratch: Path) -> str:
    """Why pre-commit cannot install kforge here; "" when it can."""
    if run(ROOT, "git", "rev-parse", "--verify", "--quiet", "HEAD").returncode:
        return "this is no git repository: pre-commit has nothing to clone"
    download = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(scratch), "hatchling")
    return "PyPI is not reachable: pre-commit cannot install kforge" if run(ROOT, *download).returncode else ""


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone of this repository for pre-commit, and beside it pre-commit's own cache."""
    scratch = tmp_path_factory.mktemp("hooks")
    if reason := why_not(scratch):
        pytest.skip(reason)
    git(ROOT, "clone", "-q", "--no-local", "--depth=1", f"file://{ROOT}", str(scratch / "kforge"))
    return scratch / "kforge"


@pytest.mark.performed
def test_check_stops_a_stale_commit_and_build_mends_it(repository: Path, hooks: Path) -> None:
    revision = git(hooks, "rev-parse", "HEAD")
    (repository / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {hooks}\n  rev: {revision}\n  hooks: [{{id: kforge-check}}, {{id: kforge-build, stages: [manual]}}]\n"
    )
    git(repository, "add", "-A")

    def hook(*words: str) -> tuple[int, str]:
        more = {"PRE_COMMIT_HOME": str(hooks.parent / "home"), "PRE_COMMIT_COLOR": "never"}
        done = run(repository, sys.executable, "-m", "pre_commit", "run", *words, more=more)
        return done.returncode, done.stdout + done.stderr

    current = hook("kforge-check")
    spec = repository / "app.kforge.yaml"
    spec.write_text(spec.read_text().replace("{source: ./web}", "{source: ./web, env: {GREETING: hello}}"))
    git(repository, "add", "-A")
    stale = hook("kforge-check")
    built = hook("kforge-build", "--hook-stage", "manual")
    git(repository, "add", "-A")
    mended, built_again = hook("kforge-check"), hook("kforge-build", "--hook-stage", "manual")

    assert [each[0] for each in (current, stale, built, mended, built_again)] == [0, 1, 1, 0, 0], (
        f"{current}{stale}{built}{mended}{built_again}"
    )
    assert "web: " in stale[1] and "1 file to rebuild" in stale[1]
    assert "files were modified by this hook" in built[1]
