"""Names of what was read → their values → digests. The names are those that a `View` records.

It works on the raw spec, so that `check` can compare digests without validating anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from kforge.domain.digest import ABSENT, digest
from kforge.domain.edges import Caller, Exposed, Links
from kforge.domain.facts import LATER, NAMES, NOTHING, Facts
from kforge.domain.spec.refinements import concerning
from kforge.domain.target import DESCRIBED


class Inputs:
    """Values and digests by recorded name. `decisions` may grow while topics are being settled."""

    def __init__(
        self,
        raw: Mapping[str, Any],
        facts: Mapping[str, Facts],
        decisions: Mapping[tuple[str, str], Mapping[str, Any]],
    ) -> None:
        self._raw, self._facts, self._decisions = raw, facts, decisions
        self._services: Mapping[str, Any] = raw.get("services") or {}
        self._links = Links(self._services, self._caller, lambda name, key: _dig(self._services, name, key))
        self._digests: dict[tuple[str, str], str] = {}
        self._plain: dict[str | int, str] = {}  # `1`, `True` and `1.0` are one key, so no other type is one

    def digests(self, service: str, names: Iterable[str]) -> dict[str, str]:
        """Digest of every name, sorted by name; what is absent has the digest `-`."""
        return {name: self.digest(service, name) for name in sorted(names)}

    def recorded(self, service: str, names: Iterable[str]) -> dict[str, str]:
        """The same, less the facts that older locks know nothing of and this source does not show."""
        found = self.digests(service, names)
        return {name: held for name, held in found.items() if held != ABSENT or not _later(name)}

    def digest(self, service: str, name: str) -> str:
        if name[:4] == "app.":
            service = ""  # the same for every service
        held = self._digests.get((service, name))
        if held is None:
            value = self.value(service, name)
            held = self._digests[service, name] = ABSENT if not value and _later(name) else self.of(value)
        return held

    def of(self, value: Any) -> str:
        """The digest of a value. Those of texts and numbers are kept: a thousand services have few among them."""
        kind = type(value)
        if kind is not str and kind is not int:
            return digest(value)
        held = self._plain.get(value)
        if held is None:
            held = self._plain[value] = digest(value)
        return held

    def forget(self, topic: str) -> None:
        """Drop what was remembered of a topic's decisions, which have just been settled."""
        mark = f"decisions.{topic}."
        self._digests = {key: value for key, value in self._digests.items() if mark not in key[1]}

    def value(self, service: str, name: str) -> Any:
        """The value behind a name as one service sees it; None where there is none.

        A lock may name anything: what no view records reads as absent.
        """
        if name == "services":
            return sorted(self._services)
        head, _, rest = name.partition(".")
        if head == "services":  # once: a view on another service records that one's name alone
            service, _, rest = rest.partition(".")
            head, _, rest = rest.partition(".")
            if service not in self._services:
                return None
        return self._own(service, head, rest)

    def _own(self, service: str, head: str, rest: str) -> Any:
        if head == "spec":
            key, _, field = rest.partition(".")
            held = _dig(self._services, service, key)
            if key == "refine" and field:
                return concerning(held, field) or None if isinstance(held, list) else None
            return held.get(field) if field and isinstance(held, Mapping) else None if field else held
        if head == "app":
            return self._raw.get(rest)
        if head == "facts":
            # A lock may name what no fact is called: then it is absent, and what read it is stale.
            return self._facts.get(service, NOTHING).value(rest) if rest in NAMES else None
        if head == "decisions":
            topic, _, field = rest.partition(".")
            return self._decisions.get((service, topic), {}).get(field)
        if head == "environments":  # `environments` alone: the names of all
            return self._environment(service, rest)
        return self._derived(service, head, "") if head in DERIVED and not rest else None

    def _environment(self, service: str, rest: str) -> Any:
        if not rest:
            return sorted(self._raw.get("environments") or ())
        environment, _, key = rest.partition(".")
        block = (self._raw.get("environments") or {}).get(environment) or {}
        head, _, inner = key.partition(".")
        if head == "spec":
            return _dig(block.get("services"), service, inner)
        if head == "services":
            other, _, last = inner.partition(".")
            return _dig(block.get("services"), other, last)
        if key in DERIVED:
            return self._derived(service, key, environment)
        return block.get(key)

    def _derived(self, service: str, name: str, environment: str) -> Any:
        if name == "sharers":
            return self._links.sharers(service)
        if name == "builder":
            return self._links.sharers(service)[0]
        if name == "awaited":
            return self._links.awaited(service) or None
        if name == "certificate":
            return self._links.certificate(service, environment)
        if name == "levels":
            return sorted({_dig(self._services, other, "hardening") or "" for other in self._services} - {""}) or None
        if name == "patches":
            environments = self._raw.get("environments") or {}
            held = (environments.get(environment) or {}).get("patches") if environment else self._raw.get("patches")
            return [patch for patch in held or () if concerns(patch, service)] or None
        links = self._links.callees if name == "callees" else self._links.callers
        return links(service, environment)

    def _caller(self, name: str, environment: str) -> Caller:
        env, expose = dict(_dig(self._services, name, "env") or {}), _dig(self._services, name, "expose")
        if environment:
            env |= self._environment(name, f"{environment}.spec.env") or {}
            here = self._environment(name, f"{environment}.spec.expose")
            omitted = self._environment(name, f"{environment}.spec.omit")
            expose = None if omitted else {**(expose or {}), **(here or {})}
        exposed = Exposed(str(expose.get("host")), expose.get("tls", True)) if expose else None
        hosts = self._facts.get(name, NOTHING).value("hosts")
        return Caller(env, _dig(self._services, name, "needs") or (), hosts, exposed)


