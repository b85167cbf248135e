"""A spec and the facts of its sources → the edges between its services, in the base and in each environment."""

from __future__ import annotations

from collections.abc import Mapping

from kforge.domain.edges import Caller, Exposed, Links
from kforge.domain.facts import NOTHING, Facts
from kforge.domain.spec.overlaid import overlaid
from kforge.domain.spec.types import Spec


def links_of(spec: Spec, facts: Mapping[str, Facts]) -> Links:
    """Edges and shared sources of a spec, to be worked out once and shared by views."""
    return Links(
        spec.services,
        lambda name, where: caller(spec, facts, name, where),
        lambda name, key: getattr(spec.services[name], key),
    )


def caller(spec: Spec, facts: Mapping[str, Facts], name: str, environment: str) -> Caller:
    """What shows a service's edges, in an environment or in the base."""
    service = spec.services[name]
    env, expose = dict(service.env), service.expose
    if environment and name in spec.environments[environment].services:
        here = spec.environments[environment].services[name]
        env |= here.env
        expose = None if here.omit else overlaid(expose, here.expose)
    exposed = Exposed(expose.host, expose.tls) if expose else None
    return Caller(env, service.needs, facts.get(name, NOTHING).value("hosts"), exposed)
