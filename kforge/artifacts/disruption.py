"""PodDisruptionBudget: nodes are drained one pod of a service at a time.

It is there from two replicas, counting those an autoscaler may add: `maxUnavailable: 1` never blocks a drain.
"""

from __future__ import annotations

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.features import has
from kforge.domain.kubernetes.manifest import manifest, wanted
from kforge.domain.origin import sourced
from kforge.domain.spec.replicas import most
from kforge.domain.view import View

_ONE = "kforge: a node's drain takes one replica at a time and is never blocked"
_SICK = "kforge: a pod that never got ready must not keep a node from being drained"


def build(view: View) -> Document | None:
    if not wanted(view) or names.is_job(view) or most(view) < 2:
        return None
    spec = {
        "maxUnavailable": sourced(1, _ONE),
        "selector": {"matchLabels": names.selector(view)},
        "unhealthyPodEvictionPolicy": sourced("AlwaysAllow", _SICK) if has(view, "eviction") else None,
    }
    return manifest(view, ARTIFACT.name, "PodDisruptionBudget", {"spec": spec})


ARTIFACT = Artifact(name="disruption", revision=1, output="kubernetes", build=build)
