"""What Flux deploys: for each environment a GitRepository, and a Kustomization or a HelmRelease of it.

Pods wait for the jobs that are `before` them by themselves, so one Kustomization applies all. A chart's hooks run within
the release's timeout, so that is as long as the longest of these jobs may take. A release that failed is tried again, as
a Kustomization is, and what runs is put right where it was changed: helm-controller does neither by itself.
https://fluxcd.io/flux/components/, https://fluxcd.io/flux/components/helm/helmreleases/#configuring-failure-handling
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from kforge.artifacts import namespace
from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes.gitops import BASE, SyncedEnvironment, home, labels, synced
from kforge.domain.origin import sourced
from kforge.domain.topic_names import ROLLOUT
from kforge.domain.view import View

_APIS = {
    "GitRepository": "source.toolkit.fluxcd.io/v1",
    "Kustomization": "kustomize.toolkit.fluxcd.io/v1",
    "HelmRelease": "helm.toolkit.fluxcd.io/v2",
}
_FILES = {"GitRepository": "source", "Kustomization": "sync", "HelmRelease": "release"}
_LOOKS = "1m"  # how often the repository is asked for something new
_CORRECTS = "10m"  # how often what runs is held against it
_WAITS = 10  # minutes until what does not get ready is reported
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
Data = dict[str, Any]


def build(view: View) -> tuple[Document, ...]:
    if "flux" not in view.app("outputs"):
        return ()
    return tuple(document for each in synced(view) for document in _of(view, each))


def _of(view: View, each: SyncedEnvironment) -> Iterator[Document]:
    yield _document(view, each, "GitRepository", _repository(view, each))
    if each.source != "helm":
        yield _document(view, each, "Kustomization", _kustomization(each))
        return
    yield _document(view, each, "HelmRelease", _release(view, each))
    # The chart cannot make the namespace that its release is kept in; on another cluster Helm does, without labels.
    if each.creates and each.cluster is None and (made := namespace.build(view.within(each.environment))):
        yield replace(made, path=f"{_folder(view, each)}/namespace.yaml", artifact=ARTIFACT.name, environment="")


def _folder(view: View, each: SyncedEnvironment) -> str:
    return f"{view.app('paths').flux.rstrip('/')}/{each.environment or BASE}"


def _document(view: View, each: SyncedEnvironment, kind: str, spec: Data) -> Document:
    metadata = {"name": each.name, "namespace": home(view, "flux"), "labels": labels(view)}
    return Document(
        path=f"{_folder(view, each)}/{_FILES[kind]}.yaml",
        artifact=ARTIFACT.name,
        data={"apiVersion": _APIS[kind], "kind": kind, "metadata": metadata, "spec": spec},
    )


def _repository(view: View, each: SyncedEnvironment) -> Data:
    said = view.app("gitops")
    return {
        "interval": _LOOKS,
        "url": sourced(said.repository, "app.gitops.repository"),
        "ref": {_sort(each.revision.value): each.revision},
        "secretRef": {"name": sourced(said.secret, "app.gitops.secret")} if said.secret else None,
    }


def _sort(revision: str) -> str:
    """The field of `ref` that a revision belongs in."""
    if _COMMIT.fullmatch(revision):
        return "commit"
    return "name" if revision.startswith("refs/") else "branch"


def _shared(each: SyncedEnvironment) -> Data:
    return {
        "interval": _CORRECTS,
        "suspend": None if each.automatic else sourced(True, each.sync_origin),
        "kubeConfig": {"secretRef": {"name": each.cluster}} if each.cluster else None,
    }


def _kustomization(each: SyncedEnvironment) -> Data:
    return {
        **_shared(each),
        "retryInterval": "2m",
        "timeout": f"{_WAITS}m",
        "path": f"./{each.path}",
        "prune": True,
        "wait": True,
        "sourceRef": {"kind": "GitRepository", "name": each.name},
    }


def _release(view: View, each: SyncedEnvironment) -> Data:
    chart = {
        "chart": f"./{each.path}",
        "reconcileStrategy": "Revision",  # a new commit is a new chart, whatever its version says
        "sourceRef": {"kind": "GitRepository", "name": each.name},
        # From the repository's top, and without the chart's own unless it is named.
        "valuesFiles": [f"./{each.path}/{name}" for name in ("values.yaml", *each.values)],
    }
    deadlines = [
        view.of(name).decided(ROLLOUT, "deadline")
        for name in view.services()
        if view.of(name).spec("job") and view.of(name).spec("before")
    ]
    minutes = max(_WAITS, *(-(-int(seconds) // 60) for seconds in deadlines if seconds), 0)
    # No remediation, which would uninstall or roll back: what came up goes on, and the next try completes it.
    again = {"strategy": {"name": "RetryOnFailure"}}
    return {
        **_shared(each),
        "timeout": f"{minutes}m",
        "releaseName": view.app("app"),
        "targetNamespace": each.namespace,
        "storageNamespace": each.namespace,
        "install": {"createNamespace": True if each.creates and each.cluster else None, **again},
        "upgrade": again,
        "driftDetection": {"mode": "enabled"},
        "chart": {"spec": chart},
    }


ARTIFACT = Artifact(name="flux", revision=1, output="flux", build=build, scope="app", shared=True)
