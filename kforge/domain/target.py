"""Target: one form in which a spec's outputs are written, as `outputs:` names it: which files, and which lists of files.

A target renders the documents of its artifacts, adds files that it makes of all documents, and lists what is
there: aggregates, which `check` renders again instead of hashing, and seeds, which are written once and then the user's.
All but the first two are made of plain data and import nothing heavy. Everything that is done for each form of output
loops over the targets that a spec lists.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from kforge.domain.document import Document, Documents
    from kforge.domain.spec.types import Spec
    from kforge.errors import Place

DESCRIBED = ("helm",)  # outputs whose files hold the spec's description
OUTPUTS = ("dockerfile", "kubernetes")  # what is written where a spec does not say
PATHS = {  # and where
    "kubernetes": "deploy/kubernetes",
    "overlays": "deploy/overlays",
    "images": "deploy/images",
    "helm": "deploy/helm",
    "rendered": "deploy/rendered",
    "argocd": "deploy/argocd",
    "flux": "deploy/flux",
    "bake": "docker-bake.hcl",
}
APART = frozenset(
    ("argocd", "flux", "helm", "rendered")
)  # outputs with a folder of their own, by whose name it stands in PATHS
Paths = Mapping[str, Any]  # the spec's block `paths`


class UnwritableError(Exception):
    """What documents say and a target cannot; `path` is the field's."""

    def __init__(self, document: Document, path: str, message: str, hint: str) -> None:
        super().__init__(message)
        self.document, self.path, self.message, self.hint = document, path, message, hint


class ClaimedTwiceError(ValueError):
    """A path at which one target would write two files."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True)
class Listed:
    """What aggregates and seeds are made of: the raw spec, inputs by name, and paths relative to the spec's folder."""

    raw: Mapping[str, Any]
    inputs: Any  # `stages.inputs.Inputs`: values by recorded name
    owned: Collection[str]  # kforge's other files
    includes: Collection[str] = ()  # the user's manifests
    name: str = "app.kforge.yaml"  # the spec's file, for the mark
    folder: str = "."  # the spec's, from the repository's top

    @property
    def paths(self) -> Paths:
        """The spec's `paths`."""
        return self.raw.get("paths") or {}


def _unrendered(document: Document, name: str, place: Callable[[str], Place | None]) -> str:
    raise LookupError(f"the target of `{document.artifact}` renders no documents")


@dataclass(frozen=True, slots=True)
class Target:
    """One form of output. `name` is its word in the spec's `outputs` and the `output` of its artifacts."""

    name: str
    # A document of its artifacts, the spec's file name, and where the spec says something about an origin → text.
    render: Callable[[Document, str, Callable[[str], Place | None]], str] = _unrendered
    # Finished documents by environment ("" is the base), of the services that have this output, and the spec's file
    # name → path, service ("" is the app) and text of every file that is no single document. All lie below `root`.
    files: Callable[[Spec, Mapping[str, Documents], str], Iterable[tuple[str, str, str]]] = (
        lambda spec, documents, name: ()
    )
    made_of: tuple[str, ...] = ()  # outputs whose documents `files` needs, be they written or not
    revision: int = 1  # of `files`: rises whenever the same documents give other bytes
    root: Callable[[Paths], str] = lambda paths: ""
    aggregates: Callable[[Listed], Mapping[str, str]] = lambda listed: {}  # path → text
    seeds: Callable[[Listed], Mapping[str, str]] = lambda listed: {}  # path → text
    # Places of the image components, which are seeds that CI writes, by environment: what stands there is checked.
    components: Callable[[Paths, Iterable[str]], Mapping[str, str]] = lambda paths, environments: {}
    sets_images: bool = False  # whether `files` shows the images that CI sets, so that they are an input
    # Folders of which tools read every file, listed or not.
    whole: Callable[[Paths], tuple[str, ...]] = lambda paths: ()
    generated: Callable[[Paths], tuple[str, ...]] = lambda paths: ()  # what reviews fold: paths, and folders as `a/**`


class OutputsView(Protocol):
    """A view of a service, recorded or raw."""

    def spec(self, path: str) -> Any: ...
    def app(self, path: str) -> Any: ...


def outputs_of(view: OutputsView) -> Collection[str]:
    """The outputs of a service: its own, else the app's."""
    found: Collection[str] = view.spec("outputs") or view.app("outputs") or OUTPUTS
    return found


def aggregates(targets: Iterable[Target], listed: Listed) -> dict[str, str]:
    """Text of every file that lists things of every service, by path."""
    return {path: text for target in targets for path, text in target.aggregates(listed).items()}


def seeds(targets: Iterable[Target], listed: Listed) -> dict[str, str]:
    """Text of every file that is written once and then the user's, by path."""
    return {path: text for target in targets for path, text in target.seeds(listed).items()}


def components(targets: Iterable[Target], paths: Paths | None, environments: Iterable[str] | None) -> dict[str, str]:
    """Path → environment of every image component."""
    named = sorted(environments or ())
    return {path: name for target in targets for name, path in target.components(paths or {}, named).items()}
