"""What the scripts come to that Dockerfiles of users start."""

from __future__ import annotations

from pathlib import Path

import pytest

from kforge import catalog
from kforge.stages.detect import detect
from kforge.system.tree import SourceTree
from tests.conftest import write

IMAGE = "FROM docker.io/library/python:3.12-slim\nWORKDIR /app\nCOPY . .\n"


def starts(folder: Path, files: dict[str, str]) -> list[str] | None:
    write(folder, files)
    found = detect(SourceTree(folder, folder), catalog.detectors()).value("dockerfile")
    assert isinstance(found, dict)
    words = found.get("starts")
    return words if words is None else [str(word) for word in words]


@pytest.mark.parametrize("start", [
    'ENTRYPOINT ["./boot.sh"]', 'ENTRYPOINT ["/app/boot.sh"]', "CMD ./boot.sh", 'CMD ["sh", "boot.sh"]', 'CMD ["bash", "-c", "./boot.sh"]',
    'ENTRYPOINT ["/sbin/tini", "--", "./boot.sh"]', 'COPY boot.sh /usr/local/bin/\nENTRYPOINT ["boot.sh"]',
])  # fmt: skip
def test_a_script_is_read_however_it_is_started(start: str, tmp_path: Path) -> None:
    files = {"Dockerfile": f"{IMAGE}{start}\n", "boot.sh": "#!/bin/sh\nset -e\nexec gunicorn -b :5000 shop:app\n"}
    assert starts(tmp_path, files) == ["gunicorn", "-b", ":5000", "shop:app"]


@pytest.mark.parametrize(("script", "words"), [
    ("PORT=${PORT:-9090}\nexec gunicorn -b :$PORT shop:app\n", ["gunicorn", "-b", ":${PORT:-9090}", "shop:app"]),
    ('[ "$PORT" ] || PORT=8080\nexec gunicorn -b :${PORT} shop:app\n', ["gunicorn", "-b", ":${PORT:-8080}", "shop:app"]),
    ('cmd="python -m gunicorn -b :5000 \\\n  shop:app"\nif [ `id -u` = 0 ]; then\n  exec gosu 1000:1000 ${cmd}\nelse\n  exec ${cmd}\nfi\n', ["gunicorn", "-b", ":5000", "shop:app"]),
    ("if [ \"$ALL\" ]; then\n  exec supervisord -c all.conf\nelse\n  exec gunicorn -b :5000 shop:app\nfi\n", ["gunicorn", "-b", ":5000", "shop:app"]),
    ("if [ \"$DEV\" ]; then\n  exec flask run -p 4000 --debug\nfi\nexec gunicorn -b :5000 shop:app\n", ["gunicorn", "-b", ":5000", "shop:app"]),
    ("python manage.py migrate\ncelery -A shop worker &\ngunicorn -b :5000 shop:app\n", ["gunicorn", "-b", ":5000", "shop:app"]),
    ("if [ \"$A\" ]; then exec gunicorn -b :1500 shop:app; fi\nexec uvicorn --port 1600 shop:app\n", None),
    ("echo done\n", None),
    ("exec ./shop --port 5000\n", ["./shop", "--port", "5000"]),
])  # fmt: skip
def test_of_a_script_the_command_counts_that_serves(script: str, words: list[str] | None, tmp_path: Path) -> None:
    files = {"Dockerfile": f'{IMAGE}ENTRYPOINT ["./boot.sh"]\n', "boot.sh": f"#!/bin/sh\n{script}"}
    assert starts(tmp_path, files) == words


def test_of_two_servers_the_exposed_one_counts(tmp_path: Path) -> None:
    script = '#!/bin/sh\nif [ "$A" ]; then exec gunicorn -b :1500 shop:app; fi\nexec uvicorn --port 1600 shop:app\n'
    files = {"Dockerfile": f'{IMAGE}EXPOSE 1600\nENTRYPOINT ["./boot.sh"]\n', "boot.sh": script}
    assert starts(tmp_path, files) == ["uvicorn", "--port", "1600", "shop:app"]


def test_the_argument_of_a_script_chooses_among_its_cases(tmp_path: Path) -> None:
    script = '#!/bin/sh\ncase "$1" in\n  worker)\n    exec celery -A shop worker\n    ;;\n  web|server)\n    exec gunicorn -b :5000 shop:app\n    ;;\n  *)\n    exec "$@"\nesac\n'
    files = {"Dockerfile": f'{IMAGE}ENTRYPOINT ["./entrypoint.sh"]\nCMD ["server"]\n', "entrypoint.sh": script}
    assert starts(tmp_path, files) == ["gunicorn", "-b", ":5000", "shop:app"]


def test_a_script_that_starts_its_arguments_leaves_them_to_the_dockerfile(tmp_path: Path) -> None:
    files = {"Dockerfile": f'{IMAGE}ENTRYPOINT ["./entrypoint.sh"]\nCMD ["gunicorn", "shop:app"]\n'}
    assert starts(tmp_path, {**files, "entrypoint.sh": '#!/bin/sh\nset -e\nexec "$@"\n'}) is None


def test_of_scripts_of_one_name_the_copied_one_is_read(tmp_path: Path) -> None:
    scripts = {
        "dev/boot.sh": "#!/bin/sh\nexec gunicorn -b :1 a:b\n",
        "ops/boot.sh": "#!/bin/sh\nexec gunicorn -b :2 a:b\n",
    }
    text = 'FROM docker.io/library/python:3.12\nCOPY ops/boot.sh /boot.sh\nENTRYPOINT ["/boot.sh"]\n'
    assert starts(tmp_path, {**scripts, "Dockerfile": text}) == ["gunicorn", "-b", ":2", "a:b"]


def test_a_program_that_is_no_shell_script_is_not_read(tmp_path: Path) -> None:
    files = {"Dockerfile": f'{IMAGE}ENTRYPOINT ["./start"]\n', "start": "#!/usr/bin/env python3\nimport os\n"}
    assert starts(tmp_path, files) is None


def test_a_script_in_the_dockerfile_itself_is_read(tmp_path: Path) -> None:
    text = f'{IMAGE}COPY <<EOF /start.sh\n#!/bin/sh\nexec gunicorn -b :5000 a:b\nEOF\nCMD ["sh", "/start.sh"]\n'
    assert starts(tmp_path, {"Dockerfile": text, "a.py": ""}) == ["gunicorn", "-b", ":5000", "a:b"]
