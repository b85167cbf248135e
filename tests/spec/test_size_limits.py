"""What a spec asks for, all services in all environments: what people write is far below the limit, products are not."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.document import Document
from kforge.errors import InputError
from kforge.spec.read import read
from kforge.spec.resolve import resolve
from kforge.spec.size_limits import MOST, refuse_included, units
from tests.growth import LINEAR, growth

USUAL = {
    "source": "./s",
    "env": {"A": "${services.s1.url}", "LOG_LEVEL": "info", "TIMEOUT": "30"},
    "expose": {"host": "s.example.com"},
    "scale": {"min": 2, "max": 4, "cpu": 70},
    "resources": {"memory": "64Mi"},
    "config": {"path": "/etc/s", "files": {"a.yaml": "b: c"}},
    "secrets": {"P": {"secret": "s", "key": "k"}},
}
IMAGE = {"image": "docker.io/library/redis:8.8.3"}


def spec(services: int, environments: int, block: Any = None, **more: Any) -> dict[str, Any]:
    return {
        "services": {
            f"s{number}": {**USUAL, "source": f"./s{number}"} if block is None else block for number in range(services)
        },
        "environments": {f"e{number}": {"namespace": f"n{number}"} for number in range(environments)},
        **more,
    }


def patches(number: int, target: str = "Deployment/s0", value: Any = "x") -> list[dict[str, Any]]:
    return [{"target": target, "path": f"metadata.annotations.a{each}", "value": value} for each in range(number)]


@pytest.mark.parametrize(("services", "environments"), [(5, 200), (50, 30), (300, 5), (800, 1), (1200, 0)])
def test_what_people_write_is_worked_out(services: int, environments: int) -> None:
    assert units(spec(services, environments)) <= MOST


@pytest.mark.parametrize(
    "data",
    [
        spec(20, 5, patches=patches(100)),
        spec(100, 5, patches=patches(20, "Deployment/*")),
        spec(20, 5, {**IMAGE, "env": {f"A{number}": "b" for number in range(100)}}),
        spec(40, 2, {"source": "./one"}),
    ],
)
def test_what_people_patch_and_share_is_worked_out(data: dict[str, Any]) -> None:
    assert units(data) <= MOST


@pytest.mark.parametrize(
    "data",
    [
        spec(150, 150, IMAGE),
        spec(1, 20_000, IMAGE),
        spec(20_000, 0, IMAGE),
        spec(1, 1, IMAGE, patches=patches(10_000)),
        spec(200, 10, IMAGE, patches=patches(200, "Deployment/*")),
        spec(1, 100, IMAGE, patches=patches(1, value=[{"name": f"A{number}"} for number in range(400)])),
        spec(300, 1, {"source": "./one"}),
        spec(300, 1, {**IMAGE, "needs": [f"s{number}" for number in range(300)]}),
        spec(300, 1, {**IMAGE, "env": {"A": "${services.s1.url}" * 300}}),
    ],
)
def test_products_are_refused(data: dict[str, Any]) -> None:
    assert units(data) > MOST


def test_one_folder_is_shared_however_it_is_written() -> None:
    data = {"services": {f"s{number}": {"source": f"./one{'/' * number}"} for number in range(300)}}
    assert units(data) > MOST


def test_twice_the_environments_are_twice_the_units() -> None:
    assert 1.8 < units(spec(20, 200)) / units(spec(20, 100)) < 2.2


def test_included_objects_count_in_every_environment() -> None:
    objects = [{"kind": "ConfigMap", "metadata": {"name": "a"}}] * 100
    few, many = ((units(spec(1, number, IMAGE), objects) - units(spec(1, number, IMAGE))) for number in (1, 9))
    assert many == 5 * few


def test_a_spec_is_counted_in_time_in_proportion_to_it() -> None:
    assert growth(lambda size: units(spec(size, 10)), 2000) < LINEAR


def test_the_refusal_says_what_there_is_and_where() -> None:
    text = "apiVersion: kforge.dev/v1\napp: a\nservices:\n" + "".join(
        f"  s{n}: {{image: 'a.b/c:1'}}\n" for n in range(100)
    )
    text += "environments:\n" + "".join(f"  e{number}: {{namespace: n}}\n" for number in range(100))
    with pytest.raises(InputError) as caught:
        resolve(read(text, "f"))
    (only,) = caught.value.problems
    assert (str(only.where), only.message) == (
        "f:3:1",
        "100 services, 100 environments and 0 patches are 739600 units of work, more than the 290000 that one run takes",
    )


def test_included_objects_beyond_the_limit_are_refused_where_they_are_included() -> None:
    raw = read("apiVersion: kforge.dev/v1\napp: a\nservices: {}\ninclude: [x.yaml]\n", "f")
    data = {"kind": "ConfigMap", "metadata": {"name": "a"}}
    objects = [Document(path="x.yaml", artifact="x", data=data)] * 20_000
    with pytest.raises(InputError) as caught:
        refuse_included(raw, objects)
    (only,) = caught.value.problems
    assert (str(only.where), only.message) == (
        "f:4:1",
        "with 20000 included objects in 0 environments this spec is 360000 units of work, more than the 290000 that one run takes",
    )
