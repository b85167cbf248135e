"""Calls of a Python module → the port and the protocol that it listens on, and where the port comes from."""

from __future__ import annotations

import ast
from typing import NamedTuple

from kforge.detectors.python_names import MAX_GIVEN, PythonNames
from kforge.detectors.python_syntax import Module, dotted
from kforge.detectors.python_values import resolve
from kforge.domain.source.sightings import Sightings, Value, port_number


class ListeningCall(NamedTuple):
    """A call that listens: its protocol, and where its port stands (an argument's index, an address's index)."""

    protocol: str
    port: int | None = None
    address: int | None = None
    default: int = 0


# Callee's last name → Server. Defaults are those of the libraries' own documentation.
SERVERS = {
    "run_app": ListeningCall("http", default=8080), "run_simple": ListeningCall("http", port=1), "make_server": ListeningCall("http", port=1),
    "HTTPServer": ListeningCall("http", address=0), "ThreadingHTTPServer": ListeningCall("http", address=0),
    "SimpleXMLRPCServer": ListeningCall("http", address=0), "WSGIServer": ListeningCall("http", address=0),
    "TCPServer": ListeningCall("tcp", address=0), "ThreadingTCPServer": ListeningCall("tcp", address=0), "ForkingTCPServer": ListeningCall("tcp", address=0),
    "TCPSite": ListeningCall("http", port=2, default=8080), "start_http_server": ListeningCall("http", port=0),
    "add_insecure_port": ListeningCall("grpc", address=0), "add_secure_port": ListeningCall("grpc", address=0),
    "start_server": ListeningCall("tcp", port=2), "create_server": ListeningCall("tcp", address=0), "bind": ListeningCall("tcp", address=0),
    "start_tls": ListeningCall("tcp"), "listenTCP": ListeningCall("tcp", port=0), "TServerSocket": ListeningCall("tcp", port=1),
    "serve": ListeningCall("http", port=2, default=8080), "serve_async": ListeningCall("http"),
}  # fmt: skip
_RUNNERS = {
    "flask": 5000,
    "sanic": 8000,
    "quart": 5000,
    "bottle": 8080,
    "robyn": 8080,
    "uvicorn": 8000,
    "socketio": 5000,
    "dash": 8050,
}
_HTTP_HANDLERS = ("HTTPRequestHandler", "HTTPHandler", "XMLRPCRequestHandler")


def listens(call: ast.Call, callee: str, last: str, module: Module, names: PythonNames, seen: Sightings) -> None:
    server = _server(call, callee, last, module, names)
    if server is None:
        return
    value = _port(call, server, module, names)
    port = port_number(value.text) or (server.default if not value.env else 0)
    if port:
        variable = value.env if "PORT" in value.env.upper() else ""
        seen.see("ports", {"port": port, "protocol": server.protocol, "env": variable}, module.path, call.lineno)
    elif value.env:
        seen.see("port variables", value.env, module.path, call.lineno)


def _server(call: ast.Call, callee: str, last: str, module: Module, names: PythonNames) -> ListeningCall | None:
    imported = module.imported
    if last == "run":
        return _runner(call, callee, module, names)
    if last == "Config" and callee in ("uvicorn.Config", "Config") and "uvicorn" in imported:
        return ListeningCall("http", default=8000)
    if last == "listen" and "tornado" in imported:
        return ListeningCall("http", port=0)
    if last == "launch" and "gradio" in imported:
        return ListeningCall("http", default=7860)
    if last == "serve" and not imported & {"waitress", "websockets", "hypercorn", "eventlet"}:
        return None
    if last == "bind" and ("socket" not in imported or "SOCK_DGRAM" in module.attributes):
        return None
    if last == "create_server" and callee.startswith("loop"):
        return ListeningCall("tcp", port=2)
    if last == "start_server" and callee.partition(".")[0] not in ("asyncio", "start_server"):
        return None
    if last in ("TCPServer", "ThreadingTCPServer") and _speaks_http(call, module, names):
        return ListeningCall("http", address=0)
    if last == "listenTCP" and any("Site" in dotted(getattr(one, "func", one)) for one in call.args):
        return ListeningCall("http", port=0)
    return SERVERS.get(last)


