"""Facts of a source → where it writes in its image: below the WORKDIR of its own Dockerfile, and which of these folders
hold files of the source. What is mounted over one of those hides them.
"""

from __future__ import annotations

import posixpath
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import replace

from kforge.domain.artifact import Tree, around
from kforge.domain.facts import Fact, Facts, Many
from kforge.domain.source.kept_data import within
from kforge.domain.source.sightings import WORKDIR

# Files that only keep a folder in git.
_PLACEHOLDERS = frozenset((".gitkeep", ".keep", ".gitignore", ".placeholder", ".empty", "README.md", "README.txt", "README"))  # fmt: skip


def placed(facts: Facts, tree: Tree) -> Facts:
    """Facts with `writable`, `kept` and `configured` where the image has them, and with `occupied`."""
    if facts.configured and facts.dockerfile:
        facts = replace(facts, configured=_configured(facts, tree))
    if not facts.writable:
        return facts
    described = facts.dockerfile.value if facts.dockerfile else {}
    root = str(described.get("workdir") or "") or ("/" if described else _folder(facts))
    writable = tuple(replace(fact, value=_below(fact.value, root)) for fact in facts.writable)
    kept = tuple(
        replace(fact, value={**fact.value, "folder": _below(fact.value["folder"], root)}) for fact in facts.kept
    )
    return replace(facts, writable=writable, kept=kept, occupied=_occupied(writable, root, tree, _built(facts)))


def _configured(facts: Facts, tree: Tree) -> Many:
    """Files that the program needs, by their paths in the image of the user's own Dockerfile, without those that its
    COPY lines bring.
    """
    from kforge.detectors.dockerfile import own_dockerfile  # here, since few sources need a file: `check` reads many
    from kforge.detectors.dockerfile_copies import copied_to
    from kforge.detectors.dockerfile_lines import instructions

    described = facts.dockerfile.value if facts.dockerfile else {}
    root = str(described.get("workdir") or "/")
    place = around(tree)
    brought = copied_to(*instructions(own_dockerfile(tree)[1]), target=place.pins.target if place else "")
    folders = [path for path in brought if path not in ("/", root)]
    moved = (replace(fact, value={**fact.value, "path": _below(fact.value["path"], root)}) for fact in facts.configured)
    return tuple(fact for fact in moved if not within(fact.value["path"], folders))


def _built(facts: Facts) -> list[str]:
    """Folders that a build fills, from the source: its own, and those of front ends."""
    own = [str(facts.output.value)] if facts.output else []
    return [*own, *(str(path) for fact in facts.front_ends for path in fact.value["output"])]


def with_declared(facts: Facts, declared: Iterable[Fact], tree: Tree) -> Facts:
    """Facts with what a Dockerfile declares to be kept, by folders of the image, where nothing there is kept so far."""
    known = [
        str(one.value["folder"]) for one in facts.kept if one.value["folder"] != "/"
    ]  # where a program lies, all lies
    added = tuple(
        one
        for one in declared
        if not within(one.value["folder"], known) and not any(within(each, [one.value["folder"]]) for each in known)
    )
    if not added:
        return facts
    root = str(facts.dockerfile.value.get("workdir") or "/") if facts.dockerfile else "/"
    folders = tuple(Fact(one.value["folder"], one.evidence) for one in added)
    occupied = tuple(one for one in folders if _holds(str(one.value), root, tree.files))
    writable = tuple(one for one in folders if one.value not in {each.value for each in facts.writable})
    return replace(
        facts,
        kept=(*facts.kept, *added),
        occupied=(*facts.occupied, *occupied),
        writable=(*facts.writable, *writable),
    )


def _folder(facts: Facts) -> str:
    """The program's folder in an image of kforge's, which repeats that of the source in its context; a program that is
    built to a file of its own lies at the top.
    """
    alone = any(fact.value[:1] and str(fact.value[0]).startswith(f"{WORKDIR}/") for fact in facts.start)
    source = str(facts.context.value["source"]) if facts.context and not alone else "."
    return posixpath.normpath(posixpath.join(WORKDIR, source))


def _below(folder: str, root: str) -> str:
    """A folder below the program's own, where that is elsewhere."""
    if root == WORKDIR or not f"{folder}/".startswith(f"{WORKDIR}/"):
        return folder
    return posixpath.join(root, folder.removeprefix(WORKDIR).lstrip("/")).rstrip("/") or "/"


def _occupied(writable: Iterable[Fact], root: str, tree: Tree, filled: Iterable[str]) -> Many:
    """Folders that hold more than placeholders, the program's own and those that a build fills among them."""
    built = [posixpath.normpath(posixpath.join(root, path)) for path in filled]
    return tuple(
        fact
        for fact in writable
        if any(f"{folder}/".startswith(f"{fact.value}/") for folder in (root, *built))
        or any(_holds(folder, root, tree.files) for folder in (fact.value, *_sources(fact.value, root, built)))
    )


def _sources(folder: str, root: str, built: Iterable[str]) -> Iterator[str]:
    """Where the source has what a build puts into a folder of its own: `dist/plugins` is of `plugins` or `src/plugins`."""
    for top in built:
        if folder.startswith(f"{top}/"):
            within = folder[len(top) + 1 :]
            yield from (posixpath.join(root, within), posixpath.join(root, "src", within))


def _holds(folder: str, root: str, files: tuple[str, ...]) -> bool:
    if not folder.startswith(f"{root.rstrip('/')}/"):
        return False
    within = f"{posixpath.relpath(folder, root)}/"
    for path in files[bisect_left(files, within) :]:
        if not path.startswith(within):
            return False
        if posixpath.basename(path) not in _PLACEHOLDERS:
            return True
    return False
