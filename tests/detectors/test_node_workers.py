"""Processes of a Node project that work off queues, or at times, beside the one that serves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.detectors.reading import facts

SERVES = "require('express')().listen(3000)\n"
BULLMQ = "const {Worker} = require('bullmq')\nnew Worker('mail', async job => {})\n"


def beside(
    folder: Path, scripts: dict[str, str], files: dict[str, str], needs: str = "bullmq"
) -> list[tuple[str, str, str]]:
    """(name, role, command) of each."""
    manifest = {
        "scripts": {"start": "node src/server.js", **scripts},
        "dependencies": dict.fromkeys(("express", *needs.split()), "1.0.0"),
        "devDependencies": {"typescript": "5.0.0", "tsx": "4.0.0"},
    }
    source: dict[str, str | bytes] = {"package.json": json.dumps(manifest), "src/server.js": SERVES, **files}
    found = facts(folder, source).value("beside")
    return [(one["name"], one["role"], " ".join(one["command"])) for one in found]


@pytest.mark.parametrize(
    ("scripts", "expected"),
    [
        ({"worker": "node src/worker.js"}, ("worker", "worker", "node src/worker.js")),
        ({"start:worker": "nodemon src/worker.js"}, ("worker", "worker", "node src/worker.js")),
        ({"worker": "nodemon -r dotenv/config src/worker.js", "worker:prod": "node src/worker.js --all"}, ("worker", "worker", "node src/worker.js --all")),
        ({"start-queue": "NODE_OPTIONS=--max-old-space-size=512 node src/worker.js"},
         ("queue", "worker", "env NODE_OPTIONS=--max-old-space-size=512 node src/worker.js")),
        ({"cron": "node src/worker.js --times"}, ("cron", "worker", "node src/worker.js --times")),
        ({"scheduler": "node src/times.js"}, ("scheduler", "scheduler", "node src/times.js")),
    ],
)  # fmt: skip
def test_a_script_starts_a_worker(tmp_path: Path, scripts: dict[str, str], expected: tuple[str, str, str]) -> None:
    name = "src/times.js" if "times.js" in expected[2] else "src/worker.js"
    assert beside(tmp_path, scripts, {name: BULLMQ if "worker" in name else "setInterval(tick, 1)\n"}) == [expected]


@pytest.mark.parametrize(
    ("needs", "code", "role"),
    [
        ("bullmq", "import {Worker} from 'bullmq'\nnew Worker('a', f)\n", "worker"),
        ("bull", "import Bull from 'bull'\nnew Bull('a').process(f)\n", "worker"),
        ("bee-queue", "const Queue = require('bee-queue')\nconst q = new Queue('a')\nq.process(3, f)\n", "worker"),
        ("agenda", "import {Agenda} from 'agenda'\nconst agenda = new Agenda({})\nagenda.define('a', f)\nawait agenda.start()\n", "scheduler"),
        ("pg-boss", "import PgBoss from 'pg-boss'\nconst boss = new PgBoss(url)\nawait boss.work('a', f)\n", "worker"),
        ("amqplib", "import amqp from 'amqplib'\nchannel.consume('a', f)\n", "worker"),
        ("kafkajs", "import {Kafka} from 'kafkajs'\nawait consumer.run({eachMessage: f})\n", "worker"),
        ("@temporalio/worker", "import {Worker} from '@temporalio/worker'\nconst w = await Worker.create({})\nawait w.run()\n", "worker"),
    ],
)  # fmt: skip
def test_a_file_that_takes_work_and_that_nothing_loads_is_one(tmp_path: Path, needs: str, code: str, role: str) -> None:
    found = beside(tmp_path, {}, {"src/mail.worker.mjs": code}, needs)
    assert found == [("worker", role, "node src/mail.worker.mjs")]


@pytest.mark.parametrize(
    "load",
    [
        "require('./worker')\n",
        "const work = require('./worker')\n",
        "new (require('worker_threads').Worker)(path.join(__dirname, 'worker.js'))\n",
        "fork('./src/worker.js')\n",
    ],
)
def test_a_worker_that_the_server_loads_runs_within_it(tmp_path: Path, load: str) -> None:
    assert beside(tmp_path, {}, {"src/server.js": load + SERVES, "src/worker.js": BULLMQ}) == []


@pytest.mark.parametrize(
    ("scripts", "files"),
    [
        ({"worker:dev": "tsx watch src/worker.js"}, {}),
        ({"worker:test": "node src/worker.js"}, {}),
        ({"worker": "wrangler dev"}, {}),
        ({"worker": "docker compose up worker"}, {}),
        ({"worker": "node src/server.js"}, {}),
        ({"cron": "node src/nightly.js"}, {"src/nightly.js": "await clean()\n"}),
        ({}, {"src/worker.js": "self.onmessage = e => postMessage(e.data)\n"}),
        ({}, {"src/mail.js": BULLMQ}),
    ],
    ids=["watches", "tests", "elsewhere", "engine", "is-the-start", "ends", "of-a-browser", "is-not-called-so"],
)
def test_what_is_no_process_of_production_is_none(
    tmp_path: Path, scripts: dict[str, str], files: dict[str, str]
) -> None:
    assert beside(tmp_path, scripts, files) == []


def test_a_script_and_its_file_are_one_process(tmp_path: Path) -> None:
    assert len(beside(tmp_path, {"worker": "node ./src/worker.js"}, {"src/worker.js": BULLMQ})) == 1


def test_typescript_runs_where_the_build_leaves_it(tmp_path: Path) -> None:
    files = {
        "tsconfig.json": '{"compilerOptions": {"outDir": "dist"}}',
        "src/worker.ts": "import {Worker} from 'bullmq'\nnew Worker('a', f)\n",
    }
    assert beside(tmp_path, {"build": "tsc", "start": "node dist/server.js"}, files) == [
        ("worker", "worker", "node dist/worker.js")
    ]


def test_a_program_that_only_works_has_nothing_beside_it(tmp_path: Path) -> None:
    files = {"src/server.js": "", "src/worker.js": BULLMQ}
    assert beside(tmp_path, {"start": "node src/worker.js"}, files) == []


def test_what_waits_may_be_a_file_that_it_loads(tmp_path: Path) -> None:
    files = {"src/jobs/index.js": "require('../lib/mail')\n", "src/lib/mail.js": BULLMQ}
    assert beside(tmp_path, {"jobs": "node src/jobs/index.js"}, files) == [("job", "worker", "node src/jobs/index.js")]
