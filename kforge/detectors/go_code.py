"""Go files → what they listen on, read, call and write. Unaware of go.mod and of which package is built."""

from __future__ import annotations

import re

from kforge.detectors.go_names import GoFile, GoNames, calls, ending
from kforge.detectors.go_tags import tagged
from kforge.detectors.go_values import named, value
from kforge.domain.source.hosts import hosts_for, hosts_in, names_host
from kforge.domain.source.sightings import Sightings, Value, folder_of, port_number
from kforge.domain.source.text import MAX_MATCHES, arguments, closing, every

_LISTEN = re.compile(r"\bListenAndServe(?:TLS)?\(|\.(Run|RunTLS|Start|StartTLS|Listen|ListenTLS)\(")
_SERVER = re.compile(r"\b(?:http|fasthttp)\.Server\s*+\{")
_NET = re.compile(r"\b(?:net|tls|lc|\w*[lL]istenConfig|reuseport)\.Listen\s*+\(")
_OTHERS = {"Run": "gin", "RunTLS": "gin", "Start": "echo", "StartTLS": "echo", "Listen": "fiber", "ListenTLS": "fiber"}
_LOOPBACK = re.compile(r"(?:localhost|127\.0\.0\.1|\[::1\]):\d+")
_REACH = 8000  # characters of a function that are looked at, at most
_GETENV = re.compile(r"\b(?:os|syscall)\.(Getenv|LookupEnv)\(")
_ASSIGNED_TO = re.compile(r"(?<!\w)((?:[A-Za-z_]\w*+\s*+,\s*+){0,15}+[A-Za-z_]\w*+)\s*+(?::=|=)(?!=)[^\n=]*+$")
_WIDEST = 1000  # characters of a line before a call
_FAILS = re.compile(
    r"log\.\w{0,99}(?:Fatal|Panic)|\w\.Fatal|panic\(|os\.Exit|errors\.New|fmt\.Errorf|return\b[^}]{0,200}\berr"
)
_ADDR = re.compile(r"[{,\n][^\S\n]*+Addr:\s*+")
_RECEIVER = re.compile(r"(?<!\w)([A-Za-z_]\w*+)$")
_SERVED = re.compile(r"\bhttp\.Serve(?:TLS)?\(|\.Listener\s*+\(|\bfasthttp\.Serve\(")
_BRANCH = re.compile(r"\s*+(?:\}\s*+else\b|(?:if|switch|select)\b)")
_WRITES = re.compile(
    r"\b(os\.Create|os\.OpenFile|os\.WriteFile|ioutil\.WriteFile|os\.MkdirAll|os\.Mkdir|os\.CreateTemp|os\.MkdirTemp|os\.TempDir"
    r"|ioutil\.TempFile|ioutil\.TempDir|sql\.Open|sqlx\.(?:Open|Connect|MustConnect)|sqlite\.Open|bolt\.Open|bbolt\.Open"
    r"|badger\.DefaultOptions|SaveUploadedFile|ParseMultipartForm|FormFile)\s*+\("
)
_FOLDERS = ("os.MkdirAll", "os.Mkdir", "badger.DefaultOptions")
_TEMPORARY = (
    "os.CreateTemp",
    "os.MkdirTemp",
    "os.TempDir",
    "ioutil.TempFile",
    "ioutil.TempDir",
    "ParseMultipartForm",
    "FormFile",
)


def scan(names: GoNames, imports: frozenset[str], seen: Sightings) -> None:
    """Adds ports, env, hosts and writable paths of every file."""
    grpc = any("grpc.NewServer(" in file.code for file in names.files)
    listens = any(".ListenAndServe" in file.code or ".Serve(" in file.code for file in names.files)
    for file in names.files:
        _calls(file, names, imports, seen)
        if listens:
            _servers(file, names, seen)
        _sockets(file, names, grpc, seen)
        _environment(file, names, seen)
        _hosts(file, names, seen)
        _writes(file, names, seen)


def _port(address: Value, protocol: str, file: GoFile, offset: int, seen: Sightings) -> None:
    port = port_number(address.text) or port_number((address.text or "").rpartition(":")[2])
    line = file.line(offset)
    if port:
        variable = address.env if re.search(r"PORT|ADDR|LISTEN", address.env, re.IGNORECASE) else ""
        seen.see("ports", {"port": port, "protocol": protocol, "env": variable}, file.path, line)
    elif address.env:
        seen.see("port variables", address.env, file.path, line)
    if _LOOPBACK.fullmatch(address.text or ""):
        seen.see("notes", "listens on localhost only: nothing outside of its container reaches it", file.path, line)


