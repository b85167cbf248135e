"""JavaScript and TypeScript files → what they listen on, read, call and write. Unaware of manifests and starts."""

from __future__ import annotations

import re

from kforge.detectors.node_values import ENV, GENERIC, NAME, NodeNames, Script, destructured, ending, value
from kforge.domain.source.hosts import hosts_for, hosts_in, is_host, names_host
from kforge.domain.source.sightings import Sightings, Value, folder_of, port_number
from kforge.domain.source.text import MAX_MATCHES, Code, arguments, closing, every

_LISTEN = re.compile(r"(?:((?<![\w$])(?<![\w$]\.)[A-Za-z_$][\w$.]*|\))\s*+\.\s*+(listen)|\b(serve|startStandaloneServer)|(?:Bun|Deno)\.(serve)|\.(bindAsync)"
                     rf"|new\s++(?:[\w.]{{1,100}}\.)?(WebSocketServer|WebSocket\.Server)|(?:Hapi|hapi)\.(server|Server))\s*+{GENERIC}\(")  # fmt: skip
_DEFAULTS = {"startStandaloneServer": 4000}  # https://www.apollographql.com/docs/apollo-server/api/standalone
_FALLBACK = re.compile(r"\s*+(?:\|\||\?\?)\s*+")
_WRITTEN = re.compile(r"\s*+=(?![=>])")
_CAST = re.compile(r"\s*+(?:!\s*+)?(?:,\s*+10\s*+)?\)")
_MUST = re.compile(
    r"\s*+\)\s*+(?:\)\s*+)?(?:\{\s*+)?(?:throw|process\.exit|[\w.]{1,100}+\([^;]{0,1000}\);?\s*+(?:process\.exit|throw))"
)
_CONFIG = re.compile(rf"(?:config(?:Service)?|env)\.(get|getOrThrow)\s*+{GENERIC}\s*+\(\s*+(\")", re.IGNORECASE)
_READ = re.compile(rf"(?<![\w$])({NAME})\s*+{GENERIC}\(\s*+(\")")
_BY_POSITION = re.compile(
    r"(?:createClient|createConnection|\bconnect|new\s++(?:IO)?Redis|new\s++Memcached|new\s++[\w.]{0,100}Client)\s*+\("
)
_SIBLING_PORT = re.compile(r"[{,\s]port\s*+:\s*+")
_WRITES = re.compile(
    r"\b(writeFile|writeFileSync|appendFile|appendFileSync|createWriteStream|outputFile|outputFileSync|outputJson|outputJsonSync"
    r"|mkdir|mkdirSync|ensureDir|ensureDirSync|mkdirp|multer|cb|Database|mkdtemp|mkdtempSync|tmpdir)\s*+\("
)
_FOLDERS = ("mkdir", "mkdirSync", "ensureDir", "ensureDirSync", "mkdirp", "cb")
_NET = re.compile(r"\bnet\.createServer|new\s++net\.Server|\btls\.createServer")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def scan(names: NodeNames, seen: Sightings, default_local: bool) -> None:
    """Adds ports, env, hosts and writable paths. `default_local`: a listen without a host means localhost (fastify)."""
    for script in names.scripts:
        _listens(script, names, seen, default_local)
        _environment(script, names, seen)
        _hosts(script, names, seen)
        _writes(script, names, seen)


def _listens(script: Script, names: NodeNames, seen: Sightings, default_local: bool) -> None:
    code = script.code
    sockets = [found.end() for found in every(_NET, code)]
    serves = any("serve" in text for text in script.masked.strings.values())  # an import of a package that serves
    for match in every(_LISTEN, code):
        call = next(group for group in match.groups()[1:] if group)
        spans = arguments(code, match.end() - 1)
        if call == "serve" and match.group(3) and not serves:
            continue
        protocol = _protocol(script, match, call, sockets)
        address, host = _address(script, spans, call, names)
        port = port_number(address.text) or (0 if address.env else _DEFAULTS.get(call, 0))
        line = script.line(match.start())
        if port:
            variable = address.env if "PORT" in address.env.upper() else ""
            seen.see("ports", {"port": port, "protocol": protocol, "env": variable}, script.path, line)
        elif address.env:
            seen.see("port variables", address.env, script.path, line)
        if (port or address.env) and (host in LOOPBACK or (default_local and not host and call == "listen")):
            text = "listens on localhost only: nothing outside of its container reaches it; give `listen` the host `0.0.0.0`"
            seen.see("notes", text, script.path, line)