def _later(name: str) -> bool:
    """Whether older locks know nothing of the name, so that they stay current while it is absent."""
    head, _, last = name.rpartition(".")
    if name.endswith(_LATER_NAMES):
        return True
    if last in _LATER_KEYS["app"]:
        return head.rpartition(".")[2] == "app" or head.rpartition(".")[0].endswith("environments")
    return (last in LATER and head.endswith("facts")) or (last in _LATER_KEYS["spec"] and head.endswith("spec"))


_LATER_KEYS = {"app": frozenset({"routing", "platform", "pullSecret"}), "spec": frozenset({"before", "identity"})}
_LATER_NAMES = ("app.images", "certificate", "decisions.build.images")


def judged(raw: Mapping[str, Any]) -> set[str]:
    """Names of what findings depend on, besides what artifacts read: so that "current" also means "still valid"."""
    environments = raw.get("environments") or {}
    found = {f"environments.{name}.{key}" for name in environments for key in ("kubernetes", "patches")}
    # What services take of it is an input of theirs: that it is sound is one of the app.
    shared = [f"environments.{name}.defaults" for name, block in environments.items() if "defaults" in block]
    shared += ["app.defaults"] * ("defaults" in raw) + ["app.platform"] * ("platform" in raw)
    shared += [f"environments.{name}.platform" for name, block in environments.items() if "platform" in block]
    described = {output for output in raw.get("outputs") or () if isinstance(output, str)}
    return {
        "environments",
        "app.kubernetes",
        "app.registries",
        "app.include",
        "app.waivers",
        "patches",
        *(["app.description"] if not described.isdisjoint(DESCRIBED) else ()),
        *(f"app.{key}" for key in ("chart", "gitops", "images") if key in raw),
        *(f"environments.{name}.gitops" for name, block in environments.items() if "gitops" in block),
        *shared,
        *found,
    }


DERIVED = ("sharers", "builder", "awaited", "certificate", "callees", "callers", "patches", "levels")


def concerns(patch: Any, service: str) -> bool:
    """Whether a patch may touch an object of a service: its own name, or one that begins with it (`web-uploads`)."""
    name = str(patch.get("target", "") if isinstance(patch, Mapping) else "").partition("/")[2]
    return "*" in name or name == service or name.startswith(f"{service}-") or not service


def _dig(blocks: Any, name: str, key: str) -> Any:
    block = blocks.get(name) if isinstance(blocks, dict) else None
    return block.get(key) if isinstance(block, dict) else None


class RawView:
    """A view on raw values, for the few names that `check` works out again. Defaults are absent: falsy, not typed."""

    def __init__(self, inputs: Inputs, service: str) -> None:
        self._inputs, self._name = inputs, service

    @property
    def service(self) -> str:
        return self._name

    def spec(self, key: str) -> Any:
        return self._inputs.value(self.service, f"spec.{key}")

    def pin(self, topic: str, field: str) -> Any:
        return self._inputs.value(self.service, f"spec.{topic}.{field}")

    def app(self, key: str) -> Any:
        return self._inputs.value(self.service, f"app.{key}")

    def fact(self, name: str) -> Any:
        return self._inputs.value(self.service, f"facts.{name}")

    def decided(self, topic: str, field: str) -> Any:
        return self._inputs.value(self.service, f"decisions.{topic}.{field}")

    def sharers(self) -> list[str]:
        return list(self._inputs.value(self.service, "sharers"))

    def of(self, service: str) -> RawView:
        return RawView(self._inputs, service)
