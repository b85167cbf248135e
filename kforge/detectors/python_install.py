"""A Python project that is a package → the build step that installs it, so that its console scripts are found.

A build system alone is no sign: poetry and others write one into projects that are only ever run where they lie, and
installing those fails. Scripts, or code below `src/`, are. It claims no language: it completes what python.py reads.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kforge.detectors.python_project import claims
from kforge.domain.artifact import Detector
from kforge.domain.facts import Evidence, Fact, Facts

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_SCRIPTS = re.compile(r"^\[(?:project|tool\.poetry)\.(?:gui-)?scripts\]|^(?:project\.)?scripts\s*+=", re.MULTILINE)
_READ = re.compile(
    r"(?:readme|changelog|changes|history|license|licence|copying|notice|authors)[^/]{0,50}", re.IGNORECASE
)
_SOURCE = re.compile(r"src/[^/]+/__init__\.py")

# What reads a version from git, and the variable that tells it one instead.
_VERSIONED = (
    (r"setuptools[-_]scm|hatch[-_]vcs|flit[-_]scm", "SETUPTOOLS_SCM_PRETEND_VERSION"),
    (r"poetry-dynamic-versioning", "POETRY_DYNAMIC_VERSIONING_BYPASS"),
    (r"uv-dynamic-versioning", "UV_DYNAMIC_VERSIONING_BYPASS"),
    (r"\[tool\.pdm\.version\]\s*+source\s*+=\s*+[\"']scm", "PDM_BUILD_SCM_VERSION"),
    (r"(?m)^[^#\n]{0,99}\bpbr\b", "PBR_VERSION"),
)


def detect(tree: Tree) -> Facts | None:
    if not claims(tree):
        return None
    place = _package(tree)
    if not place:
        return None
    # A pyproject.toml's dependencies are a layer of their own; those of a setup.py only pip can tell.
    alone = "pyproject.toml" not in tree.files and "requirements.txt" not in tree.files
    command = ["pip", "install", *([] if alone else ["--no-deps"]), "."]
    read = tuple(Fact(path, (Evidence(place),)) for path in read_by_builds(tree))
    build = (Fact(command, (Evidence(place),)),)
    return Facts(detector="python_install", revision=1, build=build, scm_version=from_git(tree), needed=read)


def read_by_builds(tree: Tree) -> tuple[str, ...]:
    """Files besides the code that a build of the package may read: its README, its licence."""
    return tuple(path for path in tree.files if _READ.fullmatch(path))


def from_git(tree: Tree) -> Fact | None:
    """The variable that says the version, where only git's history would: an image is built without it."""
    for path in ("pyproject.toml", "setup.cfg", "setup.py"):
        text = tree.text(path) if path in tree.files else ""
        for pattern, variable in _VERSIONED:
            if found := re.search(pattern, text):
                return Fact(variable, (Evidence(path, text.count("\n", 0, found.start()) + 1),))
    return None


def _package(tree: Tree) -> str:
    """The file that makes the source a package, "" where none does."""
    if "pyproject.toml" in tree.files:
        text = tree.text("pyproject.toml")
        source = any(_SOURCE.fullmatch(path) for path in tree.files)
        if re.search(r"^\[build-system\]", text, re.MULTILINE) and (_SCRIPTS.search(text) or source):
            return "pyproject.toml"
    return "setup.py" if "setup.py" in tree.files else ""


DETECTOR = Detector("python_install", 1, detect)