def _runner(call: ast.Call, callee: str, module: Module, names: PythonNames) -> ListeningCall | None:
    """`uvicorn.run(…)`, `app.run(…)`, `run(…)`: by what the object is, never `asyncio.run` or `subprocess.run`."""
    root = callee.partition(".")[0]
    origin = module.imports.get(root, "").lstrip(".").split(".")[0]
    if origin in ("uvicorn", "bottle", "hypercorn"):
        return ListeningCall("http", default=_RUNNERS.get(origin, 0))
    made = ""
    for value in [*module.names.get(root, ())[:4], *(one for _, one in names.fields.get(root, ())[:4])][:4]:
        if isinstance(value, ast.Call):
            made = made or dotted(value.func).rpartition(".")[2]
    kind = {
        "Flask": "flask",
        "Sanic": "sanic",
        "Quart": "quart",
        "Bottle": "bottle",
        "SocketIO": "socketio",
        "Robyn": "robyn",
        "Dash": "dash",
        "FlaskAPI": "flask",
        "APIFlask": "flask",
        "FlaskApp": "flask",
    }.get(made, "")
    imported = module.imported
    if not kind and root in ("app", "application", "server", "api") and not origin:
        kind = next((name for name in ("flask", "quart", "sanic", "bottle") if name in imported), "")
    return ListeningCall("http", port=1 if kind != "socketio" else 2, default=_RUNNERS[kind]) if kind else None


def _speaks_http(call: ast.Call, module: Module, names: PythonNames) -> bool:
    """Whether the handler class, the second argument, is one of http.server's or descends from one."""
    if len(call.args) < 2:
        return False
    handler = dotted(call.args[1]).rpartition(".")[2]
    if handler.endswith(_HTTP_HANDLERS):
        return True
    if handler in names.classes:
        return any(dotted(base).endswith(_HTTP_HANDLERS) for base in names.classes[handler].bases[:MAX_GIVEN])
    return any(dotted(base).endswith("SimpleHTTPRequestHandler") for base in module.names.get(handler, ())[:MAX_GIVEN])


def _port(call: ast.Call, server: ListeningCall, module: Module, names: PythonNames) -> Value:
    keywords = {word.arg: word.value for word in call.keywords if word.arg}
    for name in ("port", "server_port", "listen", "bind", "server_address", "address"):
        if name in keywords and (value := number(keywords[name], module, names)) != Value():
            return value
    for index in (server.port, server.address):
        if (
            index is not None
            and len(call.args) > index
            and (value := number(call.args[index], module, names)) != Value()
        ):
            return value
    if server.address is not None or server.port is not None:
        for argument in call.args:  # an address that stands elsewhere
            if isinstance(argument, ast.Tuple) and (value := number(argument, module, names)) != Value():
                return value
    return Value()


def number(node: ast.expr, module: Module, names: PythonNames) -> Value:
    """The port in an expression: a number, `host:port`, or the second half of an address."""
    if isinstance(node, ast.Name):
        node = next(
            (value for value in module.names.get(node.id, ())[:MAX_GIVEN] if isinstance(value, ast.Tuple)), node
        )
    if isinstance(node, ast.Tuple):
        return resolve(node.elts[1], module, names) if len(node.elts) > 1 else Value()
    value = resolve(node, module, names)
    if isinstance(node, ast.JoinedStr) and not port_number(value.text):
        parts = [resolve(part, module, names) for part in node.values]
        return next((part for part in reversed(parts) if part.env or port_number(part.text)), value)
    if isinstance(node, ast.JoinedStr) and not value.env:
        return Value(
            value.text, next((one.env for one in (resolve(part, module, names) for part in node.values) if one.env), "")
        )
    return value
