"""One variable that SQLAlchemy's engines take with two drivers → the scheme that it needs, or a doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge.domain.facts import Facts
from tests.detectors.reading import facts

MAIN = "import os\nfrom fastapi import FastAPI\nfrom sqlalchemy.ext.asyncio import create_async_engine\nengine = create_async_engine(os.environ['DATABASE_URL'])\napp = FastAPI()\n"
ENV = "import os\nfrom alembic import context\nfrom sqlalchemy import create_engine\nengine = create_engine(os.environ['DATABASE_URL'])\n"
BOTH = "fastapi\nuvicorn\nsqlalchemy\nasyncpg\npsycopg2-binary\nalembic\n"


def found(root: Path, requirements: str = BOTH, **files: str) -> Facts:
    return facts(
        root,
        {
            "requirements.txt": requirements,
            "main.py": MAIN,
            **{name.replace("__", "/") + ".py": text for name, text in files.items()},
        },
    )


def test_what_an_asynchronous_engine_takes_names_its_driver(tmp_path: Path) -> None:
    assert found(tmp_path).value("schemes") == [{"env": "DATABASE_URL", "scheme": "postgresql+asyncpg"}]


@pytest.mark.parametrize(
    "requirements", [BOTH.replace("asyncpg\n", "psycopg\n"), BOTH.replace("psycopg2-binary\n", "")]
)
def test_one_driver_needs_no_other_scheme(tmp_path: Path, requirements: str) -> None:
    assert found(tmp_path, requirements).value("schemes") == []


@pytest.mark.parametrize(
    ("file", "place"),
    [("alembic__env", "alembic/env.py:4"), ("migrations__env", "migrations/env.py:4"), ("jobs", "jobs.py:4")],
)
def test_one_address_for_two_drivers_is_told_once_with_both_lines(tmp_path: Path, file: str, place: str) -> None:
    said = [str(fact.value["said"]) for fact in found(tmp_path, **{file: ENV}).doubts]
    assert [each for each in said if "DATABASE_URL" in each] == [
        f"`DATABASE_URL` is given to `create_async_engine` (main.py:4) and to `create_engine` ({place}): one address names one driver"
    ]


@pytest.mark.parametrize("changed", [".replace('+asyncpg', '')", ".replace('postgresql+asyncpg://', 'postgresql://')"])
def test_a_scheme_that_the_code_changes_itself_is_no_doubt(tmp_path: Path, changed: str) -> None:
    text = ENV.replace("os.environ['DATABASE_URL']", f"os.environ['DATABASE_URL']{changed}")
    assert "DATABASE_URL" not in str([fact.value for fact in found(tmp_path, alembic__env=text).doubts])
