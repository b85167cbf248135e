"""A Compose file → the names of its services, or that it does not tell them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kforge.spec import compose_services, positions
from kforge.spec.compose_services import services
from tests.growth import LINEAR, growth


@pytest.fixture(params=[positions.event_source, positions.pure_event_source], ids=["libyaml", "pure"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose_services, "event_source", request.param)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("services: {web: {build: .}, db: {image: x}}\n", {"web", "db"}),
        ("x-a: &a {image: x}\nservices:\n  web:\n    <<: *a\n    environment: {services: {no: 1}}\n  'api': *a\n", {"web", "api"}),
        ("volumes: {web: {}}\nservices: {}\n", set()),
        ("services: null\n", set()),
        ("name: web\n", set()),
        ("", set()),
        ("- services: {web: 1}\n", set()),
        ("services: [web]\n", set()),
        ("services: {a: 1}\n---\nservices: {b: [{c: d}], e: f}\n", {"a", "b", "e"}),
        ('{"services": {"w\\u0065b": {"build": [[{"x": {}}]]}, "z": 1}, "services2": {"q": 1}}', {"web", "z"}),
    ],
)  # fmt: skip
def test_services_are_the_keys_below_services(text: str, names: set[str]) -> None:
    assert services(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "include: [other.yaml]\nservices: {}\n", "services: *a\n", "x: &a {web: 1}\nservices: *a\n", "x: &a {web: 1}\nservices:\n  <<: *a\n",
        "x: &a {services: {web: 1}}\n<<: *a\n", "services: {? [a] : 1}\n", "services: {*a : 1}\n", "services: {web\n", "\x00", "a: b: c", "? {services: 1}\n: {web: 1}\n",
    ],
)  # fmt: skip
def test_where_services_come_from_elsewhere_nobody_can_tell(text: str) -> None:
    assert services(text) is None


def bomb(count: int) -> str:
    repeats = "".join(f"a{n}: &b{n} [*a,*a,*a,*a,*a,*a,*a]\n" for n in range(count))
    return f"a: &a [x,x,x,x,x,x,x,x,x,x]\n{repeats}services: {{web: {{}}}}\n"


def brackets(count: int) -> str:
    return "services: {web: " + "[" * count


@pytest.mark.parametrize(("text", "told"), [(bomb(2000), {"web"}), (brackets(50_000), None)], ids=["bomb", "brackets"])
def test_names_are_told_of_what_means_harm(text: str, told: set[str] | None) -> None:
    assert services(text) == told


@pytest.mark.parametrize(("text", "size"), [(bomb, 4000), (brackets, 16_000)])
def test_names_are_told_in_linear_time(text: Callable[[int], str], size: int) -> None:
    assert growth(lambda count: services(text(count)), size) < LINEAR
