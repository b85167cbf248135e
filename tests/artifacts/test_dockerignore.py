"""What stays out of a build context, and that nothing which the program needs is among it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge.domain.source.ignore_lines import excluding
from tests.conftest import run
from tests.detectors.reading import lay
from tests.detectors.test_node import package

SPEC = "apiVersion: kforge.dev/v1\napp: shop\nservices:\n  web: {source: web, port: 8080}\n"
SECRETS = ("web/.env", "web/tls.key", "web/deep/server.pem", "web/id_rsa", "web/.netrc", "web/.git/config")
PYTHON = {"web/requirements.txt": "flask==3.1.0\n"}
GO = {"web/go.mod": "module example.com/web\n\ngo 1.24\n"}


def lines(tmp_path: Path, files: dict[str, str]) -> list[str]:
    (tmp_path / ".git").mkdir()
    lay(tmp_path, {"app.kforge.yaml": SPEC, **files})
    run("build", cwd=tmp_path, code=0)
    names = ("web/Dockerfile.dockerignore", "web/.dockerignore")
    return next((tmp_path / name).read_text() for name in names if (tmp_path / name).exists()).splitlines()


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({**PYTHON, "web/app.py": "from tests import catalogue\n", "web/tests/catalogue.py": "X = 1\n"}, "tests/catalogue.py"),
        ({**PYTHON, "web/app.py": "import test.data\n", "web/test/data.py": "X = 1\n"}, "test/data.py"),
        ({**PYTHON, "web/app.py": 'print(open("tests/words.txt").read())\n', "web/tests/words.txt": "a\n"}, "tests/words.txt"),
        ({"web/package.json": package(), "web/src/server.js": 'require("./coverage")\n', "web/src/coverage/index.js": "1\n"}, "src/coverage/index.js"),
        ({"web/package.json": package(), "web/server.js": 'import x from "./coverage/index.js"\n', "web/coverage/index.js": "1\n"}, "coverage/index.js"),
        ({"web/package.json": package(), "web/server.js": 'require("./test/fakes")\n', "web/test/fakes.js": "1\n"}, "test/fakes.js"),
        ({**GO, "web/main.go": 'package main\n\nimport "example.com/web/internal/kubeconfig"\n\nfunc main() { kubeconfig.Load() }\n',
          "web/internal/kubeconfig/kubeconfig.go": "package kubeconfig\n\nfunc Load() {}\n"}, "internal/kubeconfig/kubeconfig.go"),
        ({**PYTHON, "web/app.py": "1\n", "web/compose_email.yml": "a: 1\n"}, "compose_email.yml"),
        ({"web/pyproject.toml": '[project]\nname = "x"\nversion = "1"\nreadme = "README.md"\n[project.scripts]\nx = "x:main"\n[build-system]\nrequires = ["hatchling"]\n',
          "web/src/x/__init__.py": "def main(): ...\n", "web/README.md": "x\n", "web/.dockerignore": "*.md\nnotes\n"}, "README.md"),
        ({**PYTHON, "web/src/app.py": "print(1)\n", "web/main.py": "1\n", "web/.dockerignore": "*\n!src\n"}, "requirements.txt"),
    ],
)  # fmt: skip
def test_what_the_program_or_its_build_needs_reaches_the_builder(
    tmp_path: Path, files: dict[str, str], path: str
) -> None:
    found = lines(tmp_path, files)
    assert excluding(path, found) == ""
    assert [name for name in SECRETS if not excluding(name.removeprefix("web/"), found)] == []


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({**PYTHON, "web/app.py": "import testing\n", "web/tests/test_app.py": "1\n"}, "tests/test_app.py"),
        ({"web/package.json": package(), "web/server.js": "1\n", "web/coverage/lcov.js": "1\n"}, "coverage/lcov.js"),
        ({**PYTHON, "web/app.py": "1\n", "web/compose.prod.yaml": "a: 1\n"}, "compose.prod.yaml"),
        (
            {
                **PYTHON,
                "web/src/app.py": "print(1)\n",
                "web/main.py": "1\n",
                "web/.dockerignore": "*\n!src\n",
                "web/notes.txt": "x",
            },
            "notes.txt",
        ),
    ],
)
def test_what_nothing_needs_stays_out(tmp_path: Path, files: dict[str, str], path: str) -> None:
    assert excluding(path, lines(tmp_path, files))


def test_a_public_certificate_comes_back_and_what_an_installation_reads_is_handed_over(tmp_path: Path) -> None:
    files = {"web/package.json": package(), "web/server.js": 'open("certs/ca.pem"); open("certs/tls.pem")\n'}
    found = lines(
        tmp_path, {**files, "web/certs/ca.pem": "x", "web/certs/tls.pem": "x", "web/.npmrc": "legacy-peer-deps=true\n"}
    )
    assert [name for name in ("certs/ca.pem", "certs/tls.pem", ".npmrc") if not excluding(name, found)] == [
        "certs/ca.pem"
    ]
    assert '  secret     = ["id=npmrc,src=web/.npmrc"]' in (tmp_path / "docker-bake.hcl").read_text().splitlines()
    assert ".npmrc" not in (tmp_path / "web/Dockerfile").read_text().partition("AS runtime")[2]


def test_an_own_dockerfile_is_handed_nothing(tmp_path: Path) -> None:
    own = 'FROM docker.io/library/node:24-slim\nCOPY . .\nUSER 1000\nCMD ["node", "server.js"]\n'
    (tmp_path / ".git").mkdir()
    lay(
        tmp_path,
        {
            "app.kforge.yaml": SPEC,
            "web/package.json": package(),
            "web/server.js": "1\n",
            "web/.npmrc": "x",
            "web/Dockerfile": own,
        },
    )
    run("build", cwd=tmp_path, code=0)
    assert "secret " not in (tmp_path / "docker-bake.hcl").read_text()


def test_an_allow_list_that_forgets_the_program_is_told_and_the_start_comes_back(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    server = 'require("http").createServer(require("./lib/app")).listen(3000)\n'
    routes = 'const app = require("express")();\napp.get("/healthz", (q, s) => s.end());\nmodule.exports = app;\n'
    table = '{"scripts": {"start": "node server.js"}, "dependencies": {"express": "5.0.0"}}'
    files = {
        "web/package.json": table,
        "web/server.js": server,
        "web/lib/app.js": routes,
        "web/.dockerignore": "*\n!public\n",
    }
    lay(tmp_path, {"app.kforge.yaml": SPEC, **files})
    told = run("build", cwd=tmp_path, code=0).err
    assert "`*` of `.dockerignore` keeps `lib/app.js` out of the image, and the program is made of it" in told
    written = (tmp_path / "web/Dockerfile.dockerignore").read_text().splitlines()
    assert [path for path in ("server.js", "package.json", "notes.txt") if not excluding(path, written)] == [
        "server.js",
        "package.json",
    ]


def test_an_allow_list_that_holds_the_program_is_silent(tmp_path: Path) -> None:
    found = lines(
        tmp_path,
        {
            **PYTHON,
            "web/app.py": "import flask\napp = flask.Flask(__name__)\n",
            "web/.dockerignore": "**\n!*.py\n!requirements.txt\n",
        },
    )
    assert excluding("app.py", found) == ""


@pytest.mark.parametrize("pattern", ["*.md", "README*", "*\n!src\n!pyproject.toml"])
def test_a_readme_that_the_package_is_built_with_comes_back_though_the_users_list_takes_it_away(
    tmp_path: Path, pattern: str
) -> None:
    manifest = (
        '[project]\nname = "shop"\nversion = "1.0"\nreadme = "README.md"\ndependencies = ["fastapi", "uvicorn"]\n'
    )
    backend = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
    files = {
        "web/pyproject.toml": manifest + backend,
        "web/README.md": "# Shop\n",
        "web/src/shop/__init__.py": "",
        "web/src/shop/main.py": "from fastapi import FastAPI\napp = FastAPI()\n",
        "web/.dockerignore": f"{pattern}\n",
    }
    assert excluding("README.md", lines(tmp_path, files)) == ""


def test_a_link_by_the_name_of_a_secret_is_handed_to_no_build(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    root = {
        "package.json": '{"workspaces": ["web"], "private": true}',
        "package-lock.json": '{"packages": {"web": {}}}',
    }
    lay(tmp_path, {"app.kforge.yaml": SPEC, **root, "web/package.json": package(), "web/server.js": "1\n"})
    (tmp_path / ".npmrc").symlink_to("/etc/passwd")
    (tmp_path / "web/.npmrc").symlink_to("/etc/passwd")
    run("build", cwd=tmp_path, code=0)
    assert "secret " not in (tmp_path / "docker-bake.hcl").read_text()
    (tmp_path / ".npmrc").unlink()
    (tmp_path / ".npmrc").write_text("legacy-peer-deps=true\n")
    run("build", cwd=tmp_path, code=0)
    assert 'secret     = ["id=npmrc,src=.npmrc"]' in (tmp_path / "docker-bake.hcl").read_text()
    assert "--mount=type=secret,id=npmrc,target=/app/.npmrc" in (tmp_path / "web/Dockerfile").read_text()


FRONT = {
    **GO,
    "web/main.go": 'package main\n\nimport (\n\t"embed"\n\t"net/http"\n)\n\n//go:embed dist\nvar pages embed.FS\n\n'
    'func main() { http.ListenAndServe(":8080", http.FileServer(http.FS(pages))) }\n',
    "web/dist/.gitkeep": "",
    "web/ui/package.json": '{"scripts": {"build": "vite build --outDir ../dist"}, "devDependencies": {"vite": "7.1.0"}}',
    "web/ui/package-lock.json": '{"lockfileVersion": 3, "packages": {}}',
    "web/ui/src/main.js": "1\n",
}


@pytest.mark.parametrize(
    ("own", "there", "out"),
    [
        ("/ui/\n", ["ui/package.json", "ui/src/main.js"], []),
        ("ui\n*.log\n", ["ui/package.json", "ui/src/main.js"], ["web.log"]),
        ("**/ui\n", ["ui/src/main.js"], []),
        ("*\n!main.go\n!go.mod\n", ["main.go", "ui/package.json"], []),
        ("ui/package.json\n", ["ui/package.json", "ui/src/main.js"], []),
        ("ui/\nui/old\n", ["ui/src/main.js"], ["ui/old/a.js"]),  # what follows still holds inside
        ("ui/old\n**/*.bak\n/ui/\n", ["ui/src/main.js"], ["ui/old/a.js", "ui/src/a.bak"]),  # … and what came before
        ("**/*.bak\n!ui/a.bak\nui\n", ["ui/src/main.js", "ui/a.bak"], ["ui/b.bak"]),
        ("ui/\n!ui\nui\n", ["ui/src/main.js"], []),
        ("ui/src/old\n", ["ui/src/main.js"], ["ui/src/old/a.js"]),  # nothing that is copied by name
        ("docs\n", ["ui/src/main.js"], ["docs/a.md"]),
    ],
)  # fmt: skip
def test_what_the_dockerfile_copies_comes_back_behind_the_users_pattern(
    tmp_path: Path, own: str, there: list[str], out: list[str]
) -> None:
    found = lines(tmp_path, {**FRONT, "web/.dockerignore": own})
    assert "COPY ui/ ./" in (tmp_path / "web" / "Dockerfile").read_text()
    assert [path for path in there if excluding(path, found)] == []
    assert [path for path in out if not excluding(path, found)] == []
    assert [name for name in ("ui/.env", "ui/tls.key", "ui/node_modules/x") if not excluding(name, found)] == []


def test_a_pattern_that_keeps_nothing_needed_out_stays_alone(tmp_path: Path) -> None:
    found = lines(tmp_path, {**FRONT, "web/.dockerignore": "/ui/\n/docs/\n"})
    assert found[found.index("/ui/") :][:3] == ["/ui/", "!ui", "/docs/"]
