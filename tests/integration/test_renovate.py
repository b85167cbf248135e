"""The preset for Renovate finds every image of `bases`, in both forms that YAML has, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kforge.spec.read import read

ROOT = Path(__file__).parents[2]
PRESET = json.loads((ROOT / "renovate/bases.json").read_text())
MANAGER = PRESET["customManagers"][0]
A = f"sha256:{'a' * 64}"
IMAGES = {
    "python-3.13": f"docker.io/library/python:3.13-slim-trixie@{A}",
    "node-24": "registry.acme.internal:5000/node/base:24.11.1-slim",
    "static": f"gcr.io/distroless/static-debian13:nonroot@{A}",
}
BLOCK = "".join(f"  {name}: {image}  # ours\n\n" for name, image in IMAGES.items())
FLOW = ", ".join(f'{name}: "{image}"' for name, image in IMAGES.items())
SPEC = "app: shop\nregistry: ghcr.io/acme\n{bases}services:\n  db:\n    image: docker.io/library/postgres:18.6\n"


def found(text: str) -> list[dict[str, str | None]]:
    """What Renovate finds by the strategy `recursive`: within what the first pattern matches, all that the second does."""
    first, second = (re.compile(each.replace("(?<", "(?P<")) for each in MANAGER["matchStrings"])
    return [match.groupdict() for part in first.finditer(text) for match in second.finditer(part[0])]


@pytest.mark.parametrize(
    "bases",
    [f"bases:\n{BLOCK}", f"bases: {{{FLOW}}}\n", f"bases:\n  {{{FLOW}}}\n", f"bases: # ours\n# and more\n{BLOCK}"],
    ids=["block", "flow", "flow below", "comments"],
)
def test_every_base_is_found_with_tag_and_digest_and_no_other_image(bases: str) -> None:
    text = SPEC.format(bases=bases)
    held = read(text.encode(), "app.kforge.yaml").data["bases"]
    joined = [
        f"{each['depName']}:{each['currentValue']}" + (f"@{each['currentDigest']}" if each["currentDigest"] else "")
        for each in found(text)
    ]
    assert joined == [*held.values()] == [*IMAGES.values()]


def test_a_spec_without_bases_gives_nothing() -> None:
    assert found(SPEC.format(bases="")) == []


@pytest.mark.parametrize(
    ("name", "matches"),
    [("app.kforge.yaml", True), ("a/b/shop.kforge.yaml", True), ("kforge.lock", False), ("a.yaml", False)],
)
def test_it_looks_at_specs_alone(name: str, matches: bool) -> None:
    pattern = MANAGER["managerFilePatterns"][0].strip("/")
    assert bool(re.search(pattern, name)) is matches


def test_what_kforge_decides_is_left_to_it() -> None:
    refused = [rule for rule in PRESET["packageRules"] if rule.get("enabled") is False]
    assert [rule["matchUpdateTypes"] for rule in refused] == [["major", "minor"]]
