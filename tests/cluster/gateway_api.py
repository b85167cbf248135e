"""The CRDs of the Gateway API, as a cluster has them, from the Go module whose schemas kforge bundles."""

from __future__ import annotations

from functools import cache

from schemas.crds import SOURCES, crds
from tests.cluster.controlplane import ControlPlane


@cache
def manifests() -> tuple[str, ...]:
    """Text of each CRD of the standard channel. Raises FileNotFoundError without Go or the module."""
    source = next(each for each in SOURCES if each.target == "gateway_api")
    return tuple(text for text in crds(source).values() if "\nkind: CustomResourceDefinition\n" in text)


def install(plane: ControlPlane) -> None:
    """Have the API server serve them."""
    # Not by `apply`: the annotation that it would leave is longer than the API server takes.
    plane.kubectl("create", "-f", "-", stdin="\n---\n".join(manifests()))
    plane.kubectl("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
