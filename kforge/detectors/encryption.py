"""What code says of TLS → whether it serves with it for certain, the files that it needs then, and what no probe can ask.

A certificate that a variable may name or not leaves a server without TLS until it is set, so only what is certain
counts. Unaware of languages: which calls and arguments mean TLS is said by those that read them.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from kforge.domain.artifact import closed
from kforge.domain.facts import Fact, Facts
from kforge.domain.source.sightings import WORKDIR, Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Constant, Either, Expression, Inline, Many, Name, Pairs, Subscript
from kforge.syntax.program import MAX_GIVEN, SourceProgram, is_environment
from kforge.syntax.values import candidates, resolve

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_OFF = ("none", "null", "false", "undefined", "nil")
_NAMED = re.compile(r"\.(?:pem|crt|cer|cert|key|p12|pfx|jks)$|cert|key|tls|ssl", re.IGNORECASE)
_LONGEST = 200  # characters of a path
_WITHOUT = "spoken without TLS"


def certain(value: Expression | None, file: CodeFile, names: SourceProgram, seen: Sightings, depth: int = 0) -> bool:
    """Whether an argument is there however the program is started: a path, a context, a variable that it insists on."""
    if value is None or depth > 2:
        return False
    if isinstance(value, Constant):
        return value.word.lower() not in _OFF
    if isinstance(value, Either):
        return all(certain(one, file, names, seen, depth + 1) for one in value.options)
    if isinstance(value, Subscript) and names.dialect.index_insists and is_environment(value, file, names.dialect):
        return True  # the line itself fails without it
    found = resolve(value, file, names)
    if found.text or found.env:
        return bool(found.text) or insisted(found.env, seen)
    if isinstance(value, Name):
        given = candidates(value, file, names)[:MAX_GIVEN]
        if any(where is file and file.conditional_to(one.line, value.line) for where, one in given):
            return False
        return bool(given) and all(certain(one, where, names, seen, depth + 1) for where, one in given)
    return isinstance(value, (Call, Many, Pairs, Inline))


def insisted(variable: str, seen: Sightings) -> bool:
    """Whether the program ends without a variable."""
    return seen.holds("env", {"name": variable, "default": None, "required": True})


def certificate(value: Expression | None, file: CodeFile, names: SourceProgram, seen: Sightings) -> None:
    """See a file of TLS that the program opens in every case."""
    found = resolve(value, file, names) if value is not None else None
    path = found.text if found is not None else None
    if path and not _NAMED.search(path):
        return
    if value is None or found is None or not path or len(path) > _LONGEST or not {"/", "."} & {*path} or "{" in path:
        return
    seen.see("certificate files", {"path": path, "env": found.env}, file.path, value.line)


def grpc(encrypted: bool, path: str, line: int, seen: Sightings) -> None:
    """See how a gRPC server is opened."""
    seen.see("grpc with TLS" if encrypted else _WITHOUT, True, path, line)


def _served(facts: Facts) -> bool:
    return any(fact.value["protocol"] == "https" for fact in facts.ports) or any(
        f.value["tls"] for f in facts.server_files
    )


def _is_grpc(port: Fact) -> bool:
    return bool(port.value["protocol"] == "grpc")


def settled(facts: Facts, tree: Tree, seen: Sightings) -> Facts:
    """Facts with the certificates that the source does not hold, and without a health service that no probe can ask."""
    if not (seen.has("grpc with TLS") and not seen.has(_WITHOUT)) and not _served(facts):
        return facts
    held = {*tree.files, *closed(tree)}
    missing = Sightings()
    for fact in seen.many("certificate files"):
        path, place = fact.value["path"], fact.evidence[0]
        inside = posixpath.normpath(path.removeprefix(f"{WORKDIR}/").lstrip("./"))
        if inside not in held:
            whole = path if path.startswith("/") else posixpath.normpath(f"{WORKDIR}/{path}")
            missing.see("files", {"path": whole, "env": fact.value["env"]}, place.file, place.line)
    facts = replace(facts, certificates=missing.many("files")) if missing.has("files") else facts
    if seen.has("grpc with TLS") and not seen.has(_WITHOUT):  # others would take `grpc` for HTTP/2 in the clear
        closed_ports = (replace(p, value={**p.value, "protocol": "tcp"}) if _is_grpc(p) else p for p in facts.ports)
        facts = replace(facts, ports=tuple(closed_ports))
    kept = tuple(fact for fact in facts.health if fact.value != "grpc")
    if not seen.has("grpc with TLS") or seen.has(_WITHOUT) or len(kept) == len(facts.health):
        return facts
    places = seen.many("grpc with TLS")[0].evidence
    refused = Fact({"path": "grpc", "file": places[0].file, "why": "encrypted"}, places)
    return replace(facts, health=kept, unprobed=(*facts.unprobed, refused))
