"""Objects of an environment → the file of each, below the environment's folder. Knows nothing of what they hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, count

from kforge.domain.document import CONFIDENTIAL, INCLUDED, Document
from kforge.domain.target import UnwritableError

OWN = "_included"  # folder of the user's objects: no service's name begins so
_ODD = re.compile(r"[^a-z0-9.-]")  # names of roles may hold `:`, which no file's name has on Windows


def named(documents: Iterable[Document], manifests: str) -> Iterator[tuple[str, Document]]:
    """Path and document of every object. kforge's own lie as they do below `manifests`, the root of the base, so that
    the folders of two environments can be compared. Raises UnwritableError for a Secret of the user's.
    """
    taken: set[str] = set()
    for document in documents:
        if document.artifact != INCLUDED:
            yield document.path.removeprefix(f"{manifests}/"), document
            continue
        if document.kind in CONFIDENTIAL:
            said = f"`{document.target}` would be copied into every environment's folder"
            raise UnwritableError(
                document,
                "",
                said,
                "apply it separately, so that it is in one place, or leave `rendered` out of `outputs`",
            )
        stem = _ODD.sub("-", f"{document.kind}-{document.name}".lower())
        name = next(each for each in chain((stem,), (f"{stem}-{number}" for number in count(2))) if each not in taken)
        taken.add(name)
        yield f"{OWN}/{name}.yaml", document
