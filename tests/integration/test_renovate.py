"""The preset for Renovate finds every image of `bases`, in both forms that YAML has, and nothing else; what it makes of
them, and Renovate of the `FROM` lines, is a pull request that is green. The expressions run as Renovate runs them: in
JavaScript where Node.js is here, in Python's dialect everywhere.

How Renovate finds and writes: lib/modules/manager/custom/regex/strategies.ts and
lib/workers/repository/update/branch/auto-replace.ts of renovatebot/renovate, read 2026-11-30. Dependabot: file_fetcher.rb
of its `docker` ecosystem.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from kforge.spec.read import read
from tests.conftest import SPECS, run
from tests.integration.test_bots import project, verdicts

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


_NODE = """
const [first, second, text] = JSON.parse(require("fs").readFileSync(0, "utf8"));
const all = (pattern, text) => [...text.matchAll(new RegExp(pattern, "g"))];
const found = all(first, text).flatMap(part => all(second, part[0]).map(each => ({...each.groups, whole: each[0]})));
console.log(JSON.stringify(found));
"""


@pytest.fixture(params=["python", "javascript"])
def engine(request: pytest.FixtureRequest) -> str:
    if request.param == "javascript" and shutil.which("node") is None:
        pytest.skip("node is not here: the preset's expressions ran in Python alone")
    return str(request.param)


def found(text: str, engine: str = "python") -> list[dict[str, str | None]]:
    """What Renovate finds by the strategy `recursive`: within what the first pattern matches, all that the second does."""
    patterns: list[str] = MANAGER["matchStrings"]
    if engine == "javascript":
        given = json.dumps([*patterns, text])
        made = subprocess.run(["node", "-e", _NODE], input=given, capture_output=True, text=True, check=True)
        return [{"currentDigest": None, **each} for each in json.loads(made.stdout)]
    first, second = (re.compile(each.replace("(?<", "(?P<")) for each in patterns)
    return [
        {**match.groupdict(), "whole": match[0]} for part in first.finditer(text) for match in second.finditer(part[0])
    ]


def joined(each: dict[str, str | None]) -> str:
    """An image by its parts."""
    return f"{each['depName']}:{each['currentValue']}" + (f"@{each['currentDigest']}" if each["currentDigest"] else "")


@pytest.mark.parametrize(
    "bases",
    [
        f"bases:\n{BLOCK}",
        f"bases: {{{FLOW}}}\n",
        f"bases:\n  {{{FLOW}}}\n",
        f"bases: # ours\n# and more\n{BLOCK}",
        f"bases:\r\n{BLOCK}".replace("\n", "\r\n").replace("\r\r", "\r"),
    ],
    ids=["block", "flow", "flow below", "comments", "carriage returns"],
)
def test_every_base_is_found_with_tag_and_digest_and_no_other_image(bases: str, engine: str) -> None:
    text = SPEC.format(bases=bases)
    held = read(text.encode(), "app.kforge.yaml").data["bases"]
    assert [joined(each) for each in found(text, engine)] == [*held.values()] == [*IMAGES.values()]


def test_a_spec_without_bases_gives_nothing(engine: str) -> None:
    assert found(SPEC.format(bases=""), engine) == []


def froms(folder: Path) -> list[str]:
    """Images of the `FROM` lines of a project's Dockerfiles; stages and `scratch` are none."""
    lines = (line for file in sorted(folder.rglob("Dockerfile")) for line in file.read_text().splitlines())
    images = (line.split(" ")[-3] for line in lines if line.startswith("FROM ") and line.count(" ") > 2)
    return sorted({image for image in images if "/" in image})


@pytest.mark.parametrize("example", sorted(each.name for each in SPECS.iterdir() if froms(each)))
def test_images_of_the_from_lines_of_an_example_are_found_where_its_spec_names_them(example: str, engine: str) -> None:
    images = froms(SPECS / example)
    bases = "".join(f"  base-{number}: {image}\n" for number, image in enumerate(images))
    text = (SPECS / example / "app.kforge.yaml").read_text() + f"bases:\n{bases}"
    assert [joined(each) for each in found(text, engine)] == images


def moved(text: str, digest: str) -> str:
    """A spec with what Renovate writes: the template, in the place of all that the last pattern matched."""
    template = MANAGER["autoReplaceStringTemplate"]
    for each in found(text):
        new = template.replace("{{#if newValue}}", "").replace("{{#if newDigest}}", "").replace("{{/if}}", "")
        for key, value in (("depName", each["depName"]), ("newValue", each["currentValue"]), ("newDigest", digest)):
            new = new.replace("{{" + key + "}}", str(value))
        text = text.replace(str(each["whole"]), new)
    return text


