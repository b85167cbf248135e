"""View: the only window through which a topic or an artifact sees the world. What is read is recorded by name.

So no input can be forgotten: a digest of the recorded names and their values is exactly what an output depends on.

Names, relative to one service:
  `spec.KEY`                     a key of the service's block; `spec.TOPIC.FIELD` a pin in it
  `app.KEY`                      a top-level key
  `facts.NAME`                   a fact of the service's source
  `decisions.TOPIC.FIELD`        a field of a settled decision, pins included
  `services.S.NAME`              any of these of service S
  `environments.E.KEY`, `environments.E.spec.KEY`   what environment E says of the app, of this service
  `services`                     the names of all services, for artifacts that list them
  `sharers`, `builder`           services that build from the same folder, and the first of them, whose image they run
  `awaited`                      jobs that are done before this service's pods start
  `levels`                       hardening levels that services ask for themselves
  `certificate`                  the Secret of this service's host, where it shares the host
  `callees`, `callers`           edges to and from this service (in an environment: `environments.E.callees`)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from kforge.domain.edges import Caller, Exposed, Links
from kforge.domain.facts import NOTHING, Facts
from kforge.domain.language import Language, Languages
from kforge.domain.spec.overlaid import overlaid
from kforge.domain.spec.refinements import alone, concerning
from kforge.domain.spec.types import Environment, EnvironmentService, Service, Spec
from kforge.domain.topic_names import RESOURCES

# What an environment may change, looked up once: a view asks a hundred thousand times.
_OF_APP, _OF_SERVICE = frozenset(Environment.model_fields), frozenset(EnvironmentService.model_fields)
Decisions = Mapping[tuple[str, str], Mapping[str, Any]]  # (service, topic) → settled value


class View:
    """What one node may read. `reads` holds the recorded names in order of their first reading."""

    def __init__(
        self,
        spec: Spec,
        facts: Mapping[str, Facts],
        decisions: Decisions,
        service: str = "",
        environment: str = "",
        may_read: Callable[[str], bool] = lambda topic: True,
        reads: dict[str, None] | None = None,
        prefix: str = "",
        links: Links | None = None,
        *,
        languages: Languages,
    ) -> None:
        self._spec, self._facts, self._decisions, self._may_read = spec, facts, decisions, may_read
        self._name, self.environment, self._prefix = service, environment, prefix
        self.reads: dict[str, None] = {} if reads is None else reads
        self._links = links or links_of(spec, facts)
        self.languages = languages  # what this kforge knows: a revision stands for it, so it is no input

    def _record(self, name: str) -> None:
        self.reads[self._prefix + name] = None

    @property
    def service(self) -> str:
        """Name of the service that is looked at."""
        return self._name

    @property
    def _service(self) -> Service:
        return self._spec.services[self.service]

    def spec(self, key: str) -> Any:
        """A key of this service's block, with what the environment changes laid over it."""
        self._record(f"spec.{key}")
        value = getattr(self._service, _attribute(key))
        if not self.environment or key not in _OF_SERVICE:
            return value
        self._record(f"environments.{self.environment}.spec.{key}")
        block = self._spec.environments[self.environment].services.get(self.service)
        return value if block is None else overlaid(value, getattr(block, _attribute(key)))

    def pin(self, topic: str, field: str) -> Any:
        """One field of a topic's block, so that a pin beside it is no input."""
        self._record(f"spec.{topic}.{field}")
        block = getattr(self._service, topic)
        return None if block is None else getattr(block, field)

    def refinements(self, topic: str) -> list[str]:
        """What `refine` says to a topic: a sentence to another one is no input."""
        self._record(f"spec.refine.{topic}")
        return concerning(self._service.refine, topic)

    def told(self, topic: str) -> list[str]:
        """What `refine` says to a topic and to no other."""
        self._record(f"spec.refine.{topic}")
        return alone(self._service.refine, topic)

    def app(self, key: str) -> Any:
        """A top-level key, with what the environment changes laid over it."""
        self._record(f"app.{key}")
        value = getattr(self._spec, key)
        if not self.environment or key not in _OF_APP:
            return value
        self._record(f"environments.{self.environment}.{key}")
        changed = getattr(self._spec.environments[self.environment], key)
        return value if changed is None else changed

    def fact(self, name: str) -> Any:
        """Plain value of a fact of this service's source: None, a value, or a list."""
        self._record(f"facts.{name}")
        return self._facts.get(self.service, NOTHING).value(name)

    def language(self) -> Language | None:
        """The record of this source's language."""
        return self.languages.named(self.fact("language"))

    def decided(self, topic: str, field: str) -> Any:
        """A field of a settled decision of this service; None where the topic does not apply to it."""
        if not self._may_read(topic):
            raise AssertionError(f"topic {topic} is not among those that may be read here")
        self._record(f"decisions.{topic}.{field}")
        value = self._decisions.get((self.service, topic), {}).get(field)
        if not self.environment or topic != RESOURCES:
            return value
        self._record(f"environments.{self.environment}.spec.resources")
        block = self._spec.environments[self.environment].services.get(self.service)
        pinned = block.resources if block else None
        changed = getattr(pinned, field) if pinned else None
        return value if changed is None else changed

    def pinned(self, topic: str, field: str) -> bool:
        """Whether the spec says a field of a decision of this service itself, for the base or for the environment."""
        if self.pin(topic, field) is not None:
            return True
        if not self.environment or topic != RESOURCES:
            return False
        self._record(f"environments.{self.environment}.spec.resources")
        block = self._spec.environments[self.environment].services.get(self.service)
        return bool(block and block.resources and getattr(block.resources, field) is not None)

    def again(self) -> View:
        """A window on the same service that has recorded nothing yet."""
        return View(
            self._spec,
            self._facts,
            self._decisions,
            self._name,
            self.environment,
            self._may_read,
            None,
            self._prefix,
            self._links,
            languages=self.languages,
        )

    def wishing(self, *sentences: str) -> View:
        """A window that has recorded nothing, on the same service if its owner said these sentences and no others."""
        told = self._service.model_copy(update={"requirements": None, "refine": [*sentences]})
        view = self.again()
        view._spec = self._spec.model_copy(update={"services": {**self._spec.services, self._name: told}})
        return view

    def of(self, service: str) -> View:
        """The same window on another service; what is read there is recorded here."""
        return View(
            self._spec,
            self._facts,
            self._decisions,
            service,
            self.environment,
            self._may_read,
            self.reads,
            f"services.{service}.",
            self._links,
            languages=self.languages,
        )

    def base(self) -> View:
        """The same window without the environment, for what an environment's value would hide."""
        return self.within("")

    def environments(self) -> tuple[str, ...]:
        """Names of all environments, sorted."""
        self.reads["environments"] = None
        return tuple(sorted(self._spec.environments))

    def within(self, environment: str) -> View:
        """The same window in an environment, "" for the base; what is read there is recorded here."""
        return View(
            self._spec,
            self._facts,
            self._decisions,
            self.service,
            environment,
            self._may_read,
            self.reads,
            self._prefix,
            self._links,
            languages=self.languages,
        )

    def sharers(self) -> list[str]:
        """Services that build from the same folder as this one, itself among them, the one that owns the image first."""
        self._record("sharers")
        return self._links.sharers(self.service)

    def builder(self) -> View | None:
        """The first of the services that build from the same folder, whose image all of them run; None for itself.

        A topic with `follows` is settled for it first, so any decision of it may be read.
        """
        self._record("builder")
        first = self._links.sharers(self.service)[0]
        if first == self.service:
            return None
        prefix = f"services.{first}."
        return View(
            self._spec,
            self._facts,
            self._decisions,
            first,
            self.environment,
            reads=self.reads,
            prefix=prefix,
            links=self._links,
            languages=self.languages,
        )

    def awaited(self) -> list[str]:
        """Jobs that are done before this service's pods start, sorted, less those that the environment omits."""
        self._record("awaited")
        return [name for name in self._links.awaited(self.service) if not self.of(name).omitted(name)]

    def levels(self) -> list[str]:
        """Hardening levels that services ask for themselves, sorted: one input, which a new service rarely changes."""
        self._record("levels")
        return sorted({service.hardening for service in self._spec.services.values() if service.hardening})

    def callees(self) -> dict[str, str]:
        """Services that this one calls, sorted, each with what shows it: `spec.env.CATALOG_URL`, `facts.hosts`."""
        self._record(self._edge("callees"))
        return self._present(self._links.callees(self.service, self.environment))

    def callers(self) -> dict[str, str]:
        """Services that call this one, sorted, each with what shows it in the caller's block."""
        self._record(self._edge("callers"))
        return self._present(self._links.callers(self.service, self.environment))

    def certificate(self) -> str | None:
        """The Secret that this service shares with others at its host; None where it has its host alone."""
        self._record(self._edge("certificate"))
        return self._links.certificate(self.service, self.environment)

    def _edge(self, name: str) -> str:
        return f"environments.{self.environment}.{name}" if self.environment else name

    def _present(self, edges: dict[str, str]) -> dict[str, str]:
        return {name: why for name, why in edges.items() if not self.omitted(name)}

    def services(self) -> tuple[str, ...]:
        """Names of all services, in order, less those that the environment omits."""
        self.reads["services"] = None
        return tuple(name for name in sorted(self._spec.services) if not self.omitted(name))

    def omitted(self, service: str) -> bool:
        """Whether the environment leaves the service out."""
        if not self.environment:
            return False
        whose = "spec" if service == self.service else f"services.{service}"
        self.reads[f"environments.{self.environment}.{whose}.omit"] = None
        block = self._spec.environments[self.environment].services.get(service)
        return bool(block and block.omit)


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


def _attribute(key: str) -> str:
    return "class_" if key == "class" else key
