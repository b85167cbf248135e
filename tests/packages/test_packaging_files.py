"""What a release needs besides packages: the formula's script, the image, the pins. What only a release proves is in docs/releasing.md."""

from __future__ import annotations

import hashlib
import json
import re
import runpy
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from kforge import __version__
from kforge.domain.distribution import DISTRIBUTION
from tests.linters import buildkit, hadolint
from tests.packages import ROOT

FOLDER = ROOT / ".github/packaging"
FORMULA = runpy.run_path(str(FOLDER / "homebrew/formula.py"), run_name="formula")["formula"]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
RELEASE = (ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8")
JOBS = yaml.safe_load(RELEASE)["jobs"]
# What uv writes: one package with an sdist, one with a wheel for all machines alone.
PYLOCK = """
lock-version = "1.0"
[[packages]]
name = "zed"
version = "1.0"
sdist = { url = "https://files.pythonhosted.org/packages/aa/zed-1.0.tar.gz", hashes = { sha256 = "11" } }
[[packages]]
name = "alpha"
version = "2.0"
wheels = [{ url = "https://files.pythonhosted.org/packages/bb/alpha-2.0-py3-none-any.whl", hashes = { sha256 = "22" } }]
"""


@pytest.fixture
def sdist(tmp_path: Path) -> Path:
    path = tmp_path / "kforge_build-9.8.7.tar.gz"
    path.write_bytes(b"an sdist")
    return path


def test_the_formula_has_the_sdist_s_address_digest_and_version(sdist: Path) -> None:
    text = FORMULA(sdist, PYLOCK)
    assert f'sha256 "{hashlib.sha256(b"an sdist").hexdigest()}"' in text
    assert 'url "https://files.pythonhosted.org/packages/source/k/kforge_build/kforge_build-9.8.7.tar.gz"' in text
    assert ("kforge 9.8.7" in text, re.findall(r"@[A-Z]+@", text)) == (True, [])


def test_the_formula_has_every_dependency_with_its_digest_in_order(sdist: Path) -> None:
    found = re.findall(r'resource "(\w+)" do\n    url "(\S+)"\n    sha256 "(\w+)"\n  end', FORMULA(sdist, PYLOCK))
    assert [(name, url.rpartition("/")[2], digest) for name, url, digest in found] == [
        ("alpha", "alpha-2.0-py3-none-any.whl", "22"),
        ("zed", "zed-1.0.tar.gz", "11"),
    ]


def test_a_formula_is_made_of_kforge_s_sdist_alone(sdist: Path) -> None:
    other = sdist.rename(sdist.with_name("kforge-9.8.7.tar.gz"))
    with pytest.raises(SystemExit, match="no sdist of kforge"):
        FORMULA(other, PYLOCK)


def test_the_linters_find_nothing_in_the_image() -> None:
    assert (hadolint(FOLDER / "Dockerfile"), buildkit(FOLDER / "Dockerfile")) == ("", [])


def test_the_image_is_pinned_and_runs_as_nobody_in_particular() -> None:
    lines = (FOLDER / "Dockerfile").read_text(encoding="utf-8").splitlines()
    bases = {line.split()[1] for line in lines if line.startswith("FROM")}
    assert len(bases) == 1 and re.search(r"@sha256:[0-9a-f]{64}$", bases.pop())
    assert {"USER 65532:65532", 'ENTRYPOINT ["kforge"]'} <= {*lines}


def test_the_image_has_every_dependency_pinned_by_digest() -> None:
    pinned = dict(
        re.findall(
            r"^([\w.-]+)==(\S+) \\\n    --hash=sha256:[0-9a-f]{64}",
            (FOLDER / "image.txt").read_text(encoding="utf-8"),
            re.M,
        )
    )
    wanted = {re.split(r"[<>=]", each)[0].replace(".", "-"): each for each in PROJECT["dependencies"]}
    assert wanted.keys() - pinned.keys() == set()
    exact = {name: each.partition("==")[2] for name, each in wanted.items() if "==" in each}
    assert {name: pinned[name] for name in exact} == exact


def test_the_release_publishes_this_distribution_in_the_environment_that_the_index_trusts() -> None:
    publish = JOBS["publish"]
    assert publish["environment"] == {"name": "pypi", "url": f"https://pypi.org/project/{DISTRIBUTION}/"}
    assert publish["permissions"] == {"id-token": "write"}
    assert [step for step in publish["steps"] if "run" in step] == []


def test_no_job_that_runs_code_of_the_repository_may_publish() -> None:
    running = {name for name, job in JOBS.items() if any("run" in step for step in job["steps"])}
    assert {name for name in running if "packages" in JOBS[name]["permissions"] or "environment" in JOBS[name]} == set()


def test_what_runs_code_of_others_may_sign_nothing() -> None:
    running = {name: job["permissions"] for name, job in JOBS.items() if any("run" in step for step in job["steps"])}
    assert running == {name: {"contents": "read"} for name in ("packages", "installed")}
    assert JOBS["attested"]["permissions"] == {"id-token": "write", "attestations": "write"}


def test_nothing_is_published_before_all_that_can_fail_has_been_done() -> None:
    assert set(JOBS["publish"]["needs"]) == {"attested", "built", "installed"}
    assert JOBS["image"]["needs"] == "publish"


def test_the_image_is_built_before_and_after_for_the_same_machines_with_an_emulator() -> None:
    for name in ("built", "image"):
        used = [step.get("uses", "").partition("@")[0] for step in JOBS[name]["steps"]]
        assert used.index("docker/setup-qemu-action") < used.index("docker/build-push-action"), name
    built, pushed = (JOBS[name]["steps"][-2 if name == "image" else -1]["with"] for name in ("built", "image"))
    assert [built[key] for key in ("context", "platforms")] == [pushed[key] for key in ("context", "platforms")]
    assert ("push" in built, pushed["push"]) == (False, True)


def test_a_version_of_an_action_that_kforge_writes_too_is_the_same_commit() -> None:
    known = json.loads((ROOT / "kforge/render/github_actions/actions.json").read_text(encoding="utf-8"))["actions"]
    used = {
        (name, version): commit for name, commit, version in re.findall(r"uses: (\S+)@([0-9a-f]{40}) # (\S+)", RELEASE)
    }
    same = {(name, each["version"]): each["commit"] for name, each in known.items() if (name, each["version"]) in used}
    assert same == {key: used[key] for key in same} and ("docker/setup-qemu-action", "v4.2.0") in same


@pytest.mark.performed
def test_a_release_describes_the_wheel_and_every_pin_and_sums_both_packages(tmp_path: Path) -> None:
    """The job `packages` of the workflow, on its Python: tools by digest, then the script."""
    version = JOBS["packages"]["steps"][1]["with"]["python-version"]
    python = shutil.which(f"python{version}")
    if python is None or subprocess.run([python, "--version"], capture_output=True, check=False).returncode:
        pytest.skip(f"python{version} is not here, for which a release's tools are pinned")
    subprocess.run([python, "-m", "venv", tmp_path / "tools"], check=True)
    settings = {"PATH": f"{tmp_path}/tools/bin:/usr/bin:/bin", "HOME": str(tmp_path)}

    def job(line: str) -> subprocess.CompletedProcess[str]:
        words = ["bash", "-euo", "pipefail", "-c", line.replace(" dist", f" {tmp_path}/dist")]
        return subprocess.run(words, cwd=ROOT, env=settings, capture_output=True, text=True, check=False)

    for step in JOBS["packages"]["steps"]:
        if "run" in step and "env" not in step:  # but for the one that wants a tag
            done = job(step["run"])
            if done.returncode and re.search(r"NewConnectionError|Temporary failure|Read timed out", done.stderr):
                pytest.skip("PyPI is not reachable")
            assert done.returncode == 0, done.stdout + done.stderr
    described = json.loads((tmp_path / "dist/sbom/kforge.cdx.json").read_text())
    assert (described["bomFormat"], described["metadata"]["component"]["name"]) == ("CycloneDX", DISTRIBUTION)
    assert described["metadata"]["component"]["version"] == __version__
    pins = re.findall(r"^([\w.-]+)==([^ ;\n]+)(?: ; \S+)? \\$", (FOLDER / "image.txt").read_text(), re.M)
    found = {(re.sub(r"[-_.]+", "-", each["name"]).lower(), each["version"]) for each in described["components"]}
    assert found == {*pins}
    made = sorted((tmp_path / "dist/packages").iterdir())
    sums = "".join(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in made)
    assert (len(made), (tmp_path / "dist/SHA256SUMS").read_text()) == (2, sums)


def test_what_is_described_is_the_pinned_set() -> None:
    script = (FOLDER / "release").read_text(encoding="utf-8")
    assert "--require-hashes --requirement .github/packaging/image.txt" in script
    assert re.search(r'--no-deps "\$made"/packages/\*\.whl', script)
