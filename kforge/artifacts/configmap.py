"""ConfigMap of a service's config files. The pod template holds their digest, so a change of one replaces the pods."""

from __future__ import annotations

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes.manifest import manifest, wanted
from kforge.domain.origin import sourced
from kforge.domain.view import View


def build(view: View) -> Document | None:
    if not wanted(view):
        return None
    config = view.spec("config")
    if config is None:
        return None
    data = {name: sourced(text, "spec.config.files") for name, text in sorted(config.files.items())}
    return manifest(view, ARTIFACT.name, "ConfigMap", {"data": data})


ARTIFACT = Artifact(name="configmap", revision=1, output="kubernetes", build=build)
