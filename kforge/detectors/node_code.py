"""JavaScript and TypeScript files → what they listen on, read, call and write. Unaware of manifests and starts."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kforge.detectors import encryption, environment, node_encryption, node_exported, node_settings
from kforge.detectors.settings_knowledge import knowledge
from kforge.detectors.told_texts import told
from kforge.domain.source.hosts import hosts_for, hosts_in, is_host, names_host
from kforge.domain.source.sightings import Sightings, Value, port_number
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Call, Expression, Inline, Name, Pairs, Text, dotted
from kforge.syntax.program import MAX_GIVEN, SourceProgram
from kforge.syntax.values import resolve

_DEFAULTS = {"startStandaloneServer": 4000}  # https://www.apollographql.com/docs/apollo-server/api/standalone
_SERVES = ("serve", "startStandaloneServer")
_MADE = re.compile(r"(?:^|\.)(?:WebSocketServer|WebSocket\.Server)$|^[Hh]api\.[sS]erver$")
_LISTENS = re.compile(r"PORT|ADDR|LISTEN|BIND", re.IGNORECASE)  # variables that say where
_SOCKETS = ("net.createServer", "net.Server", "tls.createServer")
_BY_POSITION = re.compile(r"(?:^|\.)(?:createClient|createConnection|connect|(?:IO)?Redis|Memcached|\w*Client)$")
_TEMPORARY = ("mkdtemp", "mkdtempSync", "tmpdir")
_SYSTEM = ("os", "fs", "fsPromises", "fs.promises")
_VARIABLE = re.compile(r"[A-Za-z_]\w*")
_BUNDLED = 20  # calls on a line of what a bundler wrote, on the average
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def scan(names: SourceProgram, seen: Sightings, default_local: bool) -> None:
    """Adds ports, env, hosts and writable paths. `default_local`: a listen without a host means localhost (fastify)."""
    node_settings.scan(names, knowledge("node"), seen)
    environment.scan(names, knowledge("node"), seen)
    node_exported.scan(names, seen)
    for script in names.files:
        _listens(script, names, seen, default_local)
        if len(script.calls) <= _BUNDLED * (len({call.line for call in script.calls}) + 1):
            _hosts(script, names, seen)  # texts of a library that was bundled name nothing that this program calls
        _temporary(script, seen)


def _listens(script: CodeFile, names: SourceProgram, seen: Sightings, default_local: bool) -> None:
    serves = any("serve" in origin for origin in (*script.imported, *script.imports.values()))
    for call in script.calls:
        kind = _listening(call, serves)
        if not kind:
            continue
        address, host = _address(call, kind, script, names)
        if kind == "bindAsync":
            secure = node_encryption.credentials(call.argument(1), script, names)
            encryption.grpc(secure, script.path, call.line, seen)
        port = port_number(address.text) or (0 if address.env else _DEFAULTS.get(kind, 0))
        if port and node_encryption.redirects(call, script, names):
            seen.see("redirecting ports", port)
        if port:
            variable = address.env if _LISTENS.search(address.env) else ""
            protocol = "grpc" if kind == "bindAsync" else _protocol(call, script)
            if protocol == "http" and node_encryption.encrypted(call, script, names, seen):
                protocol = "https"
                node_encryption.certificates(script, call.line, names, seen)
            seen.see_value(
                "ports", {"port": port, "protocol": protocol, "env": variable}, address, script.path, call.line
            )
        elif address.env:
            seen.see("port variables", address.env, script.path, call.line)
        if port or address.env:
            local = host.text in LOOPBACK or (default_local and host.text is None and kind == "listen")
            _reached(host, local and not host.other, f"port {port or address.env}", script, call, seen)


def _reached(host: Value, local: bool, port: str, script: CodeFile, call: Call, seen: Sightings) -> None:
    """The variable that opens a port of localhost alone to others, else a doubt."""
    if local and host.env:
        seen.see("open hosts", host.env, script.path, call.line)
    elif local:
        said = f"listens on {port} of localhost only: nothing outside of its container reaches it"
        seen.see("doubts", {"said": said, "hint": "give `listen` the host `0.0.0.0`"}, script.path, call.line)


def _listening(call: Call, serves: bool) -> str:
    """The name of a call that listens; "" for others. `serves`: the file imports a package that serves."""
    name, last = call.name, call.last
    if last in ("listen", "bindAsync") and call.owner is not None:
        return last
    if name in _SERVES and (serves or name != "serve"):
        return name
    if name in ("Bun.serve", "Deno.serve"):
        return "serve"
    return name if _MADE.search(name) else ""


def _protocol(call: Call, script: CodeFile) -> str:
    owner = call.owner
    made = [owner] if not isinstance(owner, Name) else script.assigned.get(owner.dotted, [])[:MAX_GIVEN]
    plain = any(isinstance(one, Call) and one.name in _SOCKETS for one in made)
    return "tcp" if call.last == "listen" and plain else "http"


def _address(call: Call, kind: str, script: CodeFile, names: SourceProgram) -> tuple[Value, Value]:
    """(port, host) of a call that listens: by position, or by the fields of an object. A host that nothing shows is
    something other than the usual one.
    """
    if kind == "bindAsync":
        address = resolve(call.argument(0), script, names)
        number = str(port_number(address.text) or _trailing(address.text))
        return Value(number, address.env, place=address.place), Value()
    for given in call.arguments[:2]:
        fields = _fields(given)
        if fields is not None:
            port = resolve(fields.get("port"), script, names)
            if port != Value():
                return port, _host(fields.get("host", "hostname"), script, names)
    if not call.arguments or kind in _SERVES:
        return Value(), Value()
    second = call.argument(1)
    shown = resolve if isinstance(second, Name) else _host  # a name may be that of a function to call then
    host = Value() if isinstance(second, Inline) else shown(second, script, names)
    return resolve(call.arguments[0], script, names), host


def _host(said: Expression | None, script: CodeFile, names: SourceProgram) -> Value:
    found = resolve(said, script, names)
    return Value(other=True) if said is not None and found == Value() else found


def _fields(given: Expression) -> Pairs | None:
    """An object, or the one within it that says where to listen: `{ listen: { port: 4000 } }`."""
    if not isinstance(given, Pairs):
        return None
    inner = given.get("listen")
    return inner if isinstance(inner, Pairs) else given


def _trailing(text: str | None) -> str:
    """`{}:50051`, where nothing shows the host."""
    return (text or "").rpartition(":")[2]


def _hosts(script: CodeFile, names: SourceProgram, seen: Sightings) -> None:
    def note(host: str, port: int, line: int) -> None:
        seen.see("hosts", {"host": host, "port": port}, script.path, line)

    said = told(script)
    for node in (one for one in script.texts if one not in said):
        text = node.value if isinstance(node, Text) else resolve(node, script, names).text or ""
        if ":" in text:
            for host, port in hosts_in(text):
                note(host, port, node.line)
    for name, value, port in _named_values(script, names):
        for host, number in hosts_for(name, resolve(value, script, names).text or ""):
            note(host, number or port, value.line)
    for call in script.calls:
        if len(call.arguments) > 1 and _BY_POSITION.search(call.name):
            port_, host_ = (resolve(one, script, names).text for one in call.arguments[:2])
            if port_number(port_) and host_ and is_host(host_):
                note(host_, port_number(port_), call.line)


def _named_values(script: CodeFile, names: SourceProgram) -> Iterator[tuple[str, Expression, int]]:
    """(name, value, the port beside it or 0) of what goes by the name of a host."""
    for name, values in script.assigned.items():
        if names_host(last := name.rpartition(".")[2]):
            yield from ((last, value, 0) for value in values[:MAX_GIVEN])
    for each in script.objects:
        for key, value in each.items:
            if names_host(key):
                yield key, value, port_number(resolve(each.get("port"), script, names).text)


def _temporary(script: CodeFile, seen: Sightings) -> None:
    for call in script.calls:
        if call.last in _TEMPORARY and (call.owner is None or dotted(call.owner) in _SYSTEM):
            seen.see("writable", "/tmp", script.path, call.line)  # noqa: S108  # a fact, not a use
