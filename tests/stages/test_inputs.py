"""Names of inputs → values: a lock may name anything, and what no view records is absent."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kforge import catalog
from kforge.domain.view import View
from kforge.stages.inputs import Inputs
from tests.growth import LINEAR, growth
from tests.worlds import PYTHON, world

MADE = world(
    {"web": {"source": "./web", "port": 80, "needs": ["api"]}, "api": {"source": "./web"}},
    {"web": PYTHON, "api": PYTHON},
)
INPUTS = Inputs(MADE.raw, MADE.facts, MADE.values)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spec.port", 80),
        ("services.web.spec.port", 80),
        ("services.api.builder", "web"),
        ("callees", {"api": "spec.needs"}),
        ("services.api.callers", {"web": "spec.needs"}),
        ("services", ["api", "web"]),
    ],
)
def test_what_a_view_records_has_its_value(name: str, value: object) -> None:
    assert INPUTS.value("web", name) == value


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "nobody",
        "callers.x",
        "builder.x",
        "environments.prod.callers.x",
        "services.",
        "services.nobody.builder",
        "services.web",
        "services.web.services.web.spec.port",
        "services.web.services.",
        "services.web." * 10_000 + "spec.port",
        "services" + "." * 10_000,
        "facts.__class__",
        "facts.detector",
    ],
    ids=lambda name: name[:40],
)
def test_anything_else_is_absent(name: str) -> None:
    assert INPUTS.digest("web", name) == "-"


@pytest.mark.parametrize(
    "name", [lambda size: "services.web." * size + "spec.port", lambda size: "services" + "." * size]
)
def test_a_long_name_takes_time_as_it_is_long(name: Callable[[int], str]) -> None:
    assert growth(lambda size: INPUTS.digest("web", name(size)), 400_000) < LINEAR


def test_a_view_on_another_service_records_that_ones_name_alone() -> None:
    view = View(MADE.spec, MADE.facts, MADE.values, "web", languages=catalog.languages())
    view.of("api").of("web").spec("port")
    assert [*view.reads] == ["services.web.spec.port"]
