"""What is read off Node sources, by the idioms that people write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.detectors.reading import env, facts, hosts, notes, places, ports, starts, values


def package(**keys: Any) -> str:
    return json.dumps({"name": "shop", "version": "1.2.3", **keys}, indent=2)


EXPRESS = package(main="server.js", dependencies={"express": "^4"})


# ---- manifests --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("files", "version"),
    [
        ({".nvmrc": "v20.11.0\n"}, "20"),
        ({".nvmrc": "lts/iron\n"}, "20"),
        ({".node-version": "22\n"}, "22"),
        ({"package.json": package(engines={"node": ">=18"})}, "24"),
        ({"package.json": package(engines={"node": ">=18 <21"})}, "20"),
        ({"package.json": package(engines={"node": "^20.9.0 || ^22"})}, "22"),
        ({"package.json": package(engines={"node": "18.x"})}, "18"),
        ({"package.json": package(engines={"node": "18 - 20"})}, "20"),
        ({"package.json": package(engines={"node": "19"})}, "19"),
        ({"package.json": package(volta={"node": "20.1.0"}, engines={"node": "18"})}, "20"),
        ({"package.json": package(engines={"node": "whatever"})}, None),
        ({"package.json": package()}, None),
    ],
)
def test_the_version_is_the_newest_that_the_project_allows(
    tmp_path: Path, files: dict[str, str], version: str | None
) -> None:
    assert values(facts(tmp_path, {"package.json": package(), **files}), "version") == version


@pytest.mark.parametrize(
    ("names", "declared", "manager", "manifests"),
    [
        ([], None, "npm", ["package.json"]),
        (["package-lock.json"], None, "npm", ["package.json", "package-lock.json"]),
        (["yarn.lock"], None, "yarn", ["package.json", "yarn.lock"]),
        (["yarn.lock", ".yarnrc.yml", ".yarn/releases/yarn-4.1.0.cjs", ".yarn/cache/x.zip"], "yarn@4.1.0", "yarn",
         ["package.json", "yarn.lock", ".yarnrc.yml", ".yarn/releases/yarn-4.1.0.cjs"]),
        (["pnpm-lock.yaml", "pnpm-workspace.yaml"], None, "pnpm", ["package.json", "pnpm-lock.yaml", "pnpm-workspace.yaml"]),
        (["package-lock.json", "yarn.lock"], "npm@10.0.0", "npm", ["package.json", "package-lock.json"]),
        (["package-lock.json"], "pnpm@9.0.0", "npm", ["package.json", "package-lock.json"]),
    ],
)  # fmt: skip
def test_the_lock_file_says_the_package_manager(
    tmp_path: Path, names: list[str], declared: str | None, manager: str, manifests: list[str]
) -> None:
    keys = {"packageManager": declared} if declared else {}
    found = facts(tmp_path, {"package.json": package(**keys), **dict.fromkeys(names, "x")})
    assert (values(found, "package_manager"), values(found, "manifests")) == (manager, manifests)


def test_a_package_json_that_is_none_leaves_a_note(tmp_path: Path) -> None:
    found = facts(tmp_path, {"package.json": "{", "server.js": "require('http').createServer(h).listen(3000)\n"})
    assert "`package.json` is not JSON" in notes(found)
    assert (starts(found), ports(found)) == (["node server.js"], [(3000, "http", "")])


# ---- how it starts ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("keys", "names", "first"),
    [
        ({"scripts": {"start": "node server.js"}}, ["server.js"], "node server.js"),
        ({"scripts": {"start": "NODE_ENV=production node ./src/index"}}, ["src/index.js"], "node src/index.js"),
        (
            {"scripts": {"start": "cross-env NODE_ENV=production node -r dotenv/config server.js"}},
            ["server.js"],
            "node -r dotenv/config server.js",
        ),
        ({"scripts": {"start": "nodemon server.js"}}, ["server.js"], "node server.js"),
        (
            {"scripts": {"start": "npm run serve:prod", "serve:prod": "node ."}, "main": "lib/app.js"},
            ["lib/app.js"],
            "node lib/app.js",
        ),
        (
            {"scripts": {"start": "npm run build && node dist/main.js", "build": "tsc"}},
            ["tsconfig.json", "src/main.ts"],
            "node dist/main.js",
        ),
        (
            {"scripts": {"start": "ts-node src/main.ts", "build": "tsc"}},
            ["tsconfig.json", "src/main.ts"],
            "node dist/main.js",
        ),
        ({"scripts": {"start": "node a.js | pino-pretty"}}, ["a.js"], "npm start"),
        (
            {"scripts": {"start": "nest start", "build": "nest build"}, "dependencies": {"@nestjs/core": "10"}},
            ["src/main.ts", "tsconfig.json"],
            "node dist/main.js",
        ),
        (
            {
                "scripts": {"start": "nest start", "start:prod": "node dist/main"},
                "dependencies": {"@nestjs/core": "10"},
            },
            ["src/main.ts"],
            "node dist/main",
        ),
        (
            {
                "scripts": {"start": "fastify start -l info app.js"},
                "dependencies": {"fastify-cli": "7", "fastify": "5"},
            },
            ["app.js"],
            "node_modules/.bin/fastify start -l info app.js --address 0.0.0.0",
        ),
        (
            {"scripts": {"build": "next build", "start": "next start"}, "dependencies": {"next": "14"}},
            ["pages/index.js"],
            "node_modules/.bin/next start",
        ),
        (
            {"dependencies": {"nuxt": "3"}, "scripts": {"build": "nuxt build"}},
            ["app.vue"],
            "node .output/server/index.mjs",
        ),
        ({"main": "server.js"}, ["server.js"], "node server.js"),
        ({"main": "index.js"}, ["server.js"], "node server.js"),
        ({}, ["app.mjs"], "node app.mjs"),
        ({}, ["bin/www"], "node bin/www"),
    ],
)
def test_the_best_start_runs_node_itself(tmp_path: Path, keys: dict[str, Any], names: list[str], first: str) -> None:
    assert starts(facts(tmp_path, {"package.json": package(**keys), **dict.fromkeys(names, "//\n")}))[0] == first


def test_typescript_is_compiled_to_the_folder_that_its_file_names(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "package.json": package(devDependencies={"typescript": "5"}, dependencies={"express": "4"}),
            "tsconfig.json": '{\n  // "outDir": "no",\n  "compilerOptions": {"outDir": "./lib/"}\n}\n',
            "src/server.ts": "import express from 'express';\nconst app = express();\napp.listen(3000);\n",
        },
    )
    assert (starts(found)[0], values(found, "output")) == ("node lib/server.js", "lib")
    assert values(found, "build") == [["node_modules/.bin/tsc", "--project", "tsconfig.json"]]


@pytest.mark.parametrize(
    ("keys", "files", "framework", "output"),
    [
        ({"scripts": {"dev": "vite", "build": "vite build"}, "devDependencies": {"vite": "5"}}, {"src/main.ts": "fetch('http://x')\n"}, "vite", "dist"),
        ({"scripts": {"dev": "vite", "build": "vite build"}, "devDependencies": {"vite": "5"}},
         {"vite.config.ts": "export default { build: { outDir: 'public_html' }, server: { port: 3000 } }\n"}, "vite", "public_html"),
        ({"scripts": {"start": "react-scripts start", "build": "react-scripts build"}, "dependencies": {"react-scripts": "5"}}, {"src/index.js": "//\n"}, "react-scripts", "build"),
        ({"scripts": {"start": "ng serve", "build": "ng build"}, "devDependencies": {"@angular/cli": "17"}},
         {"angular.json": '{"builder": "@angular-devkit/build-angular:application", "outputPath": "dist/shop"}'}, "angular", "dist/shop/browser"),
    ],
)  # fmt: skip
def test_static_files_have_an_output_and_no_start(
    tmp_path: Path, keys: dict[str, Any], files: dict[str, str | bytes], framework: str, output: str
) -> None:
    found = facts(tmp_path, {"package.json": package(**keys), "index.html": "<html>", **files})
    assert (values(found, "framework"), values(found, "output"), starts(found), ports(found)) == (
        framework,
        output,
        [],
        [],
    )
    assert "builds static files" in notes(found)


START = {
    "scripts": {"build": "vite build"},
    "dependencies": {"@tanstack/react-start": "1"},
    "devDependencies": {"vite": "8"},
}
EXPO = {
    "scripts": {"start": "expo start", "build": "expo export -p web"},
    "main": "expo-router/entry",
    "dependencies": {"expo": "56", "react-native": "1"},
}


@pytest.mark.parametrize(
    ("more", "first"),
    [
        ({}, "srvx --prod --static ../client dist/server/server.js"),
        ({"nitro": "3"}, "node .output/server/index.mjs"),
    ],
)
def test_tanstack_start_is_started_by_what_its_build_leaves(tmp_path: Path, more: dict[str, str], first: str) -> None:
    keys = {**START, "devDependencies": {**START["devDependencies"], **more}}
    found = facts(tmp_path, {"package.json": package(**keys), "src/router.tsx": "//\n"})
    assert (values(found, "framework"), starts(found)[0], ports(found)) == (
        "tanstack-start",
        first,
        [(3000, "http", "PORT")],
    )


def test_what_is_built_for_another_platform_is_neither_started_nor_served_as_files(tmp_path: Path) -> None:
    keys = {**START, "devDependencies": {"vite": "8", "@cloudflare/vite-plugin": "1"}}
    found = facts(tmp_path, {"package.json": package(**keys), "src/router.tsx": "//\n"})
    assert not [line for line in starts(found) if "dist/" in line]
    assert "builds static files" not in notes(found)


@pytest.mark.parametrize(("output", "static"), [("static", "dist"), ("single", "dist"), ("server", None)])
def test_an_export_of_expo_for_browsers_is_files_unless_it_wants_a_server(
    tmp_path: Path, output: str, static: str | None
) -> None:
    settings = json.dumps({"expo": {"web": {"output": output}}})
    found = facts(tmp_path, {"package.json": package(**EXPO), "app.json": settings, "src/app/index.tsx": "//\n"})
    assert ("builds static files" in notes(found), values(found, "output")) == (bool(static), static)


# ---- ports ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("app.listen(3000)", (3000, "http", "")),
        ("app.listen(process.env.PORT || 3001)", (3001, "http", "PORT")),
        (
            "const port = process.env.PORT ?? '3002';\napp.listen(port, () => console.log(`on ${port}`));",
            (3002, "http", "PORT"),
        ),
        ("const port = Number(process.env.PORT) || 3003\nserver.listen(port)", (3003, "http", "PORT")),
        (
            "const PORT = parseInt(process.env.APP_PORT || '3004', 10);\napp.listen(PORT, '0.0.0.0')",
            (3004, "http", "APP_PORT"),
        ),
        ("const { PORT = 3005 } = process.env;\napp.listen(PORT)", (3005, "http", "PORT")),
        (
            "const config = { server: { port: process.env.PORT || 3006 } };\napp.listen(config.server.port)",
            (3006, "http", "PORT"),
        ),
        (
            "app.set('port', process.env.PORT || 3007);\nhttp.createServer(app).listen(app.get('port'))",
            (3007, "http", "PORT"),
        ),
        ("var port = normalizePort(process.env.PORT || '3008');\nserver.listen(port);", (3008, "http", "PORT")),
        ("const port = process.env.PORT ? Number(process.env.PORT) : 3009;\napp.listen(port)", (3009, "http", "PORT")),
        ("await fastify.listen({ port: 3010, host: '0.0.0.0' })", (3010, "http", "")),
        ("const port = +(process.env.PORT || 3011)\nfastify.listen({ port, host })", (3011, "http", "PORT")),
        ("const server = Hapi.server({ port: 3012, host: '0.0.0.0' });", (3012, "http", "")),
        ("const wss = new WebSocketServer({ port: 3013 })", (3013, "http", "")),
        ("startStandaloneServer(server, { listen: { port: 3014 } })", (3014, "http", "")),
        ("import { serve } from '@hono/node-server';\nserve({ fetch: app.fetch, port: 3015 })", (3015, "http", "")),
        ("const net = require('net');\nconst s = net.createServer(c => c.end());\ns.listen(3016)", (3016, "tcp", "")),
        ("net.createServer((c) => {\n  c.end('x, y');\n}).listen(3017)", (3017, "tcp", "")),
        ("server.bindAsync('0.0.0.0:50051', creds, () => {})", (50051, "grpc", "")),
        (
            "const port = process.env.PORT || 50052;\nserver.bindAsync(`0.0.0.0:${port}`, creds, cb)",
            (50052, "grpc", "PORT"),
        ),
        (
            "const bootstrap = async () => { const app = await NestFactory.create(M); await app.listen(process.env.PORT ?? 3018); }",
            (3018, "http", "PORT"),
        ),
        ("app.listen(config.get('PORT', 3019))", (3019, "http", "PORT")),
        (
            "const port = env('PORT', '3020');\nfunction env(name, fallback) { return process.env[name] || fallback; }\napp.listen(port)",
            (3020, "http", "PORT"),
        ),
        ("app.listen(process.env.PORT)", (8080, "http", "PORT")),
    ],
)
def test_a_listening_call_shows_port_protocol_and_variable(
    tmp_path: Path, code: str, expected: tuple[int, str, str]
) -> None:
    assert ports(facts(tmp_path, {"package.json": package(main="server.js"), "server.js": code})) == [expected]


@pytest.mark.parametrize(
    "code",
    [
        "// app.listen(3000)\n", "/* app.listen(3000) */", "const s = 'app.listen(3000)'", "const t = `app.listen(3000)`", "const r = /app.listen(3000)/g",
        "document.addEventListener('x')", "bus.listen('topic')", "const a = 4 / 2; const b = 'it\\'s'; // .listen(1)",
    ],
)  # fmt: skip
def test_comments_strings_and_patterns_are_no_code(tmp_path: Path, code: str) -> None:
    assert ports(facts(tmp_path, {"package.json": package(main="server.js"), "server.js": code})) == []


def test_code_inside_a_template_is_code(tmp_path: Path) -> None:
    code = "const u = `http://${process.env.CATALOG_HOST || 'catalog'}:${8000}/a/${`b${c}`}`;\napp.listen(3000)\n"
    found = facts(tmp_path, {"package.json": EXPRESS, "server.js": code})
    assert (hosts(found), env(found), ports(found)) == (
        ["catalog:8000"],
        {"CATALOG_HOST": ("catalog", False)},
        [(3000, "http", "")],
    )


def test_frameworks_without_a_port_in_the_code_have_their_own(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {"package.json": package(dependencies={"next": "14"}, scripts={"build": "next build", "start": "next start"})},
    )
    assert ports(found) == [(3000, "http", "PORT")]
    assert values(found, "writable") == ["/app/.next/cache"]


@pytest.mark.parametrize(
    ("code", "port"),
    [
        ("fastify.listen({ port: 3000 })", "3000"),
        ("fastify.listen({ port: process.env.PORT ?? 4000 })", "4000"),
        ("fastify.listen({ port: process.env.PORT, host: 'localhost' })", "PORT"),
    ],
)
def test_a_server_on_localhost_only_is_doubted(tmp_path: Path, code: str, port: str) -> None:
    files = {
        "package.json": package(main="server.js", dependencies={"fastify": "5"}),
        "server.js": f"const fastify = require('fastify')();\n{code}\n",
    }
    found = values(facts(tmp_path, files), "doubts")
    assert [doubt["said"].partition(":")[0] for doubt in found] == [f"listens on port {port} of localhost only"]


@pytest.mark.parametrize(
    "code",
    [
        "fastify.listen({ port: 3000, host: '0.0.0.0' })",
        "fastify.listen({ port: 3000, host: process.env.HOST })",
        "fastify.listen({ port: 3000, host: process.env.HOST || 'localhost' })",
        "fastify.listen({ port: 3000, host: settings.of('host') })",
        "fastify.listen(3000, '0.0.0.0')",
    ],
)
def test_a_server_on_all_addresses_is_not_doubted(tmp_path: Path, code: str) -> None:
    files = {"package.json": package(main="server.js", dependencies={"fastify": "5"}), "server.js": code}
    assert values(facts(tmp_path, files), "doubts") == []


@pytest.mark.parametrize("host", ["process.env.HOST", "process.env.HOST ?? '127.0.0.1'"])
def test_a_variable_opens_a_server_of_localhost(tmp_path: Path, host: str) -> None:
    files = {
        "package.json": package(main="server.js", dependencies={"fastify": "5"}),
        "server.js": f"fastify.listen({{ port: 3000, host: {host} }})",
    }
    assert values(facts(tmp_path, files), "forms") == [{"env": "HOST", "form": "0.0.0.0"}]


# ---- health, variables, hosts, writes ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("files", "health"),
    [
        ({"server.js": "app.get('/healthz', (req, res) => res.send('ok'))"}, ["/healthz"]),
        ({"server.js": "app.use('/health', (req, res) => res.end())\napp.use('/status', router)"}, ["/health"]),
        (
            {"server.js": "const router = express.Router();\nrouter.get('/health', h);\napp.use('/api', router);"},
            ["/api/health"],
        ),
        (
            {
                "server.js": "const ops = require('./routes/ops');\napp.use('/ops', ops);",
                "routes/ops.js": "const r = require('express').Router();\nr.get('/ready', h);\nmodule.exports = r;",
            },
            ["/ops/ready"],
        ),
        (
            {
                "server.ts": "import { router } from './ops.js';\napp.use('/v1', router);",
                "ops.ts": "export const router: Router = Router();\nrouter.get('/live', h);",
            },
            ["/v1/live"],
        ),
        (
            {
                "server.js": "app.register(require('./ops'), { prefix: '/x' })\n",
                "ops.js": "module.exports = async (fastify) => { fastify.get('/healthz', h) }",
            },
            ["/x/healthz"],
        ),
        ({"server.js": "fastify.route({ method: 'GET', url: '/healthz', handler: h })"}, ["/healthz"]),
        ({"server.js": "http.createServer((req, res) => { if (req.url === '/healthz') res.end() })"}, ["/healthz"]),
        ({"server.js": "switch (req.url) {\n  case '/livez': break\n  case '/x': break\n}"}, ["/livez"]),
        (
            {
                "src/health.controller.ts": "@Controller('health')\nexport class H {\n  @Get('live')\n  live() {}\n  @Get()\n  all() {}\n}",
                "src/main.ts": "app.setGlobalPrefix('api');",
            },
            ["/api/health", "/api/health/live"],
        ),
        ({"app/api/health/route.ts": "export async function GET() {}"}, ["/api/health"]),
        ({"pages/api/healthz.js": "export default (q, s) => s.end()"}, ["/api/healthz"]),
        ({"server.js": "createTerminus(server, { healthChecks: { '/healthz': check } })"}, ["/healthz"]),
        ({"server.js": "const router = express.Router();\nrouter.get('/health', h);"}, []),
        (
            {
                "server.js": "axios.get('/health');\nconst api = axios.create({});\napi.get('/healthz');\napp.get('/users/:id/status', h)"
            },
            [],
        ),
    ],
)
def test_health_routes_have_their_whole_path(tmp_path: Path, files: dict[str, str | bytes], health: list[str]) -> None:
    assert values(facts(tmp_path, {"package.json": EXPRESS, **files}), "health") == health


def test_fastify_loads_routes_by_folder(tmp_path: Path) -> None:
    manifest = package(dependencies={"fastify": "5", "@fastify/autoload": "6"})
    found = facts(
        tmp_path,
        {
            "package.json": manifest,
            "routes/root.js": "fastify.get('/health', h)",
            "routes/ops/index.js": "fastify.get('/ready', h)",
        },
    )
    assert values(found, "health") == ["/health", "/ops/ready"]


def test_variables_have_defaults_and_are_required_where_the_program_would_fail(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "package.json": EXPRESS,
            "server.js": (
                "const a = process.env.A;\nconst b = process.env['B'] || 'b';\nconst c = Number(process.env.C ?? 3);\n"
                "const { D, E = 'e', F: local = 'f' } = process.env;\nif (!process.env.G) {\n  throw new Error('G')\n}\n"
                "if (!process.env.H) { console.error('x'); process.exit(1) }\nprocess.env.SET = 'x';\nconst k = process.env.API_KEY || 'sk-123';\n"
                "this.config.getOrThrow('IDP_URL');\nconst n = process.env.NODE_ENV;\n// process.env.NO\n"
            ),
        },
    )
    assert env(found) == {
        "A": (None, False),
        "B": ("b", False),
        "C": ("3", False),
        "D": (None, False),
        "E": ("e", False),
        "F": ("f", False),
        "G": (None, True),
        "H": (None, True),
        "API_KEY": ("(hidden)", False),
        "IDP_URL": (None, True),
    }


SERVES = 'require("http").createServer(f).listen(3000);\n'


def test_a_bundled_library_in_the_source_names_no_hosts(tmp_path: Path) -> None:
    bundle = ";".join(f'a.connect({number},"onerror")' for number in range(100, 200))
    files = {"server.js": 'net.connect(6379, "cache");\n' + SERVES, "public/io.js": f"/*! io */\n{bundle}\n"}
    assert hosts(facts(tmp_path, {"package.json": "{}", **files})) == ["cache:6379"]


@pytest.mark.parametrize(("url", "called"), [("https://YOUR-HOST/", []), ("https://catalog/", ["catalog:0"])])
def test_a_name_in_capitals_stands_where_another_is_to_be_written(tmp_path: Path, url: str, called: list[str]) -> None:
    assert hosts(facts(tmp_path, {"package.json": "{}", "server.js": f'fetch("{url}");\n{SERVES}'})) == called


def test_a_pattern_of_addresses_calls_none_of_them(tmp_path: Path) -> None:
    code = f"const OURS = new RegExp('^https://sns\\\\.[a-z0-9-]+\\\\.example\\\\.com$');\n{SERVES}"
    assert hosts(facts(tmp_path, {"package.json": "{}", "server.js": code})) == []


def test_a_command_that_a_package_offers_writes_for_whoever_calls_it(tmp_path: Path) -> None:
    files = {"server.js": SERVES, "bin/create.js": 'fs.writeFileSync(".env", text);\n'}
    offered = {"package.json": '{"main": "server.js", "bin": {"create-shop": "./bin/create.js"}}', **files}
    started = {**offered, "package.json": '{"bin": "bin/create.js", "scripts": {"start": "node bin/create.js"}}'}
    assert values(facts(tmp_path / "a", offered), "writable") == []
    assert values(facts(tmp_path / "b", started), "writable") == ["/app"]


def test_hosts_are_names_in_the_position_of_a_host(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "package.json": EXPRESS,
            "server.js": (
                "// http://comment:1/\nvar redisHost = process.env.REDIS_HOST || 'redis'\nvar host = process.env.CATALOGUE_HOST || 'catalogue'\n"
                "request('http://' + host + ':8080/product/' + id);\nconst mongo = process.env.MONGO_URL || 'mongodb://app:pw@mongodb:27017/shop';\n"
                "fetch(`http://orders:3000/${id}`);\nconst client = createClient({ socket: { host: 'cache', port: 6379 } });\nnew Redis(6380, 'queue');\n"
                "fetch('https://api.example.com/');\nfetch('http://localhost:9/');\nnew Kafka({ brokers: ['kafka:9092'] });\n"
                "const t = 'a:b'; const u = '10:30'; const i = 'nginx:1.25';\n"
            ),
        },
    )
    assert hosts(found) == [
        "cache:6379",
        "catalogue:8080",
        "kafka:9092",
        "mongodb:27017",
        "orders:3000",
        "queue:6380",
        "redis:0",
    ]


def test_writable_are_the_folders_that_writes_need(tmp_path: Path) -> None:
    found = facts(
        tmp_path,
        {
            "package.json": EXPRESS,
            "server.js": (
                "fs.writeFileSync('/data/x.json', '{}');\nconst dir = process.env.UPLOADS || '/uploads';\nfs.mkdirSync(dir, { recursive: true });\n"
                "fs.createWriteStream(path.join(__dirname, 'logs', 'a.log'));\nconst upload = multer({ dest: 'tmp/in' });\nos.tmpdir();\nfs.readFile('/etc/x', cb);\n"
                "fs.promises.appendFile(`${dir}/${name}.txt`, 'x')\n"
            ),
        },
    )
    assert values(found, "writable") == ["/app/logs", "/app/tmp/in", "/data", "/tmp", "/uploads"]


@pytest.mark.parametrize(
    ("dependencies", "framework"),
    [
        ({"express": "4"}, "express"), ({"koa": "2"}, "koa"), ({"@hapi/hapi": "21"}, "hapi"), ({"@nestjs/core": "10", "express": "4"}, "nest"),
        ({"fastify": "5", "fastify-cli": "7"}, "fastify"), ({"socket.io": "4"}, "socket.io"), ({"@apollo/server": "4"}, "apollo"),
        ({"@grpc/grpc-js": "1"}, "http"), ({}, "http"),
    ],
)  # fmt: skip
def test_the_framework_is_the_outermost_dependency(
    tmp_path: Path, dependencies: dict[str, str], framework: str
) -> None:
    manifest = package(main="server.js", dependencies=dependencies)
    assert (
        values(
            facts(tmp_path, {"package.json": manifest, "server.js": "http.createServer(h).listen(3000)"}), "framework"
        )
        == framework
    )


def test_native_modules_name_their_packages(tmp_path: Path) -> None:
    found = facts(
        tmp_path, {"package.json": package(dependencies={"pg-native": "3", "sharp": "1", "tool": "github:acme/tool"})}
    )
    assert values(found, "packages") == ["libpq5"]
    assert values(found, "build_packages") == ["ca-certificates", "g++", "git", "libpq-dev", "make", "python3"]


def test_every_value_has_its_line(tmp_path: Path) -> None:
    found = facts(tmp_path, {"package.json": EXPRESS, "server.js": "\n\napp.get('/healthz', h)\napp.listen(3000)\n"})
    assert (places(found, "health"), places(found, "ports"), places(found, "project_version")) == (
        ["server.js:3"],
        ["server.js:4"],
        ["package.json:3"],
    )


# ---- frameworks that build a server, or files -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("dependencies", "files", "start", "output", "port"),
    [
        ({"@sveltejs/adapter-node": "5", "@sveltejs/kit": "2", "vite": "6"}, {}, "node build", "build", 3000),
        ({"@astrojs/node": "9", "astro": "5"}, {"astro.config.mjs": 'export default {output: "server"}'},
         "node dist/server/entry.mjs", "dist", 4321),
        ({"@tanstack/react-start": "1", "nitro": "3", "vite": "7"}, {}, "node .output/server/index.mjs", ".output", 3000),
    ],
)  # fmt: skip
def test_a_framework_starts_the_server_that_its_build_makes(
    tmp_path: Path, dependencies: dict[str, str], files: dict[str, str], start: str, output: str, port: int
) -> None:
    text = package(dependencies=dependencies, scripts={"build": "vite build"})
    found = facts(tmp_path, {"package.json": text, **files})
    assert (starts(found)[0], values(found, "output"), [each["port"] for each in values(found, "ports")]) == (
        start,
        output,
        [port],
    )


@pytest.mark.parametrize(
    ("dependencies", "scripts", "files", "output"),
    [
        ({"next": "15"}, {"build": "next build", "start": "next start"}, {"next.config.ts": 'export default {output: "export"}'}, "out"),
        ({"@react-router/serve": "7"}, {"build": "react-router build", "start": "react-router-serve ./build/server/index.js"},
         {"react-router.config.ts": "export default {ssr: false} satisfies Config"}, "build/client"),
        ({"@sveltejs/adapter-static": "3", "vite": "6"}, {"build": "vite build"}, {}, "build"),
        ({"expo": "56"}, {"start": "expo start", "build": "expo export --platform web"}, {}, "dist"),
    ],
)  # fmt: skip
def test_a_framework_that_exports_leaves_static_files(
    tmp_path: Path, dependencies: dict[str, str], scripts: dict[str, str], files: dict[str, str], output: str
) -> None:
    found = facts(tmp_path, {"package.json": package(dependencies=dependencies, scripts=scripts), **files})
    assert (starts(found), values(found, "output")) == ([], output)


@pytest.mark.parametrize("kind", ["dependencies", "devDependencies"])
def test_nuxt_is_a_server_wherever_its_dependency_stands(tmp_path: Path, kind: str) -> None:
    scripts = {"build": "nuxt build", "start": "node .output/server/index.mjs"}
    found = facts(tmp_path, {"package.json": package(**{kind: {"nuxt": "3"}, "scripts": scripts})})
    assert (values(found, "framework"), ports(found)) == ("nuxt", [(3000, "http", "PORT")])


@pytest.mark.parametrize("name", ["nitropack", "nitro"])
def test_nitro_alone_is_a_server(tmp_path: Path, name: str) -> None:
    scripts = {"dev": f"{name} dev", "build": f"{name} build"}
    found = facts(tmp_path, {"package.json": package(devDependencies={name: "2"}, scripts=scripts)})
    assert (starts(found), ports(found)) == (["node .output/server/index.mjs"], [(3000, "http", "PORT")])


def test_nitro_that_nothing_builds_is_a_part_of_another_tool(tmp_path: Path) -> None:
    text = package(devDependencies={"nitropack": "2", "vite": "7"}, scripts={"build": "vite build"})
    found = facts(tmp_path, {"package.json": text})
    assert (starts(found), values(found, "output")) == ([], "dist")


@pytest.mark.parametrize(
    ("platform", "other"),
    [
        ("@sveltejs/adapter-vercel", "@sveltejs/adapter-node"),
        ("@sveltejs/adapter-cloudflare", "@sveltejs/adapter-node"),
        ("@astrojs/netlify", "@astrojs/node"),
    ],
)
def test_a_framework_that_builds_for_a_platform_is_doubted(tmp_path: Path, platform: str, other: str) -> None:
    keys = {"devDependencies": {platform: "5", "vite": "7"}, "scripts": {"build": "vite build"}}
    (doubt,) = values(facts(tmp_path, {"package.json": package(**keys)}), "doubts")
    assert (platform in doubt["said"], other in doubt["hint"]) == (True, True)


def test_a_framework_with_its_own_server_beside_a_platform_is_not_doubted(tmp_path: Path) -> None:
    both = {"@sveltejs/adapter-node": "5", "@sveltejs/adapter-vercel": "5", "vite": "7"}
    found = facts(tmp_path, {"package.json": package(devDependencies=both, scripts={"build": "vite build"})})
    assert (starts(found), values(found, "doubts")) == (["node build"], [])


@pytest.mark.parametrize("files", [{}, {"next.config.js": "module.exports = {output: 'standalone'}"}])
def test_next_without_an_export_is_a_server(tmp_path: Path, files: dict[str, str]) -> None:
    text = package(dependencies={"next": "15"}, scripts={"build": "next build", "start": "next start"})
    assert starts(facts(tmp_path, {"package.json": text, **files}))[0] != []


def test_a_server_whose_build_makes_no_program_starts_nothing(tmp_path: Path) -> None:
    text = package(dependencies={"@tanstack/react-start": "1", "vinxi": "0.5"}, scripts={"build": "vinxi build"})
    assert starts(facts(tmp_path, {"package.json": text})) == []


def test_what_a_start_names_and_the_source_lacks_is_what_the_build_makes(tmp_path: Path) -> None:
    scripts = {"build": "react-router build", "start": "react-router-serve ./build/server/index.js"}
    files = {"package.json": package(dependencies={"@react-router/serve": "7"}, scripts=scripts), "tsconfig.json": "{}"}
    assert values(facts(tmp_path, files), "output") == "build"


def test_astro_listens_for_all_addresses(tmp_path: Path) -> None:
    text = package(dependencies={"@astrojs/node": "9", "astro": "5"}, scripts={"build": "astro build"})
    files = {"package.json": text, "astro.config.mjs": 'export default {output: "server"}'}
    assert values(facts(tmp_path, files), "variables") == [{"name": "HOST", "value": "0.0.0.0"}]


# ---- Bun ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("keys", "start"),
    [
        ({"scripts": {"start": "bun index.ts"}}, "bun index.ts"),
        ({"scripts": {"start": "bun run src/server.ts --port 3000"}}, "bun src/server.ts --port 3000"),
        ({"scripts": {"start": "bun run serve", "serve": "bun src/server.ts"}}, "bun src/server.ts"),
        ({"module": "index.ts"}, "bun index.ts"),
        ({"module": "./index.ts", "scripts": {"build": "tsc --noEmit"}}, "bun index.ts"),
    ],
)
def test_bun_runs_typescript_as_it_is(tmp_path: Path, keys: dict[str, Any], start: str) -> None:
    files = {"package.json": package(**keys), "bun.lock": "", "index.ts": "", "src/server.ts": ""}
    assert starts(facts(tmp_path, files))[0] == start


def test_a_module_of_another_manager_is_no_start(tmp_path: Path) -> None:
    files = {"package.json": package(module="lib.ts"), "package-lock.json": "{}", "lib.ts": ""}
    assert starts(facts(tmp_path, files)) == []


@pytest.mark.parametrize(
    ("engines", "manager"),
    [
        ({"bun": ">=1"}, "bun"),
        ({"node": "22", "pnpm": "8"}, "pnpm"),
        ({"node": "22"}, "npm"),
        ({"npm": "10", "yarn": "please-use-npm"}, "npm"),
        ({"yarn": "1", "pnpm": "9"}, "npm"),
    ],
)
def test_engines_name_the_manager_where_no_lock_file_does(
    tmp_path: Path, engines: dict[str, str], manager: str
) -> None:
    assert values(facts(tmp_path, {"package.json": package(engines=engines)}), "package_manager") == manager


@pytest.mark.parametrize("name", [".npmrc", ".env", ".env.production"])
def test_files_that_an_installation_or_a_build_reads_are_mounted_by_name(tmp_path: Path, name: str) -> None:
    table = json.dumps({"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7.0.0"}})
    assert facts(tmp_path, {"package.json": table, "index.html": "", name: "x"}).value("mounted") == [name]


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ({"scripts": {"start": "node x.js"}, "dependencies": {"next": "1"}}, ".env"),
        ({"scripts": {"build": "tsc"}}, ".env"),
        ({}, ".env.local"),
    ],
)
def test_variables_that_no_build_reads_are_not(tmp_path: Path, table: dict[str, object], name: str) -> None:
    assert facts(tmp_path, {"package.json": json.dumps(table), "x.js": "", name: "x"}).value("mounted") == []


def test_what_git_ignores_is_not_there_where_images_are_built(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert facts(tmp_path, {"package.json": "{}", ".gitignore": ".npmrc\n", ".npmrc": "x"}).value("mounted") == []
