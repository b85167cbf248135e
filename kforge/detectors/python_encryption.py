"""A call of Python that listens → whether it serves TLS, and the certificates that it is given."""

from __future__ import annotations

from kforge.detectors.encryption import certain, certificate
from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Expression, Many, Name, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram

# What servers call their arguments: uvicorn, hypercorn and gevent, Flask and werkzeug, aiohttp, Sanic, Tornado, Gradio.
_GIVEN = ("ssl_certfile", "ssl_keyfile", "certfile", "keyfile", "ssl_context", "ssl_options", "ssl")
_FILES = ("certfile", "keyfile", "ssl_certfile", "ssl_keyfile", "cert", "key")
_CONFIGURED = (".certfile", ".keyfile", ".ssl_certfile", ".ssl_keyfile", ".ssl_adapter")
_READ = "read for certificates"
_LOADS = ("load_cert_chain", "BuiltinSSLAdapter", "pyOpenSSLAdapter")


def encrypted(call: Call, module: CodeFile, names: SourceProgram, seen: Sightings) -> bool:
    """Whether what a call opens speaks TLS for certain."""
    given = [call.named[name] for name in _GIVEN if name in call.named]
    if call.last == "listen" and isinstance(owner := call.owner, Name):  # Tornado's `HTTPServer(app, ssl_options=…)`
        made = [one for one in module.assigned.get(owner.dotted, ())[:MAX_GIVEN] if isinstance(one, Call)]
        given += [one.named[name] for one in made for name in _GIVEN if name in one.named]
    if given:
        return all(certain(one, module, names, seen) for one in given)
    return _wrapped(call, module) or _configured(call, module, names, seen)


def _wrapped(call: Call, module: CodeFile) -> bool:
    """`httpd.socket = context.wrap_socket(httpd.socket, …)` behind `http.server`."""
    if not call.last.endswith(("HTTPServer", "TCPServer", "make_server")):
        return False
    for value in module.assigned.get(".socket", ())[:MAX_GIVEN]:
        inner = value.argument(0, "sock") if isinstance(value, Call) and value.last == "wrap_socket" else None
        if inner is not None and dotted(inner).endswith(".socket") and not module.conditional_to(value.line, call.line):
            return True
    return False


def _configured(call: Call, module: CodeFile, names: SourceProgram, seen: Sightings) -> bool:
    """`config.certfile = …` of Hypercorn, `server.ssl_adapter = …` of Cheroot."""
    if not module.imported & {"hypercorn", "cheroot"}:
        return False
    given = [value for name in _CONFIGURED for value in module.assigned.get(name, ())[:MAX_GIVEN]]
    sure = (certain(one, module, names, seen) and not module.conditional_to(one.line, call.line) for one in given)
    return bool(given) and all(sure)


def certificates(call: Call, module: CodeFile, names: SourceProgram, seen: Sightings) -> None:
    """The files of a call that serves TLS: by name, as the pair that Flask takes, or loaded into a context."""
    for name in _FILES:
        certificate(call.named.get(name), module, names, seen)
    context = call.named.get("ssl_context")
    given: tuple[Expression, ...] = context.items if isinstance(context, Many) else ()
    for one in given[:2]:
        certificate(one, module, names, seen)
    if not seen.holds(_READ, module.path):  # once a file
        seen.see(_READ, module.path)
        for load in module.calls:
            if load.last in _LOADS and not module.conditional_to(load.line, call.line):
                for at, name in enumerate(("certfile", "keyfile")):
                    certificate(load.argument(at, name), module, names, seen)
