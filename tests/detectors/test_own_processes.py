"""What the files of an image start beside its first process needs no service of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.detectors.reading import facts

TASKS = {
    "requirements.txt": "celery==5.5\nflask==3.1\ngunicorn==23\n",
    "shop.py": "from celery import Celery\nfrom flask import Flask\n\napp = Flask(__name__)\ntasks = Celery('shop')\n\n\n@tasks.task\ndef mail(): pass\n",
}
CONF = "[program:jobs]\nuser=web\ncommand=celery -A shop worker -l info\n"
INI = "[uwsgi]\nhttp-socket = :8000\nattach-daemon = celery --app shop worker\n"
BOOT = "#!/bin/sh\nset -e\nsupervisord -c conf/jobs.conf\nexec gunicorn -b :8000 shop:app\n"


def roles(folder: Path, start: str, files: dict[str, str]) -> list[str]:
    found = facts(folder, {**TASKS, **files, "Dockerfile": f"FROM python:3.13\nWORKDIR /srv\nCOPY . .\n{start}\n"})
    return [one["role"] for one in found.value("beside")]


@pytest.mark.parametrize(
    ("start", "files"),
    [
        ('CMD ["./boot.sh"]', {"boot.sh": BOOT, "conf/jobs.conf": CONF}),
        ('CMD ["uwsgi", "/srv/etc/uwsgi.ini"]', {"etc/uwsgi.ini": INI}),
        ('CMD ["sh", "boot.sh"]', {"boot.sh": "celery -A shop worker &\nexec gunicorn shop:app\n"}),
        ('ENTRYPOINT ["supervisord", "-n", "-c", "conf/jobs.conf"]', {"conf/jobs.conf": CONF}),
    ],
)
def test_a_process_that_a_file_of_the_image_starts(tmp_path: Path, start: str, files: dict[str, str]) -> None:
    assert roles(tmp_path, start, files) == []


@pytest.mark.parametrize(
    ("start", "files"),
    [
        ('CMD ["gunicorn", "shop:app"]', {"conf/jobs.conf": CONF}),
        ('CMD ["./boot.sh"]', {"boot.sh": BOOT, "conf/jobs.conf": CONF.replace("worker", "beat")}),
        ('CMD ["./boot.sh"]', {"boot.sh": BOOT}),
    ],
)
def test_a_process_that_none_starts(tmp_path: Path, start: str, files: dict[str, str]) -> None:
    assert roles(tmp_path, start, files) == ["worker"]


def test_files_that_name_each_other_are_read_once(tmp_path: Path) -> None:
    circle = {"boot.sh": "sh other.sh\n", "other.sh": "sh boot.sh\nexec gunicorn shop:app\n"}
    assert roles(tmp_path, 'CMD ["./boot.sh"]', circle) == ["worker"]
