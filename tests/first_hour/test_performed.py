"""What `kforge init` drafts of the first hour's sources is performed: it builds, starts and answers."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import run
from tests.first_hour.story import APP
from tests.golden.test_perform import builds_starts_and_answers

pytestmark = pytest.mark.performed


@pytest.mark.parametrize("service", ["api", "gateway", "rates", "web"])
def test_a_drafted_service_builds_starts_and_answers(service: str, tmp_path: Path) -> None:
    project = shutil.copytree(APP, tmp_path / "parcels")
    for command in ("init", "build"):
        run(command, cwd=project, code=0)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    builds_starts_and_answers(project, service, scratch)