def _protocol(script: Script, match: re.Match[str], call: str, sockets: list[int]) -> str:
    """`sockets`: where calls that make a plain socket server name it."""
    if call == "bindAsync":
        return "grpc"
    code, receiver = script.code, match.group(1) or ""
    if not sockets:
        return "http"
    if receiver == ")":  # net.createServer(…).listen(…)
        return "tcp" if any(_closes(code, offset, match.start(1)) for offset in sockets) else "http"
    made = [code[start:end] for start, end in script.names.get(receiver, ())[:20]]
    return "tcp" if any(_NET.search(text) for text in made) else "http"


def _closes(code: Code, start: int, end: int) -> bool:
    opening = code.find("(", start, start + 3)
    return opening >= 0 and closing(code, opening) == end


def _address(script: Script, spans: list[tuple[int, int]], call: str, names: NodeNames) -> tuple[Value, str]:
    """(port, host) of a call that listens: by position, or by the fields of an object."""
    if call == "bindAsync":
        address = value(script, *spans[0], names) if spans else Value()
        return Value(str(port_number(address.text) or _trailing(address.text)), address.env), ""
    for start, end in spans[:2]:
        if script.code[start] == "{":
            port = _field(script, start, end, "port", names)
            if port == Value():
                continue
            return port, _field(script, start, end, "host(?:name)?", names).text or ""
    if not spans or call in ("serve", "startStandaloneServer"):
        return Value(), ""
    host = (
        value(script, *spans[1], names).text or ""
        if len(spans) > 1 and "=>" not in script.code[slice(*spans[1])]
        else ""
    )
    return value(script, *spans[0], names), host


def _trailing(text: str | None) -> str:
    """`{}:50051`, where nothing shows the host."""
    return (text or "").rpartition(":")[2]


def _field(script: Script, start: int, end: int, name: str, names: NodeNames) -> Value:
    """A field of an object, or the variable of the same name that stands for it."""
    found = re.compile(rf"[{{,\s](?:{name})\s*+(:|,|\}})").search(script.code, start, end)
    if not found:
        return Value()
    if found.group(1) == ":":
        return value(script, found.end(), min(ending(script.code, found.end()), end - 1), names)
    return value(script, found.start() + 1, found.start(1), names)


def _environment(script: Script, names: NodeNames, seen: Sightings) -> None:
    code = script.code

    def note(variable: str, default: str | None, required: bool, offset: int) -> None:
        if re.fullmatch(r"[A-Za-z_]\w*", variable) and variable != "NODE_ENV":
            seen.see(
                "env", {"name": variable, "default": default, "required": required}, script.path, script.line(offset)
            )
            for host, port in hosts_for(variable, default or ""):
                seen.see("hosts", {"host": host, "port": port}, script.path, script.line(offset))

    for match in every(ENV, code):
        end = match.end() if match.group(1) else code.find("]", match.end()) + 1
        if _WRITTEN.match(code, end):
            continue
        fallback = _FALLBACK.match(code, _after_casts(code, end))
        default = value(script, fallback.end(), ending(code, fallback.end()), names).text if fallback else None
        asked = code[max(match.start() - 8, 0) : match.start()].rstrip().endswith("(!")
        note(
            match.group(1) or script.masked.string(match.start(2)) or "",
            default,
            bool(asked and _MUST.match(code, end)),
            match.start(),
        )
    for variable, _, start, end in destructured(script):
        note(variable, value(script, start, end, names).text if end > start else None, False, start)
    for match in every(_CONFIG, code):
        name = script.masked.string(match.start(2)) or ""
        if re.fullmatch(r"[A-Z][A-Z0-9_]+", name):
            spans = arguments(code, code.rindex("(", 0, match.start(2)))
            default = value(script, *spans[1], names).text if len(spans) > 1 else None
            note(name, default, match.group(1) == "getOrThrow", match.start())
    for match in every(_READ, code) if names.readers else ():
        if match.group(1) in names.readers:
            spans = arguments(code, code.rindex("(", 0, match.start(2)))
            default = value(script, *spans[1], names).text if len(spans) > 1 else None
            note(
                script.masked.string(match.start(2)) or "",
                default,
                names.readers[match.group(1)] and default is None,
                match.start(),
            )


