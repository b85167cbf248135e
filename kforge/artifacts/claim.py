"""PersistentVolumeClaims: one for each shared volume, and for each volume of a job, which runs one pod at a time.

Volumes that are one a replica are a StatefulSet's claim templates instead.
"""

from __future__ import annotations

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes.gitops import lasting
from kforge.domain.kubernetes.manifest import manifest, wanted
from kforge.domain.kubernetes.storage import claim_name, claim_spec, own_claim
from kforge.domain.view import View


def build(view: View) -> tuple[Document, ...]:
    if not wanted(view):
        return ()
    return tuple(
        manifest(
            view,
            ARTIFACT.name,
            "PersistentVolumeClaim",
            {"spec": claim_spec(view, volume, index)},
            name=claim_name(view, volume),
            file=f"persistentvolumeclaim-{volume.name}",
            annotations=lasting(view),
        )
        for index, volume in enumerate(view.spec("volumes"))
        if own_claim(view, volume)
    )


ARTIFACT = Artifact(name="claim", revision=1, output="kubernetes", build=build)
