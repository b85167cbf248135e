"""Python code → the processes beside its first start, each with the command that its library documents."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.detectors.reading import env, facts, places

FLASK = "from flask import Flask\napp = Flask(__name__)\n"
DJANGO: dict[str, str | bytes] = {
    "manage.py": "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'shop.settings')\n",
    "shop/__init__.py": "",
    "shop/wsgi.py": "from django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n",
}


def flask(needs: str, files: dict[str, str]) -> dict[str, str | bytes]:
    return {"requirements.txt": f"flask==3.0\ngunicorn==23.0\n{needs}\n", "web.py": FLASK, **files}


def django(needs: str, apps: str, files: dict[str, str] | None = None) -> dict[str, str | bytes]:
    settings = f"INSTALLED_APPS = [\n    'django.contrib.auth',\n    {apps}\n]\n"
    needs = f"django==5.1\ngunicorn==23.0\n{needs}\n"
    return {**DJANGO, "requirements.txt": needs, "shop/settings.py": settings, **(files or {})}


def beside(folder: Path, files: dict[str, str | bytes]) -> list[tuple[str, str, str]]:
    found: list[dict[str, Any]] = facts(folder, files).value("beside")
    return [(one["name"], one["role"], " ".join(one["command"])) for one in found]


CELERY = "from celery import Celery\napp = Celery('shop', broker=B)\n@app.task\ndef send(): ...\n"
WORKER = ("worker", "worker", "celery --app tasks worker --loglevel INFO")
BEAT = ("beat", "scheduler", "celery --app tasks beat --loglevel INFO")
DATABASE = " --scheduler django_celery_beat.schedulers:DatabaseScheduler"


@pytest.mark.parametrize(
    ("files", "found"),
    [
        (flask("celery==5.4", {"tasks.py": CELERY}), [WORKER]),
        (flask("celery==5.4", {"tasks.py": CELERY.replace("app", "queue")}), [("worker", "worker", "celery --app tasks:queue worker --loglevel INFO")]),
        (flask("celery==5.4", {"tasks.py": CELERY + "app.conf.beat_schedule = {}\n"}), [WORKER, BEAT]),
        (flask("celery==5.4", {"tasks.py": CELERY + "app.conf.update(beat_schedule={})\n"}), [WORKER, BEAT]),
        (flask("celery==5.4", {"tasks.py": CELERY + "@app.on_after_configure.connect\ndef s(sender, **k):\n    sender.add_periodic_task(9.0, send)\n"}), [WORKER, BEAT]),
        (flask("celery==5.4", {"tasks.py": "from celery import Celery\ndef make(a):\n    c = Celery(a)\n    return c\ncelery = make('x')\n@celery.task\ndef t(): ...\n"}), [WORKER]),
        (flask("celery==5.4", {"web.py": FLASK + "celery_app = app.extensions['celery']\n", "tasks.py": "from celery import shared_task\n@shared_task\ndef t(): ...\n"}), [("worker", "worker", "celery --app web:celery_app worker --loglevel INFO")]),
        (django("celery==5.4\ndjango-celery-beat==2.7", "'django_celery_beat',", {"tasks.py": CELERY}), [WORKER, (*BEAT[:2], BEAT[2] + DATABASE)]),
        (django("celery==5.4", "'shop',", {"shop/celery.py": "from celery import Celery\napp = Celery('x')\napp.autodiscover_tasks()\n"}), [("worker", "worker", "celery --app shop.celery worker --loglevel INFO")]),
        (flask("rq==2.0\nredis==5.0", {"jobs.py": "from rq import Queue\nq = Queue('mail', connection=r)\nq.enqueue(f)\n"}), [("worker", "worker", "rq worker mail")]),
        (flask("rq==2.0", {"jobs.py": "from rq import Queue\nq = Queue(connection=r)\nq.enqueue_in(d, f)\n"}), [("worker", "worker", "rq worker default --with-scheduler")]),
        (django("django-rq==3.0", "'django_rq',", {"shop/more.py": "RQ_QUEUES = {'default': {}, 'low': {}}\n"}), [("worker", "worker", "python manage.py rqworker default low")]),
        (flask("dramatiq==1.17", {"jobs.py": "import dramatiq\n@dramatiq.actor\ndef f(): ...\n", "broker.py": "import dramatiq\ndramatiq.set_broker(b)\n"}), [("worker", "worker", "dramatiq broker jobs")]),
        (django("django-dramatiq==0.12", "'django_dramatiq',"), [("worker", "worker", "python manage.py rundramatiq")]),
        (flask("huey==2.5", {"q.py": "from huey import RedisHuey\nhuey = RedisHuey()\n@huey.task()\ndef f(): ...\n"}), [("worker", "worker", "huey_consumer.py q.huey")]),
        (flask("huey==2.5", {"q.py": "from huey import RedisHuey\nhuey = RedisHuey()\n@huey.periodic_task(c)\ndef f(): ...\n"}), [("worker", "scheduler", "huey_consumer.py q.huey")]),
        (django("huey==2.5", "'huey.contrib.djhuey',"), [("worker", "worker", "python manage.py run_huey")]),
        (flask("arq==0.26", {"jobs/__init__.py": "", "jobs/main.py": "class WorkerSettings:\n    functions = [f]\n"}), [("worker", "worker", "arq jobs.main.WorkerSettings")]),
        (flask("taskiq==0.11\ntaskiq-redis==1.0", {"q.py": "from taskiq_redis import ListQueueBroker\nbroker = ListQueueBroker(u)\n@broker.task\nasync def f(): ...\n"}), [("worker", "worker", "taskiq worker q:broker q")]),
        (flask("procrastinate==2.0", {"q.py": "import procrastinate\napp = procrastinate.App(connector=c)\n"}), [("worker", "worker", "procrastinate --app q.app worker")]),
        (django("django-q2==1.7", "'django_q',"), [("worker", "worker", "python manage.py qcluster")]),
        (django("django-tasks==0.6", "'django_tasks.backends.database',"), [("worker", "worker", "python manage.py db_worker")]),
    ],
)  # fmt: skip
def test_workers_and_schedulers_of_task_queues_are_found(
    tmp_path: Path, files: dict[str, str | bytes], found: list[tuple[str, str, str]]
) -> None:
    assert beside(tmp_path, files) == found


@pytest.mark.parametrize(
    "files",
    [
        flask("celery==5.4", {"send.py": "from celery import Celery\napp = Celery('x', broker=B)\ndef f():\n    app.send_task('t')\n"}),
        flask("", {"tasks.py": CELERY}),
        flask("rq==2.0", {"jobs.py": "from multiprocessing import Queue\nq = Queue()\n"}),
        flask("arq==0.26", {"jobs.py": "class WorkerSettings:\n    width = 3\n"}),
        {"requirements.txt": "celery==5.4\n", "tasks.py": CELERY},
    ],
    ids=["sends to others' tasks", "not installed", "another queue", "another class", "the first start"],
)  # fmt: skip
def test_no_worker_is_made_up(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    assert beside(tmp_path, files) == []


def command(body: str, arguments: str = "") -> dict[str, str | bytes]:
    code = "import time\nfrom django.core.management.base import BaseCommand\nclass Command(BaseCommand):\n"
    code += f"    def add_arguments(self, parser):\n        pass\n{arguments}    def handle(self, **options):\n{body}"
    return django("", "'shop',", {"shop/management/commands/sendmail.py": code})


LOOP = "        while {}:\n            work()\n            time.sleep(2)\n"
LEFT = "        while True:\n            if {}:\n                {}\n            time.sleep(2)\n"
FLAG = "        parser.add_argument('--loop', action='store_true')\n"


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (command(LOOP.format("True")), ""),
        (command(LOOP.format("not self.shutdown")), ""),
        (command(LOOP.format("not stop.is_set()")), ""),
        (command(LOOP.format("self.running")), ""),
        (command(LEFT.format("options['once']", "return")), ""),
        (command(LEFT.format("not options['loop']", "break"), FLAG), " --loop"),
        (command("        channel.start_consuming()\n"), ""),
        (command(LOOP.format("True"), "        parser.add_argument('names', nargs='*')\n"), ""),
        (command("        while True:\n            for one in rows():\n                if one.old:\n                    break\n"), ""),
    ],
)  # fmt: skip
def test_a_command_of_django_that_goes_on_is_a_worker(
    tmp_path: Path, files: dict[str, str | bytes], words: str
) -> None:
    assert beside(tmp_path, files) == [("sendmail", "worker", f"python manage.py sendmail{words}")]


@pytest.mark.parametrize(
    "files",
    [
        command("        work()\n"),
        command(LOOP.format("not connection")),
        command(LEFT.format("not rows", "break")),
        command("        while True:\n            try:\n                connect()\n                return\n            except OSError:\n                time.sleep(1)\n"),
        command("        while True:\n            if done():\n                sys.exit(0)\n"),
        command(LOOP.format("True"), "        parser.add_argument('path')\n"),
        command(LOOP.format("True"), "        parser.add_argument('--path', required=True)\n"),
        command(LOOP.format("True"), "        parser.add_argument('--port', type=int)\n"),
        {path.replace("sendmail", "wait_for_db"): text for path, text in command(LOOP.format("True")).items()},
    ],
    ids=["ends", "until connected", "until empty", "returns", "exits", "asks", "insists", "listens", "waits"],
)  # fmt: skip
def test_a_command_of_django_that_ends_is_no_worker(tmp_path: Path, files: dict[str, str | bytes]) -> None:
    assert beside(tmp_path, files) == []


SCRIPT = "import time\nif __name__ == '__main__':\n    while True:\n        time.sleep(1)\n"


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("worker.py", SCRIPT, [("worker", "worker", "python worker.py")]),
        ("mail_consumer.py", SCRIPT, [("mail-consumer", "worker", "python mail_consumer.py")]),
        ("scheduler.py", "from apscheduler.schedulers.blocking import BlockingScheduler\ns = BlockingScheduler()\nif __name__ == '__main__':\n    s.start()\n", [("scheduler", "scheduler", "python scheduler.py")]),
        ("report.py", SCRIPT, []),
        ("worker.py", "if __name__ == '__main__':\n    work()\n", []),
        ("worker.py", "def f():\n    while True:\n        pass\n", []),
    ],
)  # fmt: skip
def test_a_script_that_goes_on_by_the_name_of_a_worker_is_one(
    tmp_path: Path, name: str, text: str, found: list[tuple[str, str, str]]
) -> None:
    assert beside(tmp_path, flask("", {name: text})) == found


def test_each_process_has_the_line_that_shows_it(tmp_path: Path) -> None:
    files = flask("celery==5.4", {"tasks.py": CELERY + "app.conf.beat_schedule = {}\n"})
    assert places(facts(tmp_path, files), "beside") == ["tasks.py:2", "tasks.py:5"]


@pytest.mark.parametrize(
    ("made", "default"),
    [
        ("Celery('x', broker='redis://localhost:6379/0')", "redis://localhost:6379/0"),
        ("Celery('x')", "amqp://localhost:5672//"),
        ("Celery('x', broker='redis://cache:6379/0')", None),
        ("Celery('x', broker=os.environ['BROKER'])", None),
        ("Celery('x', broker=settings.broker)", None),
    ],
)
def test_a_broker_on_the_developers_machine_is_replaced_by_celerys_own_variable(
    tmp_path: Path, made: str, default: str | None
) -> None:
    code = f"import os\nfrom celery import Celery\napp = {made}\n@app.task\ndef f(): ...\n"
    found = env(facts(tmp_path, flask("celery==5.4", {"tasks.py": code})))
    assert found.get("CELERY_BROKER_URL", (None, False)) == (default, False)


def _beside(root: Path, files: dict[str, str]) -> list[tuple[str, str, str]]:
    found = facts(
        root, {"requirements.txt": "flask\ngunicorn\nclick\ntyper\nrq\nredis\nflask-script\n", "app.py": WEB, **files}
    )
    return [(each["name"], each["role"], " ".join(each["command"])) for each in found.value("beside")]


WEB = "from flask import Flask\n\napp = Flask(__name__)\n"
GROUPED = {
    "manage.py": "from shop.cli import manager\n\nif __name__ == '__main__':\n    manager()\n",
    "shop/__init__.py": "",
    "shop/cli/__init__.py": "import click\nfrom shop.cli import rq\n\n\n@click.group()\ndef manager():\n    pass\n\n\nmanager.add_command(rq.manager, 'rq')\n",
    "shop/cli/rq.py": "from flask.cli import AppGroup\nfrom shop.jobs import Worker, times\n\nmanager = AppGroup()\n\n\n@manager.command()\ndef scheduler():\n    times.run()\n\n\n@manager.command()\n@argument('queues', nargs=-1)\ndef worker(queues):\n    Worker(queues).work()\n\n\n@manager.command()\ndef stats():\n    print(1)\n",
}
FLASK_GROUP = "import redis\nfrom flask.cli import FlaskGroup\nfrom rq import Worker\nfrom app import app\n\ncli = FlaskGroup(app)\n\n\n@cli.command('run_worker')\ndef run_worker():\n    Worker(['q']).work()\n\n\nif __name__ == '__main__':\n    cli()\n"
FLASK_SCRIPT = "from flask_script import Manager\nfrom rq import Worker\nfrom app import app\n\nmanager = Manager(app)\n\n\n@manager.command\ndef runworker():\n    Worker(['q']).work()\n\n\nif __name__ == '__main__':\n    manager.run()\n"
OF_APP = WEB + "\n\n@app.cli.command('worker')\ndef started():\n    while True:\n        work()\n"
TYPER = {
    "pyproject.toml": '[project]\nname = "shop"\ndependencies = ["flask", "gunicorn", "typer"]\n[project.scripts]\nshop = "shop.cli:app"\n',
    "shop/__init__.py": "",
    "shop/cli.py": "import typer\nfrom shop.jobs import jobs\n\napp = typer.Typer()\napp.add_typer(jobs, name='jobs')\n",
    "shop/jobs.py": "import time\nimport typer\n\njobs = typer.Typer()\n\n\n@jobs.command()\ndef consume():\n    while True:\n        time.sleep(1)\n",
}


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (GROUPED, [("scheduler", "scheduler", "python manage.py rq scheduler"), ("worker", "worker", "python manage.py rq worker")]),
        ({"manage.py": FLASK_GROUP}, [("run-worker", "worker", "python manage.py run_worker")]),
        ({"manage.py": FLASK_SCRIPT}, [("runworker", "worker", "python manage.py runworker")]),
        ({"app.py": OF_APP}, [("worker", "worker", "flask --app app:app worker")]),
        (TYPER, [("consume", "worker", "shop jobs consume")]),
        ({"worker.py": "from rq import Queue, Worker\nqueue = Queue('high')\nif __name__ == '__main__':\n    Worker([queue]).work()\n"}, [("worker", "worker", "python worker.py")]),
    ],
)  # fmt: skip
def test_a_command_of_the_programs_own_that_goes_on_is_a_worker(
    tmp_path: Path, files: dict[str, str], told: list[tuple[str, str, str]]
) -> None:
    assert _beside(tmp_path, files) == told


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Worker(['q']).work()", "Worker(['q']).work(burst=True)"),
        ("@cli.command('run_worker')\n", "@cli.command('run_worker')\n@argument('name')\n"),
        ("    cli()\n", "    other()\n"),
        ("@cli.command", "@unheard.command"),
    ],
)
def test_a_command_that_ends_or_that_nothing_starts_is_none(tmp_path: Path, old: str, new: str) -> None:
    found = _beside(tmp_path, {"manage.py": FLASK_GROUP.replace(old, new)})
    assert [each for each in found if "manage.py" in each[2]] == []


def test_a_source_that_works_off_its_queue_has_no_second_worker_for_a_queue_of_others(tmp_path: Path) -> None:
    works = "from rq import Worker\n\n\ndef run():\n    Worker(['matching']).work()\n\n\nif __name__ == '__main__':\n    run()\n"
    files = {
        "requirements.txt": "rq\nredis\n",
        "manage.py": works,
        "tasks.py": "from rq import Queue\nq = Queue('webapp')\n",
    }
    assert facts(tmp_path, files).value("beside") == []
