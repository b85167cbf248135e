"""Words of a command → what they come to: program, role, port, host, processes."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from kforge.domain.commands.program_table import program, programs, wrapper
from kforge.domain.commands.read_command import CommandContext, read, read_line
from tests.growth import LINEAR, growth

SERVED = (
    ("UVICORN_PORT=9000 UVICORN_WORKERS=3 uvicorn main:app", 9000, 3, "http"),
    ("UVICORN_PORT=9000 uvicorn main:app --port 9001", 9001, 0, "http"),
    ("UVICORN_SSL_KEYFILE=k UVICORN_SSL_CERTFILE=c uvicorn main:app --port 8443", 8443, 0, "https"),
    ("GUNICORN_CMD_ARGS='--bind=0.0.0.0:9002 --workers 4 --certfile c --keyfile k' gunicorn app:app", 9002, 4, "https"),
    ("GUNICORN_CMD_ARGS='-b :9003 -w 4' gunicorn -w 2 app:app", 9003, 2, "http"),
    ("GRANIAN_PORT=9004 GRANIAN_WORKERS=2 GRANIAN_SSL_CERTIFICATE=c granian app:app", 9004, 2, "https"),
    ("HYPERCORN_BIND=:9005 hypercorn app:app", 8000, 0, "http"),  # it reads no variable
)
SCRIPTS = {"start": "node dist/main.js", "start:prod": "NODE_ENV=production next start -p 4001", "loop": "npm run loop"}


@pytest.mark.parametrize(
    ("line", "name", "role", "port"),
    [
        ("gunicorn -b 0.0.0.0:8100 app:app", "gunicorn", "server", 8100),
        ("gunicorn --bind=:8101 app:app", "gunicorn", "server", 8101),
        ("gunicorn -b [::]:8102 app:app", "gunicorn", "server", 8102),
        ("gunicorn -b unix:/tmp/x.sock -b 127.0.0.1:8202 app:app", "gunicorn", "server", 8202),
        ("gunicorn app:app", "gunicorn", "server", 8000),
        ("PORT=8205 gunicorn app:app", "gunicorn", "server", 8205),
        ("uvicorn main:app --port 9000", "uvicorn", "server", 9000),
        ("python3.12 -m uvicorn main:app --port=9001", "uvicorn", "server", 9001),
        ("python -u -m hypercorn main:app -b 0.0.0.0:8203", "hypercorn", "server", 8203),
        ("waitress-serve --port=8201 app:app", "waitress", "server", 8201),
        ("daphne -b 0.0.0.0 -p 9001 x.asgi:application", "daphne", "server", 9001),
        ("uwsgi --http-socket :9090 --ini uwsgi.ini", "uwsgi", "server", 9090),
        ("uwsgi --ini uwsgi.ini", "uwsgi", "server", 0),
        ("flask --app app run -p 5001", "flask run", "server", 5001),
        ("python manage.py runserver 0.0.0.0:8010", "django runserver", "server", 8010),
        ("python manage.py runserver 8011", "django runserver", "server", 8011),
        ("python manage.py migrate --noinput", "django migrate", "once", 0),
        ("python manage.py sendalerts", "django sendalerts", "worker", 0),
        ("streamlit run app.py --server.port 8502", "streamlit run", "server", 8502),
        ("celery -A shop worker -l INFO -c 4", "celery worker", "worker", 0),
        ("celery -A worker beat", "celery beat", "scheduler", 0),
        ("rq worker high low", "rq worker", "worker", 0),
        ("dramatiq shop.tasks -p 2", "dramatiq", "worker", 0),
        ("arq shop.worker.Settings", "arq", "worker", 0),
        ("alembic upgrade head", "alembic", "once", 0),
        ("next start -p 4001", "next start", "server", 4001),
        ("node node_modules/.bin/next start", "next start", "server", 3000),
        ("node server.js --port 8204", "node", "", 8204),
        ("serve -s dist -l 5005", "serve", "server", 5005),
        ("serve -l tcp://0.0.0.0:5006 dist", "serve", "server", 5006),
        ("vite", "vite", "watcher", 5173),
        ("vite build", "vite build", "once", 0),
        ("php -S 0.0.0.0:8080 -t public", "php", "server", 8080),
        ("php artisan queue:work", "artisan queue:work", "worker", 0),
        ("bundle exec rails s -b 0.0.0.0 -p 3001", "rails s", "server", 3001),
        ("bundle exec sidekiq -C config/sidekiq.yml", "sidekiq", "worker", 0),
        ("java -Dserver.port=8085 -jar app.jar", "java", "", 8085),
        ("dotnet Api.dll --urls http://0.0.0.0:5000", "dotnet", "", 5000),
        ("./server --port 7000", "", "", 7000),
        ("./serve", "", "", 0),
        ("/app/migrate", "", "", 0),
        ("node", "node", "", 0),
        ("python manage.py", "django", "once", 0),
        ("npm", "", "", 0),
        ("", "", "", 0),
    ],
)
def test_a_command_is_read_by_its_program(line: str, name: str, role: str, port: int) -> None:
    found = read_line(line)
    assert (f"{found.program} {found.subcommand}".strip(), found.role, found.listening.port) == (name, role, port)


@pytest.mark.parametrize(
    "line",
    [
        "exec uvicorn main:app --port 9000",
        "sh -c 'uvicorn main:app --port 9000'",
        "bash -lc 'cd /app && exec uvicorn main:app --port 9000'",
        "env A=b uvicorn main:app --port 9000",
        "A=b C='d e' uvicorn main:app --port 9000",
        "dumb-init -- uvicorn main:app --port 9000",
        "tini uvicorn main:app --port 9000",
        "poetry run uvicorn main:app --port 9000",
        "uv run --no-sync --extra web uvicorn main:app --port 9000",
        "pipenv run uvicorn main:app --port 9000",
        "ddtrace-run uvicorn main:app --port 9000",
        "opentelemetry-instrument --service_name x uvicorn main:app --port 9000",
        "newrelic-admin run-program uvicorn main:app --port 9000",
        "wait-for-it db:5432 -t 30 -- uvicorn main:app --port 9000",
        "./wait-for-it.sh db:5432 -- uvicorn main:app --port 9000",
        "gosu app uvicorn main:app --port 9000",
        "alembic upgrade head && uvicorn main:app --port 9000",
        "alembic upgrade head; exec uvicorn main:app --port 9000 2>&1",
        "celery -A x worker & uvicorn main:app --port 9000",
        'if [ -n "$X" ]; then echo hi; fi; uvicorn main:app --port 9000 | tee log',
        "uvicorn main:app --port ${PORT:-9000}",
        "export PORT=9000; uvicorn main:app --port $PORT",
        "/opt/venv/bin/uvicorn main:app --port 9000",
    ],
)
def test_what_only_starts_something_else_is_looked_through(line: str) -> None:
    found = read_line(line)
    assert (found.program, found.listening.port) == ("uvicorn", 9000)


@pytest.mark.parametrize(
    ("line", "variable", "port"),
    [
        ("gunicorn -b $HOST:$PORT app:app", "PORT", 0),
        ("gunicorn -b ${HOST}:${PORT:-8001} app:app", "PORT", 8001),
        ("uwsgi --http ${LISTEN_HOST:-[::]}:${LISTEN_PORT:-9090} uwsgi.ini", "LISTEN_PORT", 9090),
        ("hypercorn -b $HOST:8002 app:app", "", 8002),
        ("gunicorn -b 0.0.0.0:$PORT app:app", "PORT", 0),
        ("gunicorn -b $BIND app:app", "BIND", 0),
    ],
)
def test_the_port_is_told_by_the_variable_behind_the_hosts(line: str, variable: str, port: int) -> None:
    heard = read_line(line).listening
    assert (heard.variable, heard.port) == (variable, port)


@pytest.mark.parametrize(
    ("line", "port"), [("locust -f l.py", 8089), ("locust -f l.py --headless", 0), ("locust --worker", 0)]
)
def test_a_program_that_is_told_to_serve_nothing_does_not_open_its_usual_port(line: str, port: int) -> None:
    found = read_line(line)
    assert (found.listening.port, found.portless) == (port, port == 0)


@pytest.mark.parametrize(
    ("line", "host"),
    [
        ("uvicorn main:app", "127.0.0.1"),
        ("uvicorn main:app --host 0.0.0.0", ""),
        ("uvicorn main:app --host localhost", "localhost"),
        ("UVICORN_HOST=0.0.0.0 uvicorn main:app", ""),
        ("gunicorn app:app", "127.0.0.1"),
        ("PORT=8000 gunicorn app:app", ""),
        ("gunicorn -b 127.0.0.1 app:app", "127.0.0.1"),
        ("flask run", "127.0.0.1"),
        ("flask run --host=::", ""),
        ("waitress-serve app:app", ""),
        ("next start", ""),
    ],
)
def test_the_host_is_what_the_words_say_or_the_programs_default(line: str, host: str) -> None:
    assert read_line(line).listening.host == host


@pytest.mark.parametrize(
    ("line", "workers"),
    [
        ("gunicorn -w 3 app:app", 3),
        ("gunicorn -w4 app:app", 4),
        ("WEB_CONCURRENCY=5 gunicorn app:app", 5),
        ("celery -A x worker --concurrency=2", 2),
        ("uvicorn main:app", 0),
        ("gunicorn -w $(nproc) app:app", 0),
    ],
)
def test_processes_are_counted_where_the_words_say_so(line: str, workers: int) -> None:
    assert read_line(line).workers == workers


@pytest.mark.parametrize(
    ("line", "development"),
    [
        ("uvicorn main:app --reload", True),
        ("python manage.py runserver", True),
        ("flask run", True),
        ("next dev", True),
        ("next start", False),
        ("nodemon server.js", True),
        ("node --watch server.js", True),
        ("tsx watch src/index.ts", True),
        ("vite", True),
        ("vite build", False),
        ("go run .", True),
        ("gunicorn app:app", False),
        ("php -S 0.0.0.0:80", True),
    ],
)
def test_what_is_made_for_development_says_why(line: str, development: bool) -> None:
    assert bool(read_line(line).development) == development


@pytest.mark.parametrize(
    "line", ["npm run start:prod", "npm run-script start:prod", "yarn start:prod", "pnpm run start:prod"]
)
def test_a_script_of_the_project_is_looked_through(line: str) -> None:
    found = read_line(line, CommandContext(scripts=SCRIPTS))
    assert (found.program, found.listening.port, found.env) == ("next", 4001, {"NODE_ENV": "production"})


@pytest.mark.parametrize("line", ["npm start", "yarn start"])
def test_a_script_that_needs_no_subcommand_is_one_too(line: str) -> None:
    assert read_line(line, CommandContext(scripts=SCRIPTS)).file == "dist/main.js"


def test_scripts_that_start_each_other_end() -> None:
    assert read_line("npm run loop", CommandContext(scripts=SCRIPTS)).program == ""


@pytest.mark.parametrize(
    ("argv", "text"),
    [
        (
            ["./start.sh"],
            "#!/bin/sh\nset -e\npython manage.py migrate\nexec gunicorn \\\n  -b 0.0.0.0:8020 site.wsgi\n",
        ),
        (["sh", "entrypoint.sh", "gunicorn", "-b", ":8020", "site.wsgi"], 'wait\nexec "$@"\n'),
        (["/entrypoint.sh", "gunicorn", "-b", ":8020", "site.wsgi"], ""),
    ],
)
def test_a_script_is_read_or_passed_on(argv: list[str], text: str) -> None:
    found = read(argv, CommandContext(text=lambda path: text))
    assert (found.program, found.listening.port) == ("gunicorn", 8020)


@pytest.mark.parametrize(
    "line",
    [
        "alembic upgrade head",
        "npx prisma migrate deploy",
        "python manage.py migrate",
        "knex migrate:latest",
        "flask db upgrade",
    ],
)
def test_a_migration_is_one(line: str) -> None:
    assert read_line(line).migrates


@pytest.mark.parametrize(
    "line", ["alembic revision", "prisma generate", "python manage.py collectstatic", "flask db init"]
)
def test_other_work_on_a_database_is_none(line: str) -> None:
    assert not read_line(line).migrates


def test_a_worker_that_also_schedules_runs_once() -> None:
    assert (read_line("celery -A x worker -B").singular, read_line("celery -A x worker").singular) == (True, False)


@pytest.mark.parametrize("name", programs())
def test_every_row_is_whole(name: str) -> None:
    row = program(name)
    rows = [row, *(program(name, below) for below in row.subcommands)]
    assert all(not each.development or each.development[0] != " " for each in rows) and row.title


@pytest.mark.parametrize("name", programs())
def test_no_program_is_a_wrapper_as_well(name: str) -> None:
    assert wrapper(name) is None


HOSTILE: Mapping[str, str] = {
    "assignments": "A=b ",
    "quotes": "'a' ",
    "operators": "a && ",
    "inner": "$(a ",
    "variables": "${A:-",
    "options": "--port 1 ",
    "wrappers": "exec ",
    "lines": "a \\\n",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE.keys())
def test_reading_takes_time_in_proportion_to_a_line(piece: str) -> None:
    assert growth(lambda size: read_line(f"gunicorn {piece * size}"), 2000) < LINEAR


@pytest.mark.parametrize(("line", "port", "workers", "speaks"), SERVED)
def test_a_variable_says_what_an_option_would(line: str, port: int, workers: int, speaks: str) -> None:
    found = read_line(line)
    assert (found.listening.port, found.workers, found.speaks) == (port, workers, speaks)


def test_a_variable_that_says_where_a_server_listens_is_named() -> None:
    assert read_line("UVICORN_PORT=9000 uvicorn main:app").listening.word == "UVICORN_PORT=9000"


@pytest.mark.parametrize(
    ("value", "reloads"), [("true", True), ("1", True), ("false", False), ("0", False), ("", False)]
)
def test_a_switch_in_a_variable_counts_where_it_is_on(value: str, reloads: bool) -> None:
    assert bool(read_line(f"UVICORN_RELOAD={value} uvicorn main:app").reloads) is reloads
