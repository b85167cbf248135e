"""Python. What reads a source and what writes its Dockerfile are imported when they are called: `check` reads every
record, and needs the detector for sources of Python only.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from kforge.domain.language import (
    ADDRESS,
    HOST,
    LEVEL,
    NUMBER,
    Language,
    LanguageImage,
    Needs,
    Program,
    Recipe,
)

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.domain.document import Dockerfile
    from kforge.domain.facts import Facts
    from kforge.domain.model.known_words import KnownWords
    from kforge.domain.view import View

SHARED_MEMORY = "/dev/shm"  # noqa: S108  gunicorn's own advice: heartbeats that touch no disk
WORKER_CLASS = r"sync|gthread|gevent|uvicorn\.workers\.UvicornWorker|uvicorn_worker\.UvicornWorker"
MANAGE = frozenset({"collectstatic", "compilemessages", "--noinput", "--no-input", "--clear"})  # tasks of a build


def _detect(tree: Tree) -> Facts | None:
    from kforge.detectors.python import detect

    return detect(tree)


def _stages(view: View) -> Dockerfile:
    from kforge.recipes.python import stages

    return stages(view)


_INSTALLED = {*sys.stdlib_module_names, "pip", "setuptools"}


def _application(word: str, files: Collection[str]) -> bool:
    """`package.module:app`, whose module is a file of the source."""
    match = re.fullmatch(r"([A-Za-z_][\w.]*):([A-Za-z_]\w*)", word, re.ASCII)
    path = match[1].replace(".", "/") if match else ""
    return bool(match) and any(f"{path}{end}" in files for end in (".py", "/__init__.py"))


def _module(word: str, files: Collection[str]) -> bool:
    """`package.module`, which is a file of the source's own package: what follows `-m`."""
    if not re.fullmatch(r"[A-Za-z_][\w.]*", word, re.ASCII) or word.partition(".")[0] in _INSTALLED:
        return False
    # A folder without `__init__.py` loses to a package of the same name anywhere: `http/server.py` is not what runs.
    path = word.replace(".", "/")
    folders = [path[: match.start()] for match in re.finditer("/", path)]
    return f"{path}.py" in files and all(f"{folder}/__init__.py" in files for folder in folders)


def _takes_step(step: Sequence[str], known: KnownWords) -> bool:
    """`python manage.py collectstatic --noinput`, `python -m compileall .`"""
    head, *rest = step
    if head != "python":
        return False
    managed = len(rest) > 1 and rest[0] == "manage.py" and known.file(rest[0]) and {*rest[1:]} <= MANAGE
    return managed or rest in (["-m", "compileall", "."], ["-m", "compileall", "-q", "."])


RECIPE = Recipe(
    name="python",
    stages=_stages,
    same_image="the virtual environment runs only on the Python that built it",
    ignore=(
        "**/__pycache__", "**/*.py[cod]", "**/*.egg-info", "**/.venv", "**/venv", "**/.pytest_cache", "**/.mypy_cache",
        "**/.ruff_cache", "**/.tox", "**/.nox", "**/.coverage", "**/htmlcov",
    ),
    tests=("tests", "test"),
)  # fmt: skip
LANGUAGE = Language(
    name="python",
    title="Python",
    detect=_detect,
    ends=(".py", ".txt", "Pipfile", "setup.cfg", "uv.lock", "poetry.lock", "pdm.lock", "pyproject.toml"),
    signs=("pyproject.toml", "requirements.txt", "Pipfile", "setup.py", "main.py", "app.py", "manage.py", "bot.py"),
    shown_by=("pyproject.toml", "requirements.txt", "*.py"),
    code=(".py",),
    managers={"uv": "`uv sync --frozen`", "poetry": "`poetry install`", "pipenv": "`pipenv sync`", "pdm": "`pdm sync`", "pip": "`pip install`"},
    lock_files=("requirements*.txt",),
    # Trixie is Debian's stable release; versions that were out of support before it came have images for an older one.
    image=LanguageImage(
        "docker.io/library/python", "{version}-slim-{release}", version="3.13", parts=2, release="trixie",
        older={"2.7": "buster", "3.5": "buster", "3.6": "bullseye", "3.7": "bookworm", "3.8": "bookworm"},
    ),
    recipes=(RECIPE,),
    programs={
        "gunicorn": Program({
            "--bind": ADDRESS, "-b": ADDRESS, "--workers": NUMBER, "-w": NUMBER, "--threads": NUMBER, "--timeout": NUMBER,
            "--graceful-timeout": NUMBER, "--keep-alive": NUMBER, "--max-requests": NUMBER, "--max-requests-jitter": NUMBER,
            "--worker-class": WORKER_CLASS, "-k": WORKER_CLASS, "--access-logfile": "-", "--error-logfile": "-",
            "--log-level": LEVEL, "--worker-tmp-dir": SHARED_MEMORY, "--preload": "",
        }, "gunicorn", _application),
        "uvicorn": Program({
            "--host": HOST, "--port": NUMBER, "--workers": NUMBER, "--log-level": LEVEL, "--timeout-keep-alive": NUMBER,
            "--timeout-graceful-shutdown": NUMBER, "--limit-concurrency": NUMBER, "--backlog": NUMBER, "--no-access-log": "",
            "--no-server-header": "", "--proxy-headers": "", "--loop": "auto|asyncio|uvloop", "--http": "auto|h11|httptools",
        }, "uvicorn", _application),
        "hypercorn": Program({
            "--bind": ADDRESS, "-b": ADDRESS, "--workers": NUMBER, "-w": NUMBER, "--graceful-timeout": NUMBER,
        }, "hypercorn", _application),
        "granian": Program({
            "--host": HOST, "--port": NUMBER, "--workers": NUMBER, "--interface": "asgi|wsgi",
        }, "granian", _application),
        "waitress-serve": Program({
            "--host": HOST, "--port": NUMBER, "--listen": ADDRESS, "--threads": NUMBER,
        }, "waitress", _application),
        "daphne": Program({"-b": HOST, "-p": NUMBER}, "daphne", _application),
        "celery": Program({
            "--concurrency": NUMBER, "--loglevel": LEVEL, "--max-tasks-per-child": NUMBER, "--pool": "prefork|solo|threads|gevent",
        }, "celery", _application),
        "python": Program({"-u": "", "-m": ""}, argument=_module),
    },
    takes_step=_takes_step,
    needs=Needs("Python programs", cpu="100m", memory="192Mi", startup=60),
    frameworks={
        "django": Needs("Django programs", cpu="100m", memory="256Mi", startup=60),
        "celery": Needs("Celery workers", cpu="100m", memory="384Mi", startup=60),
    },
    libraries={
        "numpy": "320Mi", "pandas": "512Mi", "polars": "512Mi", "scipy": "512Mi", "pyarrow": "512Mi", "opencv-python": "512Mi",
        "opencv-python-headless": "512Mi", "scikit-learn": "768Mi", "xgboost": "768Mi", "lightgbm": "768Mi", "pyspark": "2Gi",
        "onnxruntime": "1Gi", "tensorflow": "2Gi", "torch": "2Gi", "transformers": "3Gi", "sentence-transformers": "3Gi",
        "playwright": "1Gi",
    },
    server_words=("flask", "fastapi", "django", "starlette"),
    worker_words=("celery",),
    consumers=(
        "celery", "rq", "dramatiq", "arq", "huey", "kafka-python", "aiokafka", "pika", "aio-pika", "discord.py", "aiogram",
    ),
)  # fmt: skip
