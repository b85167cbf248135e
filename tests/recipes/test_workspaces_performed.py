"""Members of workspaces of every kind: their Dockerfile is performed, their process answers with what another member says."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from kforge import catalog
from kforge.domain.facts import Facts
from kforge.stages.detect import detect
from kforge.system.tree import SourceTree
from tests.detectors.reading import lay
from tests.golden.test_perform import free_port
from tests.perform import Scratch
from tests.worlds import world

pytestmark = pytest.mark.performed

SAID = "well, says the other one"


class Member(NamedTuple):
    """A repository, and the folder in it that is built."""

    files: Mapping[str, str]
    source: str
    other: str = ""  # a file that must not reach the build
    command: tuple[str, ...] = ()  # pinned


# ---- Node.js ----------------------------------------------------------------------------------------------------
def node(lock: str, text: str, asked: str, **root: object) -> Member:
    server = (
        "const { word } = require('@acme/money');\n"
        "require('http').createServer((_, answer) => answer.end(word)).listen(process.env.PORT);\n"
    )
    needs = {"@acme/money": asked}
    files = {
        "package.json": json.dumps({"name": "all", "private": True, "version": "1.0.0", **root}),
        lock: text,
        "packages/money/package.json": json.dumps({"name": "@acme/money", "version": "1.0.0"}),
        "packages/money/index.js": f"exports.word = '{SAID}';\n",
        "packages/other/package.json": json.dumps({"name": "@acme/other", "version": "1.0.0"}),
        "apps/api/package.json": json.dumps(
            {"name": "@acme/api", "version": "1.0.0", "scripts": {"start": "node server.js"}, "dependencies": needs}
        ),
        "apps/api/server.js": server,
    }
    return Member(files, "apps/api", "packages/other/package.json")


LINKS = {
    "": {"name": "all", "version": "1.0.0", "workspaces": ["apps/*", "packages/*"]},
    "node_modules/@acme/api": {"resolved": "apps/api", "link": True},
    "node_modules/@acme/money": {"resolved": "packages/money", "link": True},
    "node_modules/@acme/other": {"resolved": "packages/other", "link": True},
    "apps/api": {"name": "@acme/api", "version": "1.0.0", "dependencies": {"@acme/money": "1.0.0"}},
    "packages/money": {"name": "@acme/money", "version": "1.0.0"},
    "packages/other": {"name": "@acme/other", "version": "1.0.0"},
}
NPM = json.dumps({"name": "all", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": LINKS})
PNPM = """lockfileVersion: '9.0'

settings:
  autoInstallPeers: true
  excludeLinksFromLockfile: false

importers:

  .: {}

  apps/api:
    dependencies:
      '@acme/money':
        specifier: workspace:*
        version: link:../../packages/money

  packages/money: {}

  packages/other: {}
"""
BUN_LOCK = """{
  "lockfileVersion": 1,
  "workspaces": {
    "": {
      "name": "all",
    },
    "apps/api": {
      "name": "@acme/api",
      "version": "1.0.0",
      "dependencies": {
        "@acme/money": "workspace:*",
      },
    },
    "packages/money": {
      "name": "@acme/money",
      "version": "1.0.0",
    },
    "packages/other": {
      "name": "@acme/other",
      "version": "1.0.0",
    },
  },
  "packages": {
    "@acme/api": ["@acme/api@workspace:apps/api"],

    "@acme/money": ["@acme/money@workspace:packages/money"],

    "@acme/other": ["@acme/other@workspace:packages/other"],
  }
}
"""
GLOBS = ["apps/*", "packages/*"]
pnpm = node("pnpm-lock.yaml", PNPM, "workspace:*")

# ---- Python -----------------------------------------------------------------------------------------------------
WEB = """import http.server, os
from money import WORD

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(WORD.encode())

http.server.ThreadingHTTPServer(("", int(os.environ["PORT"])), Handler).serve_forever()
"""
LIBRARY = {"money/__init__.py": f"WORD = '{SAID}'\n"}
BUILT = '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'


def within(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    return {f"{folder}/{name}": text for name, text in files.items()}


def project(name: str, more: str = "") -> str:
    return f'[project]\nname = "{name}"\nversion = "1.0.0"\nrequires-python = ">=3.10"\n{more}'


UV_LOCK = """version = 1
revision = 3
requires-python = ">=3.10"

[manifest]
members = [
    "api",
    "money",
    "other",
]

[[package]]
name = "api"
version = "1.0.0"
source = { virtual = "services/api" }
dependencies = [
    { name = "money" },
]

[package.metadata]
requires-dist = [{ name = "money", editable = "libs/money" }]

[[package]]
name = "money"
version = "1.0.0"
source = { editable = "libs/money" }

[[package]]
name = "other"
version = "1.0.0"
source = { virtual = "libs/other" }
"""
UV = {
    "pyproject.toml": '[tool.uv.workspace]\nmembers = ["services/*", "libs/*"]\n',
    "uv.lock": UV_LOCK,
    "services/api/pyproject.toml": project(
        "api", 'dependencies = ["money"]\n[tool.uv.sources]\nmoney = { workspace = true }\n'
    ),
    "services/api/web.py": WEB,
    "libs/money/pyproject.toml": project("money", BUILT),
    **within("libs/money", LIBRARY),
    "libs/other/pyproject.toml": project("other"),
}
POETRY_LOCK = """# This file is automatically @generated by Poetry 2.5.1 and should not be changed by hand.

