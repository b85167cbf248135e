"""A secret's default stands in the source for everybody to read, so a draft asks for a Secret; debugging is off in images
of the author's own, too.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.draft.test_kept_data import django, drafted

MAIN = "import os\nfrom flask import Flask\n{lines}\napp = Flask(__name__)\napp.run(port=5000)\n"


def secrets(root: Path, *lines: str) -> dict[str, bool]:
    """The variables that a draft of a program with these lines takes from Secrets, and whether each may be missing."""
    text = MAIN.format(lines="\n".join(lines))
    block = next(iter(drafted(root / "web", {"main.py": text, "requirements.txt": "flask\n"}).values()))
    return {name: bool(held.get("optional")) for name, held in block.get("secrets", {}).items()}


@pytest.mark.parametrize(
    ("name", "optional"),
    [
        ("SECRET_KEY", False),
        ("DJANGO_SECRET_KEY", False),
        ("WEB_JWT_SECRET", False),
        ("SESSION_SECRET", False),
        ("TOKEN_SECRET", False),
        ("STRIPE_SECRET_KEY", True),
        ("S3_SECRET_KEY", True),
        ("ADMIN_PASSWORD", True),
    ],
)
def test_a_default_of_a_secret_is_none(name: str, optional: bool, tmp_path: Path) -> None:
    assert secrets(tmp_path, f'K = os.getenv("{name}", "change-me")') == {name: optional}


@pytest.mark.parametrize(
    "line",
    [
        'K = os.getenv("SECRET_KEY_FILE", "/run/secrets/key")',
        'K = os.getenv("PASSWORD_RESET_ENABLED", "true")',
        'K = int(os.getenv("TOKEN_LIFETIME", "3600"))',
        'K = os.getenv("SORT_KEY", "name")',
    ],
)
def test_what_only_sounds_like_one_keeps_its_default(line: str, tmp_path: Path) -> None:
    assert secrets(tmp_path, line) == {}


DEBUG = "DEBUG = os.environ.get('DEBUG', 'True') == 'True'\n"
DOCKERFILE = 'FROM python:3.13\n{env}COPY . /app\nWORKDIR /app\nRUN pip install -r requirements.txt\nUSER 1000\nEXPOSE 8000\nCMD ["gunicorn", "shop.wsgi"]\n'


@pytest.mark.parametrize(
    ("env", "settings", "said"),
    [
        ("", DEBUG, "False"),
        ("ENV DEBUG=False\n", DEBUG, None),
        ("", DEBUG.replace("'True')", "'False')"), None),
        ("", "DEBUG = False\n", None),
    ],
)
def test_debugging_is_off_in_an_image_of_the_authors_own(
    env: str, settings: str, said: str | None, tmp_path: Path
) -> None:
    files = django(settings, Dockerfile=DOCKERFILE.format(env=env))
    block = next(iter(drafted(tmp_path / "shop", files).values()))
    assert block.get("env", {}).get("DEBUG") == said


def test_an_image_of_kforge_says_it_itself(tmp_path: Path) -> None:
    block = next(iter(drafted(tmp_path / "shop", django(DEBUG)).values()))
    assert "DEBUG" not in block.get("env", {})
