"""`images: distroless | chainguard | dhi`: which service gets which images, and why one stays on Debian."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kforge.domain.facts import Fact
from kforge.domain.images import bare, is_reference
from kforge.render.dockerfile.text import render
from kforge.topics.image_profiles import profiles
from tests.linters import buildkit, buildkit_configs, hadolint
from tests.perform import Scratch
from tests.worlds import FRONT, GO, NODE, PYTHON, facts, one, world

PYTHON_13 = replace(PYTHON, version=Fact("3.13"))
DISTROLESS = {
    "python": "gcr.io/distroless/python3-debian13:nonroot",
    "node": "gcr.io/distroless/nodejs22-debian13:nonroot",
}


def images(made: Any) -> tuple[str, str]:
    build = made.values["web", "build"]
    return build["base"], build["runtime"]


def reason(made: Any, field: str = "runtime") -> str:
    return str(made.answers["web", "build"].reasons[field])


@pytest.mark.parametrize(
    ("profile", "known", "base", "runtime"),
    [
        ("distroless", PYTHON_13, "docker.io/library/python:3.13-slim-trixie", DISTROLESS["python"]),
        ("distroless", NODE, "docker.io/library/node:22-trixie-slim", DISTROLESS["node"]),
        ("distroless", GO, "docker.io/library/golang:1.26-trixie", "gcr.io/distroless/static-debian13:nonroot"),
        ("chainguard", GO, "docker.io/library/golang:1.26-trixie", "cgr.dev/chainguard/static:latest"),
        ("dhi", PYTHON, "dhi.io/python:3.12-debian13-dev", "dhi.io/python:3.12-debian13"),
        ("dhi", NODE, "dhi.io/node:22-debian13-dev", "dhi.io/node:22-debian13"),
        ("dhi", GO, "dhi.io/golang:1.26-debian13-dev", "dhi.io/static:20250419-debian13"),
    ],
)
def test_a_profile_names_final_images_without_a_shell(profile: str, known: Any, base: str, runtime: str) -> None:
    made = one(known, images=profile)
    assert images(made) == (base, runtime) and bare(runtime)
    assert f"`images: {profile}` asks for it" in reason(made)
    assert made.values["web", "process"]["user"] == 65532


@pytest.mark.parametrize(
    ("profile", "known", "service", "why"),
    [
        ("distroless", PYTHON, {}, "distroless has Python 3.13, and this is 3.12"),
        ("distroless", replace(PYTHON_13, packages=(Fact("libpq5"),)), {}, "libpq5 cannot be installed there"),
        ("distroless", NODE, {"command": ["npm", "start"]}, "`npm` starts it, which may need a shell"),
        ("distroless", replace(NODE, start=(Fact(["next", "start"]),)), {}, "`next` starts it"),
        ("distroless", replace(PYTHON_13, start=(Fact(["sh", "start.sh"]),)), {}, "`sh` starts it"),
        ("distroless", replace(PYTHON_13, occupied=(Fact("/app/media"),)), {}, "/app/media must change owner"),
        ("distroless", replace(GO, build_packages=(Fact("gcc"),)), {}, "gcc cannot be installed there"),
        ("distroless", FRONT, {}, "without a login or a guess"),
        ("chainguard", NODE, {}, "without a login or a guess at its version"),
    ],
)
def test_a_service_that_would_not_start_there_stays_and_says_why(
    profile: str, known: Any, service: dict[str, Any], why: str
) -> None:
    made, usual = one(known, service, images=profile), one(known, service)
    assert images(made) == images(usual) and why in reason(made)
    assert f"though `images: {profile}` is wanted" in reason(made)


def test_another_service_of_the_same_image_counts_as_well() -> None:
    services = {"web": {"source": "./web"}, "worker": {"source": "./web", "command": ["npm", "run", "worker"]}}
    made = world(services, {"web": NODE, "worker": NODE}, images="distroless")
    assert "`npm` starts it" in reason(made)


def test_registries_and_bases_of_the_spec_go_before_a_profile() -> None:
    assert "`registries` does not allow gcr.io" in reason(
        one(NODE, images="distroless", registries=["docker.io/library"])
    )
    mirror = "registry.acme.internal/distroless/nodejs22-debian13:nonroot"
    assert images(one(NODE, images="distroless", bases={"distroless-node-22": mirror}))[1] == mirror


def test_without_the_key_nothing_is_read_and_nothing_changes() -> None:
    assert "images" not in reason(one(NODE)) and images(one(NODE, images="debian")) == images(one(NODE))


def test_every_row_says_when_and_where_it_was_read_and_only_one_publisher_wants_a_login() -> None:
    for name, table in profiles().items():
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", table["read"]) and table["sources"], name
        for row in table["languages"].values():
            for field in {"base", "runtime"} & row.keys():
                assert is_reference(row[field].format(version=row.get("versions", ["1"])[0]))
    assert {name for name, table in profiles().items() if table["login"]} == {"dhi"}


PROFILED = [
    (profile, name, known)
    for profile in profiles()
    for name, known in (("python", PYTHON_13), ("node", NODE), ("go", GO))
    if name in profiles()[profile]["languages"]
]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    found = []
    for profile, name, known in PROFILED:
        for more in ({}, {"writable": (Fact("/data"),)}):
            made = one(replace(known, **more), images=profile)
            document = next(each for each in made.documents() if each.dockerfile)
            file = tmp_path_factory.mktemp(f"{profile}-{name}") / "Dockerfile"
            file.write_text(render(document), encoding="utf-8")
            found.append(file)
    return found


def test_nothing_is_run_in_a_final_image_and_its_folders_are_made_before(files: list[Path]) -> None:
    for file in files:
        final = file.read_text().rpartition("\nFROM ")[2]
        assert "\nRUN " not in final and "USER 65532:65532" in final
        if "/data" in file.read_text():
            assert re.search(r"COPY --from=(folders|build) --chown=65532:65532 /(made|data\.d)/ /", final)


def test_buildkit_and_hadolint_have_nothing_to_say(files: list[Path]) -> None:
    assert buildkit(*files) == []
    latest = [file for file in files if "static:latest" in file.read_text()]
    assert hadolint(*[file for file in files if file not in latest]) == ""


def test_an_interpreter_of_the_image_is_no_entry_point_that_would_come_before_the_command(files: list[Path]) -> None:
    for config, file in zip(buildkit_configs(*files), files, strict=True):
        assert config["Cmd"] and not config.get("Entrypoint"), file


@pytest.mark.performed
def test_a_virtual_environment_runs_by_the_path_of_another_image(tmp_path: Path) -> None:
    """It is made by a link at `/usr/bin/python`, and started where that is the Python itself, as in distroless."""
    source = tmp_path / "web"
    source.mkdir()
    (source / "requirements.txt").write_text("six==1.17.0\n")
    (source / "main.py").write_text("import six, sys\nprint(six.__version__, sys.prefix)\n")
    known = facts(
        language="python", version="3.13", package_manager="pip", start=[["python", "main.py"]],
        manifests=["requirements.txt"], lockfile="requirements.txt",
    )  # fmt: skip
    made = one(known, images="distroless")
    document = next(each for each in made.documents() if each.dockerfile)
    assert document.dockerfile is not None
    scratch = Scratch(tmp_path / "scratch", source)
    scratch.perform(document.dockerfile)
    assert f"home = {scratch.at('/usr/bin')}\n" in (scratch.at("/opt/venv") / "pyvenv.cfg").read_text()
    assert scratch.at("/opt/venv/bin/python").readlink() == scratch.at("/usr/bin/python")
    done = subprocess.run(
        [str(scratch.at("/opt/venv/bin/python")), "main.py"],
        cwd=scratch.at("/app"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == (f"1.17.0 {scratch.at('/opt/venv')}\n", "")
