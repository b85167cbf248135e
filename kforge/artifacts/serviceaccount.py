"""ServiceAccount: one a service, without a token, so that what is granted to one program is granted to no other."""

from __future__ import annotations

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes.manifest import manifest, wanted
from kforge.domain.origin import sourced
from kforge.domain.view import View

_WHY = "kforge: a program that does not call the API server needs no key to it"


def build(view: View) -> Document | None:
    if not wanted(view):
        return None
    return manifest(view, ARTIFACT.name, "ServiceAccount", {"automountServiceAccountToken": sourced(False, _WHY)})


ARTIFACT = Artifact(name="serviceaccount", revision=1, output="kubernetes", build=build)
