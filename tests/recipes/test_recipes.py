"""Every shape of source that a recipe knows becomes a Dockerfile without a warning, ordered for the cache."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kforge import catalog
from kforge.domain.document import Dockerfile, Documents, Instruction
from kforge.domain.facts import Fact, Facts
from kforge.render.dockerfile.text import render
from tests.linters import buildkit, hadolint
from tests.rules.test_dockerfile import RULES
from tests.worlds import FRONT, GO, NODE, PYTHON, World, one


def many(*values: Any) -> tuple[Fact, ...]:
    return tuple(Fact(value) for value in values)


def locked(known: Facts, manager: str, *manifests: str) -> Facts:
    return replace(known, package_manager=Fact(manager), manifests=many(*manifests), lockfile=Fact(manifests[-1]))


COMPILED = replace(NODE, build=many(["npm", "run", "build"]), output=Fact("dist"))
PAGES = Facts(language=Fact("html"), output=Fact("."), error_page=Fact("404.html"))
SHAPES: Mapping[str, World] = {
    "pip": one(PYTHON),
    "pip-nested-requirements": one(locked(PYTHON, "pip", "requirements/base.txt", "requirements/prod.txt")),
    "pip-system-packages": one(replace(PYTHON, packages=many("libpq5"), build_packages=many("gcc", "libpq-dev"))),
    "python-without-dependencies": one(
        replace(PYTHON, manifests=(), lockfile=None, package_manager=None), {"job": True}
    ),
    "python-alpine": one(
        replace(PYTHON, packages=many("libpq")),
        {"build": {"base": "docker.io/library/python:3.12-alpine", "runtime": "docker.io/library/python:3.12-alpine"}},
    ),
    "python-package": one(
        replace(locked(PYTHON, "uv", "pyproject.toml", "uv.lock"), build=many(["pip", "install", "--no-deps", "."]))
    ),
    "python-pyproject": one(replace(PYTHON, manifests=many("pyproject.toml"), lockfile=None)),
    "python-setup": one(
        replace(PYTHON, manifests=many("setup.cfg", "setup.py"), lockfile=None, build=many(["pip", "install", "."]))
    ),
    "uv": one(locked(PYTHON, "uv", "pyproject.toml", "uv.lock")),
    "poetry": one(locked(PYTHON, "poetry", "pyproject.toml", "poetry.lock")),
    "pipenv": one(locked(PYTHON, "pipenv", "Pipfile", "Pipfile.lock")),
    "pdm": one(locked(PYTHON, "pdm", "pyproject.toml", "pdm.lock")),
    "pipenv-unlocked": one(replace(PYTHON, package_manager=Fact("pipenv"), manifests=many("Pipfile"), lockfile=None)),
    "npm": one(NODE),
    "npm-unlocked": one(replace(NODE, manifests=many("package.json"), lockfile=None)),
    "npm-compiled": one(COMPILED),
    "npm-compiled-without-known-output": one(replace(COMPILED, output=None)),
    "bun-runs": one(replace(locked(NODE, "bun", "package.json", "bun.lock"), start=many(["bun", "index.ts"]))),
    "srvx": one(replace(COMPILED, start=many(["srvx", "--prod", "dist/server/server.js"]))),
    "pnpm": one(locked(NODE, "pnpm", "package.json", "pnpm-lock.yaml")),
    "pnpm-compiled": one(locked(COMPILED, "pnpm", "package.json", "pnpm-lock.yaml")),
    "yarn": one(locked(NODE, "yarn", "package.json", "yarn.lock")),
    "yarn-compiled": one(locked(COMPILED, "yarn", "package.json", "yarn.lock")),
    "berry": one(locked(NODE, "yarn", "package.json", ".yarnrc.yml", "yarn.lock")),
    "berry-compiled": one(locked(COMPILED, "yarn", "package.json", ".yarnrc.yml", "yarn.lock")),
    "next": one(
        replace(COMPILED, output=Fact(".next"), start=many(["next", "start"]), writable=many("/app/.next/cache"))
    ),
    "next-standalone": one(replace(COMPILED, output=Fact(".next/standalone"))),
    "node-without-manifests": one(replace(NODE, manifests=(), lockfile=None, package_manager=None)),
    "front": one(FRONT),
    "front-with-its-own-server": one(
        replace(
            FRONT, webserver=Fact("nginx.conf"), env=many({"name": "APP_VERSION", "default": None, "required": True})
        )
    ),
    "pages": one(PAGES),
    "pages-in-a-folder": one(replace(PAGES, output=Fact("site"))),
    "pages-with-their-own-server": one(replace(PAGES, webserver=Fact("nginx.conf"))),
    "go": one(GO),
    "go-scratch": one(replace(GO, writable=many("/data")), registries=["docker.io/library"]),
    "go-that-opens-its-source": one(replace(GO, opened=many("static", "static/app.css", "config.yaml"))),
    "go-linked-to-c": one(replace(GO, build_packages=many("gcc", "libc6-dev"), packages=many("libsqlite3-0"))),
    "go-many-programs": one(
        replace(GO, build=many(["go", "build", "./cmd/api"], ["go", "build", "./cmd/worker"]), start=())
    ),
    "go-without-module": one(replace(GO, manifests=(), lockfile=None, version=None)),
}


def dockerfile(world: World) -> Dockerfile:
    found = next(document.dockerfile for document in world.documents() if document.dockerfile)
    assert found is not None
    return found


def instructions(world: World, stage: str) -> tuple[Instruction, ...]:
    return next(found.instructions for found in dockerfile(world).stages if found.name == stage)


def text(world: World) -> str:
    return render(next(document for document in world.documents() if document.dockerfile))


@pytest.fixture(params=sorted(SHAPES))
def shape(request: pytest.FixtureRequest) -> World:
    return SHAPES[request.param]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Every shape's Dockerfile on disk."""
    found = []
    for name, world in SHAPES.items():
        file = tmp_path_factory.mktemp(name) / "Dockerfile"
        file.write_text(text(world))
        found.append(file)
    return found


