"""Build contexts: what is copied is there, and what is secret is not."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from kforge.domain.dockerfiles import copied_from, dockerfiles, numbered
from kforge.domain.document import Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.source.ignore_lines import excluding

IGNORED_AT_LEAST = ("**/.git", "**/.env", "**/*.pem", "**/*.key")
_CONTEXT = "https://docs.docker.com/build/concepts/context/#dockerignore-files"


@rule(
    "dockerfile-context",
    "error",
    "copy another file, or rename it",
    kinds=("Dockerfile",),
    sources=("https://docs.docker.com/reference/build-checks/copy-ignored-file/",),
)
def context(documents: Documents) -> Iterator[Hit]:
    """No file is copied that `.dockerignore` excludes.

    The build would end with `not found`. It happens where a source keeps what it runs in a folder by the name of what
    never belongs into an image (`dist`, `.env`, a key): rename it, or pin a step that makes it.
    """
    ignores = {posixpath.dirname(item.path): item for item in documents if item.path.endswith(".dockerignore")}
    for document, dockerfile in dockerfiles(documents):
        found = ignores.get(posixpath.dirname(document.path))
        patterns = (found.lines or ()) if found else ()
        for field, instruction in numbered(dockerfile, "COPY"):
            if not copied_from(instruction):
                for path in instruction.args[:-1]:
                    if pattern := excluding(path, patterns):
                        yield Hit(
                            document, field, f"`{path}` is copied, but `.dockerignore` excludes it with `{pattern}`"
                        )


@rule(
    "dockerfile-ignore",
    "error",
    "keep history and secrets out of the build context",
    kinds=(".dockerignore",),
    sources=(_CONTEXT,),
)
def ignore(documents: Documents) -> Iterator[Hit]:
    """History, environment files and keys stay out of the build context.

    A build sends its context to a builder, which may be another machine, and one `COPY .` puts all of it into the image.

    Wrong:
        node_modules
    Right:
        **/.git
        **/.env
        **/*.pem
        **/*.key
        node_modules
    """
    for document in documents:
        if document.lines is not None and document.path.endswith(".dockerignore"):
            for pattern in IGNORED_AT_LEAST:
                if pattern not in document.lines:
                    yield Hit(document, "", f"`{pattern}` is not excluded from the build context")


RULES = (context, ignore)
