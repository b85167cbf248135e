"""`//go:embed` lines → the files that a Go program is compiled with. Unaware of what makes them.

https://pkg.go.dev/embed: patterns are relative to the file's folder, a folder stands for all that lies in it.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from typing import TYPE_CHECKING, NamedTuple

from kforge.domain.source.ignore_lines import matching
from kforge.domain.source.sightings import product_code

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree

_LINE = re.compile(r"^[ \t]{0,40}//go:embed[ \t]{1,40}([^\n]{1,1000})$", re.MULTILINE)
# Folders that a source is never read in: what is embedded of them may be there.
_UNREAD = re.compile(r"(?:^|/)(?:vendor|third_party|node_modules|\.[^/]+)(?:/|$)")
_SECRET = re.compile(r"\.(?:pem|key|p12|pfx|jks|env)$|(?:^|/)(?:\.env|id_|kubeconfig)[^/]*$")
_MOST = 200


class Embed(NamedTuple):
    """One pattern: the folder or file before its first wildcard, from the source, and whether the source has any match."""

    pattern: str
    prefix: str
    found: bool
    file: str
    line: int


def embeds(tree: Tree) -> list[Embed]:
    found: list[Embed] = []
    for path in product_code(tree, (".go",))[0]:
        text = tree.text(path)
        for line in _LINE.finditer(text) if "//go:embed" in text else ():
            for pattern in _patterns(line[1]):
                if len(found) < _MOST:
                    number = text.count("\n", 0, line.start(1)) + 1
                    found.append(_embed(tree, path, pattern, number))
    return found


def _patterns(text: str) -> list[str]:
    try:
        return shlex.split(text.replace("`", '"'))
    except ValueError:
        return []


def _embed(tree: Tree, path: str, pattern: str, line: int) -> Embed:
    full = posixpath.normpath(posixpath.join(posixpath.dirname(path), pattern.removeprefix("all:")))
    parts = full.split("/")
    wild = next((number for number, part in enumerate(parts) if re.search(r"[*?\[\\]", part)), len(parts))
    prefix = "/".join(parts[:wild]) or "."
    unread = bool(_UNREAD.search(full)) or bool(_SECRET.search(full))
    return Embed(pattern, prefix, unread or matching(full, tree.files), path, line)
