"""nginx.kforge.conf: what lets nginx serve a front end's files without root, below a read-only root file system."""

from __future__ import annotations

from kforge.artifacts.dockerfile import beside, built_here, recipe
from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes.names import ports
from kforge.domain.view import View

NAME = "nginx.kforge.conf"
ROOT = "/usr/share/nginx/html"
BUFFERS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def _build(view: View) -> Document | None:
    server = recipe(view).server if built_here(view) else None
    if server is None or server.name != "nginx":
        return None
    lines = [
        "worker_processes auto;",
        "pid /tmp/nginx.pid;",
        "error_log /dev/stderr warn;",
        "",
        "events {",
        "    worker_connections 1024;",
        "}",
        "",
        "http {",
        "    include /etc/nginx/mime.types;",
        "    default_type application/octet-stream;",
        "    access_log /dev/stdout;",
        "    server_tokens off;",
        "    sendfile on;",
        "    gzip on;",
        "    gzip_types text/css application/javascript application/json image/svg+xml;",
        "",
        "    # Buffers lie in /tmp, the only folder that is writable.",
        *(f"    {name}_temp_path /tmp/{name};" for name in BUFFERS),
        "",
        *_servers(view),
        "}",
    ]
    return Document(path=beside(view, NAME), artifact="webserver", service=view.service, lines=tuple(lines))


def _servers(view: View) -> list[str]:
    """IPv4 only: nginx refuses to start where a kernel has IPv6 switched off and a `listen [::]` stands here."""
    if view.fact("webserver"):
        return [
            "    # The project's own servers, with their variables filled in.",
            "    include /etc/nginx/conf.d/*.conf;",
        ]
    main = next((port.number for port in ports(view)), 8080)
    return [
        "    server {",
        f"        listen {main};",
        f"        root {ROOT};",
        "        # `/docs` becomes `/docs/` on the host and the port that were asked, which nginx does not know.",
        "        absolute_redirect off;",
        "",
        *_missing(view.fact("error_page")),
        "    }",
    ]


def _missing(page: str | None) -> list[str]:
    """What answers a path that is no file; sites leave out the ends of their pages' names in links."""
    if page:
        found = [
            "        # Every path is a page, by its name with or without its end.",
            f"        error_page 404 /{page};",
        ]
        last = "=404"
    else:
        found, last = ["        # A path that is no file belongs to the router in the browser."], "/index.html"
    return [*found, "        location / {", f"            try_files $uri $uri.html $uri/ {last};", "        }"]


ARTIFACT = Artifact(name="webserver", revision=1, output="dockerfile", build=_build, shared=True)
