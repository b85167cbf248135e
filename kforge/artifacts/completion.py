"""What a job that others wait for says that it is done with: a ConfigMap, and the right to write into that one alone."""

from __future__ import annotations

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes.completion import tells
from kforge.domain.kubernetes.gitops import lasting
from kforge.domain.kubernetes.manifest import manifest, wanted
from kforge.domain.kubernetes.names import namespace
from kforge.domain.kubernetes.pod import job_name, pod_template
from kforge.domain.origin import sourced
from kforge.domain.view import View

_RIGHT = "kforge: the right to say that this one Job is done, and no other"


def build(view: View) -> tuple[Document, ...]:
    if not wanted(view) or not tells(view):
        return ()
    name = job_name(view.service, pod_template(view))
    rule = {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": [name], "verbs": ["get", "patch"]}
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": view.service}
    account = {
        "kind": "ServiceAccount",
        "name": view.service,
        "namespace": sourced(namespace(view), "app.namespace"),
    }
    # Flux removes what is gone before new pods run. Argo CD does it after that, as `PruneLast` says.
    kept = lasting(view, ("flux",))
    return (
        manifest(view, ARTIFACT.name, "ConfigMap", {}, name=name, file="configmap-done", annotations=kept),
        manifest(view, ARTIFACT.name, "Role", {"rules": sourced([rule], _RIGHT)}),
        manifest(view, ARTIFACT.name, "RoleBinding", {"roleRef": role, "subjects": [account]}),
    )


ARTIFACT = Artifact(name="completion", revision=1, output="kubernetes", build=build)
