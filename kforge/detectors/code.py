"""Files of code → what is read in them, and notes on what was not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kforge.domain.source.sightings import Sightings
from kforge.syntax.code_file import CodeFile
from kforge.syntax.grammars import MAX_BYTES
from kforge.syntax.program import read_all

if TYPE_CHECKING:
    from kforge.domain.artifact import Tree


def files_of(
    tree: Tree, paths: Sequence[str], more: int, read: Callable[[str, str], CodeFile], language: str, seen: Sightings
) -> list[CodeFile]:
    """The files at the paths, as far as memory bears. `more`: files that were left out before."""
    files, left = read_all(paths, tree.text, read)
    if more + left:
        seen.see("notes", f"{more + left} more {language} files were not read")
    for file in files:
        if len(tree.text(file.path).encode()) > MAX_BYTES:
            seen.see("notes", f"`{file.path}` was read up to its first {MAX_BYTES // 1024} KiB", file.path)
        elif file.broken:
            text = f"`{file.path}` was read around line {file.broken}, which is no {language} that its grammar knows"
            seen.see("notes", text, file.path, file.broken)
    return files
