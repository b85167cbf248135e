"""What `kforge init` makes of a sentence without a model: each draft builds, and what was not understood is said."""

import pytest

from kforge.draft.times import when
from kforge.draft.words import said
from kforge.spec.read import read
from tests.commands.test_init import alone  # noqa: F401  fixture
from tests.conftest import run, write

# Programs that listen nowhere, and where the draft says.
QUIET = 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("done") }\n'
LISTENS = 'package main\n\nimport "net/http"\n\nfunc main() {{ http.ListenAndServe(":{port}", nil) }}\n'

SENTENCES = {
    "Go web API with PostgreSQL and a nightly job": {"api": {}, "nightly": {"schedule": "0 3 * * *"}, "db": "postgres"},
    "Flask app with Redis, listening on port 5000": {"web": {"port": 5000}, "cache": "redis"},
    "A Django site with Celery workers, Postgres and a Redis broker": {"web": {}, "worker": {}, "db": "postgres", "cache": "redis"},
    "React frontend, Node.js backend, MongoDB and RabbitMQ": {"web": {"needs": ["api"]}, "api": {}, "mongo": "mongo", "queue": "rabbitmq"},
    "React + FastAPI": {"web": {}, "api": {}},
    "A cron job that sends reports every Monday at 6:30": {"report": {"schedule": "30 6 * * 1"}},
    "API without a database": {"api": {}},
    "web app, no worker, no redis, not a cron job": {"web": {}},
    "an API without redis or a worker but with MySQL": {"api": {}, "db": "mysql"},
    "Next.js storefront with two microservices: orders and catalog, each with its own MySQL": {"web": {}, "orders": {}, "catalog": {}, "db": "mysql"},
    "APIs for users, billing and search": {"users": {}, "billing": {}, "search": {}},
    "Eine Go-API mit PostgreSQL und einem nächtlichen Job": {"api": {}, "nightly": {"schedule": "0 3 * * *"}, "db": "postgres"},
    "Une API web en Python avec Redis et une tâche quotidienne": {"api": {}, "daily": {"schedule": "0 6 * * *"}, "cache": "redis"},
    "Un sitio web con base de datos": {"web": {}, "db": "postgres"},
    "TCP server on port 9000 and gRPC API on port 50051": {"server": {"port": 9000}, "api": {"port": 50051}},
    "A worker that runs every 5 minutes": {"worker": {"schedule": "*/5 * * * *"}},
    "migrations run once, then the API; backups daily at 2am": {"migrate": {"job": True}, "api": {}, "backup": {"schedule": "0 2 * * *"}},
    "a dashboard with daily sales figures": {"web": {}},
    "PostgreSQL and MySQL for an API": {"db": "postgres", "mysql": "mysql", "api": {}},
    "web scraper that runs every 30 seconds": {"worker": {}},
    "hourly import, weekly import": {"import": {"schedule": "0 * * * *"}, "import-2": {"schedule": "0 4 * * 1"}},
}  # fmt: skip


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_becomes_a_draft_that_builds(sentence, tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    run("init", sentence, cwd=folder, code=0)
    services = read((folder / "app.kforge.yaml").read_bytes(), "f").data["services"]
    assert services.keys() == SENTENCES[sentence].keys()
    for name, sign in SENTENCES[sentence].items():
        if isinstance(sign, str):
            assert f"/{sign}:" in services[name]["image"]
            continue
        block = services[name]
        assert {key: block.get(key) for key in sign} == sign
        waits = any(key in block for key in ("schedule", "job")) or name == "worker"
        main = QUIET if waits else LISTENS.format(port=block.get("port", 8080))
        write(folder, {f"{name}/go.mod": f"module acme/{name}\n\ngo 1.25\n", f"{name}/main.go": main})
    run("build", cwd=folder, code=0)
    run("check", "--full", cwd=folder, code=0)


def test_what_is_not_there_yet_is_wired_to_the_stores_that_are_named(tmp_path):
    folder = tmp_path / "shop"
    folder.mkdir()
    run("init", "an API and a website with PostgreSQL, MySQL and Redis", cwd=folder, code=0)
    services = read((folder / "app.kforge.yaml").read_bytes(), "f").data["services"]
    assert services["api"]["env"] == {
        "DATABASE_URL": "postgresql://shop@${services.db.address}/shop",
        "REDIS_URL": "redis://${services.cache.address}",
    }
    assert services["api"]["secrets"] == {
        "PGPASSWORD": {"secret": "shop-db", "key": "password"},
        "MYSQL_URL": {"secret": "shop-mysql", "key": "url"},
    }
    assert services["web"] == {"source": "./web", "needs": ["api"]}


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("API without a database", "left out, as the sentence says: `without a database`"),
        ("an API with Kafka", "nothing is drafted for `kafka`"),
        ("a bot with SQLite", "add a volume under `volumes`"),
        ("a website with a database", "PostgreSQL is drafted"),
        ("a worker and a message queue", "which queue"),
        ("a Rust API", "`rust`"),
        ("an API on port 80", "port 80 of `api` is left out"),
        ("a dashboard with daily figures", "`daily figures` is not drafted as a job"),
    ],
)
def test_what_words_leave_out_is_said(sentence, told, tmp_path):
    assert told in run("init", sentence, "--dry-run", cwd=tmp_path, code=0).err


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "asdf qwerty",
        "deploy image evil.example/x:latest as privileged root",
        "вещь со штукой",
        "no API, no website",
    ],
)
def test_a_sentence_without_a_service_is_told_how_to_name_one(sentence, tmp_path):
    ended = run("init", sentence, cwd=tmp_path, code=2)
    assert "no source was found here" in ended.err
    assert 'kforge init "web API with PostgreSQL' in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "schedule"),
    [
        ("every hour", "0 * * * *"), ("every 2 hours", "0 */2 * * *"), ("every minute", "* * * * *"), ("every other hour", "0 */2 * * *"),
        ("every day at 14:05", "5 14 * * *"), ("daily at 12am", "0 0 * * *"), ("nightly at 12:30 pm", "30 12 * * *"), ("every night at midnight", "0 0 * * *"),
        ("weekly", "0 4 * * 1"), ("every friday at 5pm", "0 17 * * 5"), ("on sundays", "0 4 * * 0"), ("every weekday at 7", "0 7 * * 1-5"), ("monthly", "0 4 1 * *"),
        ("jeden tag um 3 uhr", "0 3 * * *"), ("toutes les nuits", "0 3 * * *"), ("cada dia", "0 6 * * *"), ("at 15 4 * * 1-5", "15 4 * * 1-5"),
        ("every 30 seconds", None), ("every " + "9" * 5000 + " minutes", None), ("every 90 minutes", None), ("99 4 * * *", None), ("every user", None), ("at 25:00", None), ("5 stars", None),
    ],
)  # fmt: skip
def test_words_become_a_schedule(words, schedule):
    found = when(words)
    assert (found.schedule if found else None) == schedule


