"""Images get files that programs of a repository share, at the place of the source where each is needed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import run
from tests.detectors.reading import lay

SPEC = (
    "apiVersion: kforge.dev/v1\napp: shop\nregistry: ghcr.io/acme\nservices:\n  pay: {source: ./src/pay, port: 3000}\n"
)
NODE = {
    "src/pay/package.json": '{"name": "pay", "main": "index.js", "dependencies": {"@grpc/proto-loader": "0.7.0"}}',
    "src/pay/index.js": "require('@grpc/proto-loader').loadSync('demo.proto')\nrequire('http').createServer().listen(3000)\n",
    "pb/demo.proto": 'syntax = "proto3";\n',
}
BUILT = {
    **NODE,
    "src/pay/package.json": '{"name": "pay", "scripts": {"build": "tsc", "start": "node dist/index.js"}, "devDependencies": {"typescript": "5"}}',
    "src/pay/tsconfig.json": '{"compilerOptions": {"outDir": "dist"}}',
    "src/pay/index.ts": "require('@grpc/proto-loader').loadSync('demo.proto')\nrequire('http').createServer().listen(3000)\n",
}
PYTHON = {
    "src/pay/requirements.txt": "flask\ngunicorn\n",
    "src/pay/app.py": "from flask import Flask\napp = Flask(__name__)\nprompts = open('prompts.yaml').read()\n",
    "src/shared/prompts.yaml": "a: 1\n",
}
GO = {
    "src/pay/go.mod": "module example.com/pay\n\ngo 1.24\n",
    "src/pay/main.go": 'package main\nimport (\n\t"net/http"\n\t"os"\n)\nfunc main() {\n\t_, err := os.ReadFile("products.json")\n\tif err != nil {\n\t\tpanic(err)\n\t}\n\thttp.ListenAndServe(":3000", nil)\n}\n',
    "data/products.json": "[]\n",
}


def dockerfile(root: Path, files: dict[str, str]) -> list[str]:
    (root / ".git").mkdir()
    lay(root, {**files, "app.kforge.yaml": SPEC})
    run("build", cwd=root, code=0)
    return [line for line in (root / "src/pay/Dockerfile").read_text().split("\n") if line.startswith("COPY")]


@pytest.mark.parametrize(
    ("files", "copied"),
    [
        (NODE, ["COPY src/pay/ /app/src/pay/", "COPY pb/demo.proto /app/src/pay/demo.proto"]),
        (BUILT, ["COPY src/pay/ /app/src/pay/", "COPY pb/demo.proto /app/src/pay/demo.proto"]),
        (PYTHON, ["COPY pay/ /app/pay/", "COPY shared/prompts.yaml /app/pay/prompts.yaml"]),
        (GO, ["COPY src/pay/ /src/src/pay/", "COPY data/products.json /src/src/pay/products.json"]),
    ],
)
def test_an_image_has_the_source_and_the_shared_file_and_nothing_else_of_the_repository(
    tmp_path: Path, files: dict[str, str], copied: list[str]
) -> None:
    lines = dockerfile(tmp_path, files)
    assert [line for line in dict.fromkeys(lines) if line in copied] == copied
    assert not [line for line in lines if line.startswith("COPY . ")]


def test_a_compiled_program_has_it_beside_itself(tmp_path: Path) -> None:
    assert "COPY --from=build /src/src/pay/products.json ./products.json" in dockerfile(tmp_path, GO)


def test_what_is_built_is_current_and_notices_that_the_shared_file_went(tmp_path: Path) -> None:
    dockerfile(tmp_path, NODE)
    assert run("check", cwd=tmp_path).code == 0
    (tmp_path / "pb/demo.proto").unlink()
    assert run("check", cwd=tmp_path).code == 1


def test_a_pattern_that_would_keep_it_out_of_the_context_is_taken_back(tmp_path: Path) -> None:
    dockerfile(tmp_path, NODE | {".dockerignore": "pb\n"})
    assert "!pb/demo.proto" in (tmp_path / "src/pay/Dockerfile.dockerignore").read_text()
