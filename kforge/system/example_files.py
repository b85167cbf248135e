"""Examples of files of variables in a source tree (`.env.example`) → their texts, for a draft alone.

They are named like files that stay closed, so no tree lists them, and no detector, build or prompt sees one. Each is
opened as any file of a source is: below the root, through no link, bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kforge.system.beneath import Beneath
from kforge.system.skipped_names import EXAMPLES
from kforge.system.surroundings import read_beneath
from kforge.system.tree import SourceTree

MOST, SIZE = 40, 64 * 1024  # files, those near the top first, and bytes of one


def example_files(tree: SourceTree, root: Path) -> Iterator[tuple[str, str]]:
    """Path below the tree's folder, and text. `root` is the folder at or above it that no path leaves."""
    named = {path for path in (*tree.closed, *tree.files) if EXAMPLES.fullmatch(path.rpartition("/")[2])}
    nearest = sorted(named, key=lambda path: (path.count("/"), path))[:MOST]
    with Beneath(root, tree.root) as ways:
        for path in nearest:
            content = read_beneath(ways, path, SIZE)
            if content and b"\0" not in content:
                yield path, content.decode("utf-8-sig", errors="replace")
