"""Target: one form in which a spec's outputs are written, as `outputs:` names it: which files, and which lists of files.

A target renders the documents of its artifacts, adds the files that environments need, and lists what is there:
aggregates, which `check` renders again instead of hashing, and seeds, which are written once and then the user's.
Aggregates and seeds are made of plain data and import nothing heavy.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kforge.domain.change import WantedFile
    from kforge.domain.document import Document, Documents
    from kforge.domain.spec.types import Spec
    from kforge.errors import Place


@dataclass(frozen=True, slots=True)
class Listed:
    """What aggregates and seeds are made of: the raw spec, inputs by name, and paths relative to the spec's folder."""

    raw: Mapping[str, Any]
    inputs: Any  # `stages.inputs.Inputs`: values by recorded name
    owned: Collection[str]  # kforge's other files
    includes: Collection[str] = ()  # the user's manifests
    name: str = "app.kforge.yaml"  # the spec's file, for the mark

    @property
    def paths(self) -> Mapping[str, Any]:
        """The spec's `paths`."""
        return self.raw.get("paths") or {}


@dataclass(frozen=True, slots=True)
class Target:
    """One form of output. `name` is its word in the spec's `outputs` and the `output` of its artifacts."""

    name: str
    # A document, the spec's file name, and where the spec says something about an origin → text.
    render: Callable[[Document, str, Callable[[str], Place | None]], str]
    aggregates: Callable[[Listed], Mapping[str, str]]  # path → text
    seeds: Callable[[Listed], Mapping[str, str]] = lambda listed: {}
    # Files of environments, beside those that are documents of the base, by path; the spec's file name is for the mark.
    environments: Callable[[Spec, Mapping[str, Documents], str], Iterable[tuple[str, WantedFile]]] = (
        lambda spec, documents, name: ()
    )
    revision: int = 1  # of what writes the files of environments
    root: Callable[[Mapping[str, Any]], str] = lambda paths: ""  # where those lie, by the spec's `paths`


def aggregates(targets: Iterable[Target], listed: Listed) -> dict[str, str]:
    """Text of every file that lists things of every service, by path."""
    return {path: text for target in targets for path, text in target.aggregates(listed).items()}


def seeds(targets: Iterable[Target], listed: Listed) -> dict[str, str]:
    """Text of every file that is written once and then the user's, by path."""
    return {path: text for target in targets for path, text in target.seeds(listed).items()}
