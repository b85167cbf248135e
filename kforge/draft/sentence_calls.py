"""A read sentence, its services and where it speaks of stores → who is said to call whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kforge.draft.sentence_pieces import Piece, SentenceReading
from kforge.draft.sentence_services import Mention, lists
from kforge.draft.sentence_words import meant


def links(
    reading: SentenceReading, parts: Sequence[Piece], found: Sequence[Mention], stores: Sequence[tuple[int, int, str]]
) -> dict[str, list[str]]:
    """By service, the services and the keys of stores that it is said to call, in order. `stores`: where they stand."""
    held: dict[str, list[str]] = {}
    for index, piece in enumerate(parts):
        if piece.joined not in ("calls", "by", "serves"):
            continue
        behind = _objects(parts, index, found, stores, reading.text)
        before = _subjects(parts, index, found, stores, reading.text, held)
        if piece.joined == "serves":
            only = [key for key in before if key in {store for _, _, store in stores}]
            pairs = [(one, other) for one in behind for other in only]
        else:
            pairs = [(one, other) for one in before for other in behind]
            pairs = [(other, one) for one, other in pairs] if piece.joined == "by" else pairs
        keys = {store for _, _, store in stores}
        for one, other in pairs:
            if one != other and one not in keys and other not in held.setdefault(one, []):
                held[one].append(other)
    return {one: others for one, others in held.items() if others}


def _objects(
    parts: Sequence[Piece], number: int, found: Sequence[Mention], stores: Sequence[tuple[int, int, str]], text: str
) -> list[str]:
    """What stands behind the word, up to the next such word of the clause; all names of a list that it begins."""
    piece, end = parts[number], parts[number].end
    for other in parts[number + 1 :]:
        if other.clause != piece.clause or other.joined in ("calls", "by", "serves"):
            break
        end = other.end
    listed = next((names for start, last, names in lists(text) if piece.start <= start <= end), ())
    within = sorted(
        [*((one.start, one.name) for one in found if one.kind == "web"), *((start, key) for start, _, key in stores)]
    )
    return [*dict.fromkeys([*(name for start, name in within if piece.start <= start < end), *listed])]


def _subjects(
    parts: Sequence[Piece],
    number: int,
    found: Sequence[Mention],
    stores: Sequence[tuple[int, int, str]],
    text: str,
    held: Mapping[str, Sequence[str]],
) -> list[str]:
    """The last service before the word; every one, or those of which nothing was said yet, where it says so."""
    piece = parts[number]
    first = next(part.start for part in parts if part.clause == piece.clause)
    between = text[min(first, piece.start) : piece.start]
    earlier = [*dict.fromkeys(one.name for one in found if one.start < piece.start and one.kind in ("web", "worker"))]
    if meant("the others").search(between):
        keys = {store for _, _, store in stores}
        every = [*dict.fromkeys(one.name for one in found if one.kind in ("web", "worker"))]
        return [name for name in every if not keys & {*held.get(name, ())}]
    if meant("all of them").search(between) and not any(first <= one.start < piece.start for one in found):
        return earlier
    if piece.joined in ("by", "serves"):
        inside = [key for start, _, key in stores if first <= start < piece.start]
        if inside or piece.joined == "serves":
            return inside[-1:]
    within = [one.name for one in found if first <= one.start < piece.start]
    if within:
        return within[-1:]
    begins = first == piece.start or not between.strip() or len(between.split()) < 2
    return (
        earlier[-1:] if begins and any(part.full == piece.full and part.clause < piece.clause for part in parts) else []
    )
