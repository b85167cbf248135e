"""Health routes of Node programs: whole paths, the port that answers, and why some of them are no probe."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.detectors.reading import facts

APP = "const express = require('express'); const app = express();\n"


def read(tmp_path: Path, files: dict[str, str], *dependencies: str) -> Any:
    manifest = {"name": "a", "main": "server.js", "dependencies": dict.fromkeys(dependencies or ("express",), "1")}
    return facts(tmp_path, {"package.json": json.dumps(manifest), **files})


def unprobed(found: Any) -> list[tuple[str, str]]:
    return [(one["path"], one["why"]) for one in found.value("unprobed")]


@pytest.mark.parametrize(
    ("files", "health"),
    [
        # Express
        ({"server.js": APP + "app.use('/v1', require('./routes'))\n", "routes/index.js": "const r = express.Router(); r.use('/ops', require('./ops')); module.exports = r\n",
          "routes/ops.js": "const r = express.Router(); r.get('/health', h); module.exports = r\n"}, ["/v1/ops/health"]),
        ({"server.js": APP + "app.use('/v1', require('./routes'))\n",
          "routes/index.js": "const healthRoute = require('./health.route'); const router = express.Router();\nconst all = [{ path: '/health', route: healthRoute }];\nall.forEach((one) => { router.use(one.path, one.route) })\nmodule.exports = router\n",
          "routes/health.route.js": "const router = express.Router(); router.get('/', h); router.get('/live', h); module.exports = router\n"}, ["/v1/health", "/v1/health/live"]),
        ({"server.js": APP + "const base = process.env.BASE || '/api'\napp.use(`${base}/v1`, require('./ops'))\n", "ops.js": "const r = express.Router(); r.get('/health', h); module.exports = r\n"}, ["/api/v1/health"]),
        ({"server.js": APP + "app.get('/health', h)\napp.use(requireAuth)\napp.get('/ready', h)\n"}, ["/health"]),
        ({"server.js": APP + "app.use('/api', requireAuth)\napp.get('/health', h)\n"}, ["/health"]),
        ({"server.js": APP + "app.get('/health', limiter, h)\n"}, ["/health"]),
        ({"server.js": APP + "app.route('/health').get(h).post(h)\n"}, ["/health"]),
        ({"server.js": APP + "const health = require('@cloudnative/health-connect')\napp.use('/live', health.LivenessEndpoint(c))\n"}, ["/live"]),
        ({"server.js": APP + "app.use('/healthcheck', require('express-healthcheck')())\n"}, ["/healthcheck"]),
        ({"server.js": APP + "const actuator = require('express-actuator')\napp.use(actuator({ basePath: '/management' }))\n"}, ["/management/health"]),
        ({"server.js": APP + "createTerminus(server, { healthChecks: { '/ht': check } })\n"}, ["/ht"]),
        # Fastify
        ({"server.js": "const f = require('fastify')()\nf.register(async (api) => {\n  api.get('/health', h)\n}, { prefix: '/v1' })\n"}, ["/v1/health"]),
        ({"server.js": "const f = require('fastify')()\nasync function ops(api) {\n  api.get('/health', h)\n}\nf.register(ops, { prefix: '/ops' })\n"}, ["/ops/health"]),
        ({"server.js": "const f = require('fastify')()\nf.register(require('./ops'), { prefix: '/ops' })\n", "ops.js": "module.exports = async function (fastify) { fastify.get('/ready', h) }\n"}, ["/ops/ready"]),
        ({"server.js": "const f = require('fastify')()\nf.register(require('fastify-healthcheck'), { healthcheckUrl: '/alive' })\n"}, ["/alive"]),
        ({"server.js": "const f = require('fastify')()\nf.register(require('@fastify/under-pressure'), { exposeStatusRoute: true })\n"}, ["/status"]),
        # Koa
        ({"server.js": "const Router = require('@koa/router')\nconst r = new Router({ prefix: '/api' })\nr.get('/health', h)\napp.use(r.routes())\n"}, ["/api/health"]),
        ({"server.js": "const Router = require('@koa/router')\nconst r = new Router()\nr.prefix('/ops')\nr.get('/health', h)\napp.use(r.routes())\n"}, ["/ops/health"]),
        ({"server.js": "const Router = require('@koa/router')\nconst api = new Router(), r = new Router()\nr.get('/health', h)\napi.use('/v1', r.routes())\napp.use(api.routes())\n"}, ["/v1/health"]),
        ({"server.js": "const mount = require('koa-mount')\nconst sub = new Koa()\nconst Router = require('@koa/router')\nconst r = new Router()\nr.get('/health', h)\napp.use(mount('/m', r.routes()))\n"}, ["/m/health"]),
        # Hono, Elysia
        ({"server.js": "import { Hono } from 'hono'\nconst app = new Hono().basePath('/api').get('/x', h).get('/health', h)\nexport default app\nserve(app)\n"}, ["/api/health"]),
        ({"server.js": "import { Hono } from 'hono'\nconst sub = new Hono()\nsub.get('/health', h)\nconst app = new Hono()\napp.route('/api', sub)\nserve({ fetch: app.fetch, port: 3000 })\n"}, ["/api/health"]),
        # hapi, AdonisJS
        ({"server.js": "server.route({ method: 'GET', path: '/health', handler })\nserver.route({ method: 'POST', path: '/ready', handler })\n"}, ["/health"]),
        ({"server.js": "router.group(() => {\n  router.get('/health', h)\n}).prefix('/api')\n"}, ["/api/health"]),
        # the place of a file
        ({"app/api/health/route.ts": "export async function GET() {}\n"}, ["/api/health"]),
        ({"app/(ops)/api/healthz/route.ts": "export const GET = () => {}\n"}, ["/api/healthz"]),
        ({"app/api/health/route.ts": "export async function GET() {}\n", "next.config.js": "module.exports = { basePath: '/docs' }\n"}, ["/docs/api/health"]),
        ({"pages/api/health.js": "export default h\n"}, ["/api/health"]),
        ({"server/api/health.get.ts": "export default h\n"}, ["/api/health"]),
        ({"server/routes/healthz.ts": "export default h\n"}, ["/healthz"]),
        ({"src/routes/health/+server.ts": "export function GET() {}\n"}, ["/health"]),
        ({"app/routes/api.health.ts": "export async function loader() {}\n"}, ["/api/health"]),
        ({"src/pages/health.ts": "export const GET = () => {}\n"}, ["/health"]),
    ],
)  # fmt: skip
def test_a_route_has_the_prefixes_of_where_it_is_mounted(
    tmp_path: Path, files: dict[str, str], health: list[str]
) -> None:
    assert read(tmp_path, files).value("health") == health


NEST = "@Controller('health')\nexport class HealthController {\n  @Get()\n  check() {}\n}\n"


def nest(main: str, controller: str = NEST) -> dict[str, str]:
    return {
        "src/main.ts": f"const app = await NestFactory.create(AppModule)\n{main}",
        "src/health.controller.ts": controller,
    }


@pytest.mark.parametrize(
    ("files", "health"),
    [
        (nest(""), ["/health"]),
        (nest("app.setGlobalPrefix('api')\n"), ["/api/health"]),
        (nest("app.setGlobalPrefix('api', { exclude: ['health'] })\n"), ["/health"]),
        (nest("app.setGlobalPrefix('api', { exclude: [{ path: 'health', method: RequestMethod.GET }] })\n"), ["/health"]),
        (nest("app.setGlobalPrefix('api', { exclude: ['health/(.*)', 'health'] })\n"), ["/health"]),
        (nest("app.setGlobalPrefix('api')\napp.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' })\n"), ["/api/v1/health"]),
        (nest("app.enableVersioning({ type: VersioningType.HEADER, defaultVersion: '1' })\n"), ["/health"]),
        (nest("app.enableVersioning({ type: VersioningType.URI })\n", NEST.replace("'health'", "{ path: 'health', version: '2' }")), ["/v2/health"]),
        (nest("app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' })\n", NEST.replace("'health'", "{ path: 'health', version: VERSION_NEUTRAL }")), ["/health"]),
        (nest("", NEST.replace("@Get()", "@Get('live')")), ["/health/live"]),
        (nest("", NEST.replace("@Get()", "@Get(['live', 'ready'])")), ["/health/ready", "/health/live"]),
        (nest("", "@UseGuards(JwtAuthGuard)\n" + NEST.replace("@Get()", "@Public()\n  @Get()")), ["/health"]),
        (nest("", "@UseGuards(ThrottlerGuard)\n" + NEST), ["/health"]),
    ],
)  # fmt: skip
def test_nest_has_one_prefix_for_all_versions_and_exceptions(
    tmp_path: Path, files: dict[str, str], health: list[str]
) -> None:
    assert read(tmp_path, files, "@nestjs/core").value("health") == health


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"server.js": APP + "const r = express.Router(); r.get('/health', h)\n"}, [("/health", "prefix")]),
        ({"server.js": APP + "const r = express.Router(); r.get('/health', h)\napp.use(config.prefix, r)\n"}, [("/health", "prefix")]),
        ({"server.js": APP + "app.get('/health', requireAuth, h)\n"}, [("/health", "login")]),
        ({"server.js": APP + "app.use(passport.authenticate('jwt'))\napp.get('/health', h)\n"}, [("/health", "login")]),
        ({"server.js": APP + "const r = express.Router(); r.get('/health', h)\napp.use('/api', authMiddleware, r)\n"}, [("/api/health", "login")]),
        ({"server.js": APP + "app.use('/api', checkJwt)\nconst r = express.Router(); r.get('/health', h)\napp.use('/api', r)\n"}, [("/api/health", "login")]),
        ({"server.js": APP + "app.post('/health', h)\n"}, [("/health", "method")]),
        ({"server.js": APP + "app.route('/health').post(h)\n"}, [("/health", "method")]),
        (nest("app.setGlobalPrefix(config.get('prefix'))\n"), [("/health", "prefix")]),
        (nest("", "@UseGuards(AuthGuard('jwt'))\n" + NEST), [("/health", "login")]),
        ({**nest("", NEST), "src/app.module.ts": "@Module({ providers: [{ provide: APP_GUARD, useClass: JwtAuthGuard }] })\nexport class AppModule {}\n"}, [("/health", "login")]),
        ({"app/api/health/route.ts": "export async function POST() {}\n"}, [("/api/health", "method")]),
        ({"server/api/health.post.ts": "export default h\n"}, []),
        ({"app/api/health/route.ts": "export async function GET() {}\n", "next.config.js": "module.exports = { basePath: process.env.BASE }\n"}, [("/api/health", "prefix")]),
        ({"app/api/health/route.ts": "export async function GET() {}\n", "middleware.ts": "import auth from 'next-auth/middleware'\nexport default auth\n"}, [("/api/health", "login")]),
    ],
)  # fmt: skip
def test_a_route_that_nothing_can_ask_is_told_with_its_reason(
    tmp_path: Path, files: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    found = read(tmp_path, files, "express", "@nestjs/core")
    assert (found.value("health"), unprobed(found)) == ([], expected)


def test_lightship_answers_on_a_port_of_its_own(tmp_path: Path) -> None:
    code = (
        APP
        + "const { createLightship } = require('lightship')\nconst lightship = createLightship()\napp.listen(3000)\n"
    )
    found = read(tmp_path, {"server.js": code})
    assert found.value("health_ports") == [{"path": "/ready", "port": 9000}, {"path": "/live", "port": 9000}]
    assert [port["port"] for port in found.value("ports")] == [3000, 9000]


def test_a_second_application_answers_on_its_own_port(tmp_path: Path) -> None:
    code = APP + "const admin = express()\nadmin.get('/healthz', h)\napp.listen(3000)\nadmin.listen(9090)\n"
    found = read(tmp_path, {"server.js": code})
    assert (found.value("health"), found.value("health_ports")) == ([], [{"path": "/healthz", "port": 9090}])
