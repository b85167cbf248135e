"""A line that a platform runs → what runs in a container."""

from __future__ import annotations

import pytest

from kforge.domain.commands.container_words import of_line
from kforge.domain.commands.read_command import CommandContext

SCRIPTS = CommandContext(scripts={"start": "next dev --turbo", "serve": "TZ=UTC node --watch server.js"})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("gunicorn app:app", "gunicorn app:app --bind 0.0.0.0:8000"),
        ("gunicorn app:app -b 127.0.0.1:8202", "gunicorn app:app -b 0.0.0.0:8202"),
        ("gunicorn app:app -b 0.0.0.0:8202", "gunicorn app:app -b 0.0.0.0:8202"),
        ("gunicorn -b unix:/x.sock app:app", "gunicorn -b unix:/x.sock app:app --bind 0.0.0.0:8000"),
        ("gunicorn -b :$PORT app:app", "gunicorn -b :8000 app:app"),
        ("gunicorn --reload -b :8001 app:app", "gunicorn -b :8001 app:app"),
        ("uvicorn main:app --reload --reload-dir src", "uvicorn main:app --host 0.0.0.0"),
        ("uvicorn main:app --host=localhost --port ${PORT:-80}", "uvicorn main:app --host=0.0.0.0 --port 8000"),
        ("poetry run uvicorn main:app --host ::", "uvicorn main:app --host ::"),
        ("uv run python -m gunicorn -b :80 app:app", "python -m gunicorn -b :80 app:app"),
        ("ddtrace-run gunicorn -b :80 app:app", "ddtrace-run gunicorn -b :80 app:app"),
        ("hypercorn main:app", "hypercorn main:app --bind 0.0.0.0:8000"),
        ("flask --app app run", "flask --app app run --host 0.0.0.0"),
        ("python manage.py runserver", "python manage.py runserver 0.0.0.0:8000"),
        ("python manage.py runserver 127.0.0.1:9000", "python manage.py runserver 0.0.0.0:9000"),
        ("python manage.py qcluster", "python manage.py qcluster"),
        ("uwsgi --module x", "uwsgi --module x --http-socket 0.0.0.0:8000"),
        ("uwsgi --ini uwsgi.ini", "uwsgi --ini uwsgi.ini"),
        ("npm start", "next start"),
        ("yarn run serve", "node server.js"),
        ("celery -A x worker", "celery -A x worker --concurrency 2"),
        ("celery -A x worker -B -c 1", "celery -A x worker -B -c 1 --schedule-filename /tmp/celerybeat-schedule"),
        ("celery -A x worker -c 8", "celery -A x worker -c 8"),
        ("celery -A x worker -P gevent", "celery -A x worker -P gevent"),
        ("celery -A x beat", "celery -A x beat --schedule /tmp/celerybeat-schedule"),
        ("celery -A x beat -s /data/s", "celery -A x beat -s /data/s"),
        ("celery -A x beat --scheduler django", "celery -A x beat --scheduler django"),
        ("tsx watch src/index.ts", "tsx src/index.ts"),
        ("python worker.py", "python worker.py"),
        ("./serve --port $PORT", "./serve --port 8000"),
    ],
)
def test_a_command_serves_and_works_as_a_container_must(line: str, words: str) -> None:
    made = of_line(line, 8000, SCRIPTS)
    assert made is not None and " ".join(made.words) == words


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("alembic upgrade head && gunicorn x:y", "alembic upgrade head && exec gunicorn x:y --bind 0.0.0.0:8000"),
        ("gunicorn -w $WORKERS -b :80 x:y", "exec gunicorn -w $WORKERS -b :80 x:y"),
        ("celery -A x worker & celery -A x beat", "celery -A x worker & celery -A x beat"),
        ("cd src && A=b python x.py", "cd src && A=b python x.py"),
        ("flask db upgrade; flask x; gunicorn x:y", "flask db upgrade; flask x; exec gunicorn x:y --bind 0.0.0.0:8000"),
        ("a && b; gunicorn 'x:y()'", "a && b; exec gunicorn 'x:y()' --bind 0.0.0.0:8000"),
        ("if a; then b; fi", "if a; then b; fi"),
        ("while a; do gunicorn x:y; done; gunicorn x:y", "while a; do gunicorn x:y; done; gunicorn x:y"),
        ("a $B; echo 'c; gunicorn x:y'", "a $B; echo 'c; gunicorn x:y'"),
        ("a | b; gunicorn x:y", "a | b; gunicorn x:y"),
    ],
)
def test_what_needs_a_shell_keeps_it_and_gets_its_signals(line: str, text: str) -> None:
    made = of_line(line, 8000, SCRIPTS)
    assert made is not None and made.words == ("sh", "-c", text)


@pytest.mark.parametrize(
    ("line", "variables", "port"),
    [
        ("PORT=8205 gunicorn app:app", {"PORT": "8205"}, 8205),
        ("PYTHONPATH=lib TZ=UTC gunicorn -b :$PORT x:y", {"PYTHONPATH": "lib", "TZ": "UTC"}, 8000),
        ("env A=b uvicorn x:y", {"A": "b"}, 8000),
        ("yarn serve", {"TZ": "UTC"}, 0),
    ],
)
def test_assignments_become_variables(line: str, variables: dict[str, str], port: int) -> None:
    made = of_line(line, 8000, SCRIPTS)
    assert made is not None and (made.variables, made.command.listening.port) == (variables, port)


@pytest.mark.parametrize("line", ["", "# nothing", "A=b", "x" * 3000, "'"])
def test_what_starts_nothing_is_none(line: str) -> None:
    assert of_line(line, 0, SCRIPTS) is None


def test_a_script_that_starts_another_folders_script_of_its_own_name_ends() -> None:
    around = CommandContext(scripts={"start": "cd apps/web && npm start"})
    found = of_line("npm start", 0, around)
    assert found is not None
    assert found.words[-1] == "cd apps/web && exec npm start"


def test_scripts_that_start_each_other_end() -> None:
    around = CommandContext(scripts={"start": "true && npm run web", "web": "true && npm start"})
    assert of_line("npm start", 0, around) is not None
