"""Pages that lie in a folder as they are served: no program and no build. What reads a source and what writes its
Dockerfile are imported when they are called.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kforge.domain.language import Language, LanguageImage, Needs
from kforge.languages.node import STATIC

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree
    from kforge.domain.facts import Facts


def _detect(tree: Tree) -> Facts | None:
    from kforge.detectors.html import detect

    return detect(tree)


LANGUAGE = Language(
    name="html",
    title="HTML",
    detect=_detect,
    ends=("index.html", "Staticfile"),
    signs=("index.html", "Staticfile"),
    faint=("index.html",),
    shown_by=("index.html", "Staticfile"),
    code=(),
    managers={},
    image=LanguageImage(
        "docker.io/library/nginx", "{version}-alpine-slim", version="1.30", parts=2, release="", older={}
    ),
    recipes=(STATIC,),
    needs=Needs("sites", cpu="50m", memory="64Mi", startup=30),
)
