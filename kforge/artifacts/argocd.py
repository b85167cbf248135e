"""What Argo CD deploys: an Application an environment, or one ApplicationSet that makes them.

What others wait for (`before`) is in waves, which stand on the objects themselves. `PruneLast` lets the pods of the last
version keep what they wait for until the new ones run. No finalizer: without the Application the objects go on.
https://argo-cd.readthedocs.io/en/stable/operator-manual/declarative-setup/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kforge.artifacts import namespace
from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes.gitops import BASE, SyncedEnvironment, home, labels, synced
from kforge.domain.origin import sourced
from kforge.domain.view import View

_API = "argoproj.io/v1alpha1"
_HERE = "https://kubernetes.default.svc"  # the cluster in which Argo CD runs
Data = dict[str, Any]


def build(view: View) -> tuple[Document, ...]:
    if "argocd" not in view.app("outputs"):
        return ()
    environments = synced(view)
    if view.app("gitops").applicationSet:
        return (_document(view, "applicationset", "ApplicationSet", view.app("app"), _set(view, environments)),)
    return tuple(
        _document(view, each.environment or BASE, "Application", each.name, _application(view, each))
        for each in environments
    )


def _document(view: View, file: str, kind: str, name: str, spec: Data) -> Document:
    metadata = {"name": name, "namespace": home(view, "argocd"), "labels": labels(view)}
    return Document(
        path=f"{view.app('paths').argocd.rstrip('/')}/{file}.yaml",
        artifact=ARTIFACT.name,
        data={"apiVersion": _API, "kind": kind, "metadata": metadata, "spec": spec},
    )


def _application(view: View, each: SyncedEnvironment) -> Data:
    return {
        "project": each.project,
        "source": _source(view, each, each.revision, each.path, list(each.values)),
        "destination": {**_cluster(each), "namespace": each.namespace},
        "syncPolicy": _policy(view, each),
    }


def _source(view: View, each: SyncedEnvironment, revision: Any, path: str, values: list[str]) -> Data:
    """What is deployed. A chart's release has the app's name, as `helm install` would give it."""
    forms: dict[str, Data] = {
        "kubernetes": {},
        "rendered": {"directory": {"recurse": True}},
        "helm": {"helm": {"releaseName": view.app("app"), "valueFiles": values or None}},
    }
    repository = sourced(view.app("gitops").repository, "app.gitops.repository")
    return {"repoURL": repository, "targetRevision": revision, "path": path, **forms[each.source]}


def _cluster(each: SyncedEnvironment) -> Data:
    if each.cluster is None:
        return {"server": _HERE}
    return {"server" if each.cluster.value.startswith("https://") else "name": each.cluster}


def _policy(view: View, each: SyncedEnvironment) -> Data:
    options = ["PruneLast=true", *(["CreateNamespace=true"] if each.creates else [])]
    policy: Data = {"syncOptions": options}
    if each.automatic:
        policy["automated"] = {"prune": True, "selfHeal": sourced(True, each.sync_origin)}
    if each.creates and (made := namespace.build(view.within(each.environment))):
        policy["managedNamespaceMetadata"] = {"labels": (made.data or {})["metadata"]["labels"]}
    return policy


def _set(view: View, environments: Iterable[SyncedEnvironment]) -> Data:
    """One ApplicationSet: what differs between environments is an element of its list.

    https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-List/
    """
    held = list(environments)
    first = held[0]
    server = all(each.cluster is None or each.cluster.value.startswith("https://") for each in held)
    here = _HERE if server else "in-cluster"  # its name for the cluster in which it runs
    elements = [
        {
            "name": each.name,
            "namespace": each.namespace,
            "path": each.path,
            "revision": each.revision,
            "cluster": here if each.cluster is None else each.cluster,
            "project": each.project,
            "values": (each.values or ("values.yaml",))[0] if each.source == "helm" else None,
        }
        for each in held
    ]
    template = {
        "project": "{{.project}}",
        "source": _source(view, first, "{{.revision}}", "{{.path}}", ["{{.values}}"]),
        "destination": {"server" if server else "name": "{{.cluster}}", "namespace": "{{.namespace}}"},
        "syncPolicy": _policy(view, first),
    }
    return {
        "goTemplate": True,
        "goTemplateOptions": ["missingkey=error"],
        "generators": [{"list": {"elements": elements}}],
        "syncPolicy": {"preserveResourcesOnDeletion": True},
        "template": {"metadata": {"name": "{{.name}}", "labels": labels(view)}, "spec": template},
    }


ARTIFACT = Artifact(name="argocd", revision=1, output="argocd", build=build, scope="app", shared=True)