[[package]]
name = "money"
version = "1.0.0"
description = ""
optional = false
python-versions = ">=3.10"
groups = ["main"]
files = []
develop = true

[package.source]
type = "directory"
url = "../money"

[metadata]
lock-version = "2.1"
python-versions = "^3.10"
content-hash = "50525d32d074388cee463c520383ffc050affd9ef738ef5f2bf4b02ca1d59c64"
"""
POETRY = {
    "api/pyproject.toml": '[tool.poetry]\nname = "api"\nversion = "1.0.0"\npackage-mode = false\n'
    '[tool.poetry.dependencies]\npython = "^3.10"\nmoney = { path = "../money", develop = true }\n',
    "api/poetry.lock": POETRY_LOCK,
    "api/web.py": WEB,
    "money/pyproject.toml": project("money", BUILT),
    **within("money", LIBRARY),
}
POETRY_TWO = POETRY_LOCK.partition("\n[metadata]")
# money, which is taken by path, takes units by path itself
CHAIN_LOCK = f"""{
    POETRY_TWO[0]
    .replace('">=3.10"', '"^3.10"')
    .replace(
        "[package.source]",
        '''[package.dependencies]
units = {path = "../units", develop = true}

[package.source]''',
    )
}
[[package]]
name = "units"
version = "1.0.0"
description = ""
optional = false
python-versions = ">=3.10"
groups = ["main"]
files = []
develop = true

[package.source]
type = "directory"
url = "../units"
{POETRY_TWO[1]}{POETRY_TWO[2]}"""
CHAIN = {
    **POETRY,
    "api/poetry.lock": CHAIN_LOCK,
    "money/pyproject.toml": '[tool.poetry]\nname = "money"\nversion = "1.0.0"\ndescription = ""\nauthors = []\n'
    '[tool.poetry.dependencies]\npython = "^3.10"\nunits = { path = "../units", develop = true }\n'
    '[build-system]\nrequires = ["poetry-core"]\nbuild-backend = "poetry.core.masonry.api"\n',
    "money/money/__init__.py": "from units import WORD\n",
    "units/pyproject.toml": project("units", BUILT),
    "units/units/__init__.py": LIBRARY["money/__init__.py"],
}
PDM_LOCK = """# This file is @generated by PDM.
# It is not intended for manual editing.

[metadata]
groups = ["default"]
strategy = ["inherit_metadata"]
lock_version = "4.5.1"
content_hash = "sha256:881f8a411065ac1e4421dc5dbcfe6589ad9f153ee97d71f9bb170c54f50a8c7c"

[[metadata.targets]]
requires_python = ">=3.10"

[[package]]
name = "money"
version = "1.0.0"
requires_python = ">=3.10"
path = "../money"
summary = ""
groups = ["default"]
"""
PDM = {
    "api/pyproject.toml": project("api", 'dependencies = ["money @ file:///${PROJECT_ROOT}/../money"]\n'),
    "api/pdm.lock": PDM_LOCK,
    "api/web.py": WEB,
    "money/pyproject.toml": project("money", BUILT),
    **within("money", LIBRARY),
}
PIP = {
    "api/requirements.txt": "-e ../money\n",
    "api/web.py": WEB,
    "money/pyproject.toml": project("money", BUILT),
    **within("money", LIBRARY),
}

# ---- Go ---------------------------------------------------------------------------------------------------------
MAIN = """package main

import (
	"net/http"
	"os"

	"example.test/money"
)

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte(money.Word)) })
	if err := http.ListenAndServe(":"+os.Getenv("PORT"), nil); err != nil {
		panic(err)
	}
}
"""
MODULES = {
    "svc/go.mod": "module example.test/svc\n\ngo 1.21\n",
    "svc/main.go": MAIN,
    "money/go.mod": "module example.test/money\n\ngo 1.21\n",
    "money/money.go": f'package money\n\nconst Word = "{SAID}"\n',
    "other/go.mod": "module example.test/other\n\ngo 1.21\n",
    "other/other.go": "package other\n",
}
WORKING = "go 1.22\n\nuse (\n\t./svc\n\t./money\n\t./other\n)\n"
# A module that no proxy has: only `vendor` does.
VENDORED = {
    **MODULES,
    "go.work": WORKING,
    "money/go.mod": "module example.test/money\n\ngo 1.22\n\nrequire example.org/word v1.0.0\n",
    "money/money.go": 'package money\n\nimport "example.org/word"\n\nconst Word = word.Word\n',
    "vendor/modules.txt": "## workspace\n# example.org/word v1.0.0\n## explicit; go 1.22\nexample.org/word\n",
    "vendor/example.org/word/word.go": f'package word\n\nconst Word = "{SAID}"\n',
}
VENDORED_ALONE = {
    "go.mod": "module example.test/svc\n\ngo 1.22\n\nrequire example.org/money v1.0.0\n",
    "main.go": MAIN.replace("example.test", "example.org"),
    "vendor/modules.txt": "# example.org/money v1.0.0\n## explicit; go 1.22\nexample.org/money\n",
    "vendor/example.org/money/money.go": MODULES["money/money.go"],
}
REPLACED = "\nrequire example.test/money v0.0.0\n\nreplace example.test/money => ../money\n"
FRONT = {
    "go.mod": "module example.test/notes\n\ngo 1.21\n",
    "main.go": """package main