def test_hadolint_has_nothing_to_say(files: list[Path]) -> None:
    assert hadolint(*files) == ""


@pytest.mark.performed
def test_buildkit_has_nothing_to_say(files: list[Path]) -> None:
    assert buildkit(*files) == []


def test_no_rule_of_ours_is_broken(shape: World) -> None:
    documents = Documents(shape.documents(), registries=tuple(shape.spec.registries), languages=catalog.languages())
    assert [hit.message for rule in RULES for hit in rule.check(documents)] == []


def test_the_last_stage_runs_as_the_settled_user(shape: World) -> None:
    last = dockerfile(shape).stages[-1]
    users = [item.args for item in last.instructions if item.name == "USER"]
    number = shape.values["web", "process"]["user"]
    assert users == [(f"{number}:{number}",)]


def test_source_comes_after_the_dependencies(shape: World) -> None:
    for stage in dockerfile(shape).stages[:-1]:
        whole = [index for index, item in enumerate(stage.instructions) if item.name == "COPY" and item.args[0] == "."]
        single = [index for index, item in enumerate(stage.instructions) if item.name == "COPY" and item.args[0] != "."]
        assert not whole or not single or max(single) < min(whole)


def test_nothing_in_the_image_belongs_to_the_process(shape: World) -> None:
    """Except folders that it is known to write to: they are made for it."""
    owned = [
        item for stage in dockerfile(shape).stages for item in stage.instructions if "--chown" in " ".join(item.flags)
    ]
    assert all(item.args[0].startswith("/data.d") for item in owned)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("pip", "pip install --requirement requirements.txt"),
        ("pip-nested-requirements", "pip install --requirement requirements/prod.txt"),
        ("uv", "uv sync --frozen --no-dev --no-install-project"),
        ("poetry", "poetry install --only main --no-root --compile"),
        ("pipenv", "pipenv sync"),
        ("npm", "npm ci --omit=dev"),
        ("npm-compiled", "npm ci"),
        ("pnpm", "pnpm install --frozen-lockfile --prod"),
        ("yarn", "yarn install --frozen-lockfile --production"),
        ("berry", "yarn install --immutable"),
        ("go", "go mod download"),
    ],
)
def test_the_lock_file_is_honoured(name: str, command: str) -> None:
    assert command in {line.strip(" \\&") for line in text(SHAPES[name]).split("\n")}


def test_a_missing_lock_file_is_said_where_it_matters() -> None:
    assert "# There is no lock file: two builds may install different versions." in text(SHAPES["npm-unlocked"])


def test_included_requirements_keep_their_folder() -> None:
    assert "COPY requirements/base.txt requirements/prod.txt ./requirements/" in text(SHAPES["pip-nested-requirements"])


def test_alpine_gets_its_own_package_manager_and_accounts() -> None:
    found = text(SHAPES["python-alpine"])
    assert "apk add --no-cache libpq" in found
    assert "adduser -D" in found
    assert "apt-get" not in found


