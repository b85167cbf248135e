"""Node's libraries of settings → the variables that they check."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import env, facts, ports

Variables = dict[str, tuple[str | None, bool]]


@pytest.mark.parametrize(
    ("code", "variables"),
    [
        (
            'const Joi = require("joi");\nconst s = Joi.object().keys({ PORT: Joi.number().default(3000), URL: Joi.string().uri().required(), KEY_ID: Joi.string() }).unknown();',
            {"PORT": ("3000", False), "URL": (None, True), "KEY_ID": (None, False)},
        ),
        (
            'import { z } from "zod";\nconst s = z.object({ PORT: z.coerce.number().default(3000), URL: z.string().url(), A: z.string().optional(), B: z.optional(z.string()) });',
            {"PORT": ("3000", False), "URL": (None, True), "A": (None, False), "B": (None, False)},
        ),
        (
            'import { z } from "zod";\nconst s = z.object({ url: z.string(), level: z.string().default("info") });\ns.parse({ url: process.env.API_URL, level: process.env.LEVEL });',
            {"API_URL": (None, True), "LEVEL": ("info", False)},
        ),
        (
            'import { createEnv } from "@t3-oss/env-core";\nimport { z } from "zod";\nexport const env = createEnv({ server: { URL: z.string() }, runtimeEnv: process.env });',
            {"URL": (None, True)},
        ),
        (
            'import { cleanEnv, str, port } from "envalid";\nconst env = cleanEnv(process.env, { URL: str(), PORT: port({ default: 3000 }), A: str({ devDefault: "x" }) });',
            {"URL": (None, True), "PORT": ("3000", False), "A": (None, True)},
        ),
        (
            'const convict = require("convict");\nconst c = convict({ url: { format: String, default: null, env: "URL" }, port: { format: "port", default: 3000, env: "PORT" } });',
            {"URL": (None, True), "PORT": ("3000", False)},
        ),
        (
            'const env = require("env-var");\nconst a = env.get("URL").required().asString();\nconst b = env.get("PORT").default("3000").asPort();',
            {"URL": (None, True), "PORT": ("3000", False)},
        ),
        (
            'import env from "@fastify/env";\napp.register(env, { schema: { type: "object", required: ["URL"], properties: { URL: { type: "string" }, PORT: { type: "number", default: 3000 } } } });',
            {"URL": (None, True), "PORT": ("3000", False)},
        ),
        (
            'import * as v from "valibot";\nconst s = v.object({ URL: v.string(), PORT: v.optional(v.string(), "3000") });',
            {"URL": (None, True), "PORT": ("3000", False)},
        ),
        (
            'import * as yup from "yup";\nconst s = yup.object({ URL: yup.string().required(), A: yup.string() });',
            {"URL": (None, True), "A": (None, False)},
        ),
    ],
)  # fmt: skip
def test_a_schema_says_what_is_required(tmp_path: Path, code: str, variables: Variables) -> None:
    assert env(facts(tmp_path, {"package.json": "{}", "index.js": code})) == variables


def test_a_class_that_class_validator_checks_says_what_is_required(tmp_path: Path) -> None:
    code = 'import { IsString, IsOptional } from "class-validator";\nclass EnvironmentVariables {\n  @IsString()\n  URL: string;\n\n  @IsOptional()\n  @IsString()\n  A?: string;\n}\n'
    assert env(facts(tmp_path, {"package.json": "{}", "index.ts": code})) == {"URL": (None, True), "A": (None, False)}


def test_the_schema_of_a_body_names_no_variables(tmp_path: Path) -> None:
    code = 'import { z } from "zod";\nconst body = z.object({ name: z.string(), id: z.number() });\n'
    assert env(facts(tmp_path, {"package.json": "{}", "index.js": code})) == {}


def test_a_port_of_a_schema_is_that_of_the_variable(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "package.json": '{"dependencies": {"express": "5"}}',
        "config.js": 'const Joi = require("joi");\nconst s = Joi.object({ HTTP_PORT: Joi.number().default(3100) });\nconst { value: vars } = s.validate(process.env);\nmodule.exports = { port: vars.HTTP_PORT };',
        "index.js": 'const config = require("./config");\nrequire("express")().listen(config.port);',
    }
    assert ports(facts(tmp_path, files)) == [(3100, "http", "HTTP_PORT")]


BIN = '{"scripts": {"start": "node s.js", "release": "node tools/release.mjs", "worker": "node w.js"}, "bin": {"make": "bin/make.js"}}'
ENDS = "if (!process.env.{0}) throw new Error('{0}')\n"


def test_what_only_programs_beside_the_service_need_is_not_required(tmp_path: Path) -> None:
    files = {
        "package.json": BIN,
        "s.js": "const {a} = require('./shared')\nrequire('http').createServer().listen(3000)\n" + ENDS.format("OWN"),
        "shared.js": ENDS.format("SHARED"),
        "w.js": ENDS.format("WORKS"),
        "tools/release.mjs": "import {b} from './lib.mjs'\nimport {c} from '../shared.js'\n" + ENDS.format("TOKEN"),
        "tools/lib.mjs": ENDS.format("VERSION"),
        "bin/make.js": ENDS.format("MADE"),
        "unknown.js": ENDS.format("UNKNOWN"),
    }
    found = facts(tmp_path, files)
    assert {name for name, (_, required) in env(found).items() if required} == {"OWN", "SHARED", "WORKS", "UNKNOWN"}
