"""What buildx itself makes of the bake files: its own reader, with neither daemon nor network."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.linters import go_program

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
