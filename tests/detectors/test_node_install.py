"""package.json and lock files → what an installation in an image is told, and leaves out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.detectors.reading import facts, values

SERVER: dict[str, str | bytes] = {"server.js": "require('http').createServer(h).listen(3000)\n"}


def project(**keys: Any) -> dict[str, str | bytes]:
    return {"package.json": json.dumps({"name": "shop", "main": "server.js", **keys}, indent=1), **SERVER}


def lock(**packages: Any) -> str:
    return json.dumps(
        {"lockfileVersion": 3, "packages": {f"node_modules/{name}": held for name, held in packages.items()}}
    )


def told(found: Any) -> dict[str, str]:
    return {one["name"]: one["value"] for one in values(found, "install_variables")}


@pytest.mark.parametrize(
    ("keys", "variables"),
    [
        ({"devDependencies": {"cypress": "13"}}, {"CYPRESS_INSTALL_BINARY": "0"}),
        ({"devDependencies": {"puppeteer": "23", "playwright": "1"}}, {"PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1", "PUPPETEER_SKIP_DOWNLOAD": "true"}),
        ({"dependencies": {"puppeteer": "23"}}, {}),
        ({"dependencies": {"express": "4"}}, {}),
    ],
)  # fmt: skip
def test_tools_of_development_fetch_no_browsers(
    tmp_path: Path, keys: dict[str, Any], variables: dict[str, str]
) -> None:
    assert told(facts(tmp_path, project(**keys))) == variables


def test_a_tool_that_another_tool_brings_fetches_none_either(tmp_path: Path) -> None:
    held = lock(tool={"version": "1.0.0", "dev": True}, cypress={"version": "13.0.0", "dev": True})
    found = facts(tmp_path, {**project(devDependencies={"tool": "1.0.0"}), "package-lock.json": held})
    assert told(found) == {"CYPRESS_INSTALL_BINARY": "0"}


@pytest.mark.parametrize(
    ("packages", "legacy"),
    [
        ({"a": {"version": "1.0.0", "peerDependencies": {"b": "^2"}}, "b": {"version": "1.4.0"}}, True),
        ({"a": {"version": "1.0.0", "peerDependencies": {"b": "^2"}}}, True),
        ({"a": {"version": "1.0.0", "peerDependencies": {"b": "^1"}}, "b": {"version": "1.4.0"}}, False),
        ({"a": {"version": "1.0.0", "peerDependencies": {"b": "^2"}, "peerDependenciesMeta": {"b": {"optional": True}}}}, False),
        ({"a": {"version": "1.0.0", "peerDependencies": {"b": "^2"}}, "b": {"version": "1.4.0"}, "c": {"version": "1.0.0", "peer": True}}, False),
    ],
)  # fmt: skip
def test_a_lock_made_without_regard_to_peers_is_installed_so(
    tmp_path: Path, packages: dict[str, Any], legacy: bool
) -> None:
    found = facts(tmp_path, {**project(dependencies={"a": "1.0.0"}), "package-lock.json": lock(**packages)})
    assert ("NPM_CONFIG_LEGACY_PEER_DEPS" in told(found)) is legacy


@pytest.mark.parametrize("text", ["[]", "{", '{"packages": []}', '{"packages": {"node_modules/a": 1}}', "[" * 100_000])
def test_a_lock_that_is_none_tells_nothing(tmp_path: Path, text: str) -> None:
    assert told(facts(tmp_path, {**project(dependencies={"a": "1"}), "package-lock.json": text})) == {}


@pytest.mark.parametrize(
    ("keys", "files", "version"),
    [
        ({}, {"pnpm-lock.yaml": "lockfileVersion: '9.0'\n"}, "9.15.9"),
        ({}, {"pnpm-lock.yaml": "lockfileVersion: 5.4\n"}, "7.33.7"),
        ({}, {"pnpm-lock.yaml": "lockfileVersion: '6.0'\n"}, "8.15.9"),
        ({}, {"pnpm-lock.yaml": "lockfileVersion: '9.0'\n", "pnpm-workspace.yaml": "packages: ['*']\nonlyBuiltDependencies: [prisma]\n"}, "10.34.8"),
        ({}, {"pnpm-lock.yaml": "lockfileVersion: '9.0'\n", "pnpm-workspace.yaml": "packages: ['*']\n"}, "9.15.9"),
        ({"engines": {"pnpm": ">=10"}}, {"pnpm-lock.yaml": "lockfileVersion: '9.0'\n"}, "10.34.8"),
        ({"engines": {"pnpm": ">=11"}}, {"pnpm-lock.yaml": "lockfileVersion: '9.0'\n"}, None),
        ({"packageManager": "pnpm@10.1.0"}, {"pnpm-lock.yaml": "lockfileVersion: '9.0'\n"}, None),
        ({}, {"pnpm-lock.yaml": "nothing"}, None),
        ({}, {"package-lock.json": "{}"}, None),
    ],
)  # fmt: skip
def test_a_lock_of_pnpm_tells_its_version(
    tmp_path: Path, keys: dict[str, Any], files: dict[str, str], version: str | None
) -> None:
    assert values(facts(tmp_path, {**project(**keys), **files}), "manager_version") == version


METADATA = "# This file is generated\n\n__metadata:\n  version: {}\n  cacheKey: 8\n"
SETTINGS = {".yarnrc.yml": "nodeLinker: node-modules\n"}


@pytest.mark.parametrize(
    ("keys", "files", "version"),
    [
        ({}, {"yarn.lock": METADATA.format(8)}, "4.9.2"),
        ({}, {"yarn.lock": METADATA.format(8).replace("\n", "\r\n")}, "4.9.2"),
        ({}, {"yarn.lock": METADATA.format(6), **SETTINGS}, "3.8.7"),
        ({}, {"yarn.lock": METADATA.format(99)}, None),
        ({}, {"yarn.lock": "# yarn lockfile v1\n"}, None),
        ({"packageManager": "yarn@4.1.0"}, {"yarn.lock": METADATA.format(8)}, None),
        ({"packageManager": "yarn@3.6.1+sha224.679d"}, {"yarn.lock": METADATA.format(6)}, "3.6.1"),
        ({}, {"yarn.lock": METADATA.format(8), ".yarnrc.yml": "yarnPath: .yarn/releases/yarn-4.1.0.cjs\n"}, None),
    ],
)
def test_a_lock_of_yarn_tells_its_version(
    tmp_path: Path, keys: dict[str, Any], files: dict[str, str], version: str | None
) -> None:
    assert values(facts(tmp_path, {**project(**keys), **files}), "manager_version") == version


@pytest.mark.parametrize(
    ("scripts", "removed", "first"),
    [
        ({"prepare": "husky"}, ["prepare"], []),
        ({"prepare": "husky install || true"}, ["prepare"], []),
        ({"prepare": "is-ci || husky install"}, ["prepare"], []),
        ({"postinstall": "patch-package"}, [], []),
        ({"postinstall": "npm run build", "build": "tsc"}, ["postinstall"], [["npm", "run", "postinstall"]]),
        ({"postinstall": "node scripts/fetch.js"}, ["postinstall"], [["npm", "run", "postinstall"]]),
        ({"prepare": "cd .. && husky install web/.husky"}, ["prepare"], []),
        ({"postinstall": "cd lib && npm install"}, ["postinstall"], [["npm", "run", "postinstall"]]),
        ({"prepare": "husky && tsc"}, ["prepare"], [["npm", "run", "prepare"]]),
        ({"preinstall": "npx only-allow npm"}, ["preinstall"], []),
        ({"test": "jest"}, [], []),
    ],
)  # fmt: skip
def test_scripts_of_an_installation_run_where_they_can(
    tmp_path: Path, scripts: dict[str, str], removed: list[str], first: list[list[str]]
) -> None:
    found = facts(tmp_path, project(scripts=scripts))
    assert (values(found, "install_scripts"), values(found, "build_first")) == (removed, first)


GENERATE = ["node_modules/.bin/prisma", "generate"]
SCHEMA = {"prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n}\n'}


@pytest.mark.parametrize(
    ("keys", "files", "steps"),
    [
        ({"dependencies": {"@prisma/client": "^7.1.0"}, "devDependencies": {"prisma": "^7"}}, SCHEMA, [GENERATE]),
        ({"dependencies": {"@prisma/client": "^5.1.0"}, "devDependencies": {"prisma": "^5"}}, SCHEMA, [GENERATE]),
        ({"dependencies": {"@prisma/client": "^5.1.0", "prisma": "^5"}}, SCHEMA, []),
        ({"dependencies": {"@prisma/client": "^5", "prisma": "^5"}, "prisma": {"schema": "db/schema.prisma"}}, {"db/schema.prisma": ""}, [GENERATE]),
        ({"dependencies": {"@prisma/client": "^7", "prisma": "^7"}, "scripts": {"build": "prisma generate && tsc"}}, SCHEMA, []),
        ({"dependencies": {"@prisma/client": "^5", "prisma": "^5"}, "scripts": {"postinstall": "prisma generate"}}, SCHEMA, []),
        ({"dependencies": {"@prisma/client": "^5"}}, SCHEMA, []),
    ],
)  # fmt: skip
def test_prismas_client_is_made(
    tmp_path: Path, keys: dict[str, Any], files: dict[str, str], steps: list[list[str]]
) -> None:
    assert values(facts(tmp_path, {**project(**keys), **files}), "build_first") == steps


@pytest.mark.parametrize(
    ("config", "provider", "variables"),
    [
        ("import { env } from 'prisma/config'\nexport default { datasource: { url: env('DATABASE_URL') } }", "postgresql",
         {"DATABASE_URL": "postgresql://none:none@localhost/none"}),
        ("export default { datasource: { url: env('DB') } }", "mysql", {"DB": "mysql://none:none@localhost/none"}),
        ("export default { datasource: { url: process.env.DB } }", "mysql", {}),
    ],
)  # fmt: skip
def test_prismas_configuration_can_be_read_while_building(
    tmp_path: Path, config: str, provider: str, variables: dict[str, str]
) -> None:
    schema = f'datasource db {{\n  provider = "{provider}"\n}}\n'
    files = {"prisma.config.ts": config, "prisma/schema.prisma": schema}
    assert told(facts(tmp_path, {**project(dependencies={"prisma": "7"}), **files})) == variables


def test_prismas_schema_names_the_store_and_the_variable_of_its_address(tmp_path: Path) -> None:
    schema = 'generator client {\n  provider = "prisma-client-js"\n}\n\ndatasource db {\n  provider = "postgresql"\n  url      = env("DB_URL")\n}\n'
    found = facts(tmp_path, {**project(dependencies={"@prisma/client": "5"}), "src/prisma/schema.prisma": schema})
    assert values(found, "dependencies") == ["@prisma/client", "prisma:postgresql"]
    assert {one["name"]: one["required"] for one in values(found, "env")} == {"DB_URL": True}
