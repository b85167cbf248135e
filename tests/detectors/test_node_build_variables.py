"""Variables to which a bundler's configuration gives the value: nothing reads them of the container."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.detectors.reading import env, facts

READS = "const a = process.env.SITE;\nif (!a) throw new Error('SITE');\nconst b = process.env.REAL;\nif (!b) throw new Error('REAL');\n"


@pytest.mark.parametrize(
    ("path", "config"),
    [
        ("next.config.js", "module.exports = { env: { SITE: 'x' } };"),
        ("next.config.ts", "const SITE = process.env.REAL;\nexport default withIntl({ env: { SITE }, output: 'standalone' });"),
        ("vite.config.ts", "export default defineConfig({ define: { 'process.env.SITE': JSON.stringify('x') } });"),
        ("webpack.config.js", "module.exports = { plugins: [new DefinePlugin({ 'process.env.SITE': '1' })] };"),
    ],
)  # fmt: skip
def test_what_a_configuration_defines_is_not_read_later(tmp_path: Path, path: str, config: str) -> None:
    manifest = '{"dependencies": {"next": "16.0.0", "react": "19.0.0"}, "scripts": {"build": "next build", "start": "next start"}}'
    found = env(facts(tmp_path, {"package.json": manifest, "lib/app.js": READS, path: config}))
    assert "SITE" not in found
    assert found["REAL"] == (None, True)


def test_an_object_called_env_of_another_file_defines_nothing(tmp_path: Path) -> None:
    files = {
        "package.json": '{"main": "index.js"}',
        "index.js": READS,
        "spawn.js": "spawn('x', { env: { SITE: 'x' } });",
    }
    assert env(facts(tmp_path, files))["SITE"] == (None, True)


def test_what_no_bundler_replaces_is_read_of_the_container(tmp_path: Path) -> None:
    manifest = '{"dependencies": {"next": "16.0.0"}, "scripts": {"build": "next build"}}'
    files = {
        "next.config.js": "const {CART = '', AD = ''} = process.env\nmodule.exports = {env: {CART, AD, SHOP: process.env.SHOP || ''}}\n",
        "lib/cart.js": "const { CART = '' } = process.env\nconnect(CART)\n",
        "lib/ad.js": "connect(process.env.AD, process.env.SHOP)\n",
    }
    found = facts(tmp_path, {"package.json": manifest, **files})
    assert env(found).keys() == {"CART"}
    assert {one["name"]: one["required"] for one in found.value("build_env")} == dict.fromkeys(
        ("AD", "CART", "SHOP"), False
    )


def built(folder: Path, files: dict[str, str], **keys: object) -> dict[str, tuple[bool, bool]]:
    """Variables of the build: whether it must have each, and whether the program reads it again."""
    manifest = {"scripts": {"build": "vite build"}, "devDependencies": {"vite": "6.0.0"}, **keys}
    found = facts(folder, {"package.json": json.dumps(manifest), "index.html": "", **files})
    return {one["name"]: (one["required"], one["later"]) for one in found.value("build_env")}


def test_what_a_configuration_reads_the_build_is_given(tmp_path: Path) -> None:
    config = (
        "import {defineConfig, loadEnv} from 'vite'\n"
        "export default defineConfig(({mode}) => {\n  const env = loadEnv(mode, process.cwd(), '')\n"
        "  return {base: process.env.BASE || '/', server: {proxy: {'/api': env.PROXY}},\n"
        "    define: {__A__: JSON.stringify(env.RELEASE), 'process.env.API': JSON.stringify(process.env.API),\n"
        "      __B__: JSON.stringify(process.env.STAGE || 'prod')}}\n})\n"
    )
    assert built(tmp_path, {"vite.config.ts": config}) == {
        "API": (True, False),
        "BASE": (False, False),
        "PROXY": (False, False),
        "RELEASE": (True, False),
        "STAGE": (False, False),
    }


def test_a_server_reads_the_configuration_of_next_again(tmp_path: Path) -> None:
    next_ = {"scripts": {"build": "next build", "start": "next start"}, "dependencies": {"next": "16.0.0"}}
    files = {"next.config.mjs": "export default {basePath: process.env.BASE_PATH, env: {A: process.env.A}}\n"}
    assert built(tmp_path, files, **next_) == {"A": (True, True), "BASE_PATH": (False, True)}


@pytest.mark.parametrize("path", ["vitest.config.ts", "jest.config.js", "docs/vite.config.ts", "playwright.config.ts"])
def test_the_configuration_of_tests_and_of_other_parts_is_none_of_the_build(tmp_path: Path, path: str) -> None:
    assert built(tmp_path, {path: "export default {base: process.env.BASE}\n"}) == {}


NUXT = "export default defineNuxtConfig({runtimeConfig: {apiSecret: '', db: {url: process.env.DB}, public: {apiBase: 'http://api'}}})\n"


def test_nuxt_takes_its_runtime_configuration_from_variables(tmp_path: Path) -> None:
    manifest = '{"scripts": {"build": "nuxt build"}, "dependencies": {"nuxt": "3.0.0"}}'
    found = facts(tmp_path, {"package.json": manifest, "nuxt.config.ts": NUXT})
    assert env(found) == {
        "NUXT_API_SECRET": (None, False),
        "NUXT_DB_URL": (None, False),
        "NUXT_PUBLIC_API_BASE": ("http://api", False),
    }
    assert {one["name"]: one["later"] for one in found.value("build_env")} == {
        "DB": False,
        "NUXT_PUBLIC_API_BASE": True,
    }


@pytest.mark.parametrize(
    "scripts",
    [{"build": "nuxt generate"}, {"generate": "nuxi generate"}, {"build": "npm run pages", "pages": "nuxt generate"}],
)
def test_nuxt_generate_leaves_pages(tmp_path: Path, scripts: dict[str, str]) -> None:
    manifest = json.dumps({"scripts": scripts, "dependencies": {"nuxt": "3.0.0"}})
    found = facts(tmp_path, {"package.json": manifest, "nuxt.config.ts": NUXT})
    assert (found.value("output"), found.value("start"), env(found)) == (".output/public", [], {})
    assert "NUXT_PUBLIC_API_BASE" in [one["name"] for one in found.value("build_env")]


@pytest.mark.parametrize(
    ("manifest", "files", "needed"),
    [
        ({"scripts": {"db:migrate": "drizzle-kit migrate"}}, {}, {"POSTGRES_URL"}),
        ({}, {"drizzle/0000_a.sql": "select 1;"}, {"POSTGRES_URL"}),
        ({}, {}, set()),
        ({"scripts": {"migrate": "node migrate.js"}}, {"drizzle/0000_a.sql": "", "migrate.js": ""}, set()),
    ],
)
def test_a_job_that_migrates_needs_what_the_configuration_of_its_tool_reads(
    tmp_path: Path, manifest: dict[str, object], files: dict[str, str], needed: set[str]
) -> None:
    config = "export default {dbCredentials: {url: process.env.POSTGRES_URL!}, out: process.env.OUT ?? 'drizzle'}\n"
    manifest = {"main": "s.js", "devDependencies": {"drizzle-kit": "1.0.0"}, **manifest}
    seen = facts(tmp_path, {"package.json": json.dumps(manifest), "s.js": "", "drizzle.config.ts": config, **files})
    assert {name for name, (_, required) in env(seen).items() if required} == needed


SERVES = {"main": "server.js", "scripts": {"build": "vite build", "start": "node server.js"}, "dependencies": {"express": "4"}}  # fmt: skip


@pytest.mark.parametrize(
    ("server", "later"),
    [("require('express')().listen(3000)\n", False), ("require('express')().listen(3000, process.env.VITE_API || x)\n", True)],
)  # fmt: skip
def test_a_server_beside_pages_reads_nothing_that_only_a_bundler_replaces(
    tmp_path: Path, server: str, later: bool
) -> None:
    files = {"server.js": server, "src/main.js": "fetch(import.meta.env.VITE_API + '/x');\n"}
    manifest = {"devDependencies": {"vite": "6.0.0"}, **SERVES}
    found = facts(tmp_path, {"package.json": json.dumps(manifest), "index.html": "", **files})
    assert {one["name"]: one["later"] for one in found.value("build_env")} == {"VITE_API": later}
    assert ("VITE_API" in env(found)) is later
