"""The workflow that `outputs: [github-actions]` writes: who may do what in it, what linters say, and its scripts, run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge import __version__
from kforge.render.github_actions.workflow import Workflow, login, pinned, workflow
from tests.conftest import run, write
from tests.linters import actionlint, zizmor

PROGRAM = (
    "import http.server\nhttp.server.HTTPServer(('', 8000), http.server.SimpleHTTPRequestHandler).serve_forever()\n"
)
SPEC = """\
apiVersion: kforge.dev/v1
app: shop
registry: ghcr.io/acme
outputs: [dockerfile, kubernetes, github-actions]
images: {platforms: [linux/amd64, linux/arm64]}
services:
  web: {source: ./web, build: {secrets: {NPM_TOKEN: {env: NPM_TOKEN}}}}
  api: {source: ./api}
  migrate: {like: api, command: [python, main.py], job: true}
environments:
  staging: {}
  prod: {registry: registry.acme.internal}
"""
FILE = ".github/workflows/kforge-shop.yaml"
DIGEST = f"sha256:{'a' * 64}"
PUSHED = [
    f"ghcr.io/acme/shop-web@{DIGEST}",
    f"localhost:5000/shop-api@sha256:{'b' * 64}",
    f"registry.acme.internal/shop-web@{DIGEST}",
]
NEEDED = [name for name in ("bash", "jq", "awk", "git") if shutil.which(name) is None]
IDENTITY = ["-c", "user.name=a", "-c", "user.email=a@example.com"]


def project(folder: Path, spec: str = SPEC) -> Path:
    return write(folder, {"app.kforge.yaml": spec, "web/main.py": PROGRAM, "api/main.py": PROGRAM})


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("workflow"))
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    run("build", cwd=folder, code=0)
    return folder


@pytest.fixture(scope="module")
def read(built: Path) -> Any:
    return yaml.safe_load((built / FILE).read_text())


def script(read: Any, job: str, name: str) -> str:
    return str(next(step["run"] for step in read["jobs"][job]["steps"] if step.get("name") == name))


def test_checks_are_content_and_an_edit_is_refused(built: Path) -> None:
    assert {run(*words, cwd=built).code for words in (("check",), ("check", "--full"))} == {0}
    text = (built / FILE).read_text()
    (built / FILE).write_text(text.replace("contents: read", "contents: write"))
    assert {run(*words, cwd=built).code for words in (("check",), ("check", "--full"))} == {1}
    run("build", cwd=built, code=0)
    assert (built / FILE).read_text() == text


def test_no_job_has_a_right_that_its_steps_do_not_use(read: Any) -> None:
    assert read["permissions"] == {}
    assert {name: job["permissions"] for name, job in read["jobs"].items()} == {
        "images": {"contents": "read", "id-token": "write", "packages": "write"},
        "propose": {"contents": "write", "pull-requests": "write"},
    }
    assert all("timeout-minutes" in job for job in read["jobs"].values())


def test_it_runs_for_no_pull_request_and_on_one_branch_alone(read: Any) -> None:
    assert read[True].keys() == {"push", "workflow_dispatch"}  # YAML 1.1 reads the key `on` as true
    assert (
        read["jobs"]["images"]["if"] == "github.ref == format('refs/heads/{0}', github.event.repository.default_branch)"
    )
    assert read["jobs"]["propose"]["needs"] == "images" and read[True]["push"]["paths-ignore"] == ["deploy/images/**"]


def test_every_action_is_pinned_by_the_commit_of_its_version(built: Path) -> None:
    used = re.findall(r"uses: (.*)", (built / FILE).read_text())
    assert used and set(used) <= set(pinned().values())
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", each) for each in pinned().values())


def test_no_expression_stands_inside_a_script_and_no_credentials_stay(read: Any) -> None:
    steps = [step for job in read["jobs"].values() for step in job["steps"]]
    assert [step["run"] for step in steps if "${{" in step.get("run", "")] == []
    checkouts = [step for step in steps if step.get("uses", "").startswith("actions/checkout@")]
    assert [step["with"] for step in checkouts] == [{"persist-credentials": False}] * 2


def test_each_host_is_logged_in_to_and_only_ghcr_by_the_workflows_token(read: Any) -> None:
    logins = [step["with"] for step in read["jobs"]["images"]["steps"] if "login-action" in step.get("uses", "")]
    assert [(each["registry"], each["password"]) for each in logins] == [
        ("ghcr.io", "${{ github.token }}"),
        ("registry.acme.internal", "${{ secrets.REGISTRY_ACME_INTERNAL_PASSWORD }}"),
    ]
    assert login("10.0.0.1:5000") == ("R_10_0_0_1_5000_USERNAME", "R_10_0_0_1_5000_PASSWORD")


def test_an_emulator_comes_with_another_platform_and_secrets_of_a_build_reach_it(read: Any, tmp_path: Path) -> None:
    steps = read["jobs"]["images"]["steps"]
    assert any("setup-qemu-action" in step.get("uses", "") for step in steps)
    assert (
        next(step for step in steps if step.get("name") == "Build and push")["env"]["NPM_TOKEN"]
        == "${{ secrets.NPM_TOKEN }}"
    )
    folder = project(tmp_path, SPEC.replace("images: {platforms: [linux/amd64, linux/arm64]}\n", ""))
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    run("build", cwd=folder, code=0)
    assert "qemu" not in (folder / FILE).read_text()


def test_what_a_one_off_job_runs_is_set_by_no_digest(read: Any) -> None:
    told = script(read, "propose", "Set the images")
    assert "names='ghcr.io/acme/shop-web'" in told and "shop-api" not in told
    assert "prod) names='registry.acme.internal/shop-web'" in told
    assert read[True]["workflow_dispatch"]["inputs"]["environment"]["options"] == ["staging", "prod"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("registry: ghcr.io/acme\n", "", "needs a `registry`"),
        ("[dockerfile, kubernetes, github-actions]", "[kubernetes, github-actions]", "needs the output `dockerfile`"),
    ],
)
def test_what_it_cannot_do_without_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    done = run("build", cwd=project(tmp_path, SPEC.replace(old, new)), code=2)
    assert said in done.err and "app.kforge.yaml:" in done.err


def test_files_that_show_the_images_are_part_of_a_proposal(tmp_path: Path) -> None:
    """Without them in `paths-ignore`, a merged proposal would build, and propose, for ever."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    folder = project(tmp_path / "apps", SPEC.replace("kubernetes, git", "kubernetes, rendered, git"))
    run("build", cwd=folder, code=0)
    made = yaml.safe_load((tmp_path / FILE).read_text())
    ignored = ["apps/deploy/images/**", "apps/deploy/rendered/**", "apps/kforge.sum"]
    assert made[True]["push"]["paths-ignore"] == ignored
    assert 'kforge" build --offline' in script(made, "change", "Render them")


