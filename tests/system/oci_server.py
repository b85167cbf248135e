"""A small OCI registry on loopback: manifests by repository and tag, with or without tokens, and with faults on wish."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

INDEX = "application/vnd.oci.image.index.v1+json"


def manifest(note: str = "") -> bytes:
    return json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [], "annotations": {"note": note}}).encode()


def digest_of(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


@dataclass
class Registry:
    """`manifests` are "repository:tag" → body. `fault` replaces every answer: (status, headers, body)."""

    host: str = ""
    manifests: dict[str, bytes] = field(default_factory=dict)
    token: str = ""  # what a client must have got from the token server
    realm: str = ""  # where that is, in place of this server
    fault: tuple[int, dict[str, str], bytes] | None = None
    says: str = ""  # the digest that it names, in place of the right one
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@contextmanager
def serving(registry: Registry) -> Iterator[Registry]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            registry.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            status, headers, body = self._answer()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def _answer(self) -> tuple[int, dict[str, str], bytes]:
            path = urlsplit(self.path)
            if path.path == "/token":
                scope = parse_qs(path.query)["scope"][0]
                return 200, {}, json.dumps({"token": registry.token if scope.endswith(":pull") else ""}).encode()
            if registry.fault:
                return registry.fault
            if registry.token and self.headers.get("authorization") != f"Bearer {registry.token}":
                realm = registry.realm or f"http://{registry.host}/token"
                return 401, {"WWW-Authenticate": f'Bearer realm="{realm}",service="test"'}, b"{}"
            name, _, tag = path.path.removeprefix("/v2/").partition("/manifests/")
            body = registry.manifests.get(f"{name}:{tag}")
            if body is None:
                return 404, {}, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}'
            return 200, {"Content-Type": INDEX, "Docker-Content-Digest": registry.says or digest_of(body)}, body

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    registry.host = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield registry
    finally:
        server.shutdown()
        server.server_close()
