"""Files of code → what is read in them, and notes on what was not."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from kforge.detectors import left_out_files
from kforge.domain.source.needed_files import reached
from kforge.domain.source.sightings import Sightings
from kforge.domain.source.text import MAX_TEXT
from kforge.syntax.code_file import CodeFile
from kforge.syntax.expression import Text
from kforge.syntax.program import SourceProgram, read_all

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
        if file.unread:
            said = f"`{file.path}` was read up to line {file.unread}: it is too long, nested too deep, or no {language} from there"
            seen.see("notes", said, file.path, file.unread)
        elif file.broken:
            said = f"`{file.path}` was read around line {file.broken}, which is no {language} that its grammar knows"
            seen.see("notes", said, file.path, file.broken)
    return files


def needed_of(names: SourceProgram, tree: Tree, seen: Sightings) -> None:
    """See what the program imports and opens by a name that an image usually does without, or that its author's list
    leaves out.
    """
    files = frozenset(tree.files)
    left_out_files.scan(names, tree, seen)
    for file in names.files:
        base = posixpath.dirname(file.path)
        for imported in sorted({*file.imports.values(), *file.imported}):
            for name in reached(base, (imported,), files):
                seen.see("needed", name, file.path, file.import_lines.get(imported, 0))
        for text in file.texts:
            if isinstance(text, Text) and len(text.value) < MAX_TEXT:
                for name in reached(base, (text.value.lstrip("/"),), files):
                    seen.see("needed", name, file.path, text.line)
