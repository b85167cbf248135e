"""Job: a service that runs once to completion. Its name ends in a digest of its template, which is immutable."""

from __future__ import annotations

from typing import Any

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.gitops import reconciled
from kforge.domain.kubernetes.manifest import manifest, wanted
from kforge.domain.kubernetes.pod import job_name, pod_template
from kforge.domain.origin import sourced
from kforge.domain.topic_names import ROLLOUT
from kforge.domain.view import View


def build(view: View) -> Document | None:
    if not wanted(view) or names.workload_kind(view) != "Job":
        return None
    template = pod_template(view)
    keep = view.decided(ROLLOUT, "keep")
    # What has a cluster follow a repository makes a Job again that is gone from the one and not from the other.
    if reconciled(view) and view.pin(ROLLOUT, "keep") is None:
        keep = None
    spec: dict[str, Any] = {
        "activeDeadlineSeconds": sourced(view.decided(ROLLOUT, "deadline"), "rollout.deadline"),
        "backoffLimit": sourced(view.decided(ROLLOUT, "retries"), "rollout.retries"),
        "template": template,
        "ttlSecondsAfterFinished": None if keep is None else sourced(keep, "rollout.keep"),
    }
    return manifest(view, ARTIFACT.name, "Job", {"spec": spec}, name=job_name(view.service, template))


ARTIFACT = Artifact(name="job", revision=1, output="kubernetes", build=build)