def test_without_a_source_there_is_nothing_to_build_and_no_registry_is_asked_for(tmp_path: Path) -> None:
    text = "apiVersion: kforge.dev/v1\napp: shop\noutputs: [dockerfile, kubernetes, github-actions]\nservices:\n"
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    run(
        "build",
        cwd=write(tmp_path, {"app.kforge.yaml": text + "  cache: {image: docker.io/library/redis:8.8.3}\n"}),
        code=0,
    )
    assert not (tmp_path / ".github").exists() and run("check", cwd=tmp_path).code == 0


def test_a_spec_below_the_top_has_its_workflow_there(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    folder = project(tmp_path / "apps/shop")
    run("build", cwd=folder, code=0)
    made = yaml.safe_load((tmp_path / FILE).read_text())
    step = next(each for each in made["jobs"]["images"]["steps"] if each.get("name") == "Build and push")
    assert step["working-directory"] == "apps/shop" and made[True]["push"]["paths-ignore"] == [
        "apps/shop/deploy/images/**"
    ]
    assert {run(*words, cwd=folder).code for words in (("check",), ("check", "--full"))} == {0}


def test_it_goes_with_the_word_that_asked_for_it(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    folder = project(tmp_path)
    run("build", cwd=folder, code=0)
    spec = folder / "app.kforge.yaml"
    spec.write_text(spec.read_text().replace(", github-actions", ""))
    run("build", cwd=folder, code=0)
    assert not (folder / FILE).exists()


def test_a_workflow_of_the_users_is_not_overwritten(tmp_path: Path) -> None:
    folder = project(tmp_path)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    write(folder, {FILE: "name: mine\n"})
    assert "is not kforge's" in run("build", cwd=folder, code=2).err


HOSTILE = "a ${{ github.token }} $(touch owned) `x` \"y\" 'z'"


def hostile() -> str:
    made = Workflow(
        "shop", HOSTILE, f"{HOSTILE}.hcl", HOSTILE, ("ghcr.io",), ("linux/amd64",), (), True, {"prod": ("ghcr.io/a/b",)}
    )
    return workflow(made, "app.kforge.yaml")


def test_a_folders_name_reaches_neither_an_expression_nor_a_script() -> None:
    made = yaml.safe_load(hostile())
    step = next(each for each in made["jobs"]["images"]["steps"] if each.get("name") == "Build and push")
    literal = HOSTILE.replace("${{", "${{ '${{' }}")  # which GitHub reads as the text `${{`
    assert step["working-directory"] == literal and step["env"]["BAKE_FILE"] == f"{literal}.hcl"
    assert not any("owned" in each.get("run", "") for job in made["jobs"].values() for each in job["steps"])


# ---- rendered files ------------------------------------------------------------------------------------------
RENDERED = SPEC.replace("kubernetes, github", "kubernetes, rendered, github")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("rendered"), RENDERED)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    run("build", cwd=folder, code=0)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    subprocess.run(["git", *IDENTITY, "commit", "-qm", "a"], cwd=folder, check=True)
    return folder


def test_what_makes_rendered_files_may_write_nothing(shown: Path) -> None:
    read = yaml.safe_load((shown / FILE).read_text())
    assert {name: job["permissions"] for name, job in read["jobs"].items()} == {
        "images": {"contents": "read", "id-token": "write", "packages": "write"},
        "change": {"contents": "read"},
        "propose": {"contents": "write", "pull-requests": "write"},
    }
    assert (read["jobs"]["change"]["needs"], read["jobs"]["propose"]["needs"]) == ("images", "change")
    assert not any("kforge-dev" in step.get("run", "") for step in read["jobs"]["propose"]["steps"])
    assert f"kforge@v{__version__}'" in script(read, "change", "See that what is committed is current")
    assert read[True]["push"]["paths-ignore"] == ["deploy/images/**", "deploy/rendered/**", "kforge.sum"]


@pytest.mark.skipif(shutil.which("kustomize") is None or bool(NEEDED), reason="kustomize is not here")
def test_a_proposal_has_the_rendered_files_of_its_images(shown: Path, tmp_path: Path) -> None:
    read = yaml.safe_load((shown / FILE).read_text())
    one, other, output = tmp_path / "one", tmp_path / "other", tmp_path / "output"
    for clone in (one, other):
        subprocess.run(["git", "clone", "-q", str(shown), str(clone)], check=True)
    chosen = {"ENVIRONMENT": "staging", "GITHUB_OUTPUT": str(output), "RUNNER_TEMP": str(tmp_path)}
    given = {"IMAGES": "\n".join(PUSHED), "FOLDER": "deploy/images"}
    assert bash(script(read, "change", "Set the images"), one, **chosen, **given).returncode == 0
    run("build", "--offline", cwd=one, code=0)  # the last line of `Render them`, whose first ones install kforge
    places = {"IMAGES_AT": "deploy/images", "RENDERED_AT": "deploy/rendered", "SUMS_AT": "kforge.sum"}
    hand = script(read, "change", "Hand the change on")
    (one / "web/Dockerfile").write_text("FROM scratch\n")
    refused = bash(hand, one, **chosen, **places)
    assert (refused.returncode, refused.stdout.strip()) == (1, "web/Dockerfile")
    subprocess.run(["git", "checkout", "-q", "HEAD", "web/Dockerfile"], cwd=one, check=True)
    assert bash(hand, one, **chosen, **places).returncode == 0
    changed, patch = (line.partition("=")[2] for line in output.read_text().splitlines())
    done = bash(script(read, "propose", "Take the change"), other, CHANGED=changed, PATCH=patch)
    assert done.returncode == 0, done.stderr
    assert DIGEST in (other / "deploy/rendered/staging/web/deployment.yaml").read_text()
    assert {run(*words, cwd=other).code for words in (("check",), ("check", "--full"))} == {0}
    before = (other / "kforge.sum").read_bytes()
    take = script(read, "propose", "Take the change")
    ends = [bash(take, other, CHANGED=each, PATCH="").returncode for each in ("false", "true", "")]
    assert [bool(each) for each in ends] == [False, True, True]
    assert (other / "kforge.sum").read_bytes() == before


# ---- linters --------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def linted(built: Path, shown: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    other = tmp_path_factory.mktemp("hostile") / "kforge-hostile.yaml"
    other.write_text(hostile())
    return [built / FILE, shown / FILE, other]


def test_actionlint_finds_nothing(linted: list[Path]) -> None:
    assert actionlint(*linted) == ""


def test_zizmor_finds_nothing_even_where_it_is_pedantic(linted: list[Path]) -> None:
    assert zizmor(*linted) == []


# ---- the scripts, run by bash as a runner does ----------------------------------------------------------------
# https://docs.docker.com/reference/cli/docker/buildx/build/#metadata-file
METADATA = {
    "buildx.build.warnings": [],
    "web": {
        "containerimage.digest": DIGEST,
        "image.name": "ghcr.io/acme/shop-web:0.1.0,registry.acme.internal/shop-web:0.1.0",
    },
    "api": {"containerimage.digest": f"sha256:{'b' * 64}", "image.name": "localhost:5000/shop-api:0.1.0"},
}


def bash(text: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", text]
    base = {"PATH": f"{folder}/bin:{os.environ['PATH']}", "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"}
    return subprocess.run(words, cwd=folder, env={**base, **environment}, capture_output=True, text=True, check=False)


def stand_in(folder: Path, name: str, body: str) -> None:
    """A program that notes how it was called, for one that needs a daemon, a registry or GitHub."""
    path = folder / "bin" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "{name} $*" >> "{folder}/calls"\n{body}\n')
    path.chmod(0o755)


@pytest.mark.skipif(bool(NEEDED), reason=f"{', '.join(NEEDED)} is not here")
def test_what_was_pushed_is_signed_by_digest_and_handed_on(read: Any, tmp_path: Path) -> None:
    stand_in(tmp_path, "cosign", "")
    (tmp_path / "images.json").write_text(json.dumps(METADATA))
    output = tmp_path / "output"
    done = bash(
        script(read, "images", "Sign what was pushed"), tmp_path, RUNNER_TEMP=str(tmp_path), GITHUB_OUTPUT=str(output)
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "calls").read_text().splitlines() == [f"cosign sign --yes {image}" for image in PUSHED]
    assert output.read_text().splitlines() == ["images<<END", *PUSHED, "END"]


@pytest.mark.skipif(bool(NEEDED), reason=f"{', '.join(NEEDED)} is not here")
def test_nothing_pushed_and_a_failed_signature_end_the_job(read: Any, tmp_path: Path) -> None:
    text = script(read, "images", "Sign what was pushed")
    (tmp_path / "images.json").write_text("{}")
    assert bash(text, tmp_path, RUNNER_TEMP=str(tmp_path), GITHUB_OUTPUT=str(tmp_path / "output")).returncode != 0
    stand_in(tmp_path, "cosign", "exit 1")
    (tmp_path / "images.json").write_text(json.dumps(METADATA))
    assert bash(text, tmp_path, RUNNER_TEMP=str(tmp_path), GITHUB_OUTPUT=str(tmp_path / "output")).returncode != 0


@pytest.mark.skipif(bool(NEEDED), reason=f"{', '.join(NEEDED)} is not here")
def test_the_build_gets_the_commits_time_and_the_file_of_the_spec(read: Any, built: Path, tmp_path: Path) -> None:
    stand_in(tmp_path, "docker", f'echo "$SOURCE_DATE_EPOCH" >> "{tmp_path}/calls"')
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    at = {**os.environ, "GIT_COMMITTER_DATE": "1764500000 +0000"}
    subprocess.run(["git", *identity, "commit", "-q", "--allow-empty", "-m", "a"], cwd=tmp_path, check=True, env=at)
    done = bash(script(read, "images", "Build and push"), tmp_path, RUNNER_TEMP="/t", BAKE_FILE="docker-bake.hcl")
    assert done.returncode == 0, done.stderr
    called = "docker buildx bake --file docker-bake.hcl --push --metadata-file /t/images.json"
    assert (tmp_path / "calls").read_text().splitlines() == [called, "1764500000"]


@pytest.mark.skipif(shutil.which("kustomize") is None or bool(NEEDED), reason="kustomize is not here")
def test_kustomize_sets_the_digests_and_kforge_is_content_with_them(read: Any, tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    folder = project(tmp_path)
    run("build", cwd=folder, code=0)
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    text = script(read, "propose", "Set the images")
    given = {"IMAGES": "\n".join(PUSHED), "FOLDER": "deploy/images"}
    for environment, name in (("staging", "ghcr.io/acme/shop-web"), ("prod", "registry.acme.internal/shop-web")):
        done = bash(text, folder, ENVIRONMENT=environment, **given)
        assert done.returncode == 0, done.stderr
        held = yaml.safe_load((folder / f"deploy/images/{environment}/kustomization.yaml").read_text())
        assert held["images"] == [{"name": name, "newName": name, "digest": DIGEST}] or held["images"] == [
            {"name": name, "digest": DIGEST}
        ]
        manifests = subprocess.run(
            ["kustomize", "build", f"deploy/overlays/{environment}"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert f"image: {name}@{DIGEST}" in manifests
    assert {run(*words, cwd=folder).code for words in (("check",), ("check", "--full"))} == {0}
    assert bash(text, folder, ENVIRONMENT="elsewhere", **given).returncode != 0
    assert bash(text, folder, ENVIRONMENT="prod", FOLDER="deploy/images", IMAGES=PUSHED[0]).returncode != 0


@pytest.mark.skipif(bool(NEEDED), reason=f"{', '.join(NEEDED)} is not here")
@pytest.mark.parametrize(("open_", "calls"), [("0", 1), ("1", 0)])
def test_one_change_is_open_at_a_time_and_none_for_nothing(read: Any, tmp_path: Path, open_: str, calls: int) -> None:
    origin, folder = tmp_path / "origin", tmp_path / "clone"
    subprocess.run(["git", "init", "-q", "--bare", str(origin)], check=True)
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
    (folder / "kustomization.yaml").write_text("images: []\n")
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    for words in (["remote", "add", "origin", str(origin)], ["add", "-A"], [*identity, "commit", "-qm", "a"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    stand_in(folder, "gh", f'case "$*" in "pr list"*) echo {open_} ;; esac')
    text = script(read, "propose", "Open the change")
    given = {"ENVIRONMENT": "prod", "BRANCH": "kforge/shop-images-prod", "GH_TOKEN": "x"}
    assert bash(text, folder, **given).returncode == 0 and not (folder / "calls").exists()
    (folder / "kustomization.yaml").write_text("images: [{name: a, digest: b}]\n")
    done = bash(text, folder, **given)
    assert done.returncode == 0, done.stderr
    assert (folder / "calls").read_text().count("gh pr create --head kforge/shop-images-prod --fill") == calls
    pushed = subprocess.run(
        ["git", "log", "--format=%s", "kforge/shop-images-prod"], cwd=origin, capture_output=True, text=True, check=True
    )
    assert pushed.stdout.splitlines()[0] == "Set the images of shop in prod"
