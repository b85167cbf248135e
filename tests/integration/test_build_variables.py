"""Whole projects: what a bundler writes into its files is an argument of the build, and no variable of the container."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from tests.conftest import CURRENT, Ended, run
from tests.integration.test_build_contexts import project

VITE = {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "6"}}
NEXT = {"scripts": {"build": "next build", "start": "next start"}, "dependencies": {"next": "16", "react": "19"}}
ASKS = "fetch(`${{{}}}/items`)\n"


def built(tmp_path: Path, package: dict[str, object], code: str, spec: str) -> tuple[list[str], list[str], Ended]:
    """ARG lines of the Dockerfile, variables of the container, and what was said."""
    files = {"web/package.json": json.dumps({"name": "web", **package}), "web/src/main.js": code}
    here = project(tmp_path, files, f"{{web: {{source: web, {spec}}}}}")
    ended = run("build", cwd=here, code=0)
    assert CURRENT.fullmatch(run("check", cwd=here, code=0).err)
    lines = (here / "web/Dockerfile").read_text().splitlines()
    pod = yaml.safe_load((here / "deploy/kubernetes/web/deployment.yaml").read_text())["spec"]["template"]["spec"]
    given = [one["name"] for one in pod["containers"][0].get("env", ())]
    return [line for line in lines if line.startswith("ARG ")], given, ended


@pytest.mark.parametrize(
    ("package", "name", "read"),
    [
        (VITE, "VITE_API_URL", "import.meta.env.VITE_API_URL"),
        ({"scripts": {"build": "react-scripts build"}, "dependencies": {"react-scripts": "5"}}, "REACT_APP_API", "process.env.REACT_APP_API"),
        ({"scripts": {"build": "vue-cli-service build"}, "devDependencies": {"@vue/cli-service": "5"}}, "VUE_APP_API", "process.env.VUE_APP_API"),
    ],
)  # fmt: skip
def test_what_files_hold_is_an_argument_of_the_build_alone(
    tmp_path: Path, package: dict[str, object], name: str, read: str
) -> None:
    arguments, given, _ = built(tmp_path, package, ASKS.format(read), f'env: {{{name}: "https://api.example.com"}}')
    assert (arguments, given) == ([f"ARG {name}=https://api.example.com"], [])


def test_what_a_server_reads_as_well_is_both(tmp_path: Path) -> None:
    code = ASKS.format("process.env.NEXT_PUBLIC_API")
    arguments, given, _ = built(tmp_path, NEXT, code, 'env: {NEXT_PUBLIC_API: "https://a.example.com", LOG: "1"}')
    assert (arguments, given) == (["ARG NEXT_PUBLIC_API=https://a.example.com"], ["LOG", "NEXT_PUBLIC_API", "PORT"])


def test_an_argument_of_the_spec_wins(tmp_path: Path) -> None:
    spec = 'env: {VITE_API_URL: "https://a.example.com"}, build: {args: {VITE_API_URL: "https://b.example.com"}}'
    arguments, given, _ = built(tmp_path, VITE, ASKS.format("import.meta.env.VITE_API_URL"), spec)
    assert (arguments, given) == (["ARG VITE_API_URL=https://b.example.com"], [])


@pytest.mark.parametrize("spec", ["", 'env: {VITE_API_URL: "${services.web.url}"}'])
def test_what_nothing_says_to_the_build_is_told_by_unset_build_variable(tmp_path: Path, spec: str) -> None:
    arguments, given, ended = built(tmp_path, VITE, ASKS.format("import.meta.env.VITE_API_URL"), spec)
    assert (arguments, given) == (["ARG VITE_API_URL"], [])
    said = "the build writes `VITE_API_URL` into its files (src/main.js:1), and it is not set"
    assert f"warning[unset-build-variable]: {said}" in ended.err


@pytest.mark.parametrize(
    "code",
    [
        "console.log(import.meta.env.VITE_TITLE)\n",
        "fetch(`${import.meta.env.VITE_API_URL ?? 'https://x.example.com'}/items`)\n",
        "fetch(`${import.meta.env.OTHER}/items`)\n",
    ],
)
def test_what_has_a_default_or_is_not_asked_for_is_no_argument(tmp_path: Path, code: str) -> None:
    arguments, given, ended = built(tmp_path, VITE, code, "")
    assert (arguments, given, "unset-build-variable" in ended.err) == ([], [], False)


def test_svelte_kit_says_by_an_import_what_is_written_into_files(tmp_path: Path) -> None:
    kit = {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "6", "@sveltejs/kit": "2", "@sveltejs/adapter-static": "3"}}  # fmt: skip
    code = "import { PUBLIC_API } from '$env/static/public'\n"
    arguments, _, ended = built(tmp_path, kit, code, "")
    assert (arguments, "unset-build-variable" in ended.err) == (["ARG PUBLIC_API"], True)
