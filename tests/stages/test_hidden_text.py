"""Nothing that a reader cannot see comes out of a source, and what is refused has its place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kforge.domain.invisible_chars import INVISIBLE
from kforge.domain.spec.project import Project
from kforge.errors import InputError
from kforge.pipeline import Options, run
from tests.conftest import write
from tests.integration.test_odd_specs import TODAY

SPEC = "apiVersion: kforge.dev/v1\napp: t\nregistry: ghcr.io/acme\nservices:\n  web: {source: ./web}\n"
SERVER = "require('http').createServer((q, s) => s.end()).listen(3000)\n"
FLASK = "from flask import Flask\napp = Flask(__name__)\nif __name__ == '__main__':\n    app.run(port=8000)\n"
PYTHON = {"app.py": FLASK, "requirements.txt": "flask==3.0.0\ngunicorn==22.0.0\n"}
GO = 'package main\nimport "net/http"\nfunc main() { http.ListenAndServe(":8080", nil) }\n'
MODULE = "module example.com/x\n\ngo 1.24\n"
SPACE, TAG, SELECTOR, FILLER, BRAILLE, JOINER = "\u200b", "\U000e0041", "\ufe0f", "\u3164", "\u2800", "\u200d"


def project(folder: Path, files: dict[str, str]) -> Project:
    write(folder, {"app.kforge.yaml": SPEC})
    write(folder / "web", files)
    return Project(folder / "app.kforge.yaml", folder)


def package(**held: object) -> dict[str, str]:
    return {"package.json": json.dumps({"name": "x", **held}, ensure_ascii=False, indent=1), "server.js": SERVER}


def start(text: str) -> dict[str, str]:
    return package(scripts={"start": text})


HIDING = {
    "a start script": (start(f"node s{SPACE}erver.js"), "web/package.json:4:19"),
    "tags in a start script": (start(f"node server.js {TAG}"), "web/package.json:4:28"),
    "a selector in a start script": (start(f"node server.js {SELECTOR}"), "web/package.json:4:28"),
    "a filler in a start script": (start(f"node server.js {FILLER}"), "web/package.json:4:28"),
    "a blank in a start script": (start(f"node server.js {BRAILLE}"), "web/package.json:4:28"),
    "a joiner in a start script": (start(f"node s{JOINER}erver.js"), "web/package.json:4:19"),
    "a bidirectional control": (start("node server.js \u202e"), "web/package.json:4:28"),
    "a line separator": ({**package(main="s\u2028.js"), "s\u2028.js": SERVER}, "web/package.json:3:12"),
    "an escape": (
        {"package.json": '{"scripts":\n{"start": "node \\u200bserver.js"}}', "server.js": SERVER},
        "web/package.json:2",
    ),
    "a main file": ({**package(main=f"s{SPACE}.js"), f"s{SPACE}.js": SERVER}, "web/package.json:3:12"),
    "a process": ({**PYTHON, "Procfile": f"web: gunicorn a{SPACE}pp:app\n"}, "web/Procfile:1:16"),
    "a file's name": ({f"ap{SPACE}p.py": FLASK, "requirements.txt": "flask==3\n"}, f"web/ap{SPACE}p.py"),
    "a module": ({"go.mod": MODULE.replace("/x", f"/x{TAG}"), "main.go": GO}, "web/go.mod:1:21"),
    "a command's folder": ({"go.mod": MODULE, f"cmd/se{SPACE}rver/main.go": GO}, f"web/cmd/se{SPACE}rver/main.go"),
    "a volume": ({"Dockerfile": f"FROM debian\nRUN true\nVOLUME /da{SPACE}ta\nEXPOSE 80\n"}, "web/Dockerfile:3:11"),
    "a user": ({"Dockerfile": f"FROM debian\nUSER a{FILLER}b\nEXPOSE 80\n"}, "web/Dockerfile:2:7"),
    "a pattern": ({**PYTHON, ".dockerignore": f"a\nse{SPACE}cret\n"}, "web/.dockerignore:2:3"),
}


@pytest.mark.parametrize("name", HIDING)
def test_what_a_source_hides_is_refused_where_it_stands(name: str, tmp_path: Path) -> None:
    files, where = HIDING[name]
    with pytest.raises(InputError, match=r"of the source has") as caught:
        run(project(tmp_path, files), Options(TODAY))
    assert [str(problem.where) for problem in caught.value.problems] == [where]


def test_what_to_do_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        run(project(tmp_path, HIDING["a file's name"][0]), Options(TODAY))
    assert caught.value.problems[0].hint == "rename the file or its folder"


SHOWN = {
    "a variable's default": {
        **PYTHON,
        "app.py": f"import os\nos.environ.get('A', '\U0001f469{JOINER}\U0001f467')\n{FLASK}",
    },
    "comments and texts": {
        **PYTHON,
        "app.py": f"# {SELECTOR} \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645\n{FLASK}print('{BRAILLE}')\n",
    },
    "a description": package(description=f"\u2764{SELECTOR}", scripts={"start": "node server.js"}),
    "what the user's own image says": {
        "Dockerfile": f'FROM debian\nENV A={JOINER}\nCMD ["echo", "{SELECTOR}"]\nEXPOSE 80\n'
    },
    "names of files that are no program": {**PYTHON, f"\u2764{SELECTOR}.txt": ""},
    "other scripts": start("node s\u00e9rver.js"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_what_stays_in_the_source_may_hold_what_its_language_needs(name: str, tmp_path: Path) -> None:
    made = run(project(tmp_path, SHOWN[name]), Options(TODAY))
    assert not any(INVISIBLE.search(file.content.decode()) for file in made.files.values())
