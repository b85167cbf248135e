"""Image references as text: their parts, and whether an app's list of registries allows them. Asks no registry."""

from __future__ import annotations

import re
from collections.abc import Iterable

# https://pkg.go.dev/github.com/distribution/reference#pkg-overview
_COMPONENT = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_DOMAIN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[A-Fa-f0-9:]+\])(?::[0-9]+)?"
_REFERENCE = re.compile(
    rf"{_DOMAIN}(?:/{_COMPONENT})+(?::[\w][\w.-]{{0,127}})?(?:@sha256:[0-9a-f]{{64}}|@sha512:[0-9a-f]{{128}})?"
)
_RESERVED = re.compile(r"\.example\.(?:com|net|org)$")
_LONGEST = 512  # characters: a registry takes 255 for the name, a tag has 128, a digest 136
_HARDENED = ("cgr.dev/chainguard/", "dhi.io/")
SCRATCH = "scratch"  # the empty image: a word of the Dockerfile language, pulled from nowhere


def qualified(image: str) -> str:
    """The reference as every engine reads it: `redis:7` is `docker.io/library/redis:7`."""
    head, slash, _ = image.partition("/")
    if slash and ("." in head or ":" in head or head == "localhost"):
        return image
    return f"docker.io/{image}" if slash else f"docker.io/library/{image}"


def repository(image: str) -> str:
    """The reference without tag and digest."""
    name = image.partition("@")[0]
    head, slash, last = name.rpartition("/")
    return f"{head}{slash}{last.partition(':')[0]}"


def tag(image: str) -> str:
    """The tag, "" where there is none."""
    return image.partition("@")[0].rpartition("/")[2].partition(":")[2]


def digest(image: str) -> str:
    """The digest (`sha256:…`), "" where there is none."""
    return image.partition("@")[2]


def bare(image: str) -> bool:
    """Whether an image has no shell to run anything in: the empty one, distroless, and the hardened ones of Chainguard and
    Docker, whose variants with a shell end in `-dev`.
    """
    hardened = image.startswith(_HARDENED) and not tag(image).endswith("-dev")
    return image == SCRATCH or "distroless" in image or hardened


def placeholder(image: str) -> bool:
    """Whether a reference's host is one that is reserved for examples: https://www.rfc-editor.org/rfc/rfc2606"""
    host, slash, _ = image.partition("/")
    return bool(slash) and _RESERVED.search(f".{host.partition(':')[0].lower()}") is not None


def is_reference(image: str) -> bool:
    """Whether an engine would take the text for an image."""
    return len(image) <= _LONGEST and _REFERENCE.fullmatch(qualified(image)) is not None


def allowed(image: str, registries: Iterable[str]) -> bool:
    """Whether a list of prefixes allows an image. A prefix ends at a slash; an empty list allows everything."""
    return Registries(registries).allow(image)


class Registries:
    """A list of prefixes in which many images are looked up: a spec may have thousands of both."""

    def __init__(self, registries: Iterable[str]) -> None:
        self._names = frozenset(map(_prefix, registries))
        self._above = frozenset(prefix.rstrip("/") for prefix in self._names)

    def allow(self, image: str) -> bool:
        if not self._names or image == SCRATCH:
            return True
        name = repository(qualified(image))
        slashes = (match.start() for match in re.finditer("/", name[:_LONGEST]))
        return name in self._names or any(name[:slash] in self._above for slash in slashes)


def _prefix(prefix: str) -> str:
    """A bare `docker.io` or `ghcr.io` stays; `library` and `acme` mean Docker Hub's, as they do in an image."""
    head = prefix.partition("/")[0]
    return prefix if "." in head or ":" in head or head == "localhost" else f"docker.io/{prefix}"
