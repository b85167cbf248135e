"""Routers of a Go program → the prefixes under which they answer, whether behind a login, and on which port.

A router is a variable of a function: what it is given leads to the group, the engine or the caller that it comes from.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from kforge.detectors.route_graph import Prefix, guards
from kforge.domain.source.sightings import port_number
from kforge.syntax.code_file import CodeFile, Function
from kforge.syntax.expression import Attribute, Call, Expression, Inline, Name, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import candidates, resolve

_MAX_NESTING = 5
_MAX_MADE = 12
_MAX_LOOKED = 200  # spans and middlewares of one file
_ROOT = (Prefix(),)


class RouterSpan(NamedTuple):
    """The lines of chi's `r.Route("/api", func(r chi.Router) {…})`, and the prefix that it gives."""

    first: int
    last: int
    text: str | None

    def holds(self, line: int) -> bool:
        """Whether a line lies within: the one that it begins on does where it ends there too."""
        return self.first < line <= self.last or self.first == line == self.last


class GoRouters:
    """What routers a program has. `table`: what they, groups and mounts are called."""

    def __init__(self, names: SourceProgram, table: dict[str, Any]) -> None:
        self.names, self._table = names, table
        self._spans = {file.path: self._spans_of(file) for file in names.files}
        self._uses = {file.path: [one for one in file.calls if one.last == "Use"][:_MAX_LOOKED] for file in names.files}
        self._named = {file.path: _names(file) for file in names.files}
        self._mounts: dict[tuple[str, ...], list[tuple[CodeFile, Call, str | None]]] = {}
        self._ports: dict[tuple[str, ...], int] = {}
        self._known: dict[tuple[str, str, int, int], tuple[Prefix, ...]] = {}
        for file in names.files:
            for call in file.calls:
                self._mount(call, file)
                self._listen(call, file)
            for each in file.objects:
                if each.kind in ("http.Server", "fasthttp.Server"):
                    self._serve(each.get("Addr"), each.get("Handler"), file, each.line)

    def guards(self, value: Expression) -> bool:
        """Whether a middleware lets only known callers through."""
        return guards(dotted(value.callee if isinstance(value, Call) else value))

    def _text(self, value: Expression | None, file: CodeFile) -> str | None:
        text = resolve(value, file, self.names).text if value is not None else None
        return None if text is None or "{}" in text else text.removesuffix("*").removesuffix("{any}")

    # ---- what is known beforehand -----------------------------------------------------------------------------------
    def _spans_of(self, file: CodeFile) -> list[RouterSpan]:
        found = []
        for call in file.calls:
            inner = next((one for one in call.arguments[:2] if isinstance(one, Inline)), None)
            if call.last in self._table["spans"] and inner is not None:
                first = call.arguments[0]
                found.append(RouterSpan(call.line, inner.end, "" if first is inner else self._text(first, file)))
        return found[:_MAX_LOOKED]

    def _key(self, value: Expression, line: int, file: CodeFile) -> tuple[str, ...]:
        """What a router is known by: the variable of a function, or the function that makes it."""
        if isinstance(value, Call):
            return ("", value.last)
        name = dotted(value)
        return (file.path, "" if "." in name else self._scope(name, line, file), name.rpartition(".")[2])

    def _scope(self, name: str, line: int, file: CodeFile) -> str:
        """The function whose variable a name is; "" for one of its file."""
        function = file.function(line)
        if function is None:
            return ""
        own = any(function.line <= one.line <= function.end for one in file.assigned.get(name, ())[:MAX_GIVEN])
        return function.name if own or _form(function, name) is not None else ""

    def _mount(self, call: Call, file: CodeFile) -> None:
        """`r.Mount("/api", sub)`, `http.Handle("/api/", http.StripPrefix("/api", sub))`."""
        target, first = call.argument(1), call.argument(0)
        if target is None:
            return
        if call.last in self._table["mounts"] and call.owner is not None:
            self._mounts.setdefault(self._key(target, call.line, file), []).append(
                (file, call, self._text(first, file))
            )
        elif isinstance(target, Call) and target.last == "StripPrefix" and len(target.arguments) == 2:
            inner = target.arguments[1]
            self._mounts.setdefault(self._key(inner, call.line, file), []).append(
                (file, call, self._text(target.arguments[0], file))
            )

    def _listen(self, call: Call, file: CodeFile) -> None:
        if call.last not in self._table["listens"] or not call.arguments:
            return
        plain = call.name.startswith(("http.", "fasthttp."))
        self._serve(call.arguments[0], call.argument(len(call.arguments) - 1) if plain else call.owner, file, call.line)

    def _serve(self, address: Expression | None, handler: Expression | None, file: CodeFile, line: int) -> None:
        text = resolve(address, file, self.names).text if address is not None else None
        port = port_number(text) or port_number((text or "").rpartition(":")[2])
        if isinstance(handler, Call) and handler.last == "HandlerFunc":
            return  # one function answers all of it
        if port and handler is not None:
            name = dotted(handler)
            self._ports.setdefault(self._key(handler, line, file) if name not in ("", "nil") else ("nil",), port)

    # ---- prefixes -----------------------------------------------------------------------------------------------
    def prefixes(self, owner: Expression, line: int, file: CodeFile, depth: int = 0) -> tuple[Prefix, ...]:
        """Every prefix of a router at a line, the spans around it included."""
        made = isinstance(owner, Call)
        found = self._made(owner, file, depth) if made else self._of_name(dotted(owner), line, file, depth)
        outer = Prefix()
        for span in self._spans[file.path]:
            if span.holds(line):
                outer = Prefix(span.text, self._used(None, line, span, file)).below(outer)
        return tuple(dict.fromkeys(one.below(outer)._replace(port=one.port) for one in found))

    def of_value(self, value: Call, file: CodeFile) -> tuple[Prefix, ...]:
        """The prefixes of the variable that a call is assigned to."""
        name = self._named[file.path].get(id(value))
        key = self._key(Name(value.line, name), value.line, file) if name else ("",)
        return self._engine(key, value.line, file, 0)

    def _of_name(self, whole: str, line: int, file: CodeFile, depth: int) -> tuple[Prefix, ...]:
        if depth > _MAX_NESTING:
            return ()
        key = (file.path, whole, line, depth)
        if key not in self._known:
            self._known[key] = tuple(dict.fromkeys(self._found(whole, line, file, depth)))[:_MAX_MADE]
        return self._known[key]

    def _found(self, whole: str, line: int, file: CodeFile, depth: int) -> list[Prefix]:
        name = whole.rpartition(".")[2]
        if whole == "http":
            return [Prefix(port=self._ports.get(("nil",), 0))]
        function = file.function(line)
        given = candidates(Name(line, whole), file, self.names)
        if not given and "." in whole:
            given = self.names.fields.get(name, [])
        guarded = self._used(name, line, None, file)
        if function and name == whole and (form := _form(function, name)) is not None and not given:
            part = any(one in form for one in self._table["parts"])
            return [Prefix(None if part else "", guarded)]
        found: list[Prefix] = []
        for other, value in given[:_MAX_MADE]:
            if other is file and value.line == line and dotted(value) == whole:
                continue
            if isinstance(value, Call) and value.name in self._table["engines"]:
                found += self._engine(self._key(Name(line, whole), value.line, other), value.line, other, depth)
            else:
                found += self._made(value, other, depth)
        found = found or [*self._engine(self._key(Name(line, whole), line, file), line, file, depth)]
        return [one._replace(guarded=one.guarded or guarded) for one in found]

    def _engine(self, key: tuple[str, ...], line: int, file: CodeFile, depth: int) -> tuple[Prefix, ...]:
        """A router of its own: where it, or the function that makes it, is mounted, else at the root of its port."""
        function = file.function(line)
        mounts = [*self._mounts.get(key, ()), *(self._mounts.get(("", function.name), ()) if function else ())]
        port = self._ports.get(key, 0)
        if not mounts or depth > _MAX_NESTING:
            return (Prefix(port=port),)
        found: list[Prefix] = []
        for other, call, text in mounts[:_MAX_MADE]:
            owner = call.owner
            outer = (
                _ROOT
                if owner is None or call.name in ("http.Handle", "http.HandleFunc")
                else self._outer(owner, call, other, depth)
            )
            found += [Prefix(text).below(one) for one in outer]
        return tuple(found)

    def _outer(self, owner: Expression, call: Call, file: CodeFile, depth: int) -> tuple[Prefix, ...]:
        if depth >= _MAX_NESTING:
            return ()
        return self.prefixes(owner, call.line, file, depth + 1)

    def _made(self, value: Expression, file: CodeFile, depth: int) -> tuple[Prefix, ...]:
        """Prefixes of the router that an expression makes or names: `r.Group("/api")`, `r.With(auth)`."""
        if isinstance(value, Name):
            return self._of_name(value.dotted, value.line, file, depth + 1)
        guarded = False
        while (
            isinstance(value, Call)
            and value.last not in self._table["groups"]
            and isinstance(value.callee, (Attribute, Name))
        ):
            guarded = guarded or (value.last in ("With", "Use") and any(map(self.guards, value.arguments)))
            owner = value.owner
            if owner is None or value.name in self._table["engines"]:
                return (Prefix(guarded=guarded),)
            value = owner
        if not isinstance(value, Call):
            found = self._of_name(dotted(value), value.line, file, depth + 1) if dotted(value) else _ROOT
            return tuple(one._replace(guarded=one.guarded or guarded) for one in found)
        own = Prefix(self._text(value.argument(0), file), guarded or any(map(self.guards, value.arguments[1:])))
        owner = value.owner
        if owner is None:
            return (own,)
        if isinstance(owner, Call) and depth >= _MAX_NESTING:
            return ()
        outer = (
            self._made(owner, file, depth + 1)
            if isinstance(owner, Call)
            else self._of_name(dotted(owner), value.line, file, depth + 1)
        )
        return tuple(own.below(one) for one in outer)

    def _used(self, name: str | None, line: int, span: RouterSpan | None, file: CodeFile) -> bool:
        """Whether a router, or the span that a line lies in, uses a middleware that wants a login before that line."""
        function = file.function(line)
        for call in self._uses[file.path]:
            beside = call.line == line and span is not None and span.first == span.last
            if (call.line >= line and not beside) or not any(map(self.guards, call.arguments)):
                continue
            around = [one for one in self._spans[file.path] if one.holds(call.line)]
            if span is not None:
                if around and max(around, key=lambda one: one.first) == span:
                    return True
            elif function and function.line <= call.line and _receiver(call) == name and _all_hold(around, line):
                return True
        return False


def _receiver(call: Call) -> str:
    return dotted(call.owner).rpartition(".")[2] if call.owner is not None else ""


def _all_hold(spans: Iterable[RouterSpan], line: int) -> bool:
    return all(span.holds(line) for span in spans)


def _names(file: CodeFile) -> dict[int, str]:
    """Values → the names that they are given to."""
    return {id(value): name for name, values in file.assigned.items() for value in values}


def _form(function: Function, name: str) -> str | None:
    """The type of a function's parameter; None where it has none of that name."""
    names: Iterable[tuple[str, str]] = zip((one for one, _ in function.parameters), function.forms, strict=False)
    return next((form for one, form in names if one == name), None)
