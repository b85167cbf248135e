"""Facts of a Go module → the Go that builds it, which packages are built, what the programs are called, and where they
land.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kforge.domain.view import View

FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
NOBODYS = "source.invalid"  # https://www.rfc-editor.org/rfc/rfc2606#section-2
OUTPUT = "/out"  # in the build stage; copied to /app
FLAGS = ("-trimpath", "-ldflags=-s -w")  # no paths of the build machine, no symbol table
OLDEST = "1.24"  # Go of which there are images of the Debian release that kforge builds on
MANY = 8  # more programs than this are examples, not services


def version(view: View, default: str) -> tuple[str, str]:
    """Any Go builds older modules as they ask (their `go` line sets the defaults), and only two releases get fixes."""
    named, pinned = view.fact("version"), view.fact("toolchain")
    wanted = ".".join(str(named or OLDEST).split(".")[:2])
    if pinned and max(_numbers(wanted), _numbers(OLDEST)) <= _numbers(pinned):
        return pinned, f"the tools of its developers are pinned to Go {pinned}"
    if named is None:
        return default, f"no `go.mod` names a version, so Go {default}"
    if _numbers(wanted) >= _numbers(default):
        return wanted, f"`go.mod` asks for Go {named}"
    return (
        default,
        f"`go.mod` asks for Go {named} or later, and {default} is the oldest that this kforge knows to get fixes",
    )


def packages(view: View) -> list[str]:
    """Main packages, best candidate first: `.`, `./cmd/server`."""
    found = [target for command in view.fact("build") if command[:2] == ["go", "build"] for target in _targets(command)]
    unique = list(dict.fromkeys(found)) or ["."]
    return unique if len(unique) <= MANY else unique[:1]


def program(view: View, package: str) -> str:
    """File name of a package's program: the last part of its path, of the module's, or of the source's folder."""
    if package != ".":
        return posixpath.basename(package.rstrip("/"))
    parts = [part for part in _module(view).split("/") if part]
    versioned = len(parts) > 1 and parts[-1][:1] == "v" and parts[-1][1:].isdigit()
    return parts[-2] if versioned else parts[-1]


def _module(view: View) -> str:
    """Path of the module. One that names none is called after its folder, below a domain: a bare `context` is Go's own."""
    folder = posixpath.basename(posixpath.normpath(str(view.spec("source"))))
    return str(view.fact("project_name") or f"{NOBODYS}/{folder if FOLDER.fullmatch(folder) else view.service}")


def command(view: View) -> list[str]:
    """Start command inside the image: the program of the best candidate, with the arguments that go with it."""
    main = f"/app/{program(view, packages(view)[0])}"
    candidates = view.fact("start")
    if not candidates:
        return [main]
    first, *rest = candidates[0]
    if first == "go":  # `go run PACKAGE ARGUMENTS`
        return [main, *rest[2:]]
    return [main, *rest]


def steps(view: View) -> tuple[list[list[str]], str]:
    """Commands that build every main package into one folder, so that services with one source share an image; and why."""
    found = packages(view)
    where = f"{OUTPUT}/{program(view, found[0])}" if len(found) == 1 else f"{OUTPUT}/"
    tags = [word for command in view.fact("build")[:1] for word in command if word.startswith("-tags=")]
    build = ["go", "build", *FLAGS, *tags, "-o", where, *found]
    if not pinned(view.fact("manifests")):
        why = "there is no `go.mod`, so dependencies are looked up anew by every build: commit one"
        return [["go", "mod", "init", _module(view)], ["go", "mod", "tidy"], build], why
    named = ", ".join(f"`{name}`" for name in found)
    what = "package" if len(found) == 1 else "packages"
    why = f"builds {what} {named}, without paths and symbols of the build machine"
    empty = [command for command in view.fact("build") if command[:1] == ["touch"]]
    if empty:
        why += f"; `{posixpath.basename(empty[0][-1])}`, without which the program ends, is empty: a cluster sets variables itself"
    return [build, *empty], why


def pinned(manifests: list[str]) -> bool:
    """Whether a go.mod says which versions are built: the source's own, or those of its workspace."""
    return any(posixpath.basename(path) == "go.mod" for path in manifests)


def _targets(command: list[str]) -> list[Any]:
    """Packages that a `go build` names; flags and their values are ours to choose."""
    found = [word for word in command[2:] if word == "." or word.startswith("./")]
    after_output = {command[index + 1] for index, word in enumerate(command[:-1]) if word == "-o"}
    return [word for word in found if word not in after_output] or ["."]


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isascii() and part.isdigit() and len(part) < 10)
