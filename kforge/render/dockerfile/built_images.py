"""Inputs → the images that are built here, for the bake file. Light: `check` works them out again."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from kforge.domain.kubernetes.names import image, image_owner
from kforge.render.dockerfile.bake import Target
from kforge.stages.inputs import Inputs, RawView


def targets(inputs: Inputs, services: Iterable[str]) -> tuple[Target, ...]:
    """One target for every image: services that share a source, and settle its build alike, share the image."""
    found = []
    for name in sorted(services):
        view = RawView(inputs, name)
        source = view.spec("source")
        if source is None or image_owner(view) != name:
            continue
        outputs = view.spec("outputs") or view.app("outputs")
        if outputs is not None and "dockerfile" not in outputs:
            continue
        context = posixpath.normpath(source)
        own = view.fact("dockerfile")
        dockerfile = posixpath.join(context, own["path"] if own else "Dockerfile")
        found.append(Target(name, context, dockerfile, image(view)))
    return tuple(found)
