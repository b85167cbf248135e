"""A dollar of a Compose file means in the drafted spec what it meant there."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.conftest import run, write

COMPOSE = 'services: {{web: {{build: ./web, ports: ["8000:8000"], environment: {{NAME: joe, VALUE: "{value}"}}}}}}\n'


@pytest.mark.parametrize(
    ("composed", "drafted"),
    [("$$(NAME)", "$$(NAME)"), ("$$(OTHER)", "$(OTHER)"), ("a$$$$b", "a$$b"), ("$$2y$$10", "$2y$10"), ("${X:-y}", "y")],
)
def test_a_dollar_of_a_compose_file_keeps_its_meaning(tmp_path: Path, composed: str, drafted: str) -> None:
    app = "from flask import Flask\napp = Flask(__name__)\n"
    write(tmp_path, {"web/app.py": app, "web/requirements.txt": "flask\ngunicorn\n", "compose.yaml": COMPOSE.format(value=composed)})  # fmt: skip
    run("init", cwd=tmp_path, code=0)
    spec = yaml.safe_load((tmp_path / "app.kforge.yaml").read_text())
    assert spec["services"]["web"]["env"]["VALUE"] == drafted
