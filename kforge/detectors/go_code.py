"""Go files → what they listen on, read, call and write. Unaware of go.mod and of which package is built."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kforge.detectors import (
    address_forms,
    encryption,
    environment,
    go_config_values,
    go_encryption,
    go_env_files,
    go_settings,
    go_switched,
)
from kforge.detectors.go_addresses import GoAddresses, ListenAddress, reach
from kforge.detectors.go_encryption import GoEncryption
from kforge.detectors.settings_knowledge import knowledge
from kforge.detectors.told_texts import told
from kforge.domain.source.hosts import hosts_for, hosts_in, names_host
from kforge.domain.source.sightings import Sightings, folder_of
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Expression, Joined, Name, Text, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import candidates, resolve

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_SERVERS = ("http.Server", "fasthttp.Server")
_LISTENERS = re.compile(r"^(?:net|tls|lc|\w*[lL]istenConfig|reuseport)\.Listen$")
_OTHERS = {
    "Run": "gin",
    "RunTLS": "gin",
    "Start": "echo",
    "StartTLS": "echo",
    "Listen": "fiber",
    "ListenTLS": "fiber",
    "ListenMutualTLS": "fiber",
}
_LISTENS = re.compile(r"PORT|ADDR|LISTEN|BIND", re.IGNORECASE)  # variables that say where
_GRPC = "google.golang.org/grpc"
_OFF = re.compile(r"(?:[^:]*:)?0?")  # a port that is not opened unless a variable says so
_GIN = ("gin.Default", "gin.New")
_SERVES = re.compile(r"^http\.Serve(?:TLS)?$|\.Listener$|^fasthttp\.Serve$")
_NEAR = 60  # lines behind a listener that may say what is served on it
_TEMPORARY = frozenset(("os.CreateTemp", "os.MkdirTemp", "os.TempDir", "ioutil.TempFile", "ioutil.TempDir"))
_UPLOADS = ("ParseMultipartForm", "FormFile")  # what is larger than memory allows goes into temporary files
# What servers beside the main one are called.
_BESIDE = re.compile(
    r"redirect|admin|metric|prom(?:http|etheus)|pprof|debug|health|probe|monitor|internal|diagnos|telemetry",
    re.IGNORECASE,
)
_VARIABLE = re.compile(r"[A-Za-z_]\w*")


def scan(names: SourceProgram, imports: frozenset[str], tree: Tree, seen: Sightings) -> None:
    """Adds ports, env, hosts and writable paths of every file."""
    calls = {call.name for file in names.files for call in file.calls}
    grpc = any(serves_grpc(call, file) for file in names.files for call in file.calls)
    listens = any(name.rpartition(".")[2].startswith(("ListenAndServe", "Serve")) for name in calls)
    go_switched.mark(names)
    go_env_files.scan(names, tree, seen)
    go_settings.scan(names, knowledge("go"), seen)
    go_config_values.scan(names, tree, seen)
    environment.scan(names, knowledge("go"), seen)
    for fact in seen.many("env"):
        if fact.value["required"] and fact.value["default"] is None:
            seen.see("insisted", fact.value["name"])
    addresses, secure = GoAddresses(names), GoEncryption(names)
    go_encryption.scan(names, seen)
    for file in names.files:
        _calls(file, addresses, imports, seen)
        if listens:
            _servers(file, addresses, secure, seen)
        _sockets(file, addresses, grpc, seen)
        _hosts(file, names, seen)
        _temporary(file, names, seen)


def _port(address: ListenAddress, protocol: str, file: CodeFile, line: int, seen: Sightings, said: str = "") -> None:
    """Sees a port. `said`: what the code calls its server; one beside the main server comes after it."""
    port = address.number
    if address.env and seen.holds("insisted", address.env):
        seen.see("insisted ports", {"protocol": protocol, "env": address.env}, file.path, line)
    elif port:
        variable = address.env if _LISTENS.search(address.env) else ""
        seen.see_value("ports", {"port": port, "protocol": protocol, "env": variable}, address.shown, file.path, line)
        function = file.function(line)
        if address.local or _BESIDE.search(f"{said} {address.env} {function.name if function else ''}"):
            seen.see("local ports" if address.local else "side ports", port)
        reach(address, file.path, line, seen)
    elif address.env and not _OFF.fullmatch(address.whole.text or "-"):
        seen.see("port variables", address.env, file.path, line)
    if address.port is None:
        address_forms.note(address.whole, file.path, line, seen)


def _named(value: Expression) -> str:
    """What an expression is called, or the parts of it."""
    if isinstance(value, Joined):
        return " ".join(map(_named, value.parts))
    return dotted(value.callee if isinstance(value, Call) else value)


def _calls(file: CodeFile, addresses: GoAddresses, imports: frozenset[str], seen: Sightings) -> None:
    """`http.ListenAndServe(":8080", …)`, gin's `Run`, echo's `Start`, fiber's `Listen`."""
    for call in file.calls:
        plain = call.last in ("ListenAndServe", "ListenAndServeTLS")
        framework = _OTHERS.get(call.last, "") if call.owner is not None else ""
        if not plain and not (framework and any(framework in path for path in imports)):
            continue
        if call.arguments:
            address = addresses.of(call.arguments[0], file)
            if plain or address.number or address.env or ":" in (address.whole.text or ""):
                handler = call.arguments[-1]
                inner = handler.arguments[:1] if isinstance(handler, Call) else ()
                said = " ".join(map(_named, (call.arguments[0], handler, *inner, call.callee)))
                protocol = "https" if call.last in go_encryption.ADDRESSED else "http"
                _port(address, protocol, file, call.line, seen, said)
        elif call.last == "Run" and _is_gin(call, file, addresses.names):
            # gin's own default: https://pkg.go.dev/github.com/gin-gonic/gin#Engine.Run
            seen.see("ports", {"port": 8080, "protocol": "http", "env": "PORT"}, file.path, call.line)


