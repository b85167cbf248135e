"""Folders below a root → what lies in them, each listed once: `check` looks into a thousand of them for two reasons."""

from __future__ import annotations

import os
from itertools import islice
from typing import NamedTuple

from kforge.errors import InputError
from kforge.system.beneath import Beneath


class FolderEntry(NamedTuple):
    """An entry of a folder; a link is neither file nor folder. Told at once, as the folder's handle is closed later."""

    name: str
    is_folder: bool
    is_file: bool


class Listings:
    """Entries by folder. Folders are relative to the base of the ways."""

    def __init__(self, ways: Beneath) -> None:
        self.ways = ways
        self._held: dict[str, list[FolderEntry]] = {}

    def entries(self, folder: str, most: int | None = None) -> list[FolderEntry]:
        """Entries of a folder, at most so many; none where it is missing, or where a link or another root would be
        entered.
        """
        held = self._held.get(folder)
        if held is None:
            try:
                with os.scandir(self.ways.folder(folder)) as found:
                    held = [
                        FolderEntry(one.name, one.is_dir(follow_symlinks=False), one.is_file(follow_symlinks=False))
                        for one in islice(found, most)
                    ]
            except (OSError, InputError):  # what a list says of such a place is told where the files in it are read
                held = []
            if most is None:
                self._held[folder] = held
        return held[:most]
