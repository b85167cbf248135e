"""Of the commands of Compose files, those of production are taken."""

from __future__ import annotations

import shlex

import pytest

from kforge.draft.start_commands import production


@pytest.mark.parametrize(
    ("command", "taken"),
    [
        ("gunicorn app:app --workers 4", "gunicorn app:app --workers 4"),
        ("celery -A shop worker", "celery -A shop worker"),
        ("sh -c 'python manage.py migrate && gunicorn app:app'", "gunicorn app:app"),
        ("bash -c 'while !</dev/tcp/db/5432; do sleep 1; done; exec uwsgi app.ini'", "uwsgi app.ini"),
        ("python manage.py migrate && gunicorn app:app", "gunicorn app:app"),
        ("npm start", ""),
        ("npm run dev", ""),
        ("python manage.py runserver 0.0.0.0:8000", ""),
        ("uvicorn app:app --reload", ""),
        ("nodemon server.js", ""),
        ("sleep infinity", ""),
        ("sh -c 'a | b'", ""),
        ("sh", ""),
        ("", ""),
    ],
)
def test_the_command_of_production(command: str, taken: str) -> None:
    assert production(shlex.split(command))[0] == tuple(shlex.split(taken))


def test_why_there_is_none_is_said() -> None:
    assert production(["npm", "run", "dev"])[1] == "`npm run dev` is for development"
    assert production(["sh", "-c", "a | b"])[1] == "needs a shell"
    assert production(["npm", "start"]) == ((), "")