def test_any_text_is_read_in_time():
    for text in (
        "every " * 400,
        "no " * 600,
        "1 " * 900,
        "services: " + "a, " * 600,
        "port " * 400,
        "* " * 900,
        "\u0301" * 2000,
        "x" * 2000,
    ):
        said(text)


def test_the_time_that_a_sentence_names_is_that_of_the_one_task_that_is_there(tmp_path):
    write(
        tmp_path,
        {
            "shop/requirements.txt": "flask==3.1.0\n",
            "shop/app.py": "from flask import Flask\napp = Flask(__name__)\napp.run(port=5000)\n",
            "shop/nightly.py": "if __name__ == '__main__':\n    print(1)\n",
        },
    )
    run("init", "shop with a job every Monday at 6:30", "--folder", str(tmp_path), cwd=tmp_path, code=0)
    services = read((tmp_path / "app.kforge.yaml").read_bytes(), "app.kforge.yaml").data["services"]
    assert [one["schedule"] for one in services.values() if "schedule" in one] == ["30 6 * * 1"]


def test_the_sentence_says_what_a_source_that_listens_on_nothing_is(tmp_path):
    quiet = {
        f"{name}/{file}": text
        for name in ("dispatch", "load-gen", "mailer")
        for file, text in {"go.mod": f"module acme/{name}\n\ngo 1.25\n", "main.go": QUIET}.items()
    }
    write(tmp_path, {**quiet, "api/go.mod": "module acme/api\n\ngo 1.25\n", "api/main.go": LISTENS.format(port=8080)})
    ended = run(
        "init",
        "API, dispatch is a worker, a nightly load-gen job, migrations",
        "--folder",
        str(tmp_path),
        cwd=tmp_path,
        code=0,
    )
    services = read((tmp_path / "app.kforge.yaml").read_bytes(), "f").data["services"]
    assert services == {
        "api": {"source": "./api"},
        "dispatch": {"source": "./dispatch"},
        "load-gen": {"source": "./load-gen", "schedule": "0 3 * * *"},
        "mailer": {"source": "./mailer"},
    }
    assert "go in ./dispatch: the sentence says worker" in ended.err
    assert "go in ./mailer: has no known port" in ended.err
    assert (
        "`migrate` is left out, since no source shows what it runs: write `migrate: {source: ./…, job: true, command: […]}`"
        in ended.err
    )


def test_a_program_beside_the_server_is_the_task_of_its_name(tmp_path):
    server = "from flask import Flask\napp = Flask(__name__)\napp.run(port=5000)\n"
    write(
        tmp_path,
        {
            "shop/requirements.txt": "flask==3.1.0\n",
            "shop/app.py": server,
            "shop/worker.py": "if __name__ == '__main__':\n    print(1)\n",
        },
    )
    run("init", "shop with a worker", "--folder", str(tmp_path), cwd=tmp_path, code=0)
    assert read((tmp_path / "app.kforge.yaml").read_bytes(), "f").data["services"]["worker"] == {
        "source": "./shop",
        "command": ["python", "worker.py"],
    }


def test_the_only_source_is_the_only_task_of_the_sentence(tmp_path):
    write(tmp_path, {"go.mod": "module acme/sums\n\ngo 1.25\n", "main.go": QUIET})
    run("init", "a nightly job", "--folder", str(tmp_path), "--name", "sums", cwd=tmp_path, code=0)
    assert read((tmp_path / "app.kforge.yaml").read_bytes(), "f").data["services"] == {
        "sums": {"source": ".", "schedule": "0 3 * * *"}
    }
