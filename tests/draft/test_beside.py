"""`kforge init` drafts services of the workers and schedulers that a source has beside its web process."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.conftest import run
from tests.draft.test_migrations import ALEMBIC, DJANGO, drafted

CELERY = "from celery import Celery\napp = Celery('shop')\n@app.task\ndef send(): ...\n"
FLASK = {
    "requirements.txt": "flask==3.0\ngunicorn==23.0\ncelery[redis]==5.4\n",
    "shop.py": "from flask import Flask\napp = Flask(__name__)\n",
    "tasks.py": "import os\nfrom celery import Celery\napp = Celery('shop', broker=os.environ.get('CELERY_BROKER_URL'))\n@app.task\ndef send(): ...\napp.conf.beat_schedule = {}\n",
}
LOOPING = {
    **DJANGO,
    "shop/management/commands/sendmail.py": "import time\nfrom django.core.management.base import BaseCommand\nclass Command(BaseCommand):\n    def handle(self, **o):\n        while True:\n            time.sleep(1)\n",
}


def test_a_worker_and_a_scheduler_are_like_the_web_service(tmp_path: Path) -> None:
    services = drafted(tmp_path / "shop", FLASK)["services"]
    assert services["worker"] == {
        "like": "shop",
        "command": ["celery", "--app", "tasks", "worker", "--loglevel", "INFO"],
    }
    assert services["beat"] == {"like": "shop", "command": ["celery", "--app", "tasks", "beat", "--loglevel", "INFO"]}


@pytest.mark.parametrize(
    "read",
    [
        "os.environ.get('CELERY_BROKER_URL')",
        "os.environ['TASK_BROKER']",
        "os.environ.get('BROKER', 'redis://localhost:6379/0')",
        "'redis://localhost:6379/0'",
    ],
)
def test_the_broker_is_the_store_of_the_clients_extra(tmp_path: Path, read: str) -> None:
    files = {**FLASK, "tasks.py": FLASK["tasks.py"].replace("os.environ.get('CELERY_BROKER_URL')", read)}
    services = drafted(tmp_path / "shop", files)["services"]
    assert services["cache"]["image"].startswith("docker.io/library/redis:")
    assert [
        value for value in services["shop"]["env"].values() if value.startswith("redis://${services.cache.address}")
    ]


def test_a_command_that_goes_on_waits_for_the_migration(tmp_path: Path) -> None:
    services = drafted(tmp_path / "shop", LOOPING)["services"]
    assert services["sendmail"] == {"like": "shop", "command": ["python", "manage.py", "sendmail"]}
    assert services["migrate"]["before"] == ["shop", "sendmail"]


def test_a_scheduler_does_not_wait_for_the_migration_which_would_stop_it(tmp_path: Path) -> None:
    files = {
        **ALEMBIC,
        "requirements.txt": ALEMBIC["requirements.txt"] + "celery[redis]==5.4\n",
        "tasks.py": FLASK["tasks.py"],
    }
    services = drafted(tmp_path / "shop", files)["services"]
    assert "beat" in services
    assert services["migrate"]["before"] == ["shop", "worker"]
    assert "stopped-before-job" not in run("build", cwd=tmp_path / "shop", code=0).err


def test_a_script_of_the_sources_own_listens_on_nothing(tmp_path: Path) -> None:
    script = "import time\nif __name__ == '__main__':\n    while True:\n        time.sleep(1)\n"
    services = drafted(tmp_path / "shop", {**FLASK, "worker.py": script, "tasks.py": ""})["services"]
    assert services["worker"] == {"like": "shop", "command": ["python", "worker.py"], "ports": []}
    run("build", cwd=tmp_path / "shop", code=0)
    assert not (tmp_path / "shop/deploy/kubernetes/worker/service.yaml").exists()


def test_a_scheduler_of_the_sources_own_is_stopped_before_its_successor_starts(tmp_path: Path) -> None:
    script = "from apscheduler.schedulers.blocking import BlockingScheduler\nif __name__ == '__main__':\n    BlockingScheduler().start()\n"
    services = drafted(tmp_path / "shop", {**FLASK, "scheduler.py": script, "tasks.py": ""})["services"]
    assert services["scheduler"]["rollout"] == {"strategy": "recreate"}


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"Procfile": "web: gunicorn shop:app\nworker: celery -A tasks worker -Q mail\n"}, ["shop", "worker", "beat"]),
        ({"Procfile": "web: gunicorn shop:app\njobs: celery -A tasks worker\n"}, ["shop", "jobs", "beat"]),
        ({"Procfile": "web: gunicorn shop:app\njobs: celery -A tasks worker --beat\n"}, ["shop", "jobs"]),
        ({"Procfile": "web: gunicorn shop:app\ncelery-beat: celery -A tasks beat\n"}, ["shop", "celery-beat", "worker"]),
        ({"compose.yaml": "services:\n  web: {build: ., command: gunicorn shop:app}\n  celery: {build: ., command: ./start-celery.sh $$MODE}\n"}, ["shop", "web", "celery", "beat"]),
    ],
)  # fmt: skip
def test_what_the_authors_file_starts_is_not_drafted_again(
    tmp_path: Path, files: dict[str, str], names: list[str]
) -> None:
    services = drafted(tmp_path / "shop", {**FLASK, **files})["services"]
    assert {name for name in services if name not in ("cache", "shop", "web")} == {*names} - {"shop", "web"}


def test_a_build_tells_of_the_worker_that_a_spec_leaves_out(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    spec = drafted(folder, FLASK)
    for name in ("worker", "beat"):
        del spec["services"][name]
    (folder / "app.kforge.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    shown = run("build", cwd=folder, code=0)
    assert "unstarted-process]: no service starts `celery --app tasks worker" in shown.out + shown.err


def test_a_worker_on_the_file_of_an_embedded_database_is_no_pod_of_its_own(tmp_path: Path) -> None:
    settings = LOOPING["shop/settings.py"].replace("backends.postgresql", "backends.sqlite3")
    settings = settings.replace("os.environ['DB_NAME']", "'data/db.sqlite3'")
    needs = LOOPING["requirements.txt"].replace("psycopg==3.2.0\n", "")
    folder = tmp_path / "shop"
    services = drafted(folder, {**LOOPING, "shop/settings.py": settings, "requirements.txt": needs})["services"]
    assert [*services] == ["shop"]
    (folder / "app.kforge.yaml").unlink()
    shown = run("init", cwd=folder, code=0)
    assert "`python manage.py sendmail` of ." in shown.out + shown.err


@pytest.mark.parametrize(
    ("asked", "scheme"),
    [
        ('os.environ["DATABASE_URL"].startswith("postgres://")', "postgres"),
        ('os.getenv("DATABASE_URL").startswith(("sqlite://", "postgres://"))', "postgres"),
        ('os.environ["DATABASE_URL"].startswith("post")', "postgresql"),
    ],
)
def test_an_address_begins_as_the_code_asks(tmp_path: Path, asked: str, scheme: str) -> None:
    files = {**DJANGO, "shop/more.py": f"import os\nif {asked}:\n    x = 1\n"}
    services = drafted(tmp_path / "shop", files)["services"]
    assert services["shop"]["env"]["DATABASE_URL"].startswith(f"{scheme}://shop@${{services.db.address}}/shop")


OWN = "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n"
WORKER = ["celery", "--app", "tasks", "worker", "--loglevel", "INFO"]


@pytest.mark.parametrize(
    ("start", "worker"),
    [
        ('CMD ["gunicorn", "shop:app"]', WORKER),
        ("CMD gunicorn --bind 0.0.0.0:8000 shop:app", WORKER),
        ('CMD ["python", "-m", "gunicorn", "shop:app"]', WORKER),
        ('ENTRYPOINT ["tini", "--"]\nCMD ["gunicorn", "shop:app"]', ["tini", "--", *WORKER]),
        ('CMD ["poetry", "run", "gunicorn", "shop:app"]', ["poetry", "run", *WORKER]),
        ("CMD exec uv run gunicorn shop:app", ["uv", "run", *WORKER]),
        ('CMD ["conda", "run", "-n", "x", "python", "shop.py"]', ["conda", "run", "-n", "x", *WORKER]),
        ('CMD ["/opt/venv/bin/gunicorn", "shop:app"]', ["/opt/venv/bin/celery", *WORKER[1:]]),
    ],
)
def test_a_worker_starts_in_the_image_of_an_own_dockerfile_as_its_program_does(
    tmp_path: Path, start: str, worker: list[str]
) -> None:
    services = drafted(tmp_path / "shop", {**FLASK, "Dockerfile": f"{OWN}{start}\n"})["services"]
    assert services["worker"] == {"like": "shop", "command": worker}


@pytest.mark.parametrize(
    "start",
    [
        'ENTRYPOINT ["./entrypoint.sh"]\nCMD ["gunicorn", "shop:app"]',
        'CMD ["./start.sh"]',
        "CMD cd backend && gunicorn shop:app",
        'CMD ["gunicorn", "backend.shop:app"]',
        'CMD ["supervisord", "-n"]',
    ],
)
def test_a_worker_of_which_the_image_does_not_show_how_it_starts_is_left_to_its_author(
    tmp_path: Path, start: str
) -> None:
    files = {
        **FLASK,
        "Dockerfile": f"{OWN}{start}\n",
        "entrypoint.sh": '#!/bin/sh\nflask db upgrade\nexec "$@"\n',
        "start.sh": "#!/bin/sh\nset -e\n./other\n",
    }
    assert "worker" not in drafted(tmp_path / "shop", files)["services"]
