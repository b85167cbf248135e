"""An nginx configuration beside static files → the port it listens on, the hosts it passes to, its health location."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kforge.domain.source import Place, Sightings, port_number
from kforge.domain.source_hosts import hosts_in
from kforge.domain.source_routes import is_health

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_FILES = re.compile(r"(?:(?:nginx|conf|config|docker|deploy|\.docker)/)?(?:nginx[\w.-]*|default)\.conf(?:\.template)?")
_LISTEN = re.compile(r"^\s*listen\s+([^\s;]+)", re.MULTILINE)
_PASS = re.compile(r"^\s*(?:proxy_pass|grpc_pass|fastcgi_pass|uwsgi_pass|server)\s+([^\s;{]+)\s*[;\s]", re.MULTILINE)
_LOCATION = re.compile(r"^\s*location\s+(?:=\s*|\^~\s*)?(/[^\s{]*)\s*\{", re.MULTILINE)


def read(tree: Tree, seen: Sightings) -> None:
    for path in tree.files:
        if path.count("/") > 1 or not _FILES.fullmatch(path):
            continue
        text = re.sub(r"#[^\n]*", lambda found: " " * len(found.group()), tree.text(path))
        place = Place.of(path, text)
        for match in _LISTEN.finditer(text):
            if port := port_number(match.group(1)):
                seen.see("ports", {"port": port, "protocol": "http", "env": ""}, path, place.line(match.start(1)))
        for match in _PASS.finditer(text):
            for host, port in hosts_in(match.group(1)):
                seen.see("hosts", {"host": host, "port": port}, path, place.line(match.start(1)))
        for match in _LOCATION.finditer(text):
            if is_health(match.group(1)):
                seen.see("health", match.group(1), path, place.line(match.start(1)))
