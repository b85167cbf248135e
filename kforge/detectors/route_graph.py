"""Routers, what they are mounted below, and the routes on them → whole paths. Unaware of languages and frameworks.

A route whose path is not known as a whole, that wants a login or takes no GET is no probe: a wrong one would keep a
healthy program from ever being ready. It is told with its reason instead.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from kforge.domain.facts import Many
from kforge.domain.port import WEB
from kforge.domain.source.routes import is_health, joined, ranked
from kforge.domain.source.sightings import Sightings, Value
from kforge.syntax.code_file import CodeFile

Router = tuple[str, str]  # the file that makes it, and its name there
PREFIX, LOGIN, METHOD, HOST, TLS = "prefix", "login", "method", "host", "tls"  # why a health route is no probe
# Names of what lets only known callers through.
GUARD = re.compile(
    r"auth(?!or)|log(?:ged)?_?in(?!g|fo)|jwt|bearer|permission|(?:verify|check|require|validate)\w{0,30}token|api_?key"
    r"|(?:current|active|super|admin|require|staff)_?\w{0,30}user|is_?admin|require_?(?:role|admin)|superuser|protected|session_required",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"optional|unauth|no_?auth|public|initiali[sz]e|anonymous|allow_?any|skip_?auth|author", re.IGNORECASE
)
_MAX_DEPTH = 6
_MAX_PREFIXES = 20


class Prefix(NamedTuple):
    """What stands before a router's routes. `text` is None where nothing shows it; `port` is 0 for any."""

    text: str | None = ""
    guarded: bool = False
    port: int = 0

    def below(self, outer: Prefix) -> Prefix:
        whole = None if self.text is None or outer.text is None else joined("", outer.text, self.text).rstrip("/")
        return Prefix(whole, self.guarded or outer.guarded, self.port or outer.port)


def shown(value: Value, seen: Sightings) -> str | None:
    """The text of a prefix; "" of a variable that is empty unless it is set, None where nothing shows it."""
    if value.text is None and value.env:
        empty = {fact.value["name"] for fact in seen.many("env") if fact.value["default"] == ""}
        return "" if value.env in empty else None
    return None if value.text is None or "{}" in value.text else value.text


def guards(name: str) -> bool:
    """Whether a name is that of something that lets only known callers through."""
    return bool(GUARD.search(name)) and not _OPEN.search(name)


def settled(seen: Sightings, ports: Many) -> tuple[Many, Many]:
    """(health routes of the main port, those of others as {"path", "port"}), each best first."""
    main = next((fact.value["port"] for fact in ports if fact.value["protocol"] in WEB), 0)
    aside = Sightings()
    for fact in seen.many("health ports"):
        path, port = fact.value
        for place in fact.evidence:
            if port == main or not main:
                seen.see("health", path, place.file, place.line)
            elif any(one.value["port"] == port for one in ports):
                aside.see("paths", path, place.file, place.line)
                aside.see("ports", {"path": path, "port": port}, place.file, place.line)
    order = [fact.value for fact in ranked(aside.many("paths"))]
    others = sorted(aside.many("ports"), key=lambda fact: (order.index(fact.value["path"]), fact.value["port"]))
    return ranked(seen.many("health")), tuple(others)


class RouteGraph:
    """Routers of a program. One that was made and is mounted nowhere answers nowhere that is known."""

    def __init__(self, seen: Sightings) -> None:
        self._seen = seen
        self._own: dict[Router, Prefix] = {}
        self._overridden: set[Router] = set()
        self._roots: dict[Router, int] = {}
        self._mounts: dict[Router, dict[tuple[Router, Prefix], None]] = {}
        self._known: dict[tuple[Router, int], tuple[Prefix, ...]] = {}

    def root(self, router: Router, port: int = 0) -> None:
        """An application: its routes have no prefix, unless it is mounted itself."""
        self._roots[router] = self._roots.get(router, 0) or port

    def make(self, router: Router, own: Prefix, override: bool = False) -> None:
        """A router with a prefix of its own. `override`: what a mount names takes its place."""
        self._own.setdefault(router, own)
        if override:
            self._overridden.add(router)

    def rename(self, router: Router, own: Prefix) -> None:
        """Another prefix for a router that is made already."""
        self._own[router] = own

    def has(self, router: Router) -> bool:
        return router in self._own or router in self._roots or router in self._mounts

    def mount(self, inner: Router, outer: Router, prefix: Prefix) -> None:
        if inner != outer and len(held := self._mounts.setdefault(inner, {})) < _MAX_PREFIXES:
            held[outer, prefix] = None

    def prefixes(self, router: Router, depth: int = 0) -> tuple[Prefix, ...]:
        """Every prefix under which a router answers."""
        if depth > _MAX_DEPTH:
            return ()
        if (router, depth) not in self._known:
            self._known[router, depth] = tuple(dict.fromkeys(self._found(router, depth)))[:_MAX_PREFIXES]
        return self._known[router, depth]

    def _found(self, router: Router, depth: int) -> list[Prefix]:
        own = self._own.get(router)
        if router in self._mounts:
            found = []
            for outer, prefix in self._mounts[router]:
                said = prefix if own is None or (router in self._overridden and prefix.text) else own.below(prefix)
                said = said._replace(guarded=said.guarded or bool(own and own.guarded))
                found += [said.below(above) for above in self.prefixes(outer, depth + 1)]
            return found
        base = Prefix("", port=self._roots.get(router, 0))
        if own is None or router in self._roots:
            return [own.below(base) if own else base]
        return [own._replace(text=None)]

    def route(
        self, router: Router, path: str | None, file: CodeFile, line: int, why: str = "", known: bool = False
    ) -> None:
        """A route that takes GET, or the reason `why` it is no probe. `known`: it is there to be probed, under
        any name.
        """
        for prefix in self.prefixes(router) if path is not None else ():
            self.see(prefix, path or "", file, line, why, known)

    def see(self, prefix: Prefix, path: str, file: CodeFile, line: int, why: str = "", known: bool = False) -> None:
        """A route below one prefix."""
        whole = joined(prefix.text or "", path)
        if not (known or is_health(whole)):
            return
        reason = why or (PREFIX if prefix.text is None else LOGIN if prefix.guarded else "")
        if reason:
            self._seen.see("unprobed", {"path": whole, "file": file.path, "why": reason}, file.path, line)
        elif prefix.port:
            self._seen.see("health ports", (whole, prefix.port), file.path, line)
        else:
            self._seen.see("health", whole, file.path, line)
