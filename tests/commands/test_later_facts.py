"""Facts that came after the first locks: absent they are no input, and one that comes up is a change."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import run
from tests.detectors.reading import lay
from tests.detectors.test_node import package

SPEC = "apiVersion: kforge.dev/v1\napp: shop\nservices:\n  web: {source: web, port: 3000}\n"


def test_a_fact_that_no_lock_recorded_is_a_change_as_soon_as_it_is_there(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    lay(tmp_path, {"app.kforge.yaml": SPEC, "web/package.json": package(main="server.js"), "web/server.js": "1\n"})
    run("build", cwd=tmp_path, code=0)
    assert "facts.version_range" not in (tmp_path / "kforge.sum").read_text()
    run("check", cwd=tmp_path, code=0)
    lay(tmp_path, {"web/package.json": package(main="server.js", engines={"node": ">=99"})})
    assert run("check", cwd=tmp_path, code=1).out.startswith("web/build is stale")
    run("build", cwd=tmp_path, code=0)
    run("check", cwd=tmp_path, code=0)
    assert "facts.version_range=" in (tmp_path / "kforge.sum").read_text()
