"""A call of Node.js that listens → whether it serves TLS: by the module that makes the server, or by its options."""

from __future__ import annotations

from bisect import bisect_left
from itertools import islice, takewhile

from kforge.detectors.encryption import certain, certificate
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Either, Expression, Inline, Name, Number, Pairs
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import candidates

_MODULES = ("https", "node:https", "spdy")
_MAKERS = ("createSecureServer", "createSslServer")  # http2's and its like
# Options of servers: Fastify's and Nest's, hapi's and Bun's.
_OPTIONS = ("https", "httpsOptions", "tls")
_FILES = ("readFileSync", "readFile")
_SECURE, _PLAIN = ("createSsl", "createFromSecureContext"), ("createInsecure",)
_NEAR = 20  # calls that a handler is looked through for
_THROUGH = 3  # names and options that are followed
_READ = "read for certificates"


def encrypted(call: Call, script: CodeFile, names: SourceProgram, seen: Sightings) -> bool:
    """Whether what a call opens speaks TLS for certain."""
    made = [call] if call.owner is None else [*_made(call.owner, script, names), call]
    return any(_makes(one, script, names, seen) for one in made) and not any(_plain(one, script) for one in made)


def _made(owner: Expression, script: CodeFile, names: SourceProgram, depth: int = 0) -> list[Call]:
    """The calls that made a server; every one of several by turns."""
    if depth > _THROUGH:
        return []
    if isinstance(owner, Call):
        return [owner]
    if isinstance(owner, Either):
        return [call for one in owner.options for call in _made(one, script, names, depth + 1)]
    given = candidates(owner, script, names) if isinstance(owner, Name) else []
    return [call for where, one in given[:MAX_GIVEN] for call in _made(one, where, names, depth + 1)]


def _origin(call: Call, script: CodeFile) -> str:
    """The module whose function it is: `https` for `https.createServer`, and for a name that was taken out of it."""
    root = call.name.partition(".")[0]
    return script.imports.get(root, root).partition(".")[0]


def _makes(call: Call, script: CodeFile, names: SourceProgram, seen: Sightings) -> bool:
    if call.last in _MAKERS or (call.last in ("createServer", "Server") and _origin(call, script) in _MODULES):
        return True
    for given in call.arguments[:3]:
        options = _object(given, script, names)
        value = options.get(*_OPTIONS) if options is not None else None
        if value is not None and certain(value, script, names, seen):
            return True
    return False


def _object(given: Expression, script: CodeFile, names: SourceProgram) -> Pairs | None:
    if isinstance(given, Name):
        given = next((one for _, one in candidates(given, script, names)[:1]), given)
    return given if isinstance(given, Pairs) else None


def _plain(call: Call, script: CodeFile) -> bool:
    return call.last in ("createServer", "Server") and _origin(call, script) in ("http", "node:http")


def redirects(call: Call, script: CodeFile, names: SourceProgram) -> bool:
    """Whether all that a server answers is to send callers elsewhere, as from HTTP to HTTPS."""
    made = next(iter(_made(call.owner, script, names)), None) if call.owner is not None else None
    handler = made.arguments[-1] if made is not None and _plain(made, script) and made.arguments else None
    if isinstance(handler, Name):
        return "redirect" in handler.dotted.lower()
    if not isinstance(handler, Inline):
        return False
    function = script.function(handler.line)
    end = function.end if function is not None and function.line == handler.line else call.line
    at = bisect_left(script.calls, handler.line, key=lambda one: one.line)
    inner = takewhile(lambda one: one.line <= end, islice(script.calls, at, at + _NEAR))
    return any(one.last == "redirect" or (one.last == "writeHead" and _sends(one)) for one in inner)


def _sends(call: Call) -> bool:
    first = call.arguments[0] if call.arguments else None
    return isinstance(first, Number) and first.value in ("301", "302", "307", "308")


def certificates(script: CodeFile, line: int, names: SourceProgram, seen: Sightings) -> None:
    """The files that a script with such a server reads, by their names: `fs.readFileSync("certs/key.pem")`."""
    if seen.holds(_READ, script.path):
        return
    seen.see(_READ, script.path)
    for call in script.calls:
        if call.last in _FILES and call.arguments and not script.conditional_to(call.line, line):
            certificate(call.arguments[0], script, names, seen)


def credentials(value: Expression | None, script: CodeFile, names: SourceProgram) -> bool:
    """Whether a gRPC server is opened with TLS: `grpc.ServerCredentials.createSsl(…)`."""
    made = _made(value, script, names) if value is not None else []
    return any(one.last in _SECURE for one in made) and not any(one.last in _PLAIN for one in made)
