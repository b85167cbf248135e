"""ServiceAccount: one a service, without a token, so that what is granted to one program is granted to no other:
by the API server, and by the platform, whose account `identity` names.
"""

from __future__ import annotations

from typing import Any

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes.manifest import manifest, wanted
from kforge.domain.kubernetes.platforms import identity, platform
from kforge.domain.origin import sourced
from kforge.domain.view import View

_WHY = "kforge: a program that does not call the API server needs no key to it"


def build(view: View) -> Document | None:
    if not wanted(view):
        return None
    body = {"automountServiceAccountToken": sourced(False, _WHY)}
    return manifest(view, ARTIFACT.name, "ServiceAccount", body, annotations=_identity(view))


def _identity(view: View) -> dict[str, Any]:
    """The annotation by which the platform gives pods of this account one of its own."""
    account = view.spec("identity")
    held = identity(platform(view)) if account else None
    return {held.annotation: sourced(account, "spec.identity")} if held else {}


ARTIFACT = Artifact(name="serviceaccount", revision=1, output="kubernetes", build=build)
