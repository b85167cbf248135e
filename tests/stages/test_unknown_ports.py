"""A reference to a port that nobody knows is refused where it stands."""

from __future__ import annotations

from typing import Any

import pytest

from kforge.domain.language import Languages
from kforge.domain.spec.types import Spec
from kforge.domain.world import World
from kforge.errors import InputError, Place
from kforge.stages.unknown_ports import refuse_portless

PORTS: dict[tuple[str, str], Any] = {
    ("a", "process"): {"ports": []},
    ("b", "process"): {"ports": [{"port": 80}]},
    ("c", "process"): {},
}


def world(env: dict[str, str], own: dict[str, str]) -> World:
    services = {name: {"image": "x:1"} for name in ("b", "c")}
    raw = {
        "apiVersion": "kforge.dev/v1",
        "app": "shop",
        "services": {"a": {"image": "x:1", "env": env}, **services},
        "environments": {"prod": {"services": {"a": {"env": own}}}},
    }
    return World(Spec.model_validate(raw), raw, {}, Languages(), lambda path: Place(".".join(map(str, path))))


@pytest.mark.parametrize("aspect", ["port", "url", "address"])
@pytest.mark.parametrize("service", ["a", "c", "missing"])
def test_a_service_without_a_port_is_named_with_the_variable(aspect: str, service: str) -> None:
    with pytest.raises(InputError) as failure:
        refuse_portless(
            world({"A": f"x ${{services.{service}.{aspect}}}"}, {"B": f"${{services.{service}.{aspect}}}"}), PORTS
        )
    places = [str(problem.where) for problem in failure.value.problems]
    assert places == ["services.a.env.A", "environments.prod.services.a.env.B"]


def test_a_host_needs_no_port_and_a_known_port_is_taken() -> None:
    refuse_portless(world({"A": "${services.a.host} ${services.b.url} ${services.b.port}", "B": "plain"}, {}), PORTS)
