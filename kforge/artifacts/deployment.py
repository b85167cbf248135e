"""Deployment: the workload of a service that keeps nothing of its own between restarts."""

from __future__ import annotations

from typing import Any

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.manifest import manifest, wanted
from kforge.domain.kubernetes.pod import pod_template
from kforge.domain.origin import sourced
from kforge.domain.probe import Probe
from kforge.domain.spec.replicas import autoscaled, fewest
from kforge.domain.topic_names import PROBES, ROLLOUT
from kforge.domain.view import View

_HISTORY = "kforge: git holds the history; three are enough for `kubectl rollout undo`"
_DEADLINE = "kforge: a rollout fails when no pod got ready in twice the time that one may take to start, never before"
_DEFAULT_DEADLINE = 600  # progressDeadlineSeconds of the API server


def build(view: View) -> Document | None:
    if not wanted(view) or names.workload_kind(view) != "Deployment":
        return None
    spec = {
        "progressDeadlineSeconds": _progress_deadline(view),
        "replicas": None if autoscaled(view) else sourced(fewest(view), "spec.scale.min"),
        "revisionHistoryLimit": sourced(3, _HISTORY),
        "selector": {"matchLabels": names.selector(view)},
        "strategy": _strategy(view),
        "template": pod_template(view),
    }
    return manifest(view, ARTIFACT.name, "Deployment", {"spec": spec})


def _strategy(view: View) -> dict[str, Any]:
    if view.decided(ROLLOUT, "strategy") == "recreate":
        return {"type": sourced("Recreate", "rollout.strategy")}
    return {
        "type": sourced("RollingUpdate", "rollout.strategy"),
        "rollingUpdate": {
            "maxSurge": sourced(view.decided(ROLLOUT, "surge"), "rollout.surge"),
            "maxUnavailable": sourced(view.decided(ROLLOUT, "unavailable"), "rollout.unavailable"),
        },
    }


def _progress_deadline(view: View) -> Any:
    """Only where the default of ten minutes would end a rollout that is merely slow to start."""
    needed = 2 * Probe.of(view.decided(PROBES, "startup")).patience
    return sourced(needed, _DEADLINE) if needed > _DEFAULT_DEADLINE else None


ARTIFACT = Artifact(name="deployment", revision=1, output="kubernetes", build=build)
