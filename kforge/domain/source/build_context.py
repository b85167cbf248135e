"""Path of a source → why buildx would take it for something else than a folder. Unaware of what lies there.

buildx cleans a context before it looks at it, so neither `./` nor `cwd://` keeps `-` from being standard input:
https://github.com/docker/buildx/blob/v0.30.0/bake/bake.go (toBuildOpt)
https://github.com/moby/buildkit/blob/v0.33.0/frontend/dockerfile/dfgitutil/git_ref.go (ParseGitRef)
"""

from __future__ import annotations

import posixpath


def misread(source: str) -> str:
    """What a path is to buildx, in words that follow its name; "" for a folder."""
    path = posixpath.normpath(source)
    first, slash, _ = path.partition("/")
    if path == "-":
        return "is standard input to buildx"
    if ":" in first or first.startswith("git@") or (slash and first.lower() == "github.com"):
        return "is an address to buildx"
    return ""
