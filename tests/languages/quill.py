"""A made-up language in one file, as CONTRIBUTING.md says: `main.quill` has `listen 7070`, and `serve GET /ready`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from kforge.domain.language import (
    NUMBER,
    Account,
    Language,
    LanguageImage,
    MemoryVariable,
    Needs,
    Program,
    Recipe,
)

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.domain.document import Dockerfile
    from kforge.domain.facts import Facts
    from kforge.domain.model.known_words import KnownWords
    from kforge.domain.view import View

MAIN = "main.quill"


def _detect(tree: Tree) -> Facts | None:
    from kforge.domain.facts import Evidence, Fact, Facts

    lines = tree.text(MAIN).split("\n")
    if MAIN not in tree.files:
        return None
    seen = [(re.fullmatch(r"listen (\d{4,5})|serve GET (/[a-z]{1,20})", line), at) for at, line in enumerate(lines, 1)]
    found = [(match, (Evidence(MAIN, at),)) for match, at in seen if match]
    return Facts(
        detector="quill",
        revision=1,
        language=Fact("quill", (Evidence(MAIN),)),
        start=(Fact(["quill", MAIN], (Evidence(MAIN),)),),
        ports=tuple(
            Fact({"port": int(match[1]), "protocol": "http", "env": ""}, place) for match, place in found if match[1]
        ),
        health=tuple(Fact(match[2], place) for match, place in found if match[2]),
    )


def _stages(view: View) -> Dockerfile:
    from kforge.domain.document import Dockerfile, Stage
    from kforge.domain.instructions import account, copy, ending, workdir
    from kforge.domain.kubernetes.names import ports

    image, user = view.decided("build", "runtime"), view.decided("process", "user")
    end = ending(ports(view), user, view.decided("process", "command"))
    body = (workdir("/app"), *account(image, user, view.languages.accounts.values()), copy(["."], "./"), *end)
    return Dockerfile((Stage("runtime", image, body, origin="build.runtime"),))


def _takes_step(step: Sequence[str], known: KnownWords) -> bool:
    return list(step[:2]) == ["quill", "check"] and all(map(known.file, step[2:]))


LANGUAGE = Language(
    name="quill",
    title="Quill",
    detect=_detect,
    ends=(".quill",),
    signs=(MAIN,),
    shown_by=("*.quill",),
    code=(".quill",),
    managers={},
    lock_files=("quill.sum",),
    image=LanguageImage("docker.io/library/quill", "{version}-{release}", "2.1", parts=2, release="trixie", older={}),
    recipes=(
        Recipe(
            name="quill",
            stages=_stages,
            same_image="a page runs on the Quill that set it",
            ignore=("**/*.ink",),
            account=Account("the Quill images", "scribe", 1200),
        ),
    ),
    programs={"quill": Program({"--pens": NUMBER, "--margin": "narrow|wide", "--draft": ""})},
    takes_step=_takes_step,
    needs=Needs("Quill programs", cpu="70m", memory="96Mi", startup=20),
    memory=MemoryVariable("QUILL_MEMORY", 0.5, str, "half of the limit, so that pages fit beside it"),
    server_words=("quillpress",),
)
