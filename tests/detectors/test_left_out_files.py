"""What a program imports and opens although the user's own .dockerignore keeps it out: told with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, places, values

PACKAGE = '{"name": "shop", "main": "src/index.js", "dependencies": {"express": "5.0.0"}}'
EXPRESS = "require('express')().listen(3000)\n"
FLASK = "from flask import Flask\napp = Flask(__name__)\n"


def told(root: Path, files: dict[str, str | bytes]) -> list[tuple[str, str]]:
    found = facts(root, files)
    said = [one["said"] for one in values(found, "doubts")]
    return [(text, place) for text, place in zip(said, places(found, "doubts"), strict=True) if ".dockerignore" in text]


def node(code: str, **files: str) -> dict[str, str | bytes]:
    return {"package.json": PACKAGE, ".dockerignore": "*\n!src\n!package.json\n", "src/index.js": EXPRESS + code, "lib/x.js": "1\n", **files}  # fmt: skip


def python(code: str, ignored: str, **files: str) -> dict[str, str | bytes]:
    return {"requirements.txt": "flask\ngunicorn\n", ".dockerignore": ignored, "app.py": FLASK + code, **files}


@pytest.mark.parametrize(
    "code",
    ["require('../lib/x')", "require('../lib/x.js')", "import x from '../lib/x.js'", "const {y} = require('../lib/x')"],
)
def test_what_a_program_imports_and_an_allow_list_forgets_is_told(code: str, tmp_path: Path) -> None:
    ((said, place),) = told(tmp_path, node(code))
    assert said == "`*` of `.dockerignore` keeps `lib/x.js` out of the image, and the program is made of it"
    assert place.startswith("src/index.js")


@pytest.mark.parametrize("code", ["import lib.x", "from lib import x", "from lib.x import y", "from .lib.x import y"])
def test_a_module_of_python_is_found_by_its_dots(code: str, tmp_path: Path) -> None:
    ((said, _),) = told(tmp_path, python(code, "lib/\n", **{"lib/__init__.py": "", "lib/x.py": "y = 1\n"}))[:1]
    assert said.startswith("`lib/` of `.dockerignore` keeps `lib") and said.endswith("and the program is made of it")


def test_what_a_program_opens_is_told_with_its_line_and_does_not_come_back(tmp_path: Path) -> None:
    code = "text = open('templates/mail.txt').read()\n"
    found = told(tmp_path, python(code, "templates\n", **{"templates/mail.txt": "x"}))
    assert found == [
        ("`templates` of `.dockerignore` keeps `templates/mail.txt` out of the image, and the program names it", "app.py:3")
    ]  # fmt: skip


@pytest.mark.parametrize(
    "files",
    [
        node("require('./y')", **{"src/y.js": "1\n"}),
        node("require('../lib/x')", **{".dockerignore": "*\n!src\n!lib\n!package.json\n"}),
        node("console.log('see docs for more')", **{"docs/a.md": "x"}),
        node("require('../lib/x')", Dockerfile="FROM docker.io/library/node:24\nCOPY src lib ./\nUSER 1000\n"),
        python("", "tests\nscripts\n", **{"scripts/seed.py": "import lib.x\n", "lib/x.py": "1\n"}),
        python("import lib", "**/*.md\n", **{"lib/__init__.py": "", "lib/a.md": "x"}),
    ],
    ids=["within", "listed", "not named", "an own Dockerfile", "by what is left out itself", "of another kind"],
)
def test_what_is_in_the_image_or_named_by_nothing_in_it_is_not_told(
    files: dict[str, str | bytes], tmp_path: Path
) -> None:
    assert told(tmp_path, files) == []


def test_of_many_files_the_first_are_told(tmp_path: Path) -> None:
    code = "".join(f"require('../lib/m{number}')\n" for number in range(20))
    assert len(told(tmp_path, node(code, **{f"lib/m{number}.js": "1\n" for number in range(20)}))) == 5
