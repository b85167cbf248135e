"""Controllers of Nest → health routes with the global prefix, versions and guards."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kforge.detectors.route_graph import LOGIN, PREFIX, Prefix, RouteGraph, guards, shown
from kforge.domain.source.routes import joined
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import Class, CodeFile, Function
from kforge.syntax.expression import Call, Expression, Many, Name, Pairs, Text, dotted
from kforge.syntax.program import SourceProgram
from kforge.syntax.values import resolve

_OPEN = re.compile(
    r"^(?:Public|IsPublic|SkipAuth|NoAuth|AllowAnonymous|Anonymous|AllowUnauthorized|Unprotected|Unauthenticated)\w*$"
)
_NEUTRAL = "VERSION_NEUTRAL"


class NestSettings:
    """What an application says of all its controllers."""

    def __init__(self, names: SourceProgram, seen: Sightings) -> None:
        self.prefix: str | None = ""
        self.excluded: set[str] = set()
        self.versioned, self.version = False, ""
        self.locked = False
        for script in names.files:
            for call in script.calls:
                if call.last == "setGlobalPrefix":
                    self.prefix = shown(resolve(call.argument(0), script, names), seen)
                    self._exclude(call.argument(1))
                elif call.last == "enableVersioning":
                    self._versions(call.argument(0))
                elif call.last == "useGlobalGuards":
                    self.locked = self.locked or any(guards(_named(one)) for one in call.arguments)
            for each in script.objects:
                if dotted(each.get("provide") or Name(0, "")).endswith("APP_GUARD"):
                    used = each.get("useClass", "useExisting", "useFactory")
                    self.locked = self.locked or (used is not None and guards(_named(used)))

    def _exclude(self, options: Expression | None) -> None:
        given = options.get("exclude") if isinstance(options, Pairs) else None
        for one in given.items if isinstance(given, Many) else ():
            path = one.get("path") if isinstance(one, Pairs) else one
            if isinstance(path, Text):
                self.excluded.add(path.value.strip("/"))

    def _versions(self, options: Expression | None) -> None:
        fields = options if isinstance(options, Pairs) else Pairs(0, ())
        kind = dotted(fields.get("type") or Name(0, ""))
        self.versioned = kind.endswith("URI") or fields.get("type") is None
        default = fields.get("defaultVersion")
        items = default.items if isinstance(default, Many) else (default,)
        self.version = next((one.value for one in items if isinstance(one, Text)), "")

    def excludes(self, path: str) -> bool:
        """Whether a path has no global prefix: it is named, or a pattern such as `health/(.*)` covers it."""
        return any(
            path == one or (one.endswith(("*", ")")) and path.startswith(one.partition("*")[0].partition("(")[0]))
            for one in (each for each in self.excluded)
        )


def _named(value: Expression) -> str:
    return dotted(value.callee if isinstance(value, Call) else value)


def health(names: SourceProgram, seen: Sightings) -> None:
    """`@Controller("health")` with `@Get()` or `@Get("live")` below it."""
    settings = NestSettings(names, seen)
    graph = RouteGraph(seen)
    placed = any(call.name == "RouterModule.register" for script in names.files for call in script.calls)
    for script in names.files:
        controllers = {each.name: each for each in script.classes if _decorator(each.decorators, "Controller")}
        for function in script.functions if controllers else ():
            controller = controllers.get(function.owner)
            for one in function.decorators if controller else ():
                if controller and _is(one, "Get"):
                    why = _refuses(controller, function, settings) or (PREFIX if placed else "")
                    for prefix, path in _prefixes(controller, function, one, settings, script, names, seen):
                        graph.see(prefix, path, script, one.line, why)


def _prefixes(
    controller: Class,
    function: Function,
    get: Expression,
    settings: NestSettings,
    script: CodeFile,
    names: SourceProgram,
    seen: Sightings,
) -> Iterator[tuple[Prefix, str]]:
    """(prefix, path) of every route of a handler."""
    said = _decorator(controller.decorators, "Controller")
    own, inner = (_paths(one, script, names, seen) for one in (said, get))
    version = _version(_decorator(function.decorators, "Version"), 0) or _version(said, "version")
    version = settings.version if version is None else version
    middle = f"v{version}" if settings.versioned and version not in ("", _NEUTRAL) else ""
    for base in own:
        for path in inner:
            if base is None or path is None:
                yield Prefix(None), f"/{base or path or ''}"
                continue
            below = joined(base, path).strip("/")
            outer = "" if settings.excludes(below) else settings.prefix
            yield Prefix(None if outer is None else joined(outer, middle)), f"/{below}"


def _paths(decorator: Expression | None, script: CodeFile, names: SourceProgram, seen: Sightings) -> list[str | None]:
    first = decorator.argument(0) if isinstance(decorator, Call) else None
    given = first.get("path") if isinstance(first, Pairs) else first
    if given is None:
        return [""]
    return [
        shown(resolve(one, script, names), seen) for one in (given.items[:5] if isinstance(given, Many) else (given,))
    ]


def _version(decorator: Expression | None, key: str | int) -> str | None:
    """The version that a decorator names; None for none."""
    first = decorator.argument(0) if isinstance(decorator, Call) else None
    given = first if isinstance(key, int) else first.get(key) if isinstance(first, Pairs) else None
    given = given.items[0] if isinstance(given, Many) and given.items else given
    return (
        given.value
        if isinstance(given, Text)
        else _NEUTRAL
        if given is not None and dotted(given).endswith(_NEUTRAL)
        else None
    )


def _refuses(controller: Class, function: Function, settings: NestSettings) -> str:
    """Why a handler is no probe; "" for one that is."""
    said = (*function.decorators, *controller.decorators)
    if any(_OPEN.match(_named(one)) for one in said):
        return ""
    used = [one for each in said if _is(each, "UseGuards") and isinstance(each, Call) for one in each.arguments]
    return LOGIN if settings.locked or any(guards(_named(one)) for one in used) else ""


def _decorator(decorators: tuple[Expression, ...], name: str) -> Expression | None:
    return next((one for one in decorators if _is(one, name)), None)


def _is(decorator: Expression, name: str) -> bool:
    return isinstance(decorator, Call) and decorator.name == name
