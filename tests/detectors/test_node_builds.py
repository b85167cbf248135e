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
        ({"vite.config.ts": 'export default defineConfig({root: path.resolve(__dirname, "web"), build: {outDir: path.resolve(__dirname, "public")}})\n'},
         VITE, "public"),
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


SERVED = {
    "devDependencies": {"vite": "^6", "typescript": "^5"},
    "dependencies": {"express": "^4"},
    "scripts": {"build": "vite build && tsc -p server/tsconfig.json", "start": "node dist/server/index.js"},
}
ROOT = "server/tsconfig.json"


@pytest.mark.parametrize(
    ("files", "command", "scattered"),
    [
        ({ROOT: '{"compilerOptions": {"outDir": "../built"}}'}, "", True),
        ({ROOT: '{"extends": "../tsconfig.base.json", /* here */}', "tsconfig.base.json": '{"compilerOptions": {"outDir": "./built"}}'}, "", True),
        ({ROOT: '{"extends": "../base", "compilerOptions": {"noEmit": false}}',
          "base.json": '{"compilerOptions": {"outDir": "./built", "noEmit": true}}'}, "", True),
        ({ROOT: '{"extends": ["../one.json", "../two.json"]}', "one.json": '{"compilerOptions": {"outDir": "built"}}',
          "two.json": '{"compilerOptions": {"outDir": "dist/server"}}'}, "", None),
        ({ROOT: '{"compilerOptions": {"outDir": "../dist/server"}}'}, "", None),
        ({ROOT: '{"compilerOptions": {"outDir": "../distant"}}'}, "", True),
        ({ROOT: '{"compilerOptions": {"outDir": "../built", "noEmit": true}}'}, "", None),
        ({ROOT: '{"compilerOptions": {"outDir": "../built", "emitDeclarationOnly": true}}'}, "", None),
        ({ROOT: '{"compilerOptions": {"strict": true}}'}, "", None),
        ({ROOT: '{"extends": "./tsconfig.json", "compilerOptions": {}}'}, "", None),
        ({ROOT: '{"extends": "@tsconfig/node22/tsconfig.json"}'}, "", None),
        ({ROOT: "{"}, "", None),
        ({ROOT: '{"extends": "../base"}', "base.json": '{"compilerOptions": {"outDir": "${configDir}/../dist/x"}}'}, "", None),
        ({ROOT: '{"extends": "../base"}', "base.json": '{"compilerOptions": {"outDir": "${configDir}/out"}}'}, "", True),
        ({ROOT: '{"compilerOptions": {"outDir": "../built"}}'}, "vite build && tsc -p server --outDir dist/server", None),
        ({ROOT: '{"compilerOptions": {"outDir": "../dist/s"}}', "jobs/tsconfig.json": '{"compilerOptions": {"outDir": "../jobs-built"}}'},
         "vite build && tsc -b server jobs", True),
        ({ROOT: '{"compilerOptions": {"outDir": "../built"}}'}, "vite build && tsc --noEmit -p server", None),
        ({ROOT: '{"compilerOptions": {"outDir": "../built"}}'}, "vite build && tsc -b server", True),
        ({"tsconfig.json": '{"compilerOptions": {"outDir": "built"}}'}, "tsc && vite build", True),
        ({"tsconfig.json": '{"compilerOptions": {"outDir": "built"}}'}, "vite build", None),
    ],
)  # fmt: skip
def test_a_compiler_that_fills_another_folder_than_the_bundler_scatters(
    tmp_path: Path, files: dict[str, str], command: str, scattered: bool | None
) -> None:
    scripts = {**SERVED["scripts"], **({"build": command} if command else {})}
    found = facts(tmp_path, {"package.json": package(**{**SERVED, "scripts": scripts}), "server/index.ts": "", **files})
    assert (values(found, "output"), values(found, "scattered")) == ("dist", scattered)


def test_a_configuration_that_extends_itself_many_times_is_read_once(tmp_path: Path) -> None:
    extended = ", ".join(['"./tsconfig.json"', '"./other.json"'] * 20)
    files = {"tsconfig.json": f'{{"extends": [{extended}]}}', "other.json": f'{{"extends": [{extended}]}}'}
    assert values(facts(tmp_path, {"package.json": package(**SERVED), **files}), "output") == "dist"


