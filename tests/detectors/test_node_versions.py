"""Ranges of Node.js versions: the major that fits, and what is said where none does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kforge.detectors.node_versions import allows, fitting
from tests.detectors.reading import facts, places, values
from tests.detectors.test_node import package


@pytest.mark.parametrize(
    ("spec", "major"),
    [
        (">= 18 < 21", "20"), ("^18 || ^20", "20"), ("20.x", "20"), ("<=20", "20"), ("~22.3.0", "22"), ("18 - 20", "20"),
        (">20", "24"), ("<22", "20"), ("v20", "20"), ("*", "24"), ("", "24"), ("lts/*", "24"), ("lts/-1", "22"),
        ("lts/iron", "20"), (">=16.0.0, <19", "18"), ("=20.11.1", "20"), (">=20.0.0 <21.0.0-0", "20"), ("~>20", "20"),
        ("^12.20.0 || ^14.13.1 || >=16.0.0", "24"), ("20.*", "20"), ("x", "24"), ("\"22\"", "22"),
    ],
)  # fmt: skip
def test_the_newest_long_term_major_that_fits_is_taken(spec: str, major: str) -> None:
    assert fitting(spec) == (major, True, True)


@pytest.mark.parametrize(
    ("spec", "major"),
    [(">=8.0 <15", "14"), (">=21 <22", "21"), ("19", "19"), ("14 || 16", "16"), (">=25", "26"), ("lts/fermium", "14")],
)
def test_another_major_is_taken_where_only_that_fits(spec: str, major: str) -> None:
    assert fitting(spec) == (major, False, True)


@pytest.mark.parametrize("spec", [">=99", "0.10.x", "<8", ">22 <22"])
def test_a_range_that_nothing_satisfies_has_no_major(spec: str) -> None:
    assert fitting(spec) == ("", True, True)


@pytest.mark.parametrize("spec", ["whatever", "lts/unheard", ">=18 and <20", "9" * 300])
def test_what_is_no_range_is_not_understood(spec: str) -> None:
    assert not fitting(spec).understood


@pytest.mark.parametrize(
    ("spec", "version", "allowed"),
    [
        ("^0.2.3", "0.2.9", True), ("^0.2.3", "0.3.0", False), ("^0.0.3", "0.0.4", False), ("~1.2", "1.2.9", True), ("~1.2", "1.3.0", False),
        ("^1.0.0", "2.0.0", False), ("1.x || 3", "3.1.0", True), ("^1.0.0-rc.1", "1.0.0", None), ("latest!", "1.0.0", None),
        ("^1.0.0", "1.0.0-rc.1", None),
    ],
)  # fmt: skip
def test_a_range_allows_what_npm_says(spec: str, version: str, allowed: bool | None) -> None:
    assert allows(spec, version) is allowed


@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({".nvmrc": "# the team's\n\nv20.11.0  # as on the servers\n"}, "20"),
        ({".tool-versions": "python 3.12\nnodejs 20.11.0 18.0.0 # two\n"}, "20"),
        ({"mise.toml": '[env]\nnode = "18"\n[tools]\npython = "3.12"\nnode = "22"\n'}, "22"),
        ({".mise.toml": '[tools]\nnode = ["20", "22"]\n'}, "20"),
        ({"mise.toml": '[tools]\nnode = {version = "20", postinstall = "x"}\n'}, "20"),
        ({"mise.toml": '[tools.node]\nversion = "20"\n'}, "20"),
        ({"package.json": package(devEngines={"runtime": {"name": "node", "version": "^22.0.0"}})}, "22"),
        ({"package.json": package(devEngines={"runtime": [{"name": "bun", "version": "1"}, {"name": "node", "version": "20"}]})}, "20"),
        ({"package.json": package(engines={"node": ">=18 <21"}, devEngines={"runtime": {"name": "node", "version": "^22"}})}, "20"),
        ({".nvmrc": "system\n", "package.json": package(engines={"node": "20"})}, "20"),
        ({".tool-versions": "nodejs system\n", "package.json": package(engines={"node": "20"})}, "20"),
    ],
)  # fmt: skip
def test_the_version_is_read_wherever_it_is_pinned(tmp_path: Path, files: dict[str, str], version: str) -> None:
    assert values(facts(tmp_path, {"package.json": package(), **files}), "version") == version


@pytest.mark.parametrize(
    ("engines", "version", "said"),
    [
        (
            ">=21 <22",
            "21",
            "`engines.node` asks for `>=21 <22`, none of 18, 20, 22 and 24 fits, so Node.js 21 is taken",
        ),
        (">=99", None, "`engines.node` asks for `>=99`, no Node.js that has an image fits: 24 is taken"),
        ("soon", None, "`engines.node` asks for `soon`, which is no version or range of versions"),
    ],
)
def test_a_range_that_no_usual_version_fits_is_told_with_its_line(
    tmp_path: Path, engines: str, version: Any, said: str
) -> None:
    found = facts(tmp_path, {"package.json": package(engines={"node": engines})})
    assert (values(found, "version"), [doubt["said"] for doubt in values(found, "doubts") or ()]) == (version, [said])
    assert places(found, "doubts") == ["package.json:5"]