@pytest.mark.parametrize("standing", ["", f"@{A}"], ids=["without a digest", "with one"])
def test_what_it_writes_into_spec_and_from_lines_is_green_and_stays(standing: str, tmp_path: Path) -> None:
    image, new = "docker.io/library/python:3.13-slim-trixie", f"sha256:{'b' * 64}"
    folder = project(tmp_path, f"bases:\n  python-3.13: {image}{standing}\n")
    spec, dockerfile = folder / "app.kforge.yaml", folder / "web/Dockerfile"
    spec.write_text(moved(spec.read_text(), new))
    assert f"  python-3.13: {image}@{new}\n" in spec.read_text()
    dockerfile.write_text(dockerfile.read_text().replace(image + standing, f"{image}@{new}"))
    assert verdicts(folder) == {0}
    run("build", cwd=folder, code=0)
    assert verdicts(folder) == {0} and dockerfile.read_text().count(f"{image}@{new}") == 2


@pytest.mark.parametrize(
    ("name", "matches"),
    [("app.kforge.yaml", True), ("a/b/shop.kforge.yaml", True), ("kforge.lock", False), ("a.yaml", False)],
)
def test_it_looks_at_specs_alone(name: str, matches: bool) -> None:
    pattern = MANAGER["managerFilePatterns"][0].strip("/")
    assert bool(re.search(pattern, name)) is matches


def test_what_kforge_decides_is_left_to_it() -> None:
    refused = [rule for rule in PRESET["packageRules"] if rule.get("enabled") is False]
    assert [rule.get("matchUpdateTypes") for rule in refused] == [["major", "minor"], None, None]


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("registry.k8s.io/kubectl", True),
        ("registry.acme.internal:5000/tools/busybox", True),
        ("docker.io/library/python", False),
        ("ghcr.io/acme/my-kubectl", False),
        ("ghcr.io/kubectl/base", False),
    ],
)
def test_what_runs_in_the_cluster_is_left_to_people(name: str, left: bool) -> None:
    (rule,) = (each for each in PRESET["packageRules"] if "matchPackageNames" in each)
    assert rule["enabled"] is False and rule["matchFileNames"] == ["**/*.kforge.yaml"]
    assert any(re.search(each.strip("/"), name) for each in rule["matchPackageNames"]) is left


def test_digests_are_wished_for_in_these_files_alone() -> None:
    assert "pinDigests" not in PRESET
    wished = [rule["matchFileNames"] for rule in PRESET["packageRules"] if rule.get("pinDigests")]
    assert wished == [["**/*.kforge.yaml", "**/Dockerfile"]]


def globbed(pattern: str) -> Iterator[re.Pattern[str]]:
    """A glob of Renovate as expressions, one a choice in its braces."""
    before, _, rest = pattern.partition("{")
    choices, _, after = rest.partition("}")
    for choice in choices.split(",") if rest else [""]:
        parts = re.split(r"(\*\*/|\*\*|\*)", before + choice + after)
        known = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}
        yield re.compile("".join(known.get(part, re.escape(part)) for part in parts))


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("deploy/helm/shop/values.yaml", True),
        ("apps/shop/deploy/helm/shop/Chart.yaml", True),
        ("deploy/rendered/prod/web/deployment.yaml", True),
        (".github/workflows/kforge-shop.yaml", True),
        ("deploy/images/prod/kustomization.yaml", False),
        (".github/workflows/ci.yaml", False),
        ("charts/ours/values.yaml", False),
        ("web/Dockerfile", False),
        ("app.kforge.yaml", False),
    ],
)
def test_no_other_manager_edits_what_kforge_writes(path: str, left: bool) -> None:
    narrowed = {"matchUpdateTypes", "matchPackageNames"}
    off = [rule for rule in PRESET["packageRules"] if rule.get("enabled") is False and not narrowed & {*rule}]
    globs = (each for rule in off for glob in rule["matchFileNames"] for each in globbed(glob))
    assert any(each.fullmatch(path) for each in globs) is left


def dependabot() -> dict[str, Any]:
    """The update that docs/ci.md shows for Dependabot, which is that of the shop."""
    text = (ROOT / "docs/ci.md").read_text()
    block = text.split("# .github/dependabot.yml\n", 1)[1].split("```", 1)[0]
    (update,) = yaml.safe_load(block)["updates"]
    return dict(update)


def test_dependabot_is_shown_the_folders_of_dockerfiles_and_no_folder_of_manifests() -> None:
    shop = SPECS / "shop"
    there = {f"/{file.parent.relative_to(shop).as_posix()}" for file in shop.rglob("Dockerfile")}
    assert {*dependabot()["directories"]} == there
    assert not [each for folder in there for each in (shop / folder[1:]).glob("*.y*ml")]
