"""`app.root_path` and `app.instance_path` lead to the folders that a program writes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts, values

MADE = "import os\nfrom flask import Flask, current_app\napp = Flask(__name__)\n"


@pytest.mark.parametrize(
    ("path", "code", "folder"),
    [
        ("app.py", 'os.makedirs(os.path.join(app.root_path, "files"))\n', "/app/files"),
        ("app.py", 'os.makedirs(app.instance_path, exist_ok=True)\n', "/app/instance"),
        ("shop/__init__.py", 'os.makedirs(os.path.join(app.root_path, "files"))\n', "/app/shop/files"),
        ("shop/__init__.py", 'open(os.path.join(app.instance_path, "a.txt"), "w")\n', "/app/instance"),
        ("shop/web/made.py", 'os.makedirs(app.instance_path)\n', "/app/instance"),
        ("src/shop/__init__.py", 'os.makedirs(current_app.instance_path)\n', "/app/src/instance"),
    ],
)  # fmt: skip
def test_the_folders_of_an_application_are_known(tmp_path: Path, path: str, code: str, folder: str) -> None:
    around = {f"{each}/__init__.py": "" for each in ("shop", "shop/web", "src/shop") if path.startswith(f"{each}/")}
    found = facts(tmp_path, {"requirements.txt": "flask\n", **around, path: MADE + code})
    assert folder in values(found, "writable")


def test_what_the_code_says_of_its_folder_counts(tmp_path: Path) -> None:
    code = MADE.replace("__name__", '__name__, instance_path="/data"') + "os.makedirs(app.instance_path)\n"
    assert "/data" in values(facts(tmp_path, {"requirements.txt": "flask\n", "app.py": code}), "writable")


@pytest.mark.parametrize("made", ["Flask('shop')", "Router(__name__)"])
def test_what_is_no_such_application_has_no_such_folder(tmp_path: Path, made: str) -> None:
    code = MADE.replace("Flask(__name__)", made) + 'os.makedirs(os.path.join(app.root_path, "files"))\n'
    assert not [
        one
        for one in values(facts(tmp_path, {"requirements.txt": "flask\n", "app.py": code}), "writable")
        if one.endswith("files")
    ]


@pytest.mark.parametrize(
    "given",
    [
        'app.config.from_mapping(DATABASE=os.path.join(app.instance_path, "a.db"))\n',
        'app.config.update(DATABASE=os.path.join(app.instance_path, "a.db"))\n',
        'app.config["DATABASE"] = os.path.join(app.instance_path, "a.db")\n',
    ],
)  # fmt: skip
def test_a_database_that_the_configuration_names_is_kept(tmp_path: Path, given: str) -> None:
    uses = 'import sqlite3\nfrom flask import current_app\ndef get(): return sqlite3.connect(current_app.config["DATABASE"])\n'
    found = facts(tmp_path, {"requirements.txt": "flask\n", "shop/__init__.py": MADE + given, "shop/db.py": uses})
    assert [(one["folder"], one["what"]) for one in values(found, "kept")] == [("/app/instance", "a SQLite database")]
