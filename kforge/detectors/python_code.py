"""Python modules → what they listen on, read, call and write. Unaware of manifests and of how the program starts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from kforge.detectors.python_names import MAX_GIVEN, Module, PythonNames, dotted, mentions, settings_fields
from kforge.detectors.python_values import reads, resolve
from kforge.domain.source.hosts import hosts_for, hosts_in, is_host, names_host
from kforge.domain.source.sightings import Sightings, Value, folder_of, port_number


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
_WRITERS = frozenset((
    "makedirs", "mkdir", "FileHandler", "RotatingFileHandler", "TimedRotatingFileHandler", "WatchedFileHandler",
    "to_csv", "to_parquet", "to_json",
))  # fmt: skip
_FOLDERS = ("makedirs", "mkdir")
_METHODS = ("write_text", "write_bytes", "mkdir", "touch")
_TEMPORARY = frozenset((
    "NamedTemporaryFile", "TemporaryFile", "TemporaryDirectory", "mkdtemp", "mkstemp", "SpooledTemporaryFile", "gettempdir",
))  # fmt: skip


def scan(names: PythonNames, seen: Sightings) -> None:
    """Adds ports, env, hosts and writable paths of every module."""
    for module in names.modules:
        _environment(module, names, seen)
        _strings(module, names, seen)
        _named_values(module, names, seen)
        for callee, last, call in module.calls:
            _listens(call, callee, last, module, names, seen)
            _calls(call, last, module, names, seen)
            _writes(call, callee, last, module, names, seen)


def _environment(module: Module, names: PythonNames, seen: Sightings) -> None:
    def note(variable: str, default: str | None, required: bool, line: int) -> None:
        seen.see("env", {"name": variable, "default": default, "required": required}, module.path, line)
        for host, port in hosts_for(variable, default or ""):
            seen.see("hosts", {"host": host, "port": port}, module.path, line)

    for _, _, call in module.calls:
        if found := reads(call, module, names):
            note(
                found[0], resolve(found[1], module, names).text if found[1] is not None else None, found[2], call.lineno
            )
    for node in module.of(ast.Subscript):
        if (
            isinstance(node.ctx, ast.Load)
            and isinstance(node.slice, ast.Constant)
            and isinstance(node.slice.value, str)
        ):
            root = module.imports.get(dotted(node.value), dotted(node.value))
            if root.endswith("environ"):
                note(node.slice.value, None, True, node.lineno)
    for made in module.of(ast.ClassDef):
        if any(dotted(base).endswith("Settings") for base in made.bases):
            for (variable, _), literal, statement in settings_fields(made):
                note(
                    variable, literal, literal is None and not mentions(statement.annotation, "None"), statement.lineno
                )
    for choice in module.of(ast.BoolOp):  # os.getenv("A") or "catalog"
        first = choice.values[0]
        if isinstance(choice.op, ast.Or) and isinstance(first, ast.Call) and (found := reads(first, module, names)):
            value = resolve(choice, module, names)
            if value.text:
                note(found[0], value.text, False, choice.lineno)


def _strings(module: Module, names: PythonNames, seen: Sightings) -> None:
    """Hosts in URLs and addresses, also where they are put together. Documentation strings and keys of routes are none."""
    silent = {id(node.value) for node in module.of(ast.Expr)}
    plain = [
        node
        for node in module.of(ast.Constant)
        if isinstance(node.value, str) and ":" in node.value and id(node) not in silent
    ]
    made: list[ast.expr] = [*module.of(ast.JoinedStr)]
    made += [node for node in module.of(ast.BinOp) if isinstance(node.op, ast.Add | ast.Mod)]
    made += [call for _, last, call in module.calls if last == "format"]
    texts = [(str(node.value), node.lineno) for node in plain]
    texts += [(resolve(node, module, names).text or "", node.lineno) for node in made]
    for text, line in texts:
        for host, port in hosts_in(text):
            seen.see("hosts", {"host": host, "port": port}, module.path, line)


def _named_values(module: Module, names: PythonNames, seen: Sightings) -> None:
    """`DB_HOST = "db"`, `{"host": "db"}`, `def connect(host="db")`."""
    pairs: list[tuple[str, ast.expr]] = [
        (target.lstrip("."), value) for target, values in module.names.items() for value in values
    ]
    for node in module.of(ast.Dict):
        for key, one in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                pairs.append((key.value, one))
    for name, value in pairs:
        if names_host(name):
            _host(name, value, None, module, names, seen)


def _host(
    name: str, value: ast.expr, port: ast.expr | None, module: Module, names: PythonNames, seen: Sightings
) -> None:
    text = resolve(value, module, names).text or ""
    for host, number in hosts_for(name, text):
        found = number or port_number(resolve(port, module, names).text)
        seen.see("hosts", {"host": host, "port": found}, module.path, value.lineno)


def _calls(call: ast.Call, last: str, module: Module, names: PythonNames, seen: Sightings) -> None:
    """Hosts that a client is given: by keyword, by position, as an address."""
    if last in _SERVERS or last in ("run", "listen", "Config", "add_argument", "option"):
        return
    keywords = {word.arg: word.value for word in call.keywords if word.arg}
    for name, value in keywords.items():
        if names_host(name):
            prefix = name[: -len("host")] if name.endswith("host") else ""
            _host(name, value, keywords.get("port") or keywords.get(f"{prefix}port"), module, names, seen)
    if last in _CLIENTS and call.args:
        port = call.args[1] if len(call.args) > 1 else keywords.get("port")
        _host("host", call.args[0], port, module, names, seen)
    for argument in call.args:
        if isinstance(argument, ast.Tuple) and len(argument.elts) == 2:
            host, number = (resolve(item, module, names) for item in argument.elts)
            if host.text and is_host(host.text) and port_number(number.text) >= 80:
                seen.see("hosts", {"host": host.text, "port": port_number(number.text)}, module.path, argument.lineno)


def _listens(call: ast.Call, callee: str, last: str, module: Module, names: PythonNames, seen: Sightings) -> None:
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
    return _SERVERS.get(last)


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


def _writes(call: ast.Call, callee: str, last: str, module: Module, names: PythonNames, seen: Sightings) -> None:
    for path, is_folder in _written(call, callee, last, module, names):
        text = resolve(path, module, names).text
        folder = folder_of(text, is_folder) if text and not text.startswith(("{", ":memory:", "~")) else ""
        if folder:
            seen.see("writable", folder, module.path, call.lineno)
    if last in _TEMPORARY and "tempfile" in module.imported and not any(word.arg == "dir" for word in call.keywords):
        seen.see("writable", "/tmp", module.path, call.lineno)  # noqa: S108  # a fact, not a use


def _written(
    call: ast.Call, callee: str, last: str, module: Module, names: PythonNames
) -> Iterator[tuple[ast.expr, bool]]:
    """(path, whether it is a folder) of what a call writes."""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if last == "open" and callee.partition(".")[0] not in ("webbrowser", "Image", "tarfile", "zipfile"):
        index = (
            1 if owner is None or callee in ("io.open", "codecs.open", "aiofiles.open", "gzip.open", "os.open") else 0
        )
        mode = next(
            (word.value for word in call.keywords if word.arg == "mode"),
            call.args[index] if len(call.args) > index else None,
        )
        text = mode.value if isinstance(mode, ast.Constant) and isinstance(mode.value, str) else ""
        path = call.args[0] if index == 1 and call.args else owner
        if path is not None and text and set(text) <= set("rwaxbt+") and set(text) & set("wax+"):
            yield path, False
    elif last in _METHODS and owner is not None and not (isinstance(owner, ast.Name) and owner.id == "os"):
        yield owner, last == "mkdir"
    elif last in _WRITERS and call.args:
        yield call.args[0], last in _FOLDERS
    elif callee in ("sqlite3.connect", "aiosqlite.connect", "shelve.open", "dbm.open") and call.args:
        yield call.args[0], False
    elif last == "basicConfig":
        yield from ((word.value, False) for word in call.keywords if word.arg == "filename")
