"""nginx.conf of a front end → facts: that it exists, its port, the path it answers itself, the hosts it proxies to.

Only `server` blocks beside a package.json or a page count: a file with an `http` block is a whole configuration, written
for an image of its own. It claims no language, so what the code shows comes first.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kforge.domain.artifact import Detector
from kforge.domain.facts import Evidence, Fact, Facts
from kforge.domain.source.sightings import Sightings, SourcePlace, port_number

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

PATH = "nginx.conf"
_LISTEN = re.compile(r"^[^\S\n]*+listen\s++(?:\[[0-9a-fA-F:]*+\]:|[\d.*]++:)?(\d{1,9})\b", re.MULTILINE)
_PASS = re.compile(
    r"^[^\S\n]*+(?:proxy|grpc)_pass\s++\w++://([a-z0-9](?:[-a-z0-9.]{0,250}[a-z0-9])?)(?::(\d{1,9}))?", re.MULTILINE
)
_LOCATION = re.compile(r"^[^\S\n]*+location\s++(?:=\s++|\^~\s++)?(/[\w./-]*+)\s*+\{", re.MULTILINE)
_RETURNED = re.compile(r"\breturn\s++200\b")
_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*+)\}")
_HEALTH = ("/healthz", "/health", "/livez", "/readyz", "/ping", "/status", "/nginx-health")


def detect(tree: Tree) -> Facts | None:
    text = tree.text(PATH) if PATH in tree.files and _beside_pages(tree) else ""
    plain = re.sub(r"#.*", "", text)  # a comment leaves its line, so places stay
    if not re.search(r"^[^\S\n]*+server\s*+\{", plain, re.MULTILINE):
        return None
    if re.search(r"^[^\S\n]*+(?:http|events)\s*+\{", plain, re.MULTILINE):
        note = "`nginx.conf` is a whole configuration: with a Dockerfile of yours it can be used, kforge uses `server` blocks only"
        return Facts(detector="nginx", revision=1, notes=(Fact(note, (Evidence(PATH),)),))
    seen = Sightings()
    place = SourcePlace.of(PATH, plain)
    for found in _LISTEN.finditer(plain):
        if port := port_number(found[1]):
            seen.see("ports", {"port": port, "protocol": "http", "env": ""}, PATH, place.line(found.start(1)))
    for found in _PASS.finditer(plain):
        seen.see("hosts", {"host": found[1], "port": int(found[2] or 0)}, PATH, place.line(found.start(1)))
    answered = _answered(plain)
    for path in (*(path for path in _HEALTH if path in answered), "/"):
        seen.see("health", path, PATH, place.line(answered.get(path, 0)))
    for found in _VARIABLE.finditer(plain):
        seen.see("env", {"name": found[1], "default": None, "required": True}, PATH, place.line(found.start(1)))
    return Facts(
        detector="nginx",
        revision=1,
        webserver=Fact(PATH, (Evidence(PATH),)),
        ports=seen.ports(),
        hosts=seen.hosts(),
        health=seen.many("health"),
        env=seen.env(),
    )


def _beside_pages(tree: Tree) -> bool:
    return "package.json" in tree.files or any(path.endswith("index.html") for path in tree.files)


def _answered(text: str) -> dict[str, int]:
    """Paths that nginx answers by itself with 200, and where they stand; a block reaches to the next one."""
    found = list(_LOCATION.finditer(text))
    ends = [*(match.start() for match in found), len(text)][1:]
    return {
        match[1]: match.start(1)
        for match, end in zip(found, ends, strict=True)
        if _RETURNED.search(text, match.end(), end)
    }


DETECTOR = Detector("nginx", 1, detect)
