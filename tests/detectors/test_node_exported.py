"""Bun serves what the file that it is given exports as its default."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.detectors.reading import facts, ports

HONO = "import { Hono } from 'hono';\nconst app = new Hono();\n"


def listening(tmp_path: Path, code: str, start: str = "bun run src/index.ts") -> list[tuple[int, str, str]]:
    manifest = json.dumps({"name": "shop", "scripts": {"start": start}, "dependencies": {"hono": "4"}}, indent=1)
    files: dict[str, str | bytes] = {"package.json": manifest, "bun.lock": "{}", "src/index.ts": code}
    return [(port, protocol, env) for port, protocol, env in ports(facts(tmp_path, files))]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("export default { port: 3300, fetch: app.fetch };\n", (3300, "http", "")),
        ("export default { port: process.env.PORT || 3301, fetch: app.fetch };\n", (3301, "http", "PORT")),
        ("export default { port: Number(Bun.env.API_PORT ?? 3302), fetch: app.fetch } satisfies Serve;\n", (3302, "http", "API_PORT")),
        ("const port = 3303;\nconst server = { port, fetch: app.fetch };\nexport default server;\n", (3303, "http", "")),
        ("export default { port: 3304, async fetch(request) { return new Response('x'); } };\n", (3304, "http", "")),
        ("export default { port: 3305, fetch: app.fetch, tls: { key: Bun.file('k') } };\n", (3305, "https", "")),
        ("export default app;\n", (3000, "http", "PORT")),
        ("export default new Hono().basePath('/v1');\n", (3000, "http", "PORT")),
        ("export default { fetch: app.fetch };\n", (3000, "http", "PORT")),
        ("Bun.serve({ port: 3306, fetch: app.fetch });\nexport default app;\n", (3306, "http", "")),
    ],
)  # fmt: skip
def test_what_bun_is_given_is_served(tmp_path: Path, code: str, expected: tuple[int, str, str]) -> None:
    assert listening(tmp_path, HONO + code) == [expected]


@pytest.mark.parametrize(
    ("code", "start"),
    [
        ("export default { port: 3300, fetch: app.fetch };\n", "node src/index.ts"),
        ("export default { port: 3300, fetch: app.fetch };\n", "bun run src/other.ts"),
        ("export default { port: 3300, user: 'x' };\n", "bun run src/index.ts"),
        ("export default 'pages';\n", "bun run src/index.ts"),
        ("export default function page() {}\n", "bun run src/index.ts"),
    ],
)
def test_other_exports_are_no_servers(tmp_path: Path, code: str, start: str) -> None:
    assert listening(tmp_path, HONO + code, start) == []
