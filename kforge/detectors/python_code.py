"""Python modules → what they listen on, read, call and write. Unaware of manifests and of how the program starts."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from kforge.detectors.python_listening import SERVERS, listens
from kforge.detectors.python_names import PythonNames, settings_fields
from kforge.detectors.python_syntax import Module, dotted, mentions
from kforge.detectors.python_values import reads, resolve
from kforge.domain.source.hosts import hosts_for, hosts_in, is_host, names_host
from kforge.domain.source.sightings import Sightings, folder_of, port_number

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
            listens(call, callee, last, module, names, seen)
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
    if last in SERVERS or last in ("run", "listen", "Config", "add_argument", "option"):
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
