"""Files of others that tools read together with kforge's."""

from __future__ import annotations

from collections.abc import Iterator

from kforge.domain.document import Document, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.untracked_file import RULE


@rule(
    RULE,
    "warning",
    "delete it, or say in a waiver why it stays",
    kinds=("file",),
    sources=(
        "https://docs.docker.com/build/bake/reference/#file-format",
        "https://docs.docker.com/build/concepts/context/#filename-and-location",
    ),
)
def merged_file(documents: Documents) -> Iterator[Hit]:
    """No file lies where a tool reads it together with kforge's.

    buildx merges `docker-bake.override.hcl` into the bake file, BuildKit prefers `Dockerfile.dockerignore` to
    `.dockerignore`, `kubectl apply -f` takes every file of a folder. So such a file changes what is built or applied,
    and no build, no lock and no diff of kforge's knows it. One that is wanted has a waiver with its reason, or is listed
    under `include`.
    """
    for file in documents.untracked:
        yield Hit(Document(path=file.path, artifact="stray", lines=()), "", file.why, file.hint)


RULES = (merged_file,)
