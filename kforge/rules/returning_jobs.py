"""Jobs under a tool that has the cluster follow a repository."""

from __future__ import annotations

from collections.abc import Iterator

from kforge.domain.document import INCLUDED, Documents
from kforge.domain.finding import Hit, rule
from kforge.domain.kubernetes.objects import mapping

_DEPLOYS = ("Application", "ApplicationSet", "Kustomization", "HelmRelease")
_TTL = "ttlSecondsAfterFinished"


@rule(
    "returning-job",
    "warning",
    "leave it out: Argo CD and Flux remove a Job that is gone from the repository",
    kinds=("Job",),
    sources=("https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/#automatic-self-healing",),
)
def returning_job(documents: Documents) -> Iterator[Hit]:
    """A Job that Argo CD or Flux deploy stays when it has finished.

    `ttlSecondsAfterFinished` has Kubernetes remove it. The repository still has it, so Argo CD and Flux take it for lost
    and make it again: it runs anew, each time that the time is over. Without the field it stays until the repository has
    another one in its place, and is removed then.

    Wrong:
        kind: Application
        metadata: {name: shop}
        ---
        kind: Job
        spec: {ttlSecondsAfterFinished: 3600}
    Right:
        kind: Application
        metadata: {name: shop}
        ---
        kind: Job
        spec: {backoffLimit: 6}
    """
    deploying = sorted({item.kind for item in documents.objects(*_DEPLOYS) if item.artifact != INCLUDED})
    for job in documents.objects("Job") if deploying else ():
        if _TTL in mapping(job.data, "spec"):
            yield Hit(
                job, f"spec.{_TTL}", f"once this Job was removed, {deploying[0]} creates it again, and it runs again"
            )


RULES = (returning_job,)
