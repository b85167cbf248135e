"""Folders of manifests → what lies in them that no list names, mark or not. Reads no content, follows no link.

`kubectl apply -f` takes a folder's files by their ends, and with `-R` those of every folder below.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from kforge.system.listings import Listings

ENDS = (".yaml", ".yml", ".json")
MOST = 100_000  # entries that are looked at besides what is listed


@dataclass(frozen=True, slots=True)
class Unlisted:
    """Paths relative to the spec's folder, in order, and the folders that were listed to find them all.

    `whole` is False where there was too much to look at.
    """

    paths: tuple[str, ...]
    folders: tuple[str, ...]
    whole: bool


def unlisted(
    listings: Listings, roots: Iterable[str], listed: Collection[str], apart: Collection[str] = (), most: int = MOST
) -> Unlisted:
    """Manifests in and below the roots. Folders in `apart`, sources among manifests, are left out with all below them."""
    found: list[str] = []
    folders: list[str] = []
    left = most + 2 * len(listed)  # files, and at most as many folders
    pending = [root for root in sorted(set(roots), reverse=True) if root not in apart]
    while pending and left > 0:
        folder = pending.pop()
        folders.append(folder)
        for name, is_folder, _ in listings.entries(folder, left):
            left -= 1
            path = f"{folder}/{name}"
            if path in listed:
                continue
            if is_folder:
                if path not in apart:
                    pending.append(path)
            elif path.lower().endswith(ENDS):
                found.append(path)
            if left <= 0:
                break
    return Unlisted(tuple(sorted(found)), tuple(folders), left > 0)
