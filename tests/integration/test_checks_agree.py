"""The short way of `check` calls no spec current that the whole way refuses, nor stale for a key that nothing reads.

Values come from the constraints of the schema: what just fits each, and what just misses it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from kforge.domain.spec import patterns
from kforge.domain.spec.project import Project
from kforge.errors import InputError
from kforge.fast_check import fast_check
from kforge.spec.quick_checks import IDLE, IDLE_OF_SERVICE
from kforge.spec.read import read
from kforge.spec.resolve import resolve
from tests.conftest import run, write
from tests.integration.test_odd_specs import EVERY_KEY, EXTRA, SERVER, TODAY, keys, spoilt
from tests.stages.junk import JUNK
from tests.trials import widths

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas/app.schema.json").read_text())
SERVICE = SCHEMA["definitions"]["Service"]["properties"]
IDLE_PATHS = [*((key,) for key in IDLE), *(("services", "web", key) for key in IDLE_OF_SERVICE)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, dict[str, Any]]:
    """A project that heuristics built, and its spec with every key: what only a model reads came after."""
    folder = tmp_path_factory.mktemp("agree")
    write(folder, {f"{name}/{file}": text for name in ("web", "catalog", "jobs") for file, text in SERVER.items()})
    data = read(EVERY_KEY.read_bytes(), EVERY_KEY.name).data
    data["services"]["worker"]["command"] = ["node", "server.js"]  # these sources are no Celery application
    data["waivers"][0] |= {"rule": "endless-job", "target": "CronJob/*"}
    plain = {key: value for key, value in data.items() if key != "model"}
    write(folder, {"deploy/extra/a.yaml": EXTRA, "app.kforge.yaml": json.dumps(plain)})
    run("build", cwd=folder, code=0)
    return Project(folder / "app.kforge.yaml", folder), data


def quick(project: Project, data: Any) -> bool:
    project.spec.write_text(json.dumps(data))
    try:
        return fast_check(project, TODAY).current
    except InputError:
        return False


def valid(data: Any) -> bool:
    try:
        resolve(read(json.dumps(data), "f"))
    except InputError:
        return False
    return True


def node_of(path: tuple[Any, ...]) -> dict[str, Any]:
    """The schema of an idle key."""
    node = (SERVICE if path[0] == "services" else SCHEMA["properties"])[path[-1]]
    return {**node, **whole(node["allOf"][0])} if "allOf" in node else dict(node)


def whole(node: dict[str, Any]) -> dict[str, Any]:
    return SCHEMA["definitions"][node["$ref"].rpartition("/")[2]] if "$ref" in node else node


def near(node: dict[str, Any], value: Any) -> Iterator[Any]:
    """Values at both sides of every constraint of a schema, and of every other type."""
    yield from JUNK
    yield from (True, 1.5, [value], {"x": value})
    yield from node.get("enum", [])
    if isinstance(value, str):
        yield from (f"{value}\n", f" {value}", f"{value} ", f"\n{value}", f"{value}\u0663", "", "a" * 201, "a" * 200)
        for length in (node.get("minLength"), node.get("maxLength")):
            yield from () if length is None else (f"{value}{'a' * length}"[:size] for size in (length, length + 1))
    if isinstance(value, list):
        most, least = node.get("maxItems", 5), node.get("minItems", 0)
        yield from ((value * most)[:size] for size in (most, most + 1, least, max(0, least - 1)))
        yield from (dict.fromkeys(value), tuple_of(value))
        yield from ([other, *value[1:]] for other in near(whole(node["items"]), value[0]))
    if isinstance(value, dict):
        yield {**value, "unknown": 1}
        for key, inner in node["properties"].items():
            yield {other: held for other, held in value.items() if other != key}
            yield from ({**value, key: held} for held in near(whole(inner), value.get(key)))


def tuple_of(value: list[Any]) -> dict[str, Any]:
    return {str(index): item for index, item in enumerate(value)}


def test_a_model_that_is_named_leaves_what_was_built_current(built: tuple[Project, dict[str, Any]]) -> None:
    assert quick(*built)


@pytest.mark.parametrize("path", IDLE_PATHS, ids=lambda path: path[-1])
def test_both_ways_agree_about_every_value_of_a_key_that_nothing_reads(
    path: tuple[Any, ...], built: tuple[Project, dict[str, Any]]
) -> None:
    project, data = built
    value = data
    for part in path:
        value = value[part]
    differing = []
    for other in near(node_of(path), value):
        changed = spoilt(data, path, other)
        if quick(project, changed) is not valid(changed):
            differing.append(other)
    assert differing == []


@settings(max_examples=60, deadline=None, derandomize=True, phases=[Phase.generate])
@given(st.sampled_from(["requires", "model"]), st.data())
def test_both_ways_agree_about_whatever_a_pattern_finds(
    built: tuple[Project, dict[str, Any]], key: str, drawn: st.DataObject
) -> None:
    project, data = built
    text = drawn.draw(st.from_regex(patterns.REQUIRES if key == "requires" else patterns.MODEL))
    changed = {**data, key: text if key == "requires" else {"name": text}}
    assert quick(project, changed) is valid(changed)


def twins(value: Any) -> Iterator[Any]:
    """Other values that a careless digest takes for the same, and none."""
    yield None
    if isinstance(value, bool):
        yield from (int(value), str(value).lower())
    elif isinstance(value, int):
        yield from (float(value), str(value), value == 1)
    elif isinstance(value, str):
        yield from (f"{value}\n", f" {value}")
    elif isinstance(value, list):
        yield from (dict.fromkeys(map(str, value)), [*value, None])
    elif isinstance(value, dict):
        yield from ({**value, "unknown": None}, [*value])


@pytest.mark.parametrize("every", widths(4))
def test_no_value_that_the_whole_way_refuses_is_current(every: int, built: tuple[Project, dict[str, Any]]) -> None:
    project, data = built
    current = [
        (path, other)
        for path, other in [(path, other) for path in keys(data) for other in twins(_at(data, path))][::every]
        if quick(project, changed := spoilt(data, path, other)) and not valid(changed)
    ]
    assert current == []


def test_no_key_without_a_value_is_current(built: tuple[Project, dict[str, Any]]) -> None:
    project, data = built
    absent = [
        *(("services", name, key) for name in data["services"] for key in SERVICE if key not in data["services"][name]),
        *((key,) for key in SCHEMA["properties"] if key not in data),
        *(
            ("services", "web", topic, key)
            for topic in ("resources", "rollout", "process", "build")
            for key in properties(topic)
        ),
        *(("environments", "prod", key) for key in SCHEMA["definitions"]["Environment"]["properties"]),
        *(
            ("environments", "prod", "services", "web", key)
            for key in SCHEMA["definitions"]["EnvironmentService"]["properties"]
        ),
    ]
    assert [path for path in absent if quick(project, put(data, path, None))] == []


def properties(topic: str) -> dict[str, Any]:
    node = SERVICE[topic]
    node = node["anyOf"][0] if "anyOf" in node else node  # null takes back what a service like another has
    return dict(whole(node["allOf"][0] if "allOf" in node else node)["properties"])


def put(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(data)
    here = changed
    for part in path[:-1]:
        here = here.setdefault(part, {})
    here[path[-1]] = value
    return changed


def _at(data: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        data = data[part]
    return data


@pytest.mark.parametrize("example", sorted(path.name for path in (ROOT / "specs").iterdir() if path.is_dir()))
def test_every_example_is_current_by_the_short_way(example: str) -> None:
    """A file of a kind that the short way does not know sends every `check` the long way."""
    folder = ROOT / "specs" / example
    found = fast_check(Project(folder / "app.kforge.yaml", ROOT), TODAY)
    assert (found.current, found.why) == (True, "")
