"""A file that a merge made of two versions that kforge wrote → whether it holds anything else. Asks git for the versions.

A merge takes lines of either side, with markers between them or without, so the file has neither side's digest. Its two
versions are found by their digests, which kforge.sum has, in the commits that the merge is about.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator
from functools import cache

from kforge.domain.conflict_sides import sides
from kforge.domain.spec.project import Project
from kforge.errors import Error
from kforge.stages.compare import sha256
from kforge.system.git.commits import Commit, commit_at

# Both sides of a merge that is under way, of a rebase or a picked commit, and of a merge that was committed.
REVISIONS = ("HEAD", "MERGE_HEAD", "REBASE_HEAD", "CHERRY_PICK_HEAD", "HEAD^1", "HEAD^2", "ORIG_HEAD")


def mingled(project: Project) -> Callable[[str, bytes, Collection[str]], bool]:
    """Whether a file (its path, its content, the digests of its versions) has lines of at least two of them alone."""

    @cache
    def commits() -> tuple[Commit, ...]:
        return tuple(_commits(project))

    def ask(path: str, content: bytes, digests: Collection[str]) -> bool:
        place = posixpath.normpath(posixpath.join(project.folder.relative_to(project.root).as_posix(), path))
        held = {sha256(each): each for commit in commits() for each in _contents(commit, place)}
        versions = [each for digest, each in held.items() if digest in digests]
        lines = {line for each in versions for line in each.split(b"\n")}
        return len(versions) > 1 and all(lines.issuperset(side.split(b"\n")) for side in sides(content) or (content,))

    return ask


def _commits(project: Project) -> Iterator[Commit]:
    for revision in REVISIONS:
        try:
            yield commit_at(project.root, revision)
        except Error:  # no repository, or nothing of that name: then there is one version fewer
            continue


def _contents(commit: Commit, path: str) -> Iterator[bytes]:
    try:
        yield from (blob.content for _, blob in commit.read([path]) if not blob.why)
    except Error:
        return
