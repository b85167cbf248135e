"""Images hold the groups that a start needs, the variables that it sets, and the version that git would tell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kforge.domain.facts import Fact, Facts
from tests.recipes.test_recipes import COMPILED, locked, many
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


def test_an_installation_is_told_its_variables_and_runs_no_script_of_the_projects_own() -> None:
    told = many({"name": "CYPRESS_INSTALL_BINARY", "value": "0"})
    text = dockerfile(one(replace(NODE, install_variables=told, install_scripts=many("prepare", "postinstall"))))
    before, _, after = text.partition("npm ci")
    assert "ENV CYPRESS_INSTALL_BINARY=0" in before and "npm pkg delete scripts.prepare scripts.postinstall" in before
    assert "CYPRESS" not in after.partition("AS runtime")[2]


def test_what_runs_first_runs_before_the_build() -> None:
    first = many(["npm", "run", "postinstall"])
    text = " ".join(dockerfile(one(replace(COMPILED, build_first=first))).replace("\\\n", " ").split())
    assert "npm run postinstall && npm run build" in text


def test_a_start_that_needs_development_dependencies_has_them() -> None:
    assert "--omit=dev" not in dockerfile(one(replace(NODE, unpruned=many("tsx"))))
    assert "npm prune" not in dockerfile(one(replace(COMPILED, unpruned=many("tsx"))))


def test_pnpm_is_the_one_that_made_the_lock_file() -> None:
    source = locked(NODE, "pnpm", "package.json", "pnpm-lock.yaml")
    text = dockerfile(one(replace(source, manager_version=Fact("9.15.9"))))
    assert "npm install --global pnpm@9.15.9" in text and "corepack" not in text


def test_yarn_from_version_2_is_the_one_that_made_the_lock_file() -> None:
    source = locked(NODE, "yarn", "package.json", "yarn.lock")
    text = dockerfile(one(replace(source, manager_version=Fact("4.9.2"))))
    assert "corepack install --global yarn@4.9.2" in text and "yarn install --immutable" in text
    assert "yarn install --immutable" not in dockerfile(one(source))


def test_before_version_4_yarn_prunes_by_a_plug_in() -> None:
    source = replace(locked(NODE, "yarn", "package.json", "yarn.lock"), manager_version=Fact("3.8.7"))
    assert "yarn plugin import workspace-tools" in dockerfile(one(source))
    held = locked(source, "yarn", "package.json", "yarn.lock", ".yarn/plugins/@yarnpkg/plugin-workspace-tools.cjs")
    assert "yarn plugin" not in dockerfile(one(replace(held, manager_version=Fact("3.8.7"))))


def test_files_by_the_names_of_secrets_are_mounted_where_node_installs_and_builds() -> None:
    told = replace(NODE, mounted=many(".npmrc", "ui/.env.production"), build=many(["npm", "run", "build"]))
    lines = dockerfile(one(told)).replace("\\\n", " ").split("\n")
    runs = [" ".join(line.split()) for line in lines if line.startswith("RUN") and "npm" in line]
    mounts = "--mount=type=secret,id=npmrc,target=/app/.npmrc --mount=type=secret,id=ui-env-production,target=/app/ui/.env.production"
    assert len(runs) == 2
    assert all(mounts in line for line in runs)


def test_a_secret_of_the_spec_by_the_same_name_is_the_one() -> None:
    pins = {"build": {"secrets": {"npmrc": {"file": "ci.npmrc", "target": "/root/.npmrc"}}}}
    text = dockerfile(one(replace(NODE, mounted=many(".npmrc")), pins))
    assert "target=/root/.npmrc" in text
    assert "target=/app/.npmrc" not in text


def test_settings_of_production_are_in_the_image_with_every_command() -> None:
    told = replace(PYTHON, production=many({"name": "DEBUG", "value": "False"}))
    assert "ENV DEBUG=False" in dockerfile(one(told, {"command": ["python", "x.py"]}))


def test_what_a_build_fills_beside_the_program_is_in_the_image() -> None:
    told = replace(PYTHON, build=many(["python", "manage.py", "collectstatic"]), collected=many("/var/www/static"))
    assert "COPY --from=build /var/www/static /var/www/static" in dockerfile(one(told))


@pytest.mark.parametrize("path", ["a,type=env,env=TOKEN/.npmrc", 'a"b/.npmrc', "a b/.npmrc", "ä/.npmrc", "a\nb/.npmrc"])
def test_a_path_that_would_end_a_field_is_not_mounted(path: str) -> None:
    assert "type=secret" not in dockerfile(one(replace(NODE, mounted=many(path))))


def test_groups_without_a_project_are_installed_by_themselves() -> None:
    groups = many({"kind": "group", "name": "main", "alone": True})
    source = replace(
        PYTHON, package_manager=Fact("pip"), lockfile=None, manifests=many("pyproject.toml"), groups=groups
    )
    assert "uv pip install --group main" in dockerfile(one(source))