HUGO = {"devDependencies": {"hugo-extended": "0.150.0"}, "scripts": {"build": "hugo --minify", "serve": "hugo -DFE --minify serve"}}  # fmt: skip


@pytest.mark.parametrize(
    ("files", "keys", "folder"),
    [
        ({}, {}, "public"),
        ({"hugo.toml": 'title = "x"\npublishDir = "docs/out"\n'}, {}, "docs/out"),
        ({"config/_default/hugo.yaml": "publishDir: ./site/\n"}, {}, "site"),
        ({"hugo.json": '{\n  "publishDir": "www"\n}\n'}, {}, "www"),
        ({}, {"scripts": {"build": "npm run _hugo && echo done", "_hugo": "hugo -d pages"}}, "pages"),
        ({}, {"scripts": {"build": "hugo --destination pages"}}, "pages"),
        ({}, {"scripts": {"build": "npm run css && hugo", "css": "postcss a.css -o static/a.css"}}, "public"),
    ],
)
def test_a_site_of_hugo_is_static(tmp_path: Path, files: dict[str, str], keys: dict[str, Any], folder: str) -> None:
    found = facts(tmp_path, {"package.json": package(**{**HUGO, **keys}), **files})
    assert (starts(found), values(found, "output"), values(found, "framework")) == ([], folder, "hugo")


def test_modules_of_hugo_are_fetched_by_go_and_git(tmp_path: Path) -> None:
    files = {"package.json": package(**HUGO), "go.mod": "module example.com/site\n\ngo 1.22\n", "content/a.md": "x"}
    assert values(facts(tmp_path, files), "build_packages") == ["ca-certificates", "git", "golang-go"]


@pytest.mark.parametrize(
    ("said", "told"), [("true", [{"name": "HUGO_ENABLEGITINFO", "value": "false"}]), ("false", [])]
)
def test_hugo_asks_for_no_history_that_no_image_has(tmp_path: Path, said: str, told: list[dict[str, str]]) -> None:
    files = {"package.json": package(**HUGO), "hugo.yaml": f"title: x\nenableGitInfo: {said}\n"}
    assert values(facts(tmp_path, files), "install_variables") == told


def test_a_script_that_the_compiler_leaves_out_runs_as_it_is(tmp_path: Path) -> None:
    scripts = {"build": "tsc", "start": "node dist/server.js", "db:migrate": "tsx --env-file=.env ./scripts/migrate.ts"}
    files = {
        "package.json": package(scripts=scripts, devDependencies={"typescript": "5", "tsx": "4"}),
        "tsconfig.json": '{"compilerOptions": {"outDir": "dist", "rootDir": "src"}}',
        "src/server.ts": "import http from 'http'\nhttp.createServer().listen(3000)\n",
        "scripts/migrate.ts": "run()\n",
    }
    found = facts(tmp_path, files)
    assert (values(found, "beside")[0]["command"], values(found, "unpruned")) == (
        ["tsx", "scripts/migrate.ts"],
        ["tsx"],
    )


@pytest.mark.parametrize(
    ("told", "command"),
    [
        ('{"compilerOptions": {"outDir": "dist"}, "include": ["src/**/*.ts"]}', ["tsx", "scripts/migrate.ts"]),
        ('{"compilerOptions": {"outDir": "dist"}, "include": ["src", "scripts"]}', ["node", "dist/scripts/migrate.js"]),
        ('{"compilerOptions": {"outDir": "dist"}, "include": ["**/*.ts"]}', ["node", "dist/scripts/migrate.js"]),
        ('{"compilerOptions": {"outDir": "dist", "rootDir": "."}}', ["node", "dist/scripts/migrate.js"]),
        ('{"compilerOptions": {"outDir": "dist"}}', ["node", "dist/scripts/migrate.js"]),
    ],
)
def test_what_the_compiler_takes_in_is_run_compiled(tmp_path: Path, told: str, command: list[str]) -> None:
    scripts = {"build": "tsc", "start": "node dist/server.js", "migrate": "tsx scripts/migrate.ts"}
    files = {
        "package.json": package(scripts=scripts, devDependencies={"typescript": "5", "tsx": "4"}),
        "tsconfig.json": told,
        "src/server.ts": "import http from 'http'\nhttp.createServer().listen(3000)\n",
        "scripts/migrate.ts": "run()\n",
    }
    assert values(facts(tmp_path, files), "beside")[0]["command"] == command
