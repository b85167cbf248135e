"""What a build of Node leaves, and where."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kforge.detectors.node_builds import scatters
from tests.detectors.reading import facts, starts, values
from tests.detectors.test_node import package


@pytest.mark.parametrize(
    "scripts",
    [
        {"build": "tsc"},
        {"build": "rimraf dist && tsc -p tsconfig.build.json && tsc-alias"},
        {"build": "npm run lint && npm run compile", "lint": "eslint .", "compile": "cross-env NODE_ENV=production nest build"},
        {"build": "run-s build:*", "build:a": "vite build", "build:b": "vite build --ssr"},
    ],
)  # fmt: skip
def test_a_build_by_compilers_alone_fills_its_own_folder(scripts: dict[str, str]) -> None:
    assert not scatters("build", scripts)


@pytest.mark.parametrize(
    "scripts",
    [
        {"build": "npm run client && next build", "client": "node scripts/client.js"},
        {"build": "next build", "prebuild": "node scripts/client.js"},
        {"build": "next build", "postbuild": "next-sitemap"},
        {"build": "prisma generate && next build"},
        {"build": "next build; rollup -c"},
        {"build": "npm-run-all --parallel build:*", "build:css": "sass a b", "build:js": "vite build"},
        {"build": "sh ./build.sh"},
        {"build": "it's"},
    ],
)
def test_a_build_with_a_program_of_its_own_may_write_anywhere(scripts: dict[str, str]) -> None:
    assert scatters("build", scripts)


def output(tmp_path: Path, files: dict[str, str], **keys: Any) -> Any:
    return values(
        facts(tmp_path, {"package.json": package(**{"scripts": {"build": "vite build"}, **keys}), **files}), "output"
    )


VITE = {"devDependencies": {"vite": "^6"}}
WEBPACK = {"devDependencies": {"webpack": "^5"}, "scripts": {"build": "webpack"}}


@pytest.mark.parametrize(
    ("files", "keys", "folder"),
    [
        ({}, VITE, "dist"),
        ({"vite.config.js": 'export default {build: {outDir: "../api/static"}}\n'}, VITE, "../api/static"),
        ({"vite.config.ts": 'export default defineConfig({build: {outDir: path.resolve(__dirname, "../api", "static")}})\n'}, VITE, "../api/static"),
        ({"vite.config.js": 'export default defineConfig({plugins: [vue()], root: "client"})\n'}, VITE, "client/dist"),
        ({"vite.config.js": 'export default {root: "./src", build: {outDir: "../out"}}\n'}, VITE, "out"),
        ({"vite.config.ts": 'export default defineConfig({root: path.join(__dirname, "web"), build: {outDir: "build"}})\n'}, VITE, "web/build"),
        ({"vite.config.ts": 'export default defineConfig({plugins: [], test: {root: "tests"}})\n'}, VITE, "dist"),
        ({}, {**VITE, "scripts": {"build": "vue-tsc && vite build --outDir=../web"}}, "../web"),
        ({}, {**VITE, "scripts": {"build": "vite build --outDir ../web/"}}, "../web"),
        ({"webpack.config.js": 'module.exports = {output: {path: path.join(__dirname, "static/js"), filename: "a.js"}}\n'}, WEBPACK, "static/js"),
        ({"webpack.config.js": 'module.exports = {output: {path: __dirname + "/x"}}\n'}, WEBPACK, "dist"),
        ({"vue.config.js": 'module.exports = {outputDir: "../static"}\n'},
         {"devDependencies": {"@vue/cli-service": "5"}, "scripts": {"build": "vue-cli-service build"}}, "../static"),
        ({}, {"devDependencies": {"parcel": "2"}, "scripts": {"build": "parcel build src/index.html --dist-dir ../out"}}, "../out"),
    ],
)  # fmt: skip
def test_the_folder_of_a_build_is_what_flag_or_configuration_says(
    tmp_path: Path, files: dict[str, str], keys: dict[str, Any], folder: str
) -> None:
    assert output(tmp_path, files, **keys) == folder


NEXT = {"dependencies": {"next": "15"}, "scripts": {"build": "next build", "start": "next start"}}


@pytest.mark.parametrize(
    ("config", "folder", "start"),
    [
        ("module.exports = {}\n", ".next", ["node_modules/.bin/next start"]),
        ('module.exports = {output: "standalone"}\n', ".next/standalone", ["node server.js"]),
        ('export default {output: "export"}\n', "out", []),
        ('export default {output: "export", distDir: "public/site"}\n', "public/site", []),
    ],
)
def test_next_starts_what_its_configuration_has_it_build(
    tmp_path: Path, config: str, folder: str, start: list[str]
) -> None:
    found = facts(tmp_path, {"package.json": package(**NEXT), "next.config.mjs": config})
    assert (values(found, "output"), starts(found)) == (folder, start)


def test_a_build_that_scatters_is_a_fact_and_a_tidy_one_none(tmp_path: Path) -> None:
    tidy = facts(tmp_path / "a", {"package.json": package(**NEXT)})
    keys = {**NEXT, "scripts": {"build": "node gen.js && next build", "start": "next start"}}
    assert (
        values(tidy, "scattered"),
        values(facts(tmp_path / "b", {"package.json": package(**keys)}), "scattered"),
    ) == (None, True)
