"""Bytes of git's index → the places of a given name that git tracks. Starts no git, knows no disk.

The form: https://git-scm.com/docs/index-format, versions 2 to 4, split indexes with their shared half, and both sizes
of object names, which the file does not tell. Every name's length is in it twice, so that a wrong guess shows.
"""

from __future__ import annotations

from collections.abc import Callable
from struct import error, unpack_from

_EXTENDED = 0x4000
_LENGTH = 0xFFF


def places(data: bytes, name: bytes, shared: Callable[[str], bytes], any_case: bool = True) -> frozenset[bytes]:
    """Paths that end in the folder, file or link `name`, in lower case, at the top or anywhere below.

    Without `any_case` those in another case may be left out, which is faster. `shared` reads the other half of a split
    index by the end of its file's name. Raises ValueError for damage, and for a form that is none of those above.
    """
    version = _version(data)
    small = data.lower() if any_case else data
    # Versions 2 and 3 hold every path in full, and only a split index names another file: most end here.
    if version < 4 and small.find(name + b"/") < 0 and small.find(name + b"\0") < 0 and data.find(b"link\0") < 0:
        return frozenset()
    found: set[bytes] = set()
    for path in _paths(data, shared):
        if name in path.lower():
            parts = path.split(b"/")
            found.update(b"/".join(parts[: end + 1]) for end, part in enumerate(parts) if part.lower() == name)
    return frozenset(found)


def holds(data: bytes, path: bytes, shared: Callable[[str], bytes]) -> bool:
    """Whether a file of exactly that path is among them. `shared` and what is raised are as for `places`."""
    if _version(data) < 4 and data.find(path + b"\0") < 0 and data.find(b"link\0") < 0:
        return False
    return path in _paths(data, shared)


def _version(data: bytes) -> int:
    if data[:4] != b"DIRC" or len(data) < 12 or (version := data[7]) not in (2, 3, 4) or data[4:7] != b"\0\0\0":
        raise ValueError("no index of git's that kforge can read")
    return version


def _paths(data: bytes, shared: Callable[[str], bytes]) -> list[bytes]:
    for size in (20, 32):  # SHA-1, SHA-256
        try:
            held, end = _entries(data, size)
        except (ValueError, IndexError):
            continue
        link = _link(data, end, size)
        if not _whole(link, size):
            continue
        if not any(link[:size]):
            return held
        base = _shared(shared(link[:size].hex()), size)
        gone = _bits(link, size) if len(link) > size else set[int]()
        # An entry that replaces one of the shared half has no name of its own.
        return [*(path for number, path in enumerate(base) if number not in gone), *filter(None, held)]
    raise ValueError("no index of git's that kforge can read")


def _shared(data: bytes, size: int) -> list[bytes]:
    try:
        return _entries(data, size)[0]
    except IndexError:
        raise ValueError("the shared half of git's index ends early") from None


def _entries(data: bytes, size: int) -> tuple[list[bytes], int]:
    """Every path, and where the entries end."""
    version = _version(data)
    offset, path, held = 12, b"", []
    for _ in range(unpack_from(">I", data, 8)[0]):
        at = offset + 42 + size
        flags = data[at - 2] << 8 | data[at - 1]
        if flags & _EXTENDED and version > 2:
            at += 2
        kept = b""
        if version == 4:
            cut = data[at] & 127
            while data[at] & 128:
                at += 1
                cut = (cut + 1 << 7) + (data[at] & 127)
            at += 1
            kept = path[: len(path) - cut]
        end = data.index(0, at)
        path = kept + data[at:end]
        if min(len(path), _LENGTH) != flags & _LENGTH:
            raise ValueError("two lengths of one name")
        held.append(path)
        offset = end + 1 if version == 4 else offset + (at - offset + len(path) + 8 & ~7)
    return held, offset


def _link(data: bytes, offset: int, size: int) -> bytes:
    """What a split index says of its shared half, empty where there is none."""
    while offset + 8 <= len(data) - size:
        length = unpack_from(">I", data, offset + 4)[0]
        if data[offset : offset + 4] == b"link":
            return data[offset + 8 : offset + 8 + length]
        offset += 8 + length
    return b""


def _whole(link: bytes, size: int) -> bool:
    """Whether what is said of a shared half ends where a name of that size and two bitmaps do: without entries, nothing
    else shows how long names are.
    """
    if len(link) in (0, size):
        return True
    at = size
    for _ in range(2):
        if at + 8 > len(link):
            return False
        at += 12 + 8 * int(unpack_from(">I", link, at + 4)[0])
    return at == len(link)


def _bits(data: bytes, at: int) -> set[int]:
    """The set bits of a compressed bitmap, EWAH in git's form."""
    try:
        length, count = unpack_from(">II", data, at)
        words = unpack_from(f">{count}Q", data, at + 8)
    except error as problem:
        raise ValueError(str(problem)) from None
    found: set[int] = set()
    position = index = 0
    while index < count:
        run, literals = words[index] >> 1 & 0xFFFFFFFF, words[index] >> 33
        if words[index] & 1:
            found.update(range(position, min(position + 64 * run, length)))
        position += 64 * run
        for word in words[index + 1 : index + 1 + literals]:
            found.update(position + bit for bit in range(64) if word >> bit & 1)
            position += 64
        index += 1 + literals
    return found
