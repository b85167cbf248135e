"""A raw tree of any shape → the parts that have the right type, so that one mistake hides no other.

`Wrong` is what the checks of a spec yield: a path instead of a place, since places are only worked out when shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from kforge.domain.spec.raw import Path, dig


class OneOf(NamedTuple):
    """A way out that is worked out when it is shown: comparing a misspelt word with all of the others takes a while."""

    word: str
    words: Collection[str]
    what: str  # says what the words are, before a list of them
    instead: str | None = None  # of the list

    def nearest(self) -> str:
        """The nearest word, else what there is."""
        return meant(self.word, self.words) or self.some()

    def some(self) -> str:
        """What there is, compared with nothing."""
        if self.instead is not None:
            return self.instead
        from kforge.domain.near_words import listed  # as in `meant`

        return f"{self.what}: {listed(self.words)}"


class Wrong(NamedTuple):
    """A problem at a path; `at_key` means its key rather than its value."""

    path: Path
    message: str
    hint: str | OneOf = ""
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


def meant(word: str, words: Collection[str]) -> str:
    """ "did you mean `catalog`?" for the nearest of some words, "" where none is near."""
    # here, because `check` asks this module for places and never for advice
    from kforge.domain.near_words import near_words

    near = near_words(word, words)
    return f"did you mean `{near[0]}`?" if near else ""


def one_of(word: str, words: Collection[str], what: str) -> str:
    """The nearest word, else what there is."""
    return OneOf(word, words, what).nearest()
