"""A synthetic repository: 1,000 services, 100 of them with sources in three languages, six Kubernetes objects each."""

from __future__ import annotations

import subprocess
from pathlib import Path

PYTHON = """import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/healthz":
            self.send_response(200)
        self.end_headers()

if __name__ == "__main__":
    HTTPServer(("", int(os.environ.get("PORT", "8000"))), Handler).serve_forever()
"""
NODE = """const http = require('node:http');
const port = process.env.PORT || 3000;
http.createServer((req, res) => {
  if (req.url === '/healthz') { res.end('ok'); return; }
  res.end('hello');
}).listen(port);
"""
GO = """package main

import (
	"net/http"
	"os"
)

func main() {
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	http.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(200) })
	http.ListenAndServe(":"+port, nil)
}
"""
SOURCES = (
    {"main.py": PYTHON, "requirements.txt": "requests==2.32.3\n", "README.md": "# A service\n"},
    {"server.js": NODE, "package.json": '{"name": "s", "version": "1.0.0", "scripts": {"start": "node server.js"}}\n'},
    {"main.go": GO, "go.mod": "module example.com/s\n\ngo 1.24\n", "README.md": "# A service\n"},
)


def write(folder: Path, services: int = 1000, sources: int = 100) -> None:
    """Write the spec and the sources, and make the folder a git repository, as a user's is."""
    lines = [
        "apiVersion: kforge.dev/v1",
        "app: big",
        "version: 1.0.0",
        "registry: ghcr.io/acme",
        "namespace: big",
        "services:",
    ]
    step = services // sources
    for number in range(services):
        name = f"service-{number:04}"
        lines.append(f"  {name}:")
        if number % step == 0:
            lines.append(f"    source: ./src/{name}")
            for file, text in SOURCES[number // step % len(SOURCES)].items():
                path = folder / "src" / name / file
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        else:
            lines += ["    image: docker.io/library/redis:8.2", "    port: 6379", "    user: 999"]
        lines += [
            "    env:",
            f'      PEER: "${{services.service-{(number + 1) % services:04}.address}}"',
            "      LOG_LEVEL: info",
            f"      NAME: {name}",
            '      TIMEOUT: "30"',
            "    expose:",
            f"      host: s{number:04}.example.com",
            "      class: nginx",
            "    scale: {min: 2}",
            "    resources:",
            "      cpu: 50m",
            "      memory: 64Mi",
        ]
    (folder / "app.kforge.yaml").write_text("\n".join(lines) + "\n")
    subprocess.run(["git", "init", "-q", str(folder)], check=True)
