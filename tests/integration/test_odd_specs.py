"""A spec with a wrong value at any key ends in an error with its place, by every way to read it, never in a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kforge import pipeline
from kforge.domain.spec.project import Project
from kforge.errors import InputError
from kforge.fast_check import fast_check
from kforge.spec.read import read
from tests.conftest import write
from tests.stages.junk import JUNK
from tests.trials import sample, widths

TODAY = date(2027, 1, 1)
EVERY_KEY = Path(__file__).parents[1] / "spec" / "every_key.yaml"
SERVER = {
    "package.json": '{"scripts": {"start": "node server.js"}, "dependencies": {"express": "4"}}',
    "server.js": 'require("express")().listen(3000)\n',
}
EXTRA = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: extra}\n"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Every key of a spec, with sources that are there, no model, and a waiver for a rule that is there."""
    folder = tmp_path_factory.mktemp("every")
    write(folder, {f"{name}/{file}": text for name in ("web", "catalog", "jobs") for file, text in SERVER.items()})
    write(folder, {"deploy/extra/a.yaml": EXTRA})
    data = read(EVERY_KEY.read_bytes(), EVERY_KEY.name).data
    del data["model"], data["services"]["web"]["refine"]
    data["waivers"][0]["rule"] = "request-limit"
    write(folder, {"app.kforge.yaml": json.dumps(data, indent=1)})
    return Project(folder / "app.kforge.yaml", folder)


def keys(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(data, dict):
        for key, value in data.items():
            yield from keys(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from keys(value, (*path, index))


def spoilt(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    if isinstance(data, dict):
        return {**data, path[0]: spoilt(data[path[0]], path[1:], value)}
    return [spoilt(item, path[1:], value) if index == path[0] else item for index, item in enumerate(data)]


def test_the_spec_that_is_spoilt_is_valid(project: Project) -> None:
    assert pipeline.run(project, pipeline.Options(TODAY)).errors


SECTIONS = ("apiVersion", "services", "environments", "patches", "waivers", "")


@pytest.mark.parametrize("section", sample(SECTIONS, 3))
def test_a_wrong_type_at_any_key_is_told_with_its_place(section: str, project: Project) -> None:
    data = json.loads(project.spec.read_text())
    for path in keys(data):
        if (path[0] if path and path[0] in SECTIONS else "") == section:
            for value in JUNK:
                try:
                    pipeline.run(project, pipeline.Options(TODAY, text=json.dumps(spoilt(data, path, value))))
                except InputError as error:
                    assert all(problem.where for problem in error.problems), (path, value)


@pytest.mark.parametrize("every", widths(4))
def test_the_short_way_of_check_stumbles_over_no_type(every: int, project: Project) -> None:
    whole = project.spec.read_text()
    data = json.loads(whole)
    try:
        for path, value in [(path, value) for path in keys(data) if len(path) <= 3 for value in JUNK][::every]:
            project.spec.write_text(json.dumps(spoilt(data, path, value)))
            try:
                assert not fast_check(project, TODAY).current, (path, value)
            except InputError as error:
                assert all(problem.where for problem in error.problems), (path, value)
    finally:
        project.spec.write_text(whole)
