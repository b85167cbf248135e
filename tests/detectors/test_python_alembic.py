"""Variables that only Alembic's own file reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import env, facts

CODE = "import os\nfrom alembic import context\n{}\n"


def read(tmp_path: Path, code: str, ini: str = "script_location = migrations", needs: str = "alembic") -> object:
    files: dict[str, str | bytes] = {
        "requirements.txt": f"flask\n{needs}\n", "app.py": "from flask import Flask\napp = Flask(__name__)\n",
        "alembic.ini": f"[alembic]\n{ini}\n", "migrations/env.py": CODE.format(code), "db/migrations/env.py": CODE.format("x = os.environ['OTHER']"),
    }  # fmt: skip
    return env(facts(tmp_path, files))


@pytest.mark.parametrize(
    ("code", "ini", "expected"),
    [
        ("url = os.environ['DATABASE_URL']", "script_location = migrations", {"DATABASE_URL": (None, True)}),
        ("context.config.set_main_option('sqlalchemy.url', os.environ['DB_DSN'])", "script_location=./migrations", {"DB_DSN": (None, True)}),
        ("url = os.getenv('DB_DSN', 'postgresql://db/x')", "script_location = %(here)s/migrations", {"DB_DSN": ("postgresql://db/x", False)}),
        ("", "script_location = db/migrations", {"OTHER": (None, True)}),
        ("url = os.environ['DATABASE_URL']", "script_location = nowhere", {}),
        ("url = os.environ['DATABASE_URL']", "prepend_sys_path = .", {}),
    ],
)  # fmt: skip
def test_a_migration_says_what_it_reads(tmp_path: Path, code: str, ini: str, expected: object) -> None:
    assert read(tmp_path, code, ini) == expected


def test_a_source_without_alembic_runs_no_such_file(tmp_path: Path) -> None:
    assert read(tmp_path, "url = os.environ['DATABASE_URL']", needs="sqlalchemy") == {}
