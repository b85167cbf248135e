"""The Dockerfile that an author keeps for a source under another name, or in another folder.

One that is for development or for tests is none, and of several that could be meant none is taken.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection

from kforge.detectors.dockerfile_lines import arguments, instructions

_USUAL = "Dockerfile"
_NAME = re.compile(
    r"(?:Dockerfile|Containerfile)(?:[.-](?P<after>[\w.-]+))?|(?P<before>[\w-]+)\.(?:Dockerfile|Containerfile)",
    re.IGNORECASE,
)
_FOLDERS = (
    "docker",
    ".docker",
    "build",
    "deploy",
    "deployment",
    "container",
    "containers",
    "packaging",
    "ops",
    "build/package",
)
_OTHERWISE = ("alpine", "slim", "debian", "buildx", "multi", "multistage", "multi-stage", "app", "server", "docker")
_PRODUCTION = ("prod", "production", "release", "deploy", "default")
_REFERENCE = re.compile(r"\$(?:\{([A-Za-z_]\w{0,99})(:?-[^}]{1,200})?|([A-Za-z_]\w{0,99}))")
_ASKS = re.compile(r"please|change_?me|placeholder|provide|your_|replace_?me|\btodo\b", re.IGNORECASE)
# https://docs.docker.com/build/building/variables/#pre-defined-build-arguments
_OF_BUILDER = re.compile(r"_*(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)\w*")
FINAL_STAGES = ("release", "production", "prod", "runtime", "runner", "final", "app", "server")  # as authors call them


def unset_arguments(text: str, given: Collection[str]) -> list[str]:
    """Arguments in the names of a Dockerfile's base images that have no value, or one that asks for another. `given` are
    those that the build is told.
    """
    lines, escape = instructions(text)
    known: dict[str, str] = {}
    found: list[str] = []
    begun = False
    for line in lines:
        if line.name == "FROM":
            begun = True
            image = next((word for word in line.rest.split() if not word.startswith("--")), "")
            named = [match[1] or match[3] for match in _REFERENCE.finditer(image) if not match[2]]
            found += [name for name in named if not known.get(name) or _ASKS.search(known[name])]
        elif line.name == "ARG" and not begun:
            known.update(arguments(line, known, {}, escape))
    return [name for name in dict.fromkeys(found) if name not in given and not _OF_BUILDER.fullmatch(name)]


def own_dockerfile(files: Collection[str], place: str, names: Collection[str]) -> str:
    """The path of the one for the source at `place`, from the top; "" where there is a usual one, none, or a choice.
    `names` are those of the source and its service.
    """
    if posixpath.join(place, _USUAL) in files:
        return ""
    for folder in ("", *_FOLDERS):
        here = posixpath.join(place, folder) if folder else place
        found = sorted(
            path for path in files if posixpath.dirname(path) == here and _meant(posixpath.basename(path), names)
        )
        best = [path for path in found if _words(posixpath.basename(path)) in ("", *_PRODUCTION)] or found
        if len(best) == 1:
            return best[0]
        if found:
            return ""
    return ""


def preferred(paths: Collection[str]) -> str:
    """Of Dockerfiles in folders of their own the only one, or the only one whose folder is called as one of production
    is; "" where several fit equally.
    """
    called = [path for path in paths if not {*path.lower().split("/")[:-1]}.isdisjoint(_PRODUCTION)]
    best = called or [*paths]
    return best[0] if len(best) == 1 else ""


def _words(name: str) -> str:
    match = _NAME.fullmatch(name)
    return ((match["after"] or match["before"] or "") if match else "\0").lower()


def _meant(name: str, names: Collection[str]) -> bool:
    """Whether a name is that of a Dockerfile of production, or of this source."""
    word = _words(name)
    return word in ("", *_PRODUCTION, *_OTHERWISE) or word in names
