"""A spec's `gitops` → which environments Argo CD or Flux deploy, from which folder, and to where. Unaware of their objects."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.pod import short
from kforge.domain.origin import sourced
from kforge.domain.view import View

RECONCILERS = ("argocd", "flux")  # outputs that have the cluster follow a repository
BASE = "base"
_LASTING = "kforge: it stays when a line of the repository goes, with what lies in it or waits for it"
# Where the two are installed by their own manuals.
_HOMES = {"argocd": "argocd", "flux": "flux-system"}


@dataclass(frozen=True, slots=True)
class SyncedEnvironment:
    """An environment, or the base (""), as it is deployed. Values are `sourced` where the spec says them."""

    environment: str
    name: str  # of the objects: `shop-prod`, `shop` for the base
    source: str  # the output that is deployed
    path: str  # what is deployed of it, from the repository's top
    values: tuple[str, ...]  # files of values of a chart, from its folder
    namespace: Any
    revision: Any
    cluster: Any  # None: the cluster in which Argo CD or Flux runs
    project: Any
    automatic: bool
    sync_origin: str
    creates: bool  # whether the spec makes the namespace, and the output that is deployed does not


def reconciled(view: View) -> list[str]:
    """Outputs that have a cluster follow a repository."""
    return [name for name in RECONCILERS if name in view.app("outputs")]


def lasting(view: View, outputs: Collection[str] = RECONCILERS) -> dict[str, Any]:
    """Annotations of what Argo CD, or Flux, must not remove when it is no longer in the repository.

    https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/,
    https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
    """
    notes = {
        "argocd": {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"},
        "flux": {"kustomize.toolkit.fluxcd.io/prune": "disabled"},
    }
    return {
        key: sourced(value, _LASTING)
        for name in reconciled(view)
        if name in outputs
        for key, value in notes[name].items()
    }


def synced(view: View) -> list[SyncedEnvironment]:
    """Every environment that is deployed, in the spec's order where it names them."""
    named = view.app("gitops").environments
    chosen = named if named is not None else list(view.environments()) or [BASE]
    return [_synced(view, "" if name == BASE else name) for name in chosen]


def home(view: View, output: str) -> Any:
    """The namespace of the objects that Argo CD or Flux read."""
    said = view.app("gitops").namespace
    return sourced(said, "app.gitops.namespace") if said else _HOMES[output]


def labels(view: View) -> dict[str, Any]:
    """Labels of these objects: the app's, and the standard ones that fit no single service."""
    own = {key: sourced(value, "app.labels") for key, value in view.app("labels").items()}
    return {**own, "app.kubernetes.io/managed-by": "kforge", "app.kubernetes.io/part-of": view.app("app")}


def _synced(view: View, environment: str) -> SyncedEnvironment:
    source, app = str(view.app("gitops").source), view.app("app")
    declared = view.app("namespace")
    creates = source == "helm" and declared is not None and not isinstance(declared, str) and declared.create
    sync, origin = _said(view, environment, "sync")
    return SyncedEnvironment(
        environment=environment,
        name=short(f"{app}-{environment}" if environment else app, 63),
        source=source,
        path=_path(view, source, environment),
        values=(f"values-{environment}.yaml",) if source == "helm" and environment else (),
        namespace=_namespace(view, environment),
        revision=_sourced(view, environment, "revision"),
        cluster=_sourced(view, environment, "cluster"),
        project=_sourced(view, environment, "project"),
        automatic=sync == "automatic",
        sync_origin=origin,
        creates=creates,
    )


def _said(view: View, environment: str, key: str) -> tuple[Any, str]:
    """A value of `gitops`, the environment's where it has one, and its origin."""
    base = view.app("gitops")
    changed = view.within(environment).app("gitops") if environment else base
    if changed is not base and getattr(changed, key) is not None:
        return getattr(changed, key), f"app.environments.{environment}.gitops.{key}"
    return getattr(base, key), f"app.gitops.{key}"


def _sourced(view: View, environment: str, key: str) -> Any:
    value, origin = _said(view, environment, key)
    return None if value is None else sourced(value, origin)


def _namespace(view: View, environment: str) -> Any:
    here = view.within(environment)
    own = environment and here.app("namespace") is not view.app("namespace")
    return sourced(names.namespace(here), f"app.environments.{environment}.namespace" if own else "app.namespace")


def _path(view: View, source: str, environment: str) -> str:
    paths = view.app("paths")
    folder = {
        "kubernetes": f"{paths.overlays}/{environment}" if environment else paths.kubernetes,
        "rendered": f"{paths.rendered}/{environment or BASE}",
        "helm": f"{paths.helm}/{view.app('app')}",
    }[source]
    return posixpath.normpath(posixpath.join(view.app("gitops").path or ".", folder))
