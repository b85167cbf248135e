"""Small sources, one for each package manager and shape, whose Dockerfile is performed and whose process must answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.golden.test_perform import free_port
from tests.perform import Scratch
from tests.worlds import facts, one

pytestmark = pytest.mark.performed

WEB = 'import http.server, os\nhttp.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), http.server.SimpleHTTPRequestHandler).serve_forever()\n'
PORT = [{"port": 3000, "protocol": "http", "env": "PORT"}]
SERVER = 'import {{ createServer }} from "node:http";\n{use}\ncreateServer((_, answer) => answer.end("well")).listen(process.env.PORT);\n'
MODULE = """package main

import (
	"net/http"
	"os"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("well")) })
	if err := http.ListenAndServe(":"+os.Getenv("PORT"), nil); err != nil {
		panic(err)
	}
}
"""


class Source(NamedTuple):
    files: Mapping[str, str]
    known: Any
    health: str = "/"


def package(**more: Any) -> str:
    return json.dumps({"name": "small", "version": "1.0.0", "type": "module", **more})


def compiled() -> Source:
    """A build that copies, with a development dependency that must not reach the image."""
    build = "import { cpSync } from 'node:fs'; import 'left-pad'; cpSync('src', 'dist', { recursive: true })"
    manifest = package(
        scripts={"build": "node build.js"}, devDependencies={"left-pad": "1.3.0"}, dependencies={"is-odd": "3.0.1"}
    )
    server = SERVER.format(use='import odd from "is-odd";\nif (!odd(1)) throw new Error();')
    known = facts(
        language="node",
        package_manager="npm",
        start=[["node", "dist/server.js"]],
        ports=PORT,
        manifests=["package.json"],
        build=[["npm", "run", "build"]],
        output="dist",
    )
    return Source({"package.json": manifest, "build.js": build, "src/server.js": server}, known)


SOURCES = {
    "python-alone": Source({"web.py": WEB}, facts(language="python", start=[["python", "web.py"]], ports=PORT)),
    "pip": Source(
        {"requirements.txt": "-r more/base.txt\n", "more/base.txt": "six==1.17.0\n", "web.py": "import six\n" + WEB},
        facts(
            language="python",
            package_manager="pip",
            lockfile="requirements.txt",
            start=[["python", "web.py"]],
            ports=PORT,
            manifests=["requirements.txt", "more/base.txt"],
        ),
    ),
    "pyproject-package": Source(
        {
            "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
            '[project]\nname = "small"\nversion = "1"\ndependencies = ["six==1.17.0"]\nscripts = {small = "small.web:main"}\n',
            "src/small/__init__.py": "",
            "src/small/web.py": "import six\ndef main():\n    " + WEB.replace("\n", "\n    "),
        },
        facts(
            language="python",
            package_manager="pip",
            start=[["small"]],
            ports=PORT,
            manifests=["pyproject.toml"],
            project_name="small",
            build=[["pip", "install", "--no-deps", "."]],
        ),
    ),
    "node-alone": Source(
        {"server.js": SERVER.format(use=""), "package.json": package()},
        facts(language="node", start=[["node", "server.js"]], ports=PORT),
    ),
    "npm-compiled": compiled(),
    "go": Source(
        {"go.mod": "module example.com/small\n\ngo 1.21\n", "main.go": MODULE},
        facts(
            language="go",
            version="1.21",
            start=[["/app/small"]],
            ports=PORT,
            manifests=["go.mod"],
            project_name="example.com/small",
        ),
    ),
    "go-without-module": Source({"main.go": MODULE}, facts(language="go", ports=PORT)),
    "go-many-programs": Source(
        {
            "go.mod": "module example.com/small\n\ngo 1.21\n",
            "cmd/web/main.go": MODULE,
            "cmd/other/main.go": "package main\n\nfunc main() {}\n",
        },
        facts(
            language="go",
            version="1.21",
            ports=PORT,
            manifests=["go.mod"],
            build=[["go", "build", "./cmd/web"], ["go", "build", "./cmd/other"]],
        ),
    ),
}


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_a_small_source_builds_starts_and_answers(name: str, tmp_path: Path) -> None:
    source = SOURCES[name]
    context = tmp_path / "context"
    for path, text in source.files.items():
        (context / path).parent.mkdir(parents=True, exist_ok=True)
        (context / path).write_text(text)
    made = one(source.known, {"source": "./context"})
    documents = {document.path: document for document in made.documents()}
    dockerfile = documents["context/Dockerfile"].dockerfile
    assert dockerfile is not None
    scratch = Scratch(tmp_path / "scratch", context, documents["context/.dockerignore"].lines or ())
    scratch.root.mkdir()
    scratch.perform(dockerfile)
    port = free_port()
    with scratch.started(made.values["web", "process"]["command"], {"PORT": str(port)}) as program:
        program.answers(port, source.health)


def test_development_dependencies_do_not_reach_the_image(tmp_path: Path) -> None:
    context = tmp_path / "context"
    source = SOURCES["npm-compiled"]
    for path, text in source.files.items():
        (context / path).parent.mkdir(parents=True, exist_ok=True)
        (context / path).write_text(text)
    made = one(source.known, {"source": "./context"})
    dockerfile = next(document.dockerfile for document in made.documents() if document.dockerfile)
    assert dockerfile is not None
    scratch = Scratch(tmp_path / "scratch", context)
    scratch.root.mkdir()
    scratch.perform(dockerfile)
    assert [name for name in ("is-odd", "left-pad") if (scratch.at("/app/node_modules") / name).exists()] == ["is-odd"]
