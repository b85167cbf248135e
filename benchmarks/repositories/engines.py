"""Prisma's server of engines, binaries.prisma.sh, played on loopback: of its programs it has the schema engine alone.

`schema_engine.js` plays that one. An engine that queries go through has no stand-in: who asks for it is told that there is
none, and it is remembered, since what needs it cannot be performed. Unaware of Dockerfiles and of kforge.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import re
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.repositories.overlays import Failed

HOST = "binaries.prisma.sh"
MIRROR = "PRISMA_ENGINES_MIRROR"  # https://www.prisma.io/docs/orm/more/under-the-hood/engines
SCRIPT = Path(__file__).with_name("schema_engine.js")
ASKED = re.compile(
    r"/all_commits/(?P<version>[0-9a-f]{1,64})/[\w.-]+/(?P<file>[\w.-]+?)(?P<zipped>\.gz)?(?P<sum>\.sha256)?"
)


class Unreached(Exception):
    """A step needs a program that only a host has which the trials do not reach: nobody knows what would come of it."""


@dataclass
class Engines:
    """`address` is for a step's variables; `lacking` are the names of engines that were asked for in vain."""

    address: str
    lacking: set[str] = field(default_factory=set)


@contextlib.contextmanager
def played() -> Iterator[Engines]:
    """Answer until the block ends. Raises Unreached where the block failed for an engine that is not played."""
    engines = Engines("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = answer(self.path, engines.lacking)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        engines.address = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield engines
        except Failed as error:
            if not engines.lacking or engines.address not in str(error):
                raise
            raise Unreached(f"Prisma's {', '.join(sorted(engines.lacking))} comes from {HOST} alone") from error
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def switched(unreached: Mapping[str, str | Mapping[str, str]]) -> Iterator[dict[str, str]]:
    """A row's variables for steps while the block runs; of `{file: TEXT}`, the path of a file that holds it."""
    # Every step has this machine's /dev, so a file there has one path in all of their roots.
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="unreached-") as folder:
        Path(folder).chmod(0o755)
        found = {}
        for name, value in unreached.items():
            if isinstance(value, str):
                found[name] = value
            else:
                place = Path(folder, f"{name.lower()}.js")
                place.write_text(value["file"], encoding="utf-8")
                found[name] = str(place)
        yield found


def answer(path: str, lacking: set[str]) -> bytes | None:
    """What is at a path of the server, packed or as a sum where the path says so; None where nothing is."""
    asked = ASKED.fullmatch(path)
    if asked is None or asked["file"] != "schema-engine":
        lacking.add(asked["file"] if asked else path)
        return None
    program = SCRIPT.read_bytes().replace(b"@VERSION@", asked["version"].encode())
    body = gzip.compress(program, mtime=0) if asked["zipped"] else program
    return f"{hashlib.sha256(body).hexdigest()}  {asked['file']}\n".encode() if asked["sum"] else body
