"""`kforge init` drafts programs that work on and listen on nothing, such as a load generator of a shop."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.conftest import run
from tests.detectors.reading import lay

WEB = {
    "web/package.json": '{"name": "web", "scripts": {"start": "node s.js"}}',
    "web/s.js": "require('http').createServer().listen(3000)\n",
}
LOAD = "from locust import HttpUser, task\nclass Visitor(HttpUser):\n{}    @task\n    def look(self):\n        self.client.get('/')\n"


def drafted(folder: Path, files: dict[str, str]) -> tuple[set[str], str]:
    (folder / ".git").mkdir(parents=True)
    lay(folder, files)
    said = run("init", cwd=folder, code=0).err
    return set(yaml.safe_load((folder / "app.kforge.yaml").read_text())["services"]), said


@pytest.mark.parametrize(
    ("host", "lacks"), [("", True), ("    host = 'http://web:3000'\n", False), ("    weight: int\n", True)]
)
def test_a_load_generator_without_a_target_asks_for_one(tmp_path: Path, host: str, lacks: bool) -> None:
    files = {"visitors/requirements.txt": "locust\n", "visitors/locustfile.py": LOAD.format(host)}
    services, said = drafted(tmp_path, WEB | files)
    assert services == {"web", "visitors"}
    assert "Locust goes on working" in said
    assert ("`visitors` needs `LOCUST_HOST`" in said) == lacks


def test_load_tests_are_left_out(tmp_path: Path) -> None:
    services, said = drafted(
        tmp_path, WEB | {"loadtest/requirements.txt": "locust\n", "loadtest/locustfile.py": LOAD.format("")}
    )
    assert services == {"web"}
    assert "holds load tests" in said


def test_load_tests_beside_an_application_are_not_what_starts(tmp_path: Path) -> None:
    application = {"web.py": "from flask import Flask\napp = Flask(__name__)\n", "requirements.txt": "flask\ngunicorn\nlocust\n"}  # fmt: skip
    _, said = drafted(tmp_path, application | {"locustfile.py": LOAD.format("")})
    assert "LOCUST_HOST" not in said
