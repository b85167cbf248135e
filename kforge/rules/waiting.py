"""Jobs that others wait for (`before`), and what waits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kforge.domain.document import POD_PATHS, Document, Documents, pod_spec
from kforge.domain.finding import Hit, rule
from kforge.domain.images import digest, repository, tag
from kforge.domain.kubernetes.image_component import entries_by_name
from kforge.domain.kubernetes.names import DONE
from kforge.domain.kubernetes.objects import containers, items, mapping, text, workloads

_JOBS = ("https://github.com/kforge-dev/kforge/blob/main/docs/jobs.md",)


def _waiting(documents: Documents) -> Iterator[tuple[Document, str, Document]]:
    """Every workload that waits for a Job: the workload, the field that makes it wait, the Job."""
    jobs: Mapping[str, Document] = {document.name: document for document in documents.objects("Job")}
    for workload in workloads(documents):
        where, pod = pod_spec(workload) or ("", {})
        for path, volume in items(pod, "volumes", where):
            source = mapping(volume, "configMap")
            job = jobs.get(text(source, "name"))
            if job and job is not workload and any(text(item, "key") == DONE for _, item in items(source, "items")):
                yield workload, path, job


@rule(
    "stopped-before-job",
    "warning",
    "write `rollout: {strategy: rolling}` and give it no volume of its own, or take it out of `before`",
    kinds=("Deployment", "StatefulSet"),
    sources=_JOBS,
)
def stopped_before_job(documents: Documents) -> Iterator[Hit]:
    """What waits for a Job keeps its old pods until the new ones run.

    A Deployment that rolls starts new pods beside the old ones: while the Job runs, or when it has failed, the old ones
    serve. A StatefulSet stops a pod before its successor starts, and `Recreate` stops all of them, so each of these is
    down, in part or as a whole, for as long as the Job takes, and where it fails until a mended version is applied.
    """
    for workload, path, job in _waiting(documents):
        recreated = text(mapping(workload.data, "spec", "strategy"), "type") == "Recreate"
        if workload.kind == "StatefulSet" or (workload.kind == "Deployment" and recreated):
            what = "all of its pods" if recreated else "each of its pods"
            yield Hit(workload, path, f"{what} stop before `{job.name}` is done, and stay down if it fails")


@rule("suspended-job", "error", "remove `suspend`, or remove `before`", kinds=("Job",), sources=_JOBS)
def suspended_job(documents: Documents) -> Iterator[Hit]:
    """A Job that others wait for runs.

    A suspended Job makes no pod until it is resumed by hand, so that what waits for it never starts.
    """
    told: set[str] = set()
    for workload, _, job in _waiting(documents):
        if mapping(job.data, "spec").get("suspend") is True and job.name not in told:
            told.add(job.name)
            yield Hit(job, "spec.suspend", f"`{workload.name}` waits for this Job, which is suspended")


@rule(
    "job-image",
    "error",
    "set `version` in the spec, or in the environment, run `kforge build`, and leave the image out of the component",
    kinds=tuple(POD_PATHS),
    sources=_JOBS,
)
def job_image(documents: Documents) -> Iterator[Hit]:
    """The image of a Job that others wait for is set in the spec.

    A Job's template never changes, so its name ends in a digest of it, and a tag that CI sets in the image component
    reaches the template and not the name. The cluster then refuses the Job, and what waits for it, whose image is
    set as well, finds that the old Job is done: it starts before the new migrations have run. A `version` in the spec, or
    in an environment of it, names the Job anew.
    """
    if documents.component is None:
        return
    changed = entries_by_name(documents.component.raw)
    for job in {found.name: found for _, _, found in _waiting(documents)}.values():
        for path, container in containers(job):
            image = text(container, "image")
            entry = changed.get(repository(image))
            if entry and not _same(image, entry):
                message = f"the image component sets `{repository(image)}`, but others wait for this Job by a name that does not follow"
                yield Hit(job, f"{path}.image", message)


def _same(image: str, entry: Mapping[str, str]) -> bool:
    renamed = entry.get("newName") or repository(image)
    return (renamed, entry.get("newTag") or tag(image), entry.get("digest") or digest(image)) == (
        repository(image),
        tag(image),
        digest(image),
    )


RULES = (stopped_before_job, suspended_job, job_image)