def _after_casts(code: str, end: int) -> int:
    """Past the bracket of a cast: `Number(process.env.PORT) || 3000`, `parseInt(process.env.PORT, 10) || 3000`."""
    found = _CAST.match(code, end)
    return found.end() if found else end


def _hosts(script: Script, names: NodeNames, seen: Sightings) -> None:
    code = script.code

    def note(host: str, port: int, offset: int) -> None:
        seen.see("hosts", {"host": host, "port": port}, script.path, script.line(offset))

    sums = 0
    for offset, text in script.masked.strings.items():
        if ":" in text:
            shown, after = text, offset + len(text) + 2
            if "${" in text:
                shown = value(script, offset, after, names).text or ""
            elif "://" in text and sums < MAX_MATCHES and code[after : after + 40].lstrip()[:1] == "+":
                sums += 1
                shown = value(script, offset, ending(code, offset), names).text or ""
            for host, port in hosts_in(shown):
                note(host, port, offset)
    named = [(name.rpartition(".")[2], start, end) for name, spans in script.names.items() for start, end in spans]
    for name, start, end in [*named, *script.keys]:
        if names_host(name):
            for host, port in hosts_for(name, value(script, start, end, names).text or ""):
                note(host, port or _beside(script, start, end, names), start)
    for match in every(_BY_POSITION, code):
        values = [value(script, *span, names) for span in arguments(code, match.end() - 1)[:2]]
        if len(values) == 2 and port_number(values[0].text) and values[1].text and is_host(values[1].text):
            note(values[1].text, port_number(values[0].text), match.start())


def _beside(script: Script, start: int, end: int, names: NodeNames) -> int:
    """The `port` of the object that a `host` stands in."""
    code = script.code
    before = code.rfind("{", max(0, start - 300), start)
    after = code.find("}", end, end + 300)
    if before < 0 or after < 0 or "}" in code[before:start]:
        return 0
    found = _SIBLING_PORT.search(code, before, after)
    return port_number(value(script, found.end(), ending(code, found.end()), names).text) if found else 0


def _writes(script: Script, names: NodeNames, seen: Sightings) -> None:
    code = script.code
    uploads = "diskStorage" in code
    database = any("sqlite" in text for text in script.masked.strings.values())
    for match in every(_WRITES, code):
        call = match.group(1)
        spans = arguments(code, match.end() - 1)
        text: str | None = None
        if call in ("mkdtemp", "mkdtempSync", "tmpdir"):
            text = "/tmp/x"  # noqa: S108  # a fact, not a use
        elif call == "multer" and spans:
            text = _field(script, *spans[0], "dest", names).text if code[spans[0][0]] == "{" else None
            text = f"{text}/x" if text else None
        elif call == "cb":
            text = value(script, *spans[1], names).text if uploads and len(spans) == 2 else None
        elif call == "Database" and not database:
            continue
        elif spans:
            text = value(script, *spans[0], names).text
        folder = folder_of(text, call in _FOLDERS) if text and not text.startswith(("{", ":memory:", "http")) else ""
        if folder:
            seen.see("writable", folder, script.path, script.line(match.start()))
    if "transports.File" in code:
        for name, start, end in script.keys:
            if name == "filename" and (text := value(script, start, end, names).text) and (folder := folder_of(text)):
                seen.see("writable", folder, script.path, script.line(start))
