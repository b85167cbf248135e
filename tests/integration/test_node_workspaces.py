"""Whole projects: a package of a Node workspace is built from the workspace's root, with its lock file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import CURRENT, run
from tests.integration.test_build_contexts import project, target

SERVER = "require('http').createServer().listen(3500)\n"


def manifest(name: str, **more: Any) -> str:
    return json.dumps({"name": name, "version": "1.0.0", **more}, indent=1)


def repository(lock: str, text: str, member: dict[str, Any], **root: Any) -> dict[str, str]:
    """`apps/api` needs `packages/money`; `packages/other` is needed by nothing."""
    return {
        "package.json": manifest("all", private=True, **root),
        lock: text,
        "packages/money/package.json": manifest("@acme/money"),
        "packages/money/index.js": "module.exports = 1\n",
        "packages/other/package.json": manifest("@acme/other"),
        "apps/api/package.json": manifest("@acme/api", scripts={"start": "node server.js"}, **member),
        "apps/api/server.js": SERVER,
    }


NPM_LOCK = json.dumps({"lockfileVersion": 3, "packages": {"": {}, "apps/api": {}, "packages/money": {}}})
PNPM_LOCK = "lockfileVersion: '9.0'\nimporters:\n  apps/api: {}\n"
PATTERNS = ["apps/*", "packages/*"]
NEEDS = {"dependencies": {"@acme/money": "1.0.0"}}
NPM = repository("package-lock.json", NPM_LOCK, NEEDS, workspaces=PATTERNS)
YARN = repository("yarn.lock", "# yarn lockfile v1\n", NEEDS, workspaces={"packages": PATTERNS})
PNPM = {
    **repository("pnpm-lock.yaml", PNPM_LOCK, {"dependencies": {"@acme/money": "workspace:*"}}),
    "pnpm-workspace.yaml": "packages: ['apps/*', 'packages/*']\n",
}


def dockerfile(tmp_path: Path, files: dict[str, str]) -> str:
    here = project(tmp_path, files, "{api: {source: apps/api}}")
    run("build", cwd=here, code=0)
    assert (target(here, "api")["context"], target(here, "api")["dockerfile"]) == (".", "apps/api/Dockerfile")
    assert CURRENT.fullmatch(run("check", cwd=here, code=0).err)
    return (here / "apps/api/Dockerfile").read_text()


@pytest.mark.parametrize(
    ("files", "install"),
    [
        (NPM, "npm ci --omit=dev --workspace apps/api --include-workspace-root"),
        (PNPM, "pnpm install --frozen-lockfile --prod --filter @acme/api... --filter '{.}'"),
        (YARN, "yarn install --frozen-lockfile --production"),
    ],
    ids=["npm", "pnpm", "yarn"],
)
def test_a_member_is_installed_from_the_lock_of_the_whole(tmp_path: Path, files: dict[str, str], install: str) -> None:
    assert install in dockerfile(tmp_path, files)


@pytest.mark.parametrize("files", [NPM, PNPM, YARN], ids=["npm", "pnpm", "yarn"])
def test_only_what_the_member_needs_is_copied_manifests_first(tmp_path: Path, files: dict[str, str]) -> None:
    text = dockerfile(tmp_path, files)
    first, _, rest = text.partition("npm ci" if files is NPM else "--frozen-lockfile")
    assert "COPY packages/money/package.json ./packages/money/" in first
    assert "COPY packages/money/ /app/packages/money/" in rest and "other" not in text


def test_a_change_of_a_package_that_is_not_needed_changes_nothing(tmp_path: Path) -> None:
    dockerfile(tmp_path, PNPM)
    (tmp_path / "packages/other/package.json").write_text(manifest("@acme/other", dependencies={"left-pad": "1"}))
    assert CURRENT.fullmatch(run("check", "--full", cwd=tmp_path, code=0).err)


def test_needed_packages_are_built_before(tmp_path: Path) -> None:
    files = {
        **PNPM,
        "packages/money/package.json": manifest("@acme/money", scripts={"build": "tsc"}),
        "apps/api/package.json": manifest(
            "@acme/api",
            scripts={"start": "node dist/server.js", "build": "tsc"},
            dependencies={"@acme/money": "workspace:^"},
        ),
        "apps/api/tsconfig.json": '{"compilerOptions": {"outDir": "dist"}}',
        "apps/api/server.ts": SERVER,
    }
    text = dockerfile(tmp_path, files)
    assert "pnpm --dir ../../packages/money run build && \\\n    pnpm run build" in text


def test_a_package_that_no_workspace_holds_is_an_error_with_its_line(tmp_path: Path) -> None:
    lone = {**PNPM, "pnpm-workspace.yaml": "packages: ['apps/*']\n"}
    here = project(tmp_path, lone, "{api: {source: apps/api}}")
    said = run("build", cwd=here).err
    assert "`@acme/money` is asked for as `workspace:*`" in said and "package.json:8" in said


def test_a_lock_that_was_made_without_the_member_is_told(tmp_path: Path) -> None:
    files = {**PNPM, "pnpm-lock.yaml": "lockfileVersion: '9.0'\nimporters:\n  .: {}\n"}
    here = project(tmp_path, files, "{api: {source: apps/api}}")
    assert "`pnpm-lock.yaml` knows no package in `apps/api`" in run("build", cwd=here, code=0).err


def test_an_app_beside_a_workspace_stays_its_own(tmp_path: Path) -> None:
    files = {
        **NPM,
        "tools/x/package.json": manifest("x", scripts={"start": "node s.js"}),
        "tools/x/package-lock.json": "{}",
        "tools/x/s.js": SERVER,
    }
    here = project(tmp_path, files, "{x: {source: tools/x}}")
    run("build", cwd=here, code=0)
    assert target(here, "x")["context"] == "tools/x"


def test_a_front_end_of_a_workspace_is_built_in_the_workspace(tmp_path: Path) -> None:
    files = {
        **PNPM,
        "apps/api/server.js": SERVER + "app.use(express.static('../web/dist'))\n",
        "apps/web/package.json": manifest(
            "@acme/web",
            scripts={"build": "vite build"},
            dependencies={"@acme/money": "workspace:*"},
            devDependencies={"vite": "6"},
        ),
        "packages/money/package.json": manifest("@acme/money", scripts={"build": "tsc"}),
    }
    stage = dockerfile(tmp_path, files).partition(" AS assets")[2].partition("FROM ")[0]
    for line in (
        "COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./",
        "COPY packages/money/package.json ./packages/money/",
        "pnpm install --frozen-lockfile --filter @acme/web... --filter '{.}'",
        "COPY apps/web/ /src/apps/web/",
        "WORKDIR /src/apps/web",
        "pnpm --dir ../../packages/money run build && \\\n    pnpm run build",
    ):
        assert line in stage
    assert "packages/other" not in stage
    assert (
        "COPY --from=assets /src/apps/web/dist/ /app/apps/web/dist/" in (tmp_path / "apps/api/Dockerfile").read_text()
    )


def test_a_root_that_is_the_program_finds_the_packages_below_it(tmp_path: Path) -> None:
    files = {
        "package.json": manifest("all", scripts={"start": "node index.js"}, dependencies={"kit": "workspace:*"}),
        "pnpm-workspace.yaml": "packages: ['packages/*']\n",
        "pnpm-lock.yaml": "lockfileVersion: '9.0'\nimporters:\n  .: {}\n",
        "packages/kit/package.json": manifest("kit", dependencies={"left-pad": "1.3.0"}),
        "index.js": SERVER,
    }
    here = project(tmp_path, files, "{api: {source: .}}")
    run("build", cwd=here, code=0)
    text = (here / "Dockerfile").read_text()
    assert "COPY packages/kit/package.json ./packages/kit/\n" in text
    # each package has its own folder of dependencies
    assert "COPY --from=deps /app ./\nCOPY . ./\n" in text
    assert CURRENT.fullmatch(run("check", cwd=here, code=0).err)


def test_a_root_that_asks_for_a_package_that_is_not_below_it_is_an_error(tmp_path: Path) -> None:
    files = {
        "package.json": manifest("all", workspaces=["packages/*"], dependencies={"kit": "workspace:*"}),
        "packages/other/package.json": manifest("other"),
        "index.js": SERVER,
    }
    here = project(tmp_path, files, "{api: {source: .}}")
    assert "`kit` is asked for as `workspace:*`, and no workspace above holds" in run("build", cwd=here, code=2).err


READS = (
    "export const key = process.env.MONEY_KEY!.trim();\nexport const port = Number(process.env.MONEY_PORT ?? 4321);\n"
)
ASIDE = "export const aside = process.env.ASIDE_KEY!.trim();\n"


def _reading(manifest: dict[str, object], files: dict[str, str], wanted: str = "@acme/money") -> dict[str, str]:
    root = {"name": "all", "private": True, "workspaces": ["apps/*", "packages/*"]}
    api = {
        "name": "@acme/api",
        "scripts": {"start": "node server.js"},
        "dependencies": {"@acme/money": "*", "express": "5"},
    }
    return {
        "package.json": json.dumps(root),
        "apps/api/package.json": json.dumps(api),
        "apps/api/server.js": f"import {{ key, port }} from '{wanted}';\nimport express from 'express';\nexpress().listen(port);\n",
        "packages/money/package.json": json.dumps({"name": "@acme/money", **manifest}),
        **{f"packages/money/{name}": text for name, text in files.items()},
    }


@pytest.mark.parametrize(
    ("manifest", "files", "wanted"),
    [
        ({"main": "dist/index.js"}, {"src/index.ts": "export * from './keys';\n", "src/keys.ts": READS, "src/aside.ts": ASIDE}, "@acme/money"),
        ({"exports": {".": {"types": "./dist/index.d.ts", "import": "./dist/index.js"}}}, {"src/index.ts": "export * from './keys.js';\n", "src/keys.ts": READS}, "@acme/money"),
        ({"exports": {"./keys": "./src/keys.ts"}}, {"src/keys.ts": READS, "src/index.ts": ASIDE}, "@acme/money/keys"),
        ({}, {"index.js": "export * from './lib';\n", "lib/index.js": READS, "other.js": ASIDE}, "@acme/money"),
        ({"main": "./index.js"}, {"index.js": READS, "test/a.js": ASIDE}, "@acme/money"),
    ],
)  # fmt: skip
def test_variables_that_a_needed_package_reads_are_asked_for(
    tmp_path: Path, manifest: dict[str, object], files: dict[str, str], wanted: str
) -> None:
    here = project(tmp_path, _reading(manifest, files, wanted), "{api: {source: apps/api}}")
    said = run("build", cwd=here, code=0).err
    assert "MONEY_KEY" in said and "ASIDE_KEY" not in said