import (
	"embed"
	"net/http"
	"os"
)

//go:embed all:web/public
var files embed.FS

func main() {
	page, err := files.ReadFile("web/public/index.html")
	if err != nil {
		panic(err)
	}
	http.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { w.Write(page) })
	if err := http.ListenAndServe(":"+os.Getenv("PORT"), nil); err != nil {
		panic(err)
	}
}
""",
    "web/package.json": json.dumps({"name": "web", "version": "1.0.0", "scripts": {"build": "node build.mjs"}}),
    "web/package-lock.json": json.dumps(
        {"name": "web", "version": "1.0.0", "lockfileVersion": 3, "packages": {"": {"name": "web", "version": "1.0.0"}}}
    ),
    "web/build.mjs": "import { mkdirSync, writeFileSync } from 'node:fs';\n"
    f"mkdirSync('public', {{ recursive: true }});\nwriteFileSync('public/index.html', '{SAID}');\n",
}

MEMBERS = {
    "npm": node("package-lock.json", NPM, "1.0.0", workspaces=GLOBS),
    "yarn": node("yarn.lock", "# yarn lockfile v1\n", "1.0.0", workspaces=GLOBS),
    "pnpm": pnpm._replace(files={**pnpm.files, "pnpm-workspace.yaml": "packages: ['apps/*', 'packages/*']\n"}),
    "bun": node("bun.lock", BUN_LOCK, "workspace:*", workspaces=GLOBS),
    "uv-all": Member(UV, ".", command=("python", "services/api/web.py")),
    "poetry-chain": Member(CHAIN, "api"),
    "pdm": Member(PDM, "api"),
    "go-work-vendored": Member(VENDORED, "svc", "other/other.go"),
    "go-work-vendored-alone": Member(VENDORED, "."),
    "go-vendored": Member(VENDORED_ALONE, "."),
    "uv": Member(UV, "services/api", "libs/other/pyproject.toml"),
    "poetry": Member(POETRY, "api"),
    "pip": Member(PIP, "api"),
    "pip-itself": Member(
        {"requirements.txt": "-e .\n", "web.py": WEB, "pyproject.toml": project("all", BUILT), **LIBRARY}, "."
    ),
    "go-work": Member(
        {**MODULES, "go.work": "go 1.21\n\nuse (\n\t./svc\n\t./money\n\t./other\n)\n"}, "svc", "other/other.go"
    ),
    "go-work-alone": Member({**MODULES, "go.work": "go 1.21\n\nuse (\n\t./svc\n\t./money\n\t./other\n)\n"}, "."),
    "go-replace": Member({**MODULES, "svc/go.mod": MODULES["svc/go.mod"] + REPLACED}, "svc", "other/go.mod"),
    "front-end-in-go": Member(FRONT, "."),
}


def performed(top: Path, member: Member, tmp_path: Path) -> tuple[Scratch, Facts, list[str]]:
    """The image of a member, the facts of its source, and what starts it."""
    (top / ".git").mkdir(parents=True)
    lay(top, {**member.files})
    found = detect(SourceTree(top / member.source, top), catalog.detectors())
    pinned = {"command": [*member.command]} if member.command else {}
    made = world({"api": {"source": f"./{member.source}", **pinned}}, {"api": found})
    documents = {document.path: document for document in made.documents()}
    folder = "" if member.source == "." else f"{member.source}/"
    dockerfile = documents[f"{folder}Dockerfile"].dockerfile
    assert dockerfile is not None
    beside = documents.get(f"{folder}Dockerfile.dockerignore") or documents[f"{folder}.dockerignore"]
    scratch = Scratch(tmp_path / "scratch", top, beside.lines or ())
    scratch.root.mkdir()
    scratch.perform(dockerfile)
    return scratch, found, [*(member.command or made.values["api", "process"]["command"])]


@pytest.mark.parametrize("name", sorted(MEMBERS))
def test_a_member_is_built_starts_and_has_what_it_needs_of_the_others(name: str, tmp_path: Path) -> None:
    member = MEMBERS[name]
    scratch, found, command = performed(tmp_path / "top", member, tmp_path)
    assert found.missing == ()
    built = [path for base in ("app", "src") for path in scratch.root.glob(f"*/{base}/{member.other or 'nothing'}")]
    assert built == []
    port = free_port()
    with scratch.started(command, {"PORT": str(port)}) as program:
        program.answers(port, "/")
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"http://127.0.0.1:{port}/") as answer:
            assert answer.read().decode() == SAID
