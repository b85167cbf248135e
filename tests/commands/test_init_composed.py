"""What `kforge init` says of services that a Compose file builds."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.conftest import run, write

EXPRESS = {
    "server/package.json": '{"name": "server", "scripts": {"start": "node index.js"}, "dependencies": {"express": "5.0.0"}}',
    "server/index.js": 'const at = process.env.PAY_AT;\nif (!at) throw new Error("PAY_AT");\nrequire("express")().listen(4001);\n',
    "server/seed.js": "console.log(1);\n",
}


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No model, no configuration, no terminal."""
    for name in ("KFORGE_MODEL", "KFORGE_BASE_URL", "KFORGE_PROVIDER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr("sys.stdin", io.StringIO())


@pytest.mark.parametrize("context", ["./server", "./tools"])
def test_a_dockerfile_inside_the_compose_file_is_told(tmp_path: Path, context: str) -> None:
    lines = (
        f"services:\n  api:\n    build:\n      context: {context}\n      dockerfile_inline: |\n        FROM node:24\n"
    )
    write(tmp_path, {**EXPRESS, "compose.yaml": lines, "tools/x.txt": ""})
    said = run("init", cwd=tmp_path, code=0).err
    assert "(compose.yaml:2) has its Dockerfile inside the Compose file (`dockerfile_inline`)" in said
    assert "a folder that is not here" not in said


def test_a_dockerfile_that_only_the_environment_names_is_none_inside(tmp_path: Path) -> None:
    compose = "services: {api: {build: {context: ./server, dockerfile: '${FILE}'}}}\n"
    write(tmp_path, {**EXPRESS, "compose.yaml": compose})
    assert "dockerfile_inline" not in run("init", cwd=tmp_path, code=0).err


@pytest.mark.parametrize(("given", "asked"), [("{PAY_AT: 'https://pay.example.com'}", False), ("{}", True)])
def test_what_the_service_has_that_another_is_like_is_not_asked_for(tmp_path: Path, given: str, asked: bool) -> None:
    compose = (
        f"services:\n  api: {{build: ./server, ports: ['4001:4001'], environment: {given}}}\n"
        "  seed: {build: ./server, command: node seed.js, restart: 'no'}\n"
    )
    write(tmp_path, {**EXPRESS, "compose.yaml": compose})
    said = run("init", cwd=tmp_path, code=0).err
    assert ("PAY_AT" in said) is asked
