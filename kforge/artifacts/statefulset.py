"""StatefulSet: the workload of a service with volumes of its own, one claim a replica."""

from __future__ import annotations

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.manifest import manifest, wanted
from kforge.domain.kubernetes.pod import pod_template, short
from kforge.domain.kubernetes.storage import claim_spec
from kforge.domain.origin import sourced
from kforge.domain.spec.replicas import autoscaled, fewest
from kforge.domain.view import View

_HISTORY = "kforge: git holds the history; three are enough for `kubectl rollout undo`"
HEADLESS = "-headless"


def build(view: View) -> Document | None:
    if not wanted(view) or names.workload_kind(view) != "StatefulSet":
        return None
    spec = {
        "replicas": None if autoscaled(view) else sourced(fewest(view), "spec.scale.min"),
        "revisionHistoryLimit": sourced(3, _HISTORY),
        "selector": {"matchLabels": names.selector(view)},
        "serviceName": short(view.service, 63 - len(HEADLESS)) + HEADLESS,
        "template": pod_template(view),
        # A template of claims is immutable, so it carries the labels that never change and no others.
        "volumeClaimTemplates": [
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": {"name": volume.name, "labels": names.selector(view)},
                "spec": claim_spec(view, volume, index),
            }
            for index, volume in enumerate(view.spec("volumes"))
            if not volume.shared
        ],
    }
    return manifest(view, ARTIFACT.name, "StatefulSet", {"spec": spec}, name=short(view.service, 52))


ARTIFACT = Artifact(name="statefulset", revision=1, output="kubernetes", build=build)