def test_an_empty_base_gets_certificates_time_zones_and_the_folders_it_writes_to() -> None:
    copied = [item.args for item in instructions(SHAPES["go-scratch"], "runtime") if item.name == "COPY"]
    assert copied == [
        ("/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/certs/ca-certificates.crt"),
        ("/usr/local/go/lib/time/zoneinfo.zip", "/zoneinfo.zip"),
        ("/out/", "./"),
        ("/data.d/", "/"),
    ]


def test_programs_of_one_module_are_built_together() -> None:
    assert "-o /out/ ./cmd/api ./cmd/worker" in text(SHAPES["go-many-programs"])


def test_development_dependencies_are_pruned_where_generators_left_code() -> None:
    assert "npm prune --omit=dev" in text(SHAPES["npm-compiled"])


def test_a_standalone_next_server_leaves_node_modules_behind() -> None:
    assert "node_modules ./" not in text(SHAPES["next-standalone"])


def test_the_projects_own_server_blocks_become_nginx_templates() -> None:
    world = SHAPES["front-with-its-own-server"]
    assert "COPY nginx.conf /etc/nginx/templates/default.conf.template" in text(world)
    assert 'ENV APP_VERSION=""' in text(world), "nginx starts without it"
    assert "/etc/nginx/conf.d" in world.values["web", "process"]["writable"]


def test_services_that_share_a_source_share_the_file() -> None:
    from tests.worlds import world

    shared = world(
        {"api": {"source": "./api"}, "worker": {"source": "./api", "command": ["python", "work.py"]}},
        {"api": PYTHON, "worker": PYTHON},
    )
    assert [document.path for document in shared.documents()] == ["api/Dockerfile", "api/.dockerignore"]


def test_the_users_dockerignore_stays_and_brings_no_secret_back() -> None:
    mine = one(replace(NODE, dockerignore=Fact(["*", "!server.js", "!.env"])))
    ignore = next(document for document in mine.documents() if document.lines)
    lines = [line for line in ignore.lines or () if line and not line.startswith("#")]
    assert (ignore.path, lines[:5], lines.index("!.env") < lines.index("**/.env")) == (
        "web/Dockerfile.dockerignore",
        ["*", "!package.json", "!package-lock.json", "!server.js", "!.env"],
        True,
    )


def test_a_manifest_that_the_user_excludes_comes_back() -> None:
    mine = one(replace(NODE, dockerignore=Fact(["package-lock.json"])))
    hits = [
        hit.message for rule in RULES for hit in rule.check(Documents(mine.documents(), languages=catalog.languages()))
    ]
    assert hits == []


def test_kforges_own_files_stay_out_of_a_context_that_holds_them() -> None:
    root = one(NODE, {"source": "."})
    ignore = next(document for document in root.documents() if document.lines)
    assert {"kforge.lock", "*.kforge.yaml", "deploy/kubernetes", "docker-bake.hcl"} <= set(ignore.lines or ())
    assert {document.path for document in root.documents()} == {"Dockerfile", ".dockerignore"}


def test_what_a_go_program_opens_of_its_source_lies_beside_it() -> None:
    copied = [item.args for item in instructions(SHAPES["go-that-opens-its-source"], "runtime") if item.name == "COPY"]
    assert copied[-2:] == [("/src/config.yaml", "./config.yaml"), ("/src/static", "./static")]


def test_bun_is_in_the_image_that_it_starts() -> None:
    ran = [item.args for item in instructions(SHAPES["bun-runs"], "runtime") if item.name == "RUN"]
    assert any(words[:3] == ("npm", "install", "--global") and words[3].startswith("bun@") for words in ran)


@pytest.mark.parametrize(
    ("command", "there"), [(["uwsgi", "--ini", "uwsgi.ini"], True), (["gunicorn", "app:app"], False)]
)
def test_uwsgi_is_told_its_environment(command: list[str], there: bool) -> None:
    made = one(replace(PYTHON, start=many(command)))
    words = [word for item in instructions(made, "runtime") if item.name == "ENV" for word in item.args]
    assert ("VIRTUAL_ENV=/opt/venv" in words) is there


@pytest.mark.parametrize(
    ("base", "tool"),
    [("3.9-slim-trixie", "poetry==2.2.1"), ("3.13-slim-trixie", "poetry==2.5.1"), ("3.10-slim", "poetry==2.5.1")],
)
def test_poetry_is_one_that_the_image_s_python_installs(base: str, tool: str) -> None:
    image = f"docker.io/library/python:{base}"
    known = locked(PYTHON, "poetry", "pyproject.toml", "poetry.lock")
    made = one(known, {"build": {"base": image, "runtime": image}})
    assert any(tool in item.args for item in instructions(made, "build") if item.name == "RUN")