def _calls(file: GoFile, names: GoNames, imports: frozenset[str], seen: Sightings) -> None:
    """`http.ListenAndServe(":8080", …)`, gin's `Run`, echo's `Start`, fiber's `Listen`."""
    for match in every(_LISTEN, file.code):
        spans = arguments(file.code, match.end() - 1)
        framework = _OTHERS.get(match.group(1) or "")
        if framework and not any(framework in path for path in imports):
            continue
        if spans:
            address = value(file, *spans[0], names)
            if framework is None or port_number(address.text) or address.env or ":" in (address.text or ""):
                _port(address, "http", file, match.start(), seen)
        elif match.group(1) == "Run" and _is_gin(file, match.start()):
            # gin's own default: https://pkg.go.dev/github.com/gin-gonic/gin#Engine.Run
            seen.see("ports", {"port": 8080, "protocol": "http", "env": "PORT"}, file.path, file.line(match.start()))


def _is_gin(file: GoFile, offset: int) -> bool:
    receiver = _RECEIVER.search(file.code[max(0, offset - 60) : offset])
    spans = file.names.get(receiver.group(1), ()) if receiver else ()
    return any(file.code[start:end].startswith(("gin.Default(", "gin.New(")) for start, end in spans)


def _servers(file: GoFile, names: GoNames, seen: Sightings) -> None:
    """`http.Server{Addr: …}`, and `server.Addr = …`."""
    for match in every(_SERVER, file.code):
        end = closing(file.code, match.end() - 1)
        found = _ADDR.search(file.code, match.end() - 1, end)
        if found:
            _port(value(file, found.end(), ending(file.code, found.end()), names), "http", file, found.end(), seen)
    if _SERVER.search(file.code):
        for name, spans in file.names.items():
            if name.endswith(".Addr"):
                for start, end in spans:
                    _port(value(file, start, end, names), "http", file, start, seen)


def _sockets(file: GoFile, names: GoNames, grpc: bool, seen: Sightings) -> None:
    """`net.Listen("tcp", …)`: what is served on it says the protocol."""
    for match in every(_NET, file.code):
        spans = arguments(file.code, match.end() - 1)
        kinds = [number for number, span in enumerate(spans) if (file.masked.string(span[0]) or "").startswith("tcp")]
        if not kinds or kinds[0] + 1 >= len(spans):
            continue
        near = file.code[match.end() : match.end() + 1500]
        web = _SERVED.search(near) or ("http.Server{" in file.code and re.search(r"\.Serve\(", near))
        accepts = ".Accept()" in near
        protocol = (
            "grpc"
            if "grpc.NewServer(" in file.code and not web
            else "http"
            if web
            else "grpc"
            if grpc and not accepts
            else "tcp"
        )
        _port(value(file, *spans[kinds[0] + 1], names), protocol, file, match.start(), seen)


def _environment(file: GoFile, names: GoNames, seen: Sightings) -> None:
    code = file.code

    def note(variable: str | None, default: str | None, required: bool, offset: int) -> None:
        if variable and re.fullmatch(r"[A-Za-z_]\w*+", variable):
            needed = required and not _in_a_branch(code, offset)
            seen.see("env", {"name": variable, "default": default, "required": needed}, file.path, file.line(offset))
            for host, port in hosts_for(variable, default or ""):
                seen.see("hosts", {"host": host, "port": port}, file.path, file.line(offset))

    for match in every(_GETENV, code):
        spans = arguments(code, match.end() - 1)
        if spans:
            default, required = _default(file, match.start(), names)
            note(value(file, *spans[0], names).text, default, required, match.start())
    if names.readers:
        for match in calls(code, names.readers):
            spans = arguments(code, match.end() - 1)
            reader = names.readers[match.group(1)]
            texts = [value(file, *span, names).text for span in spans]
            if texts and reader.names_more:
                for text in texts:
                    note(text, None, reader.insists and len(texts) == 1, match.start())
            elif texts and file.masked.string(spans[0][0]) is not None:
                note(texts[0], texts[1] if len(texts) > 1 else None, reader.insists and len(texts) < 2, match.start())
    for offset, text in file.masked.strings.items():
        if "env" in text and (found := tagged(text)):
            note(*found, offset)


def _in_a_branch(code: str, offset: int) -> bool:
    """Whether a place is reached only under a condition: inside an `if`, a `switch` or a `select` of its function."""
    depth = 0
    for at in range(offset - 1, max(-1, offset - _REACH), -1):
        if code[at] == "}":
            depth += 1
        elif code[at] == "{" and depth:
            depth -= 1
        elif code[at] == "{":
            opening = code[code.rfind("\n", max(0, at - _WIDEST), at) + 1 : at][:_WIDEST]
            if _BRANCH.match(opening):
                return True
            if opening.startswith("func "):
                return False
    return False


