"""CronJob: a service that runs by the clock, one run at a time, in UTC on every cluster."""

from __future__ import annotations

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.manifest import labels, manifest, wanted
from kforge.domain.kubernetes.pod import pod_template, short
from kforge.domain.origin import sourced
from kforge.domain.topic_names import ROLLOUT
from kforge.domain.view import View

_ALONE = "kforge: two runs at once would work on the same data"
_HISTORY = "kforge: enough to compare the last runs, few enough to read"
# Without it a controller that was away for long counts missed runs, and gives up at a hundred for good.
_LATE = "kforge: a run that is five minutes late still starts; older ones are let go"
_ZONE = "kforge: the cluster's own zone would move every run"


def build(view: View) -> Document | None:
    if not wanted(view) or names.workload_kind(view) != "CronJob":
        return None
    job = {
        "activeDeadlineSeconds": sourced(view.decided(ROLLOUT, "deadline"), "rollout.deadline"),
        "backoffLimit": sourced(view.decided(ROLLOUT, "retries"), "rollout.retries"),
        "template": pod_template(view),
    }
    spec = {
        "concurrencyPolicy": sourced("Forbid", _ALONE),
        "failedJobsHistoryLimit": sourced(3, _HISTORY),
        "jobTemplate": {"metadata": {"labels": labels(view)}, "spec": job},
        "schedule": sourced(view.spec("schedule"), "spec.schedule"),
        "startingDeadlineSeconds": sourced(300, _LATE),
        "successfulJobsHistoryLimit": sourced(3, _HISTORY),
        "timeZone": sourced("Etc/UTC", _ZONE),
    }
    # The controller appends eleven characters to the name of each run:
    # https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/
    return manifest(view, ARTIFACT.name, "CronJob", {"spec": spec}, name=short(view.service, 52))


ARTIFACT = Artifact(name="cronjob", revision=1, output="kubernetes", build=build)
