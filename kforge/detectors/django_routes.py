"""Django's lists of URLs → health routes, from ROOT_URLCONF through every `include`.

A route below `i18n_patterns` has a prefix for each language. One that Django answers by sending it to https is no probe,
unless a header tells it that a proxy in front speaks TLS: the kubelet does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from kforge.detectors.python_modules import PythonModules, called
from kforge.detectors.python_views import Views
from kforge.detectors.route_graph import LOGIN, TLS, Prefix, RouteGraph, Router, guards, shown
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.environment_reads import reads
from kforge.syntax.expression import Attribute, Call, Constant, Either, Expression, Joined, Many, Name, Text, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import resolve

_PATHS = ("path", "re_path", "url")
_LIST = "urlpatterns"
_ROUTERS = ("DefaultRouter", "SimpleRouter", "ExtendedSimpleRouter", "ExtendedDefaultRouter")
_ASIDE = re.compile(r"(?:^|[/_])(?:dev\w{0,40}|local|test\w{0,40}|ci|debug)\.py$")
_MAX_DEPTH = 6


class ListedUrls(NamedTuple):
    """The list that an entry stands in, and whether each language has its own prefix there."""

    name: str
    translated: bool


def health(
    names: SourceProgram, seen: Sightings, modules: PythonModules, views: Views, included: Mapping[str, list[str]]
) -> None:
    """Adds `health` and `unprobed`. `included`: lists of URLs of libraries, with the routes that are there to be asked."""
    files = [file for file in names.files if _LIST in file.assigned or file.path.endswith("urls.py")]
    if files:
        reading = _Reading(names, seen, modules, views)
        for file in files:
            reading.mounts(file, included)
        for root in reading.roots(files):
            reading.graph.root(root)
        for file in files:
            reading.graph.make((file.path, _LIST), Prefix())
            reading.routes(file, included)


class _Reading:
    def __init__(self, names: SourceProgram, seen: Sightings, modules: PythonModules, views: Views) -> None:
        self.names, self.seen, self.modules, self.views = names, seen, modules, views
        self.graph = RouteGraph(seen)
        self.listed: dict[str, dict[int, ListedUrls]] = {}
        self.mounted: set[Router] = set()
        self.why = _why(names, seen)

    def roots(self, files: list[CodeFile]) -> Iterator[Router]:
        """The list that ROOT_URLCONF names, else every one that no other includes."""
        for file in self.names.files:
            for value in file.assigned.get("ROOT_URLCONF", ())[:MAX_GIVEN]:
                text = resolve(value, file, self.names).text
                if text and (found := self.modules.file(text, file)):
                    yield found.path, _LIST
                    return
        yield from ((file.path, _LIST) for file in files if (file.path, _LIST) not in self.mounted)

    def _of(self, call: Call, file: CodeFile) -> ListedUrls:
        if file.path not in self.listed:
            held: dict[int, ListedUrls] = {}
            for name, values in file.assigned.items():
                for value in values[:MAX_GIVEN]:
                    _entries(value, ListedUrls(name, False), held, 0)
            for other in file.calls:
                if other.last == "i18n_patterns":
                    _entries(other, ListedUrls(held.get(id(other), ListedUrls(_LIST, True)).name, True), held, 0)
            self.listed[file.path] = held
        return self.listed[file.path].get(id(call), ListedUrls(_LIST, False))

    def _path(self, call: Call, file: CodeFile) -> str | None:
        """What an entry puts before those that it includes, or the end of a route."""
        text = shown(resolve(call.argument(0, "route", "regex"), file, self.names), self.seen)
        if text is None:
            return None
        return re.sub(r"/\?$|\$$|\\Z$", "", re.sub(r"/\?\$$", "", text.removeprefix("^"))).replace("\\", "")

    # ---- what is included -------------------------------------------------------------------------------------------
    def mounts(self, file: CodeFile, included: Mapping[str, list[str]]) -> None:
        for call in file.calls:
            inner = call.argument(1, "view")
            if call.last in _PATHS and isinstance(inner, Call) and inner.last == "include":
                target = self._target(inner.argument(0), file)
                if target is not None:
                    listed = self._of(call, file)
                    text = None if listed.translated else self._path(call, file)
                    self._mount(target, (file.path, listed.name), text)
        for name, values in file.assigned.items():
            for value in values[:MAX_GIVEN]:
                for part in (value, *(value.parts if isinstance(value, Joined) else ())):
                    if dotted(part).endswith(".urls"):
                        self._mount(self._named(dotted(part), file), (file.path, name), "")
                    elif isinstance(part, Name) and part.dotted != name and isinstance(value, Joined):
                        self._mount((file.path, part.dotted), (file.path, name), "")

    def _mount(self, inner: Router, outer: Router, text: str | None) -> None:
        self.mounted.add(inner)
        self.graph.make(inner, Prefix())
        self.graph.mount(inner, outer, Prefix(text))

    def _target(self, given: Expression | None, file: CodeFile) -> Router | None:
        """The list that an `include` names: a module, a list of the file, a router, the first of a pair."""
        if isinstance(given, Many):
            return self._target(given.items[0], file) if given.items and given.fixed else None
        if isinstance(given, (Name, Attribute)):
            return self._named(dotted(given), file)
        text = resolve(given, file, self.names).text if given is not None else None
        found = self.modules.file(text, file) if text else None
        return (found.path, _LIST) if found else None

    def _named(self, name: str, file: CodeFile) -> Router:
        other, left = self.modules.where(name.removesuffix(".urls"), file)
        if name.endswith(".urls") and left and left in other.assigned:
            return other.path, left
        other, left = self.modules.where(name, file)
        return other.path, left or _LIST

    # ---- routes -----------------------------------------------------------------------------------------------------
    def routes(self, file: CodeFile, included: Mapping[str, list[str]]) -> None:
        for call in file.calls:
            if call.last in _PATHS and len(call.arguments) > 1:
                self._route(call, file, included)
            elif call.last == "register" and call.owner is not None and len(call.arguments) > 1:
                self._registered(call, file)

    def _route(self, call: Call, file: CodeFile, included: Mapping[str, list[str]]) -> None:
        listed, view = self._of(call, file), call.arguments[1]
        router, text = (file.path, listed.name), self._path(call, file)
        if text is None:
            return
        if isinstance(view, Call) and view.last == "include":
            named = resolve(view.argument(0), file, self.names).text or ""
            if self.modules.file(named, file) is None:
                for path in included.get(named, ()):
                    self.graph.route(router, f"/{text}{path}", file, call.line, self.why, known=True)
            return
        why = self._refuses(view) or self.why
        for prefix in self.graph.prefixes(router):
            self.graph.see(
                prefix._replace(text=None) if listed.translated else prefix, f"/{text}", file, call.line, why
            )

    def _refuses(self, view: Expression) -> str:
        if isinstance(view, Call) and view.last == "as_view":
            return self.views.refuses_class(dotted(view.owner).rpartition(".")[2] if view.owner else "")
        if isinstance(view, Call):
            return LOGIN if guards(view.last) else self._refuses(view.arguments[0]) if view.arguments else ""
        return self.views.refuses(self.views.functions.get(called(view).rpartition(".")[2]))

    def _registered(self, call: Call, file: CodeFile) -> None:
        """Django REST framework's `router.register("health", HealthViewSet)`."""
        name = dotted(call.owner) if call.owner is not None else ""
        other, left = self.modules.where(name, file)
        made = [
            one for one in other.assigned.get(left, ())[:MAX_GIVEN] if isinstance(one, Call) and one.last in _ROUTERS
        ]
        text = resolve(call.argument(0, "prefix"), file, self.names).text
        if not made or text is None:
            return
        slash = (
            "" if isinstance(said := made[0].named.get("trailing_slash"), Constant) and said.word == "False" else "/"
        )
        why = self.views.refuses_class(called(call.arguments[1]).rpartition(".")[2]) or self.why
        if self.graph.has((other.path, left)):
            self.graph.route((other.path, left), f"/{text}{slash}", file, call.line, why)