def _default(file: GoFile, offset: int, names: GoNames) -> tuple[str | None, bool]:
    """(default, required) of a read: what the variable is given if it is empty, and whether the program ends then."""
    code = file.code
    combined = re.search(r"cmp\.Or\(\s*+$", code[max(0, offset - 20) : offset])
    if combined:
        opening = max(0, offset - 20) + combined.start() + len("cmp.Or")
        return value(file, opening - len("cmp.Or"), closing(code, opening) + 1, names).text, False
    line = max(code.rfind("\n", 0, offset) + 1, offset - _WIDEST)
    target = _ASSIGNED_TO.search(code[line:offset])
    if not target:
        return None, False
    targets = [part.strip() for part in target.group(1).split(",")]
    position = len(_GETENV.findall(code[line:offset]))  # `a, b := os.Getenv("A"), os.Getenv("B")`
    held = targets[position] if position < len(targets) else targets[0]
    found = "LookupEnv" in code[offset : offset + 16] and len(targets) == 2
    name, flag = re.escape(held), targets[1] if found else ""
    after = code[offset : offset + 400]
    asked = (
        rf"(?:{name}\s*+==\s*+\"\"|len\({name}\)\s*+==\s*+0"
        + (rf"|!{re.escape(flag)}\b" if flag and flag != "_" else "")
        + ")"
    )
    guard = re.search(rf"if\s++[^\n{{]{{0,100}}{asked}[^\n{{]{{0,100}}+\{{([^}}]*+)", after)
    if not guard:
        taken = re.search(
            rf"(?:{name}\s*+!=\s*+\"\"|{re.escape(flag)}\s*+\{{)"
            if flag and flag != "_"
            else rf"if\s++{name}\s*+!=\s*+\"\"",
            after,
        )
        return (named(held, file, offset, names, 4).text if taken and not flag else None), False
    inside = re.search(rf"\b{name}\s*+=\s*(?!=)", guard.group(1))
    if inside:
        start = offset + guard.start(1) + inside.end()
        return value(file, start, ending(code, start), names).text, False
    return None, bool(_FAILS.search(guard.group(1)))


def _hosts(file: GoFile, names: GoNames, seen: Sightings) -> None:
    code = file.code

    def note(host: str, port: int, offset: int) -> None:
        seen.see("hosts", {"host": host, "port": port}, file.path, file.line(offset))

    sums = 0
    for offset, text in file.masked.strings.items():
        if ":" not in text:
            continue
        shown = text
        begin = code.rfind("(", max(0, offset - 40), offset)
        if "%" in text and begin >= 0 and code[max(0, begin - 11) : begin].endswith("fmt.Sprintf"):
            shown = value(file, begin - 11, closing(code, begin) + 1, names).text or ""
        elif sums < MAX_MATCHES and code[offset + len(text) + 2 : offset + len(text) + 40].lstrip().startswith("+"):
            sums += 1
            shown = value(file, offset, ending(code, offset), names).text or ""
        for host, port in hosts_in(shown):
            note(host, port, offset)
    pairs = [(name.rpartition(".")[2], start, end) for name, spans in file.names.items() for start, end in spans]
    for name, start, end in [*pairs, *file.keys]:
        if names_host(name):
            for host, port in hosts_for(name, value(file, start, end, names).text or ""):
                note(host, port, start)


def _writes(file: GoFile, names: GoNames, seen: Sightings) -> None:
    code = file.code
    for match in every(_WRITES, code):
        call = match.group(1)
        spans = arguments(code, match.end() - 1)
        if call in _TEMPORARY:
            directory = (
                value(file, *spans[0], names).text if spans and call not in ("ParseMultipartForm", "FormFile") else ""
            )
            _note(f"{directory or '/tmp'}", True, file, match.start(), seen)  # noqa: S108  # a fact, not a use
            continue
        if call == "os.OpenFile" and not (
            len(spans) > 1 and re.search(r"O_(?:WRONLY|RDWR|CREATE|APPEND)", code[slice(*spans[1])])
        ):
            continue
        at = 0
        if call.startswith(("sql.", "sqlx.")):
            if not spans or "sqlite" not in (file.masked.string(spans[0][0]) or ""):
                continue
            at = 1
        elif call == "SaveUploadedFile":
            at = 1
        if len(spans) > at and (text := value(file, *spans[at], names).text):
            _note(text.removeprefix("file:").partition("?")[0], call in _FOLDERS, file, match.start(), seen)
    if "lumberjack." in code:
        for name, start, end in file.keys:
            if name == "Filename" and (text := value(file, start, end, names).text):
                _note(text, False, file, start, seen)


def _note(path: str, is_folder: bool, file: GoFile, offset: int, seen: Sightings) -> None:
    if not path or path.startswith((":memory:", "{")):
        return
    if folder := folder_of(path, is_folder):
        seen.see("writable", folder, file.path, file.line(offset))
