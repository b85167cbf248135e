"""A raw tree of any shape → the parts that have the right type, so that one mistake hides no other.

`Wrong` is what the checks of a spec yield: a path instead of a place, since places are only worked out when shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from kforge.domain.spec.raw import Path, dig


class Wrong(NamedTuple):
    """A problem at a path; `at_key` means its key rather than its value."""

    path: Path
    message: str
    hint: str = ""
    at_key: bool = False


def mapping(data: Any, *path: str | int) -> dict[str, Any]:
    """The mapping at a path, empty where none is."""
    value = dig(data, path)
    return value if isinstance(value, dict) else {}


def listing(data: Any, *path: str | int) -> list[Any]:
    """The list at a path, empty where none is."""
    value = dig(data, path)
    return value if isinstance(value, list) else []


def text(data: Any, *path: str | int) -> str:
    """The text at a path, "" where none is."""
    value = dig(data, path)
    return value if isinstance(value, str) else ""


def blocks(data: Any, *path: str | int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Entries of the mapping at a path whose values are mappings themselves."""
    return ((key, value) for key, value in mapping(data, *path).items() if isinstance(value, dict))


def service_blocks(data: Any) -> Iterator[tuple[Path, str, dict[str, Any]]]:
    """Path, name and block of every service, then of every environment's changes to one."""
    for name, block in blocks(data, "services"):
        yield ("services", name), name, block
    for environment, changes in blocks(data, "environments"):
        for name, block in blocks(changes, "services"):
            yield ("environments", environment, "services", name), name, block


def listed_outputs(data: Any) -> Iterator[tuple[Path, int, str]]:
    """Every text under `outputs`, the app's and those of services: path of the block, position, text."""
    for path, block in (((), data), *((path, block) for path, _, block in service_blocks(data))):
        for index, output in enumerate(listing(block, "outputs")):
            if isinstance(output, str):
                yield path, index, output


def meant(word: str, words: Any) -> str:
    """ "did you mean `catalog`?" for the nearest of some words, "" where none is near."""
    from difflib import get_close_matches  # here, because `check` asks this module for places and never for advice

    near = get_close_matches(word, sorted(words), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else ""


def one_of(word: str, words: Any, what: str) -> str:
    """The nearest word, else all of them."""
    return meant(word, words) or f"{what}: {', '.join(f'`{each}`' for each in words)}"
