"""Start scripts, Procfiles and PM2's files of Node sources → what a container starts, with which port and variables."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.detectors.reading import facts, ports, starts, values

SERVER = {"server.js": "require('http').createServer(h).listen(process.env.PORT || 3000)\n"}
NEXT = {"dependencies": {"next": "15"}, "scripts": {"build": "next build"}}
TYPED: dict[str, str | bytes] = {"src/index.ts": "app.listen(3000)\n", "tsconfig.json": "{}"}


def project(start: str, **keys: Any) -> dict[str, str | bytes]:
    scripts = {"start": start, **keys.pop("scripts", {})}
    return {"package.json": json.dumps({"name": "shop", "version": "1.0.0", "scripts": scripts, **keys}, indent=1)}


def first(tmp_path: Path, files: dict[str, str | bytes]) -> str:
    return starts(facts(tmp_path, files))[0]


@pytest.mark.parametrize(
    ("start", "keys", "words", "port"),
    [
        ("next start -p 4001", NEXT, "node_modules/.bin/next start -p 4001", (4001, "http", "")),
        ("next start -p ${PORT:-4002}", NEXT, "node_modules/.bin/next start -p 3000", (3000, "http", "")),
        ("PORT=4003 next start -H localhost", NEXT, "node_modules/.bin/next start -H 0.0.0.0", (4003, "http", "PORT")),
        ("next start --hostname=127.0.0.1", NEXT, "node_modules/.bin/next start --hostname=0.0.0.0", (3000, "http", "PORT")),
        ("next dev --turbo -p 4004", NEXT, "node_modules/.bin/next start -p 4004", (4004, "http", "")),
        ("npx next start -p 4005", NEXT, "node_modules/.bin/next start -p 4005", (4005, "http", "")),
        ("nuxt start -p 4006", {"dependencies": {"nuxt": "3"}}, "node .output/server/index.mjs", (4006, "http", "PORT")),
        ("serve -s dist -l 5005", {"dependencies": {"serve": "14"}}, "node_modules/.bin/serve -s dist -l 5005", (5005, "http", "")),
        ("http-server -a localhost -p 9000", {"dependencies": {"http-server": "14"}}, "node_modules/.bin/http-server -a 0.0.0.0 -p 9000", (9000, "http", "")),
        ("node server.js --port 5111", {}, "node server.js --port 5111", (5111, "http", "PORT")),
        ("node server.js --port $npm_package_config_port", {"config": {"port": 5112}}, "node server.js --port 5112", (5112, "http", "PORT")),
        ("remix-serve build/index.js", {"dependencies": {"@remix-run/serve": "2"}}, "node_modules/.bin/remix-serve build/index.js", (3000, "http", "PORT")),
    ],
)  # fmt: skip
def test_the_port_that_a_start_names_wins_and_all_addresses_are_listened_on(
    tmp_path: Path, start: str, keys: dict[str, Any], words: str, port: tuple[int, str, str]
) -> None:
    found = facts(tmp_path, {**project(start, **keys), **SERVER})
    assert (starts(found)[0], ports(found)[0]) == (words, port)


@pytest.mark.parametrize(
    ("start", "variables"),
    [
        ("NODE_ENV=production PORT=4000 TZ=UTC node server.js", {"PORT": "4000", "TZ": "UTC"}),
        ("cross-env NODE_ENV=development A=b node server.js", {"A": "b"}),
        ("env NODE_ENV=staging node server.js", {"NODE_ENV": "staging"}),
        ("export A=b && node server.js", {"A": "b"}),
        ("set A=b&& node server.js", {"A": "b"}),
        ("A=b npm run serve", {"A": "b", "C": "d"}),
    ],
)
def test_assignments_become_variables(tmp_path: Path, start: str, variables: dict[str, str]) -> None:
    found = facts(tmp_path, {**project(start, scripts={"serve": "C=d node server.js"}), **SERVER})
    assert {one["name"]: one["value"] for one in values(found, "variables")} == variables
    assert starts(found)[0] == "node server.js"


@pytest.mark.parametrize(
    "start",
    [
        "nodemon server.js", "nodemon -w src --exec node server.js", "nodemon", "node --watch server.js", "node --watch-path=src server.js",
        "node --inspect=0.0.0.0:9229 server.js", "node-dev server.js", "supervisor server.js", "forever start server.js",
        "node --env-file=.env server.js", "node --env-file .env.local server.js", "dotenv -e .env -- node server.js",
        "env-cmd -f .env node server.js", "pm2 start server.js --no-daemon -i max", "pm2-runtime server.js", "pm2 start server",
        "pm2 delete all; pm2 start server.js && pm2 logs", "pm2 start npm --name web -- run serve", "concurrently 'npm:serve' 'tsc -w'",
        "npm-run-all build serve", "run-s build serve", "npm run -s serve", "yarn serve", "node server.js > out.log 2>&1", "npm i && npm run serve",
    ],
)  # fmt: skip
def test_what_watches_supervises_or_reads_files_of_variables_gives_way_to_the_program(
    tmp_path: Path, start: str
) -> None:
    keys = {"main": "server.js", "scripts": {"serve": "node server.js", "build": "webpack"}}
    assert first(tmp_path, {**project(start, **keys), **SERVER}) == "node server.js"


@pytest.mark.parametrize(
    ("start", "said"),
    [
        ("node --env-file=.env server.js", "`start` reads variables from `.env`, which is not in the image: it starts without"),
        ("node --env-file .env.local server.js", "`start` reads variables from `.env.local`, which is not in the image: it starts without"),
        ("node init.js && node --env-file=.env server.js", "`start` reads variables from `.env`, which is not in the image: it starts without"),
        ("node --env-file=.env init.js && node server.js", "`start` reads variables from `.env`, which is not in the image: it starts without"),
        ("npm run serve", "`start` reads variables from `.env`, which is not in the image: it starts without"),
        ("dotenv -e .env -- node server.js", "`start` gets variables by `dotenv` from a file of variables, which the image does not have: it starts without"),
        ("env-cmd -f .env node server.js", "`start` gets variables by `env-cmd` from a file of variables, which the image does not have: it starts without"),
        ("doppler run -- node server.js", "`start` gets variables by `doppler` from Doppler, which the image does not have: it starts without"),
    ],
)  # fmt: skip
def test_what_gives_a_program_variables_and_is_left_out_is_told_once(tmp_path: Path, start: str, said: str) -> None:
    scripts = {"serve": "node --env-file=.env server.js"}
    found = facts(tmp_path, {**project(start, scripts=scripts), **SERVER, "init.js": "run()\n"})
    assert [one["said"] for one in values(found, "doubts")] == [said]
    assert "`env` or `secrets`" in values(found, "doubts")[0]["hint"]


@pytest.mark.parametrize(
    "start", ["node server.js", "node --env-file-if-exists=.env server.js", "node -r dotenv/config server.js", "cross-env A=b node server.js"]
)  # fmt: skip
def test_a_program_that_starts_without_files_of_variables_is_no_matter(tmp_path: Path, start: str) -> None:
    found = facts(tmp_path, {**project(start, dependencies={"dotenv": "16.0.0"}), **SERVER})
    assert not any("variables" in one["said"] for one in values(found, "doubts"))


def test_a_file_of_variables_in_the_source_stays(tmp_path: Path) -> None:
    files = {**project("node --env-file=config/usual.conf server.js"), **SERVER, "config/usual.conf": "A=b\n"}
    assert first(tmp_path, files) == "node --env-file=config/usual.conf server.js"


@pytest.mark.parametrize(
    ("start", "keys", "words", "unpruned"),
    [
        ("tsx src/index.ts", {"dependencies": {"tsx": "4"}}, "node_modules/.bin/tsx src/index.ts", []),
        ("tsx watch src/index.ts", {"devDependencies": {"tsx": "4"}}, "node_modules/.bin/tsx src/index.ts", ["tsx"]),
        ("nodemon src/index.ts", {"devDependencies": {"ts-node": "10", "nodemon": "3"}}, "node_modules/.bin/ts-node src/index.ts", ["ts-node"]),
        ("node --import tsx src/index.ts", {"devDependencies": {"tsx": "4"}}, "node --import tsx src/index.ts", ["tsx"]),
        ("tsx src/index.ts", {"devDependencies": {"tsx": "4"}, "scripts": {"build": "tsc"}}, "node dist/index.js", []),
        ("node -r ts-node/register src/index.ts", {"devDependencies": {"ts-node": "1"}, "scripts": {"build": "tsc"}}, "node dist/index.js", []),
        ("node dist/index.js", {"devDependencies": {"typescript": "5"}}, "node dist/index.js", []),
    ],
)  # fmt: skip
def test_typescript_is_compiled_where_something_does_and_else_started_as_its_author_does(
    tmp_path: Path, start: str, keys: dict[str, Any], words: str, unpruned: list[str]
) -> None:
    found = facts(tmp_path, {**project(start, **keys), **TYPED})
    assert (starts(found)[0], values(found, "unpruned")) == (words, unpruned)


@pytest.mark.parametrize(
    ("start", "keys", "words"),
    [
        ("node server.js", {"scripts": {"prestart": "node migrate.js"}}, "sh -c node migrate.js && exec node server.js"),
        ("knex migrate:latest && node server.js", {"dependencies": {"knex": "3"}}, "sh -c node_modules/.bin/knex migrate:latest && exec node server.js"),
        ("cd server && node index.js", {}, "sh -c cd server && exec node index.js"),
        ("A=b node seed.js && node server.js", {}, "sh -c A=b node seed.js && exec node server.js"),
        ("node a.js | pino-pretty", {}, "npm start"),
        ("npm --prefix api start", {}, "npm start"),
    ],
)  # fmt: skip
def test_what_runs_before_a_start_runs_before_it(tmp_path: Path, start: str, keys: dict[str, Any], words: str) -> None:
    assert first(tmp_path, {**project(start, **keys), **SERVER}) == words


@pytest.mark.parametrize(
    ("start", "scripts", "build"),
    [
        ("tsc && node dist/index.js", {}, ["npm", "exec", "-c", "tsc"]),
        ("prisma generate && tsc && node dist/index.js", {}, ["npm", "exec", "-c", "prisma generate && tsc"]),
        ("npm run build && node dist/index.js", {"build": "tsc"}, ["npm", "run", "build"]),
        ("node dist/index.js", {"prestart": "npm run compile", "compile": "tsc"}, ["npm", "run", "compile"]),
    ],
)  # fmt: skip
def test_what_a_start_builds_is_built_in_the_image(
    tmp_path: Path, start: str, scripts: dict[str, str], build: list[str]
) -> None:
    found = facts(tmp_path, {**project(start, scripts=scripts, devDependencies={"typescript": "5"}), **TYPED})
    assert (starts(found)[0], values(found, "build")[0]) == ("node dist/index.js", build)


PM2 = "module.exports = { apps: [{ name: 'api', script: './server.js', args: '--x 1', instances: 2, env: { A: 'b' }, env_production: { PORT: 4010 } }] }\n"


@pytest.mark.parametrize(
    ("start", "path", "text"),
    [
        ("pm2 start ecosystem.config.js --no-daemon", "ecosystem.config.js", PM2),
        ("pm2-runtime start ecosystem.config.cjs --env production", "ecosystem.config.cjs", PM2),
        ("pm2-runtime process.yml", "process.yml", "apps:\n  - name: api\n    script: server.js\n    args: [--x, 1]\n    env: {A: b, PORT: 4010}\n"),
        ("pm2 start ecosystem.config.json --only api", "ecosystem.config.json",
         '{"apps": [{"name": "mail", "script": "mail.js"}, {"name": "api", "script": "server.js", "args": ["--x", "1"], "env": {"A": "b", "PORT": 4010}}]}'),
    ],
)  # fmt: skip
def test_pm2_gives_way_to_the_program_that_its_file_names(tmp_path: Path, start: str, path: str, text: str) -> None:
    found = facts(tmp_path, {**project(start), **SERVER, path: text})
    assert starts(found)[0] == "node server.js --x 1"
    assert ports(found) == [(4010, "http", "PORT")]
    assert {one["name"]: one["value"] for one in values(found, "variables")} == {"A": "b", "PORT": "4010"}


@pytest.mark.parametrize(
    ("start", "keys", "file"),
    [
        ("concurrently 'node worker.js' 'node server.js'", {}, ""),
        ("run-p work serve", {"scripts": {"work": "node worker.js", "serve": "node server.js"}}, ""),
        ("pm2 start pm2.json", {}, '{"apps": [{"name": "worker", "script": "worker.js"}, {"name": "api", "script": "server.js"}]}'),
    ],
)  # fmt: skip
def test_of_several_programs_the_one_that_serves_starts_and_the_others_are_told(
    tmp_path: Path, start: str, keys: dict[str, Any], file: str
) -> None:
    files = {**project(start, **keys), **SERVER, "worker.js": "", **({"pm2.json": file} if file else {})}
    found = facts(tmp_path, files)
    assert starts(found)[0] == "node server.js"
    assert [(one["role"], one["command"]) for one in values(found, "beside")] == [("worker", ["node", "worker.js"])]
    assert "starts several programs" in values(found, "doubts")[0]["said"]


@pytest.mark.parametrize(
    ("line", "words", "port"),
    [
        ("web: node server.js --port 4100", "node server.js --port 4100", 4100),
        ("web: PORT=4101 npm run serve", "node server.js", 4101),
        ("web: npm start\nworker: node worker.js", "node other.js", 3000),
    ],
)
def test_a_procfile_says_the_start(tmp_path: Path, line: str, words: str, port: int) -> None:
    files = {
        **project("node other.js", scripts={"serve": "node server.js"}),
        **SERVER,
        "other.js": "",
        "Procfile": line,
    }
    found = facts(tmp_path, files)
    assert (starts(found)[0], ports(found)[0][0]) == (words, port)


@pytest.mark.parametrize(
    ("start", "files", "words", "output"),
    [
        ("next start -p 4004", {}, "node server.js", ".next/standalone"),
        ("node server.js", SERVER, "node server.js", ".next"),
        ("node server.js", {}, "node server.js", ".next/standalone"),
    ],
)
def test_a_server_of_the_sources_own_is_not_the_one_that_next_leaves(
    tmp_path: Path, start: str, files: dict[str, str], words: str, output: str
) -> None:
    config = {"next.config.js": "module.exports = { output: 'standalone' }\n", "pages/index.js": ""}
    found = facts(tmp_path, {**project(start, **NEXT), **config, **files})
    assert (starts(found)[0], values(found, "output")) == (words, output)


def test_scripts_for_containers_come_first(tmp_path: Path) -> None:
    scripts = {"start-docker": "node server.js", "build-docker": "next build", "build": "node check.js && next build"}
    found = facts(tmp_path, {**project("next start", scripts=scripts), **SERVER})
    assert (starts(found)[0], values(found, "build")[0]) == ("node server.js", ["npm", "run", "build-docker"])


def test_a_script_that_builds_an_image_is_no_build(tmp_path: Path) -> None:
    scripts = {"build-docker": "docker build .", "start:docker": "docker compose up", "build": "webpack"}
    found = facts(tmp_path, {**project("node server.js", scripts=scripts), **SERVER})
    assert (starts(found)[0], values(found, "build")[0]) == ("node server.js", ["npm", "run", "build"])


@pytest.mark.parametrize("start", ["nx serve", "deno run x.ts", "vite"])
def test_what_says_nothing_leaves_the_file_that_listens(tmp_path: Path, start: str) -> None:
    assert starts(facts(tmp_path, {**project(start), **SERVER})) == ["node server.js"]


@pytest.mark.parametrize("start", ["npm start", "a && b && c", "node", "&&", "'", "x" * 3000, "pm2 start none.json"])
def test_what_cannot_be_read_is_left_to_the_package_manager(tmp_path: Path, start: str) -> None:
    assert first(tmp_path, {**project(start), **SERVER}) == "npm start"


def test_a_server_that_names_no_port_has_its_own(tmp_path: Path) -> None:
    found = facts(tmp_path, project("strapi develop", dependencies={"@strapi/strapi": "5"}))
    assert (starts(found), ports(found)) == (["node_modules/.bin/strapi start"], [(1337, "http", "PORT")])


def test_what_runs_before_the_server_that_next_leaves_has_the_whole_source(tmp_path: Path) -> None:
    config: dict[str, str | bytes] = {"next.config.js": "module.exports = { output: 'standalone' }\n", "check.js": ""}
    found = facts(tmp_path, {**project("node check.js && node server.js", **NEXT), **config})
    assert starts(found)[0] == "sh -c node check.js && exec node_modules/.bin/next start"
    assert values(found, "output") == ".next"


def test_what_a_start_loads_and_the_source_has_not_is_left_out_and_told(tmp_path: Path) -> None:
    found = facts(tmp_path, {**project("node -r ./tracing.js --require=./x.js server.js"), **SERVER, "x.js": ""})
    assert starts(found)[0] == "node --require=./x.js server.js"
    assert "loads `tracing.js`, which is not in the source" in values(found, "doubts")[0]["said"]


@pytest.mark.parametrize(
    ("files", "words", "output"),
    [
        ({}, "node server.js", ".next/standalone"),
        ({"otel.js": ""}, "node --require ./otel.js node_modules/next/dist/bin/next start", ".next"),
    ],
)
def test_the_server_that_next_leaves_loads_what_the_source_has(
    tmp_path: Path, files: dict[str, str], words: str, output: str
) -> None:
    config = {"next.config.js": "module.exports = { output: 'standalone' }\n"}
    found = facts(tmp_path, {**project("node --require ./otel.js server.js", **NEXT), **config, **files})
    assert (starts(found)[0], values(found, "output")) == (words, output)


@pytest.mark.parametrize(
    ("start", "path", "build", "file"),
    [
        ("nx serve", "project.json", {"executor": "@nx/esbuild:esbuild", "options": {"main": "src/main.ts", "outputPath": "dist/api"}}, "dist/api/main.js"),
        ("nx serve api", "apps/api/project.json", {"executor": "@nx/js:tsc", "options": {"main": "apps/api/src/main.ts", "outputPath": "dist/apps/api"}},
         "dist/apps/api/src/main.js"),
        ("nx run api:serve:production", "apps/api/project.json", {"executor": "@nx/webpack:webpack", "options": {"main": "apps/api/src/main.ts", "outputPath": "{workspaceRoot}/out"}},
         "out/main.js"),
        ("npx nx serve api", "apps/api/project.json", {"executor": "@nx/esbuild:esbuild", "options": {"main": "a/x.ts", "outputPath": "dist", "outputFileName": "server.js"}},
         "dist/server.js"),
    ],
)  # fmt: skip
def test_what_nx_serves_is_what_its_build_leaves(
    tmp_path: Path, start: str, path: str, build: dict[str, Any], file: str
) -> None:
    keys = {"scripts": {"build": "nx build"}, "devDependencies": {"nx": "20", "typescript": "5"}}
    config = {path: json.dumps({"name": "api", "targets": {"build": build}}), "apps/web/project.json": "{"}
    assert first(tmp_path, {**project(start, **keys), **TYPED, **config}) == f"node {file}"


def test_a_tool_of_development_that_migrates_stays(tmp_path: Path) -> None:
    files = {**project("node server.js", devDependencies={"prisma": "5"}), **SERVER}
    assert values(facts(tmp_path, {**files, "prisma/migrations/1/migration.sql": ""}), "unpruned") == ["prisma"]


def nest(tmp_path: Path, build: str, **keys: Any) -> Any:
    """The facts of a workspace of Nest with an API, a worker and a library."""
    projects = {
        "api": {"type": "application", "root": "apps/api", "entryFile": "main"},
        "mailer": {"type": "application", "root": "apps/mailer", "entryFile": "main"},
        "common": {"type": "library", "root": "libs/common"},
    }
    scripts = {"build": build, "start": "nest start", "start:prod": "node dist/main"}
    manifest = {"scripts": scripts, "dependencies": {"@nestjs/core": "11"}, "devDependencies": {"typescript": "5"}}
    serves = (
        "async function run() {\n  const app = await NestFactory.create(M);\n  await app.listen(3000);\n}\nrun();\n"
    )
    files: dict[str, str | bytes] = {
        "package.json": json.dumps(manifest),
        "nest-cli.json": json.dumps({"monorepo": True, "root": "apps/api", "projects": projects, **keys}),
        "tsconfig.json": '{"compilerOptions": {"outDir": "./dist"}}',
        "apps/api/src/main.ts": serves,
        "apps/mailer/src/main.ts": serves,
    }
    return facts(tmp_path, files)


def test_a_workspace_of_nest_starts_the_application_that_its_build_makes(tmp_path: Path) -> None:
    found = nest(tmp_path, "nest build")
    assert (starts(found), ["`mailer`" in one["said"] for one in values(found, "doubts")]) == (
        ["node dist/apps/api/main.js"],
        [True],
    )


@pytest.mark.parametrize("build", ["nest build --all", "nest build api && nest build mailer"])
def test_applications_of_nest_that_are_built_are_not_doubted(tmp_path: Path, build: str) -> None:
    assert values(nest(tmp_path, build), "doubts") == []


@pytest.mark.parametrize("keys", [{"monorepo": False}, {"root": None}])
def test_a_project_of_nest_by_itself_lies_at_the_top_of_its_build(tmp_path: Path, keys: dict[str, Any]) -> None:
    assert starts(nest(tmp_path, "nest build", **keys))[0] in ("node dist/main", "node dist/main.js")
