"""Bytes with the conflict markers of a merge → the bytes of each side. Unaware of git and of what the bytes mean.

Lines outside of markers stand in both: they are what the merge made of them, so a side need not be a text that ever was.
"""

from __future__ import annotations

# What git writes around the two sides, with `merge.conflictStyle` merge, diff3 or zdiff3:
# https://git-scm.com/docs/git-merge#_how_conflicts_are_presented
_OURS, _BASE, _THEIRS, _END = b"<" * 7, b"|" * 7, b"=" * 7, b">" * 7
_FOLLOWS = {
    _OURS: (b"",),
    _BASE: (_OURS,),
    _THEIRS: (_OURS, _BASE),
    _END: (_THEIRS,),
}  # marker → in which parts it may stand


def sides(data: bytes) -> tuple[bytes, bytes] | None:
    """Ours and theirs; None where there is no conflict, or where markers do not follow each other as git writes them."""
    if _OURS not in data:
        return None
    ours: list[bytes] = []
    theirs: list[bytes] = []
    part, found = b"", False
    for line in data.split(b"\n"):
        marker = line[:7] if line[7:8].strip(b"\r") in (b"", b" ") else b""
        if marker in (_OURS, _BASE, _END) or (marker == _THEIRS and part):
            if part not in _FOLLOWS[marker]:
                return None
            part, found = (b"" if marker == _END else marker), True
            continue
        if part in (b"", _OURS):
            ours.append(line)
        if part in (b"", _THEIRS):
            theirs.append(line)
    return (b"\n".join(ours), b"\n".join(theirs)) if found and not part else None