def _entries(value: Expression, listed: ListedUrls, held: dict[int, ListedUrls], depth: int) -> None:
    """Notes the list of every entry within a value."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, Call):
        if (
            value.last not in _PATHS
            and value.last != "i18n_patterns"
            and value.last not in ("list", "format_suffix_patterns")
        ):
            return
        held[id(value)] = listed
        if value.last in _PATHS:
            return
    within = value.items if isinstance(value, Many) else value.parts if isinstance(value, Joined) else ()
    for one in (*within, *(value.arguments if isinstance(value, Call) else ())):
        _entries(one, listed, held, depth + 1)


# ---- settings -----------------------------------------------------------------------------------------------------
def _why(names: SourceProgram, seen: Sightings) -> str:
    """Why Django answers no probe at any route; "" where it does. What a proxy in front says of TLS, a probe can say."""
    files = [file for file in names.files if not _ASIDE.search(file.path)]
    for file in files:
        if "SECURE_REDIRECT_EXEMPT" not in file.assigned:
            for value in file.assigned.get("SECURE_SSL_REDIRECT", ())[:MAX_GIVEN]:
                if "True" in {word for word, constant in _words(value, 0) if constant} or _is_on(value, file, names):
                    return "" if _forwarded(files, seen) else TLS
    return ""


def _is_on(value: Expression, file: CodeFile, names: SourceProgram) -> bool:
    """Whether a variable says so where it is not set: `os.environ.get("SECURE_SSL_REDIRECT", "True") == "true"`."""
    lines = [one for one in file.calls if one.line == value.line]
    return any(
        (found := reads(one, file, names)) and "true" in {word.lower() for word, _ in _words(found.default or value, 0)}
        for one in lines
    )


def _forwarded(files: list[CodeFile], seen: Sightings) -> bool:
    """Sees the header by which the settings know that a proxy in front speaks TLS."""
    for file in files:
        for value in file.assigned.get("SECURE_PROXY_SSL_HEADER", ())[:MAX_GIVEN]:
            words = [one.value for one in value.items if isinstance(one, Text)] if isinstance(value, Many) else []
            if len(words) == 2 and words[0].startswith("HTTP_"):
                name = "-".join(part.capitalize() for part in words[0].removeprefix("HTTP_").split("_"))
                seen.see("probe_headers", {"name": name, "value": words[1]}, file.path, value.line)
                return True
    return False


def _words(value: Expression, depth: int) -> Iterator[tuple[str, bool]]:
    """(word, whether it is a constant) of every text and constant within an expression, lists in texts taken apart."""
    if isinstance(value, Text):
        yield from ((part.strip(), False) for part in value.value[:2000].split(","))
    elif isinstance(value, Constant):
        yield value.word, True
    elif depth < _MAX_DEPTH:
        inner: list[Expression] = []
        if isinstance(value, Call):
            inner = [*value.arguments, *value.named.values(), *([value.owner] if value.owner is not None else [])]
        elif isinstance(value, Many):
            inner = [*value.items]
        elif isinstance(value, (Either, Joined)):
            inner = [*(value.options if isinstance(value, Either) else value.parts)]
        for one in inner[:MAX_GIVEN]:
            yield from _words(one, depth + 1)
