"""What buildx itself makes of the bake files: its own reader, with neither daemon nor network."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge.domain.kubernetes.image_names import images_in
from tests.conftest import run, write
from tests.linters import go_program
from tests.targets.charts import kustomized

ROOT = Path(__file__).parents[2]
SPECS = sorted(path.parent for path in (ROOT / "specs").glob("*/docker-bake.hcl"))
PROVENANCE, SBOM = {"type": "provenance", "mode": "max"}, {"type": "sbom"}
LABEL = "org.opencontainers.image"


def baked(folder: Path, *overrides: str, **variables: str) -> dict[str, Any]:
    """Targets by name, as a build would get them; `overrides` as `--set` has them."""
    program = go_program("bake", "buildx's reader of bake files")
    file = folder / "docker-bake.hcl"
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **variables}
    done = subprocess.run(
        [str(program), str(file), *overrides], capture_output=True, text=True, check=False, cwd=folder, env=environment
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["targets"]
    return found


@pytest.mark.parametrize("folder", SPECS, ids=lambda folder: folder.name)
def test_every_image_is_attested_labelled_and_built_for_a_platform(folder: Path) -> None:
    for name, target in baked(folder).items():
        assert target["attest"] == [PROVENANCE, SBOM] and target["platforms"] == ["linux/amd64"]
        assert target["labels"][f"{LABEL}.title"].endswith(f"-{name}")
        assert {tag.rpartition(":")[2] for tag in target["tags"]} == {target["labels"][f"{LABEL}.version"]}
        assert "output" not in target and f"{LABEL}.revision" not in target["labels"]


def test_revision_source_and_time_come_from_the_environment() -> None:
    given = {"IMAGE_REVISION": "abc", "IMAGE_SOURCE": "https://example.com", "SOURCE_DATE_EPOCH": "1764500000"}
    target = baked(SPECS[0], **given).popitem()[1]
    assert (target["labels"][f"{LABEL}.revision"], target["labels"][f"{LABEL}.source"]) == (
        "abc",
        "https://example.com",
    )
    assert target["output"] == [{"type": "image", "rewrite-timestamp": "true"}]


def test_pushing_keeps_the_timestamps_and_a_plain_docker_can_leave_attestations_out() -> None:
    pushed = baked(SPECS[0], "*.push=true", SOURCE_DATE_EPOCH="1").popitem()[1]
    assert pushed["output"] == [{"type": "image", "push": "true", "rewrite-timestamp": "true"}]
    plain = baked(SPECS[0], "*.attest=type=provenance,disabled=true", "*.attest=type=sbom,disabled=true").popitem()[1]
    assert all(each["disabled"] for each in plain["attest"])


def test_settings_of_the_spec_reach_every_target(tmp_path: Path) -> None:
    from kforge.domain.image_settings import ImageSettings
    from kforge.render.dockerfile.bake import BakeTarget, bake

    targets = [BakeTarget(name, name, "Dockerfile", (f"ghcr.io/a/{name}:1",), "", (("A", "${b}"),)) for name in "xy"]
    settings = ImageSettings(platforms=("linux/amd64", "linux/arm64"), attest=False)
    (tmp_path / "docker-bake.hcl").write_text(bake(targets, settings=settings))
    for target in baked(tmp_path).values():
        assert target["platforms"] == ["linux/amd64", "linux/arm64"] and "attest" not in target
        assert target["args"] == {"A": "$${b}"}  # as buildx prints `${b}`, so that it can be read again


def test_another_tag_registry_and_processor_are_variables() -> None:
    given = {"IMAGE_TAG": "abc", "IMAGE_REGISTRY": "localhost:5000/a", "IMAGE_PLATFORMS": "linux/arm64,linux/amd64"}
    for name, target in baked(ROOT / "specs/shop", **given).items():
        assert target["tags"] == [f"localhost:5000/a/shop-{name}:abc"]
        assert target["labels"][f"{LABEL}.version"] == "abc" and target["platforms"] == ["linux/arm64", "linux/amd64"]


@pytest.mark.parametrize(
    ("cache", "kept"),
    [
        ("ghcr.io/acme/cache", {"type": "registry", "ref": "ghcr.io/acme/cache:shop-web"}),
        ("gha", {"type": "gha", "scope": "shop-web"}),
    ],
)
def test_layers_are_kept_where_a_variable_says(cache: str, kept: dict[str, str]) -> None:
    target = baked(ROOT / "specs/shop", IMAGE_CACHE=cache)["web"]
    assert (target["cache-from"], target["cache-to"]) == ([kept], [{**kept, "mode": "max"}])
    assert not {"cache-from", "cache-to"} & baked(ROOT / "specs/shop")["web"].keys()


VERSIONS = """\
apiVersion: kforge.dev/v1
app: a
registry: ghcr.io/acme
services:
  web: {source: .}
environments:
  staging: {}
  prod: {registry: registry.acme.internal, version: 2.0.0}
  edge: {registry: edge.acme.internal}
"""


@pytest.mark.parametrize("which", [*(folder.name for folder in SPECS), "versions"])
def test_what_is_built_is_what_the_overlays_run(which: str, tmp_path: Path) -> None:
    """As docs/ci.md says it: one build for all, and one with the tag of an environment that has a version of its own."""
    folder = ROOT / "specs" / which
    if which == "versions":
        folder = tmp_path
        write(tmp_path, {"app.kforge.yaml": VERSIONS, "main.py": "import time\ntime.sleep(9)\n"})
        run("build", cwd=tmp_path, code=0)
    spec = yaml.safe_load((folder / "app.kforge.yaml").read_text())
    own = f"/{spec['app']}-"
    for environment in ("", *spec.get("environments", {})):
        version = (spec.get("environments", {}).get(environment) or {}).get("version")
        built = {
            tag
            for target in baked(folder, **({"IMAGE_TAG": version} if version else {})).values()
            for tag in target["tags"]
        }
        named = {
            image for item in kustomized(folder, environment).values() for image in images_in(item) if own in image
        }
        assert named <= built, environment


def test_docker_buildx_reads_them_as_its_library_does() -> None:
    """The program itself, where it is here."""
    program = shutil.which("docker")
    if program is None or subprocess.run([program, "buildx", "version"], capture_output=True, check=False).returncode:
        pytest.skip("docker buildx is not here: bake files were read by its library alone")
    done = subprocess.run([program, "buildx", "bake", "--print"], cwd=ROOT / "specs/shop", capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    tags = {name: target["tags"] for name, target in json.loads(done.stdout)["target"].items()}
    assert tags == {name: target["tags"] for name, target in baked(ROOT / "specs/shop").items()}
