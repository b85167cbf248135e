"""Images hold the groups that a start needs, the variables that it sets, and the version that git would tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kforge.domain.facts import Fact, Facts
from tests.recipes.test_recipes import locked, many
from tests.recipes.test_recipes import text as dockerfile
from tests.worlds import NODE, PYTHON, one

GROUPS = many({"kind": "extra", "name": "server"}, {"kind": "group", "name": "prod"})


@pytest.mark.parametrize(
    ("source", "install"),
    [
        (locked(PYTHON, "uv", "pyproject.toml", "uv.lock"),
         "uv sync --frozen --no-dev --extra server --group prod --no-install-project"),
        (replace(PYTHON, manifests=many("pyproject.toml"), lockfile=None),
         "uv pip install --requirement pyproject.toml --extra server --group prod"),
        (locked(PYTHON, "poetry", "pyproject.toml", "poetry.lock"),
         "poetry install --only main,prod --extras server --no-root --compile"),
    ],
)  # fmt: skip
def test_groups_and_extras_are_installed(source: Facts, install: str) -> None:
    assert install in " ".join(dockerfile(one(replace(source, groups=GROUPS))).replace("\\\n", " ").split())


@pytest.mark.parametrize("source", [PYTHON, NODE])
def test_variables_of_the_start_are_in_the_image(source: Facts) -> None:
    told = replace(source, variables=many({"name": "TZ", "value": "UTC"}))
    assert "TZ=UTC" in dockerfile(one(told))


def test_a_pinned_command_sets_no_variables_of_another() -> None:
    told = replace(PYTHON, variables=many({"name": "TZ", "value": "UTC"}))
    assert "TZ=UTC" not in dockerfile(one(told, {"command": ["python", "x.py"]}))


@pytest.mark.parametrize(("version", "said"), [("1.4.2", "1.4.2"), ("2.0rc1", "2.0rc1"), ("main-3f2a", "0.0.0")])
def test_a_build_is_told_the_version_that_git_would_tell(version: str, said: str) -> None:
    told = replace(PYTHON, build=many(["pip", "install", "."]), scm_version=Fact("SETUPTOOLS_SCM_PRETEND_VERSION"))
    assert f"SETUPTOOLS_SCM_PRETEND_VERSION={said}" in dockerfile(one(told, {"version": version}))
