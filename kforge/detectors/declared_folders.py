"""What a user's own Dockerfile declares as the place of data → facts of what is kept: VOLUME, and ENV values of that sense.

A folder counts by its own name or by that of its variable. One that holds the program, or what is made again, does not.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence

from kforge.domain.facts import Evidence, Fact, Many
from kforge.domain.source.kept_data import within

_DATA = re.compile(
    r"(?:^|[_-])(?:data|database|db|storage|store|uploads?|media|sqlite|state|library|attachments|content|consume)(?:[_-]|dir$|path$|$)"
)
_PLACE = re.compile(r"_?(?:DIR|DIRECTORY|PATH|FOLDER|ROOT|HOME|LOCATION|FILE|PREFIX)$")
_FLEETING = frozenset(("tmp", "temp", "log", "logs", "cache", ".cache", "run", "node_modules", "venv", ".venv", "bin", "lib", "static", "assets", "dist", "certs", "ssl"))  # fmt: skip
# Where a system keeps what is its own, or what is made again; folders of `/var/lib` are data.
_SYSTEM = tuple(f"/{each}" for each in ("usr/bin", "go/pkg", "usr/sbin", "usr/lib", "bin", "sbin", "lib", "proc", "sys", "dev", "run", "tmp", "etc/ssl", "var/run", "var/tmp", "var/cache", "var/log"))  # fmt: skip
_FILE = re.compile(r"\.(?:db|sqlite3?|sqlite|bolt)$")
_MOST = 20


def declared(path: str, volumes: Sequence[str], env: Mapping[str, str], workdir: str, lines: Mapping[str, int]) -> Many:
    """`kept` facts of a Dockerfile at `path`; `lines` has those of `volume NAME` and `env NAME`."""
    found: list[Fact] = []
    for folder, what, names, line in (*_volumes(volumes, lines), *_variables(env, lines)):
        held = [str(one.value["folder"]) for one in found]
        program = f"{workdir or '/'}/".startswith(f"{folder.rstrip('/')}/")
        if not (program or within(folder, held) or fleeting(folder)) and len(found) < _MOST:
            found.append(Fact({"folder": folder, "what": what, "env": names}, (Evidence(path, line),)))
    return tuple(found)


def _volumes(volumes: Sequence[str], lines: Mapping[str, int]) -> Iterator[tuple[str, str, list[str], int]]:
    for volume in volumes:
        if volume.startswith("/") and "$" not in volume:
            yield posixpath.normpath(volume), "what its Dockerfile calls a volume", [], lines.get(f"volume {volume}", 0)


def _variables(env: Mapping[str, str], lines: Mapping[str, int]) -> Iterator[tuple[str, str, list[str], int]]:
    for name, value in sorted(env.items()):
        if not re.fullmatch(r"/[\w./-]{1,200}", value) or not _PLACE.search(name.upper()):
            continue
        folder = posixpath.normpath(posixpath.dirname(value) if _FILE.search(value) else value)
        words = (_PLACE.sub("", name.upper()).lower(), posixpath.basename(folder).lower())
        if _FILE.search(value) or any(_DATA.search(word) for word in words):
            yield folder, f"data (`{name}`)", [name], lines.get(f"env {name}", 0)


def fleeting(folder: str) -> bool:
    """Whether what lies in a folder belongs to the system, or is made again."""
    parts = folder.strip("/").lower().split("/")
    return parts[-1] in _FLEETING or within(folder, _SYSTEM) or folder == "/"
