"""Go. What reads a source and what writes its Dockerfile are imported when they are called: `check` reads every record,
and needs the detector for sources of Go only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kforge.domain.images import SCRATCH, bare
from kforge.domain.language import (
    Account,
    FinalStage,
    Language,
    LanguageImage,
    MemoryVariable,
    Needs,
    Recipe,
    RuntimeImages,
)

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.domain.document import Dockerfile
    from kforge.domain.facts import Facts
    from kforge.domain.language import Commands
    from kforge.domain.model.known_words import KnownWords
    from kforge.domain.view import View

STATIC = RuntimeImages("static", ("gcr.io/distroless/static-debian13:nonroot", SCRATCH))
DEBIAN = RuntimeImages("debian", ("docker.io/library/debian:trixie-slim",))
ALPINE = "docker.io/library/alpine:3.23"  # https://alpinelinux.org/releases/: until November 2027
DISTRIBUTIONS = ("debian", "alpine", "ubuntu")
FLAGS = frozenset({"-trimpath", "-ldflags=-s -w", "-buildvcs=false", "-mod=readonly", "-mod=vendor"})
_MEBIBYTE = 1 << 20


def _detect(tree: Tree) -> Facts | None:
    from kforge.detectors.go import detect

    return detect(tree)


def _stages(view: View) -> Dockerfile:
    from kforge.recipes.go import stages

    return stages(view)


def _version(view: View) -> tuple[str, str]:
    from kforge.languages.go_programs import version

    return version(view, LANGUAGE.image.version)


def _steps(view: View) -> tuple[Commands, str]:
    from kforge.languages.go_programs import steps

    return steps(view)


def _command(view: View) -> tuple[list[str], str]:
    from kforge.languages.go_programs import command

    found = command(view)
    return found, f"`{found[0]}` is what `go build` leaves"


def _final(view: View) -> tuple[RuntimeImages, str]:
    if view.fact("packages") or view.fact("build_packages"):
        return DEBIAN, "the program is linked to C libraries, so it needs a distribution around it"
    return STATIC, "a static program needs only certificates, time zones and a user"


def _runs_programs(repository: str) -> bool:
    return bare(repository) or repository.rpartition("/")[2] in DISTRIBUTIONS


def _takes_step(step: Sequence[str], known: KnownWords) -> bool:
    """`go build` of known packages, with known flags, to where the rest of the image looks for the programs."""
    head, *rest = step
    if head != "go" or rest[:1] != ["build"] or "-o" not in rest[:-1]:
        return False
    at = rest.index("-o")
    others = [*rest[1:at], *rest[at + 2 :]]
    return rest[at + 1] in known.outputs and all(
        word in FLAGS or (word in known.vocabulary and not word.startswith("-")) for word in others
    )


def _memory(size: int) -> str:
    return f"{size // _MEBIBYTE}MiB" if size >= 16 * _MEBIBYTE else f"{size}B"


RECIPE = Recipe(
    name="go",
    stages=_stages,
    steps=_steps,
    output_flag="-o",
    final=FinalStage(
        _final,
        offered=(
            "gcr.io/distroless/static-debian13",
            "gcr.io/distroless/base-debian13",
            *(f"docker.io/library/{name}" for name in DISTRIBUTIONS),
            SCRATCH,
        ),
        takes=_runs_programs,
        distributions={"debian": DEBIAN.images[0], "alpine": ALPINE},
        otherwise="is no image to run a Go program in; take gcr.io/distroless/static-debian13:nonroot",
    ),
    command=_command,
    account=Account("distroless images", "nonroot", 65532, bare),
    ignore=("**/*_test.go", "**/*.test", "**/coverage.out"),
)
LANGUAGE = Language(
    name="go",
    title="Go",
    detect=_detect,
    ends=(".go", "go.mod"),
    signs=("go.mod", "main.go"),
    shown_by=("go.mod", "*.go"),
    code=(".go",),
    compiled=True,
    managers={"go": "`go mod download`"},
    lock_files=("go.sum",),
    image=LanguageImage(
        "docker.io/library/golang", "{version}-{release}", version="1.26", parts=2, release="trixie", older={}
    ),
    version=_version,
    recipes=(RECIPE,),
    takes_step=_takes_step,
    needs=Needs("Go programs", cpu="50m", memory="64Mi", startup=30),
    # https://go.dev/doc/gc-guide#Memory_limit: the collector knows no container. The rest is for what the runtime does
    # not count: goroutine stacks in C, mapped files, the binary itself.
    memory=MemoryVariable(
        "GOMEMLIMIT", 0.9, _memory, "nine tenths of the memory limit, so that Go collects before it is killed"
    ),
    server_words=("gin", "fiber"),
)
