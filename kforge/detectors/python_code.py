"""Python files → what they listen on, read, call and write. Unaware of manifests and of how the program starts."""

from __future__ import annotations

import re
from typing import NamedTuple

from kforge.detectors import address_forms, encryption, environment, python_encryption, python_settings
from kforge.detectors.settings_knowledge import knowledge
from kforge.detectors.told_texts import told
from kforge.domain.source.hosts import hosts_for, hosts_in, is_host, names_host
from kforge.domain.source.sightings import Sightings, Value, port_number
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Expression, Joined, Many, Name, Text, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import resolve


class ListeningCall(NamedTuple):
    """A call that listens: its protocol, and where its port stands (an argument's index, an address's index)."""

    protocol: str
    port: int | None = None
    address: int | None = None
    default: int = 0


# Callee's last name → Server. Defaults are those of the libraries' own documentation.
_SERVERS = {
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
_LISTENS = re.compile(r"PORT|ADDR|LISTEN|BIND", re.IGNORECASE)  # variables that say where
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
# Callee's last name → the arguments are (host, port): clients that are commonly called by position.
_CLIENTS = frozenset((
    "Redis", "StrictRedis", "HTTPConnection", "HTTPSConnection", "MongoClient", "SMTP", "ConnectionParameters", "create_connection",
    "Elasticsearch", "Telnet", "FTP", "StatsClient", "TSocket", "connect", "open_connection", "Client", "Memcached", "insecure_channel",
))  # fmt: skip
_TEMPORARY = frozenset((
    "NamedTemporaryFile", "TemporaryFile", "TemporaryDirectory", "mkdtemp", "mkstemp", "SpooledTemporaryFile", "gettempdir",
))  # fmt: skip


def scan(names: SourceProgram, seen: Sightings) -> None:
    """Adds ports, env and hosts of every file, and whether it writes temporary ones."""
    environment.scan(names, knowledge("python"), seen)
    python_settings.scan(names, knowledge("python"), seen)
    for module in names.files:
        _strings(module, names, seen)
        _named_values(module, names, seen)
        for call in module.calls:
            callee, last = call.name, call.last
            _listens(call, callee, last, module, names, seen)
            _calls(call, last, module, names, seen)
            if last in _TEMPORARY and "tempfile" in module.imported and "dir" not in call.named:
                seen.see("writable", "/tmp", module.path, call.line)  # noqa: S108  # a fact, not a use


def _strings(module: CodeFile, names: SourceProgram, seen: Sightings) -> None:
    """Hosts in URLs and addresses, also where they are put together."""
    said, formatted = told(module), (call for call in module.calls if call.last == "format")
    for node in (one for one in (*module.texts, *formatted) if one not in said):
        text = node.value if isinstance(node, Text) else resolve(node, module, names).text or ""
        if ":" in text:
            for host, port in hosts_in(text):
                seen.see("hosts", {"host": host, "port": port}, module.path, node.line)


def _named_values(module: CodeFile, names: SourceProgram, seen: Sightings) -> None:
    """`DB_HOST = "db"`, `{"host": "db"}`, `def connect(host="db")`."""
    pairs = [(target.lstrip("."), value) for target, values in module.assigned.items() for value in values]
    pairs += [pair for each in module.objects for pair in each.items]
    for name, value in pairs:
        if names_host(name):
            _host(name, value, None, module, names, seen)


def _host(
    name: str, value: Expression, port: Expression | None, module: CodeFile, names: SourceProgram, seen: Sightings
) -> None:
    text = resolve(value, module, names).text or ""
    for host, number in hosts_for(name, text):
        found = number or port_number(resolve(port, module, names).text)
        seen.see("hosts", {"host": host, "port": found}, module.path, value.line)


def _calls(call: Call, last: str, module: CodeFile, names: SourceProgram, seen: Sightings) -> None:
    """Hosts that a client is given: by keyword, by position, as an address."""
    if last in _SERVERS or last in ("run", "listen", "Config", "add_argument", "option"):
        return
    for name, value in call.named.items():
        if names_host(name):
            prefix = name[: -len("host")] if name.endswith("host") else ""
            _host(name, value, call.named.get("port") or call.named.get(f"{prefix}port"), module, names, seen)
    if last in _CLIENTS and call.arguments:
        _host("host", call.arguments[0], call.argument(1, "port"), module, names, seen)
    for argument in call.arguments:
        if isinstance(argument, Many) and argument.fixed and len(argument.items) == 2:
            host, number = (resolve(item, module, names) for item in argument.items)
            if host.text and is_host(host.text) and port_number(number.text) >= 80:
                seen.see("hosts", {"host": host.text, "port": port_number(number.text)}, module.path, argument.line)


def _listens(call: Call, callee: str, last: str, module: CodeFile, names: SourceProgram, seen: Sightings) -> None:
    server = _server(call, callee, last, module, names)
    if server is None:
        return
    if server.protocol == "grpc":
        encryption.grpc(last == "add_secure_port", module.path, call.line, seen)
    protocol = server.protocol
    if protocol == "http" and python_encryption.encrypted(call, module, names, seen):
        protocol = "https"
        python_encryption.certificates(call, module, names, seen)
    value = _port(call, server, module, names)
    port = port_number(value.text) or (server.default if not value.env else 0)
    if port:
        variable = value.env if _LISTENS.search(value.env) else ""
        seen.see_value("ports", {"port": port, "protocol": protocol, "env": variable}, value, module.path, call.line)
    elif value.env:
        seen.see("port variables", value.env, module.path, call.line)
    if "PORT" not in value.env.upper():
        address_forms.note(value, module.path, call.line, seen)


def _server(call: Call, callee: str, last: str, module: CodeFile, names: SourceProgram) -> ListeningCall | None:
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
    if last == "bind" and ("socket" not in imported or "SOCK_DGRAM" in module.words):
        return None
    if last == "create_server" and callee.startswith("loop"):
        return ListeningCall("tcp", port=2)
    if last == "start_server" and callee.partition(".")[0] not in ("asyncio", "start_server"):
        return None
    if last in ("TCPServer", "ThreadingTCPServer") and _speaks_http(call, module, names):
        return ListeningCall("http", address=0)
    if last == "listenTCP" and any(
        "Site" in dotted(one.callee if isinstance(one, Call) else one) for one in call.arguments
    ):
        return ListeningCall("http", port=0)
    return _SERVERS.get(last)


def _runner(call: Call, callee: str, module: CodeFile, names: SourceProgram) -> ListeningCall | None:
    """`uvicorn.run(…)`, `app.run(…)`, `run(…)`: by what the object is, never `asyncio.run` or `subprocess.run`."""
    root = callee.partition(".")[0]
    origin = module.imports.get(root, "").lstrip(".").split(".")[0]
    if origin in ("uvicorn", "bottle", "hypercorn"):
        return ListeningCall("http", default=_RUNNERS.get(origin, 0))
    made = ""
    for value in [*module.assigned.get(root, ())[:4], *(one for _, one in names.fields.get(root, ())[:4])][:4]:
        if isinstance(value, Call):
            made = made or value.last
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


def _speaks_http(call: Call, module: CodeFile, names: SourceProgram) -> bool:
    """Whether the handler class, the second argument, is one of http.server's or descends from one."""
    if len(call.arguments) < 2:
        return False
    handler = dotted(call.arguments[1]).rpartition(".")[2]
    if handler.endswith(_HTTP_HANDLERS):
        return True
    if handler in names.classes:
        return any(dotted(base).endswith(_HTTP_HANDLERS) for base in names.classes[handler].bases[:MAX_GIVEN])
    return any(
        dotted(base).endswith("SimpleHTTPRequestHandler") for base in module.assigned.get(handler, ())[:MAX_GIVEN]
    )


def _port(call: Call, server: ListeningCall, module: CodeFile, names: SourceProgram) -> Value:
    for name in ("port", "server_port", "listen", "bind", "server_address", "address"):
        if name in call.named and (value := number(call.named[name], module, names)) != Value():
            return value
    for index in (server.port, server.address):
        if index is not None and (given := call.argument(index)) and (value := number(given, module, names)) != Value():
            return value
    if server.address is not None or server.port is not None:
        for argument in call.arguments:  # an address that stands elsewhere
            if isinstance(argument, Many) and (value := number(argument, module, names)) != Value():
                return value
    return Value()


def number(node: Expression, module: CodeFile, names: SourceProgram) -> Value:
    """The port in an expression: a number, `host:port`, or the second half of an address."""
    if isinstance(node, Name):
        given = module.assigned.get(node.dotted, ())[:MAX_GIVEN]
        node = next((value for value in given if isinstance(value, Many) and value.fixed), node)
    if isinstance(node, Many):
        return resolve(node.items[1], module, names) if node.fixed and len(node.items) > 1 else Value()
    value = resolve(node, module, names)
    if isinstance(node, Joined) and not port_number(value.text):
        parts = [resolve(part, module, names) for part in node.parts]
        return next((part for part in reversed(parts) if part.env or port_number(part.text)), value)
    return value