def _is_gin(call: Call, file: CodeFile, names: SourceProgram) -> bool:
    owner = call.owner
    made = candidates(owner, file, names)[:MAX_GIVEN] if isinstance(owner, Name) else []
    return any(isinstance(value, Call) and value.name in _GIN for _, value in made)


def _servers(file: CodeFile, addresses: GoAddresses, secure: GoEncryption, seen: Sightings) -> None:
    """`http.Server{Addr: …}`, and `server.Addr = …`."""
    made = [each for each in file.objects if each.kind in _SERVERS]
    named: dict[int, list[str]] = {}
    for name, values in file.assigned.items() if made else ():
        for value in values[:MAX_GIVEN]:
            named.setdefault(id(value), []).append(name)
    for field, value in (item for each in file.objects if made for item in each.items):
        named.setdefault(id(value), []).append(field)
    for each in made:
        if (address := each.get("Addr")) is not None:
            handler = each.get("Handler")
            said = " ".join(_named(one) for one in (address, handler) if one is not None)
            protocol = "https" if secure.served(each, named.get(id(each), ())) else "http"
            _port(addresses.of(address, file), protocol, file, address.line, seen, said)
    for name, values in file.assigned.items() if made else ():
        if name.endswith(".Addr"):
            for value in values[:MAX_GIVEN]:
                protocol = "https" if secure.served(made[0], [name.removesuffix(".Addr")]) else "http"
                _port(addresses.of(value, file), protocol, file, value.line, seen, f"{name} {_named(value)}")


def _sockets(file: CodeFile, addresses: GoAddresses, grpc: bool, seen: Sightings) -> None:
    """`net.Listen("tcp", …)`: what is served on it says the protocol."""
    called = [(call.line, call.name) for call in file.calls]
    own = any(serves_grpc(call, file) for call in file.calls)
    server = any(each.kind in _SERVERS for each in file.objects)
    for call in file.calls:
        if not _LISTENERS.match(call.name):
            continue
        kinds = [at for at, one in enumerate(call.arguments) if isinstance(one, Text) and one.value.startswith("tcp")]
        if not kinds or kinds[0] + 1 >= len(call.arguments):
            continue
        near = [name for line, name in called if call.line <= line <= call.line + _NEAR]
        web = any(_SERVES.search(name) or (server and name.endswith(".Serve")) for name in near)
        accepts = any(name.endswith(".Accept") for name in near)
        secure = go_encryption.listens(call, near)
        web_protocol = "https" if secure else "http"
        protocol = web_protocol if web else "grpc" if own or (grpc and not accepts) else "tcp"
        if protocol == "grpc" and secure:
            encryption.grpc(True, file.path, call.line, seen)
        _port(addresses.of(call.arguments[kinds[0] + 1], file), protocol, file, call.line, seen)


def serves_grpc(call: Call, file: CodeFile) -> bool:
    """Whether a call makes a gRPC server, also where the file gives the package a name of its own."""
    owner, _, last = call.name.rpartition(".")
    return last == "NewServer" and (owner == "grpc" or file.imports.get(owner) == _GRPC)


def _hosts(file: CodeFile, names: SourceProgram, seen: Sightings) -> None:
    def note(host: str, port: int, line: int) -> None:
        seen.see("hosts", {"host": host, "port": port}, file.path, line)

    formatted = [call for call in file.calls if call.name == "fmt.Sprintf"]
    said = told(file)
    for node in (one for one in (*file.texts, *formatted) if one not in said):
        text = node.value if isinstance(node, Text) else resolve(node, file, names).text or ""
        if ":" in text:
            for host, port in hosts_in(text):
                note(host, port, node.line)
    pairs = [(name.rpartition(".")[2], value) for name, values in file.assigned.items() for value in values]
    pairs += [pair for each in file.objects for pair in each.items]
    for name, value in pairs:
        if names_host(name):
            for host, port in hosts_for(name, resolve(value, file, names).text or ""):
                note(host, port, value.line)


def _temporary(file: CodeFile, names: SourceProgram, seen: Sightings) -> None:
    for call in file.calls:
        if call.name in _TEMPORARY or call.last in _UPLOADS:
            folder = resolve(call.argument(0), file, names).text if call.name in _TEMPORARY else ""
            where = folder_of(folder or "/tmp", True)  # noqa: S108  # a fact, not a use
            if where and not (folder or "").startswith("{"):
                seen.see("writable", where, file.path, call.line)
