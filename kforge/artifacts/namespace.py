"""Namespace, when the spec asks for one: labelled so that the API server itself enforces the hardening level.

It enforces the weakest level that any service asks for, since it admits all of them; it warns at the app's.
"""

from __future__ import annotations

from kforge.domain.artifact import Artifact
from kforge.domain.document import Document
from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.gitops import lasting
from kforge.domain.kubernetes.hardening import LEVELS, POD_SECURITY
from kforge.domain.kubernetes.manifest import API_VERSIONS, wanted
from kforge.domain.origin import sourced
from kforge.domain.view import View

LABEL = "pod-security.kubernetes.io"


def build(view: View) -> Document | None:
    declared = view.base().app("namespace")
    if not wanted(view) or declared is None or isinstance(declared, str) or not declared.create:
        return None
    app = view.app("hardening")
    weakest = max((app, *view.levels()), key=LEVELS.index)
    version = sourced(f"v{view.app('kubernetes')}", "app.kubernetes")
    own = {key: sourced(value, "app.labels") for key, value in view.app("labels").items()}
    standard = {"app.kubernetes.io/managed-by": "kforge", "app.kubernetes.io/part-of": view.app("app")}
    security = {
        f"{LABEL}/enforce": POD_SECURITY[weakest],
        f"{LABEL}/warn": POD_SECURITY[app],
        f"{LABEL}/audit": POD_SECURITY[app],
    }
    labels = {**own, **standard}
    for key, value in security.items():
        labels[key] = sourced(value, "app.hardening")
        labels[f"{key}-version"] = version
    return Document(
        path=f"{view.app('paths').kubernetes.rstrip('/')}/namespace.yaml",
        artifact=ARTIFACT.name,
        environment=view.environment,
        data={
            "apiVersion": API_VERSIONS["Namespace"],
            "kind": "Namespace",
            "metadata": {
                "name": sourced(names.namespace(view), "app.namespace"),
                "labels": labels,
                "annotations": lasting(view) or None,
            },
        },
    )


ARTIFACT = Artifact(name="namespace", revision=1, output="kubernetes", build=build, scope="app")
