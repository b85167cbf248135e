"""Configuration files of a source's servers → what they say of host, port, processes and TLS.

https://docs.gunicorn.org/en/stable/settings.html · https://uwsgi-docs.readthedocs.io/en/latest/Configuration.html
https://hypercorn.readthedocs.io/en/latest/how_to_guides/configuring.html
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from kforge.detectors.encryption import certain, certificate
from kforge.detectors.python_code import number
from kforge.domain.commands.command import LOOPBACK
from kforge.domain.commands.options import Given, bound
from kforge.domain.commands.server_file import ServerFile
from kforge.domain.facts import Evidence
from kforge.domain.source.sightings import Sightings, port_number
from kforge.domain.source.text import every
from kforge.syntax.expression import Call, Constant, Expression, Many, Number, Text
from kforge.syntax.values import resolve

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.syntax.code_file import CodeFile
    from kforge.syntax.program import SourceProgram

_MOST = 20
_KEY = re.compile(r"^[^\S\n]*+([a-z][a-z0-9-]{0,40}+)[^\S\n]*+=[^\S\n]*+([^\n]*+)", re.MULTILINE)
_HTTP = ("http", "http-socket", "http11-socket", "https", "https-socket")
_LISTENS = (*_HTTP, "socket", "uwsgi-socket")
_TRUE = ("true", "1", "yes", "on")

FoundFile = tuple[ServerFile, Evidence]


def found(tree: Tree, names: SourceProgram, seen: Sightings) -> list[FoundFile]:
    """The files, in the order of their paths; each with the line that says where it listens."""
    held = [*_python(names, seen), *_uwsgi(tree), *_hypercorn(tree)]
    return sorted(held, key=lambda each: (each[0].path.count("/"), each[0].path))[:_MOST]


# ---- Python: gunicorn, hypercorn ------------------------------------------------------------------------------
def _python(names: SourceProgram, seen: Sightings) -> Iterator[FoundFile]:
    for module in names.files:
        stem = module.path.rpartition("/")[2].lower()
        program = next((name for name in ("gunicorn", "hypercorn") if name in stem), "")
        said = {
            name: module.assigned[name][0]
            for name in ("bind", "workers", "certfile", "reload", "wsgi_app")
            if module.assigned.get(name)
        }
        if program and said:
            sure = "certfile" in said and not module.conditional(said["certfile"].line)
            encrypted = sure and certain(said["certfile"], module, names, seen)
            for name in ("certfile", "keyfile") if encrypted else ():
                certificate(next(iter(module.assigned.get(name, ())), None), module, names, seen)
            yield _of_module(program, module, said, names, encrypted)


def _of_module(
    program: str, module: CodeFile, said: Mapping[str, Expression], names: SourceProgram, encrypted: bool
) -> FoundFile:
    host, port, env, socket = _address(said.get("bind"), module, names)
    workers = said.get("workers")
    count = resolve(workers, module, names).text if workers else None
    if isinstance(workers, Call) and workers.last == "int" and workers.arguments:
        count = resolve(workers.arguments[0], module, names).text
    told = bool(count and count.isdigit() and len(count) < 4)
    place = next((said[name].line for name in ("bind", "workers") if name in said), 0)
    application = resolve(said["wsgi_app"], module, names).text if "wsgi_app" in said else ""
    return ServerFile(
        path=module.path,
        program=program,
        host=host,
        port=port,
        env=env,
        socket=socket,
        workers=int(count) if told and count else 0,
        each_cpu=not told and any(call.last == "cpu_count" for call in module.calls) and workers is not None,
        tls=encrypted,
        reload=_is_true(said.get("reload"))
        and not any(first <= said["reload"].line <= last for first, last in module.branches),
        application=application or "",
    ), Evidence(module.path, place)


def _address(node: Expression | None, module: CodeFile, names: SourceProgram) -> tuple[str, int, str, bool]:
    """Host, port, the port's variable, and whether it is a socket's file alone. The last of several that has a port."""
    if isinstance(node, Many):
        each = [_address(item, module, names) for item in node.items]
        return next((one for one in each if one[1]), each[0] if each else ("", 0, "", False))
    if node is None:
        return "", 0, "", False
    value, whole = number(node, module, names), resolve(node, module, names).text or ""
    heard = bound(Given(whole, ""), {})
    port = port_number(value.text) or heard.port
    inner = _within(node)
    texts = " ".join(each.value for each in inner if isinstance(each, Text))
    local = next((name for name in LOOPBACK if name in texts), "")
    # A variable that holds a whole address is left to its default.
    read = (each for each in (value, *(resolve(each, module, names) for each in inner)) if each.env and each.text)
    env = next((each.env for each in read if each.text == str(port)), "")
    return heard.host or local, port, env, heard.socket and not port


def _within(node: Expression) -> list[Expression]:
    """The expressions that one is made of, itself first."""
    held, most = [node], 60
    for each in held:
        for part in ("parts", "items", "options", "values", "arguments"):
            held += getattr(each, part, ())
        callee = getattr(each, "callee", None)
        more = (getattr(each, "pattern", None), getattr(callee, "owner", None))
        held += [one for one in more if isinstance(one, Expression)]
        if len(held) > most:
            break
    return held


def _is_true(node: Expression | None) -> bool:
    return (isinstance(node, Constant) and node.word == "True") or (isinstance(node, Number) and node.value == "1")


# ---- uWSGI's ini ----------------------------------------------------------------------------------------------
def _uwsgi(tree: Tree) -> Iterator[FoundFile]:
    for path in tree.files:
        text = tree.text(path) if path.endswith(".ini") and path.count("/") < 3 else ""
        if "[uwsgi]" in text:
            yield _of_ini(path, text)


def _of_ini(path: str, text: str) -> FoundFile:
    said = [(match[1], match[2].strip(), text.count("\n", 0, match.start(1)) + 1) for match in every(_KEY, text)]
    last = {key: value for key, value, _ in said}
    heard = [(bound(Given(value, ""), {}), key, line) for key, value, line in said if key in _LISTENS]
    first = next((one for one in heard if one[0].port), heard[0] if heard else None)
    speaks = "http" if first and (first[1] in _HTTP or last.get("protocol") == "http") else "tcp" if first else "http"
    count = last.get("processes", last.get("workers", ""))
    return ServerFile(
        path=path,
        program="uwsgi",
        host=first[0].host if first else "",
        port=first[0].port if first else 0,
        env=first[0].variable if first else "",
        socket=bool(first and first[0].socket),
        speaks=speaks,
        workers=int(count) if re.fullmatch("[0-9]{1,3}", count) else 0,
        each_cpu=count in ("%k", "auto"),
        tls=bool(first and first[1].startswith("https")),
        reload=last.get("py-autoreload", "0") not in ("0", ""),
        application=last.get("module", last.get("wsgi-file", "")),
    ), Evidence(path, first[2] if first else 0)


# ---- Hypercorn's TOML -----------------------------------------------------------------------------------------
def _hypercorn(tree: Tree) -> Iterator[FoundFile]:
    for path in tree.files:
        if path.endswith(".toml") and "hypercorn" in path.rpartition("/")[2].lower():
            try:
                table: dict[str, Any] = tomllib.loads(tree.text(path))
            except (tomllib.TOMLDecodeError, RecursionError):
                continue
            yield _of_toml(path, table, tree.text(path))


def _of_toml(path: str, table: Mapping[str, Any], text: str) -> FoundFile:
    said = table.get("bind")
    all_ = [str(each) for each in said] if isinstance(said, list) else [str(said)] if said else []
    heard = [bound(Given(each, ""), {}) for each in all_]
    first = next((one for one in heard if one.port), heard[0] if heard else None)
    at = re.search(r"^[^\S\n]*+bind\b", text, re.MULTILINE)
    workers = table.get("workers")
    return ServerFile(
        path=path,
        program="hypercorn",
        host=first.host if first else "",
        port=first.port if first else 0,
        socket=bool(first and first.socket),
        workers=workers if isinstance(workers, int) and 0 < workers < 1000 else 0,
        tls=bool(table.get("certfile")),
        reload=table.get("use_reloader") is True,
    ), Evidence(path, text.count("\n", 0, at.start()) + 1 if at else 0)
