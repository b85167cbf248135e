"""What a program opens or embeds of files whose names are those of secrets → those that are public by their names, which
come into the image, and a word about the others, which do not.

Nothing opens such a file here: a certificate of an authority is one by its name alone.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from kforge.detectors.go_embeds import embeds
from kforge.domain.artifact import closed
from kforge.domain.source.ignore_lines import matching
from kforge.domain.source.text import MAX_TEXT
from kforge.syntax.expression import Text

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.domain.source.sightings import Sightings
    from kforge.syntax.program import SourceProgram

_PUBLIC = re.compile(
    r"(?:.{0,100}[-_.])?(?:ca|cas|cacerts?|ca-?certs?|ca-?bundle|bundle|chain|fullchain|roots?|root-?ca|trust|trusted|truststore|pub|public)"
    r"(?:[-_.].{0,100})?\.pem",
    re.IGNORECASE,
)
_PRIVATE = re.compile(r"priv|secret|(?<!public)(?<!public[-_.])(?<!pub[-_.])key(?!s?[-_.]pub)", re.IGNORECASE)
_TOLD = re.compile(
    r".*\.(?:pem|key|p12|pfx|jks|keystore)|(?:credentials|service[-_]account.*)\.json"
    r"|\.env\.(?!local|dev|test|example|sample|template|dist).*",
    re.IGNORECASE,
)


def public(path: str) -> bool:
    """Whether a file has the name of a bundle of authorities or of a public key."""
    name = posixpath.basename(path)
    return _PUBLIC.fullmatch(name) is not None and not _PRIVATE.search(name)


def opened(names: SourceProgram, tree: Tree, seen: Sightings, also: str = "") -> None:
    """See as `needed`, and as what `also` says, what code opens and may have; as `doubts` what it may not."""
    held = frozenset(path for path in closed(tree) if _TOLD.fullmatch(posixpath.basename(path)))
    for file in names.files if held else ():
        base = posixpath.dirname(file.path)
        for text in file.texts:
            if not isinstance(text, Text) or len(text.value) >= MAX_TEXT:
                continue
            path = text.value.lstrip("/")
            ways = {posixpath.normpath(posixpath.join(start, path)) for start in ("", base)}
            for found in sorted(ways & held):
                _see(found, file.path, text.line, seen, also)


def _see(path: str, file: str, line: int, seen: Sightings, also: str) -> None:
    if public(path):
        for name in ("needed", also) if also else ("needed",):
            seen.see(name, path, file, line)
        return
    said = f"`{path}` is opened, and stays out of the image, since its name is that of a secret"
    hint = "mount it from a Secret where the program looks for it, or rename it if everybody may have it"
    seen.see("doubts", {"said": said, "hint": hint}, file, line)


def embedded(tree: Tree, seen: Sightings) -> None:
    """The same of `//go:embed` lines; what is not there while it compiles is a fault."""
    held = [path for path in closed(tree) if _TOLD.fullmatch(posixpath.basename(path))]
    for line in embeds(tree) if held else ():
        full = posixpath.normpath(posixpath.join(posixpath.dirname(line.file), line.pattern.removeprefix("all:")))
        for path in (one for one in held if matching(full, [one])):
            if public(path):
                seen.see("needed", path, line.file, line.line)
            elif full == path:
                said = f"`//go:embed {line.pattern}` takes a file that no image is built with, since its name is that of a secret"
                hint = "read it from a Secret at run time, or rename it if everybody may have it"
                seen.see("faults", {"said": said, "hint": hint}, line.file, line.line)
