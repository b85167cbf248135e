"""The key `gitops` of a spec: from which repository, and to where, Argo CD or Flux deploy what is written."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import Field

from kforge.domain.spec import patterns as p
from kforge.domain.spec.field_types import LabelText, Relative, SpecModel, Subdomain

Source = Literal["kubernetes", "rendered", "helm"]
SOURCES: tuple[Source, ...] = (
    "kubernetes",
    "rendered",
    "helm",
)  # outputs that may be deployed, in the order in which one is chosen
Revision = Annotated[str, Field(pattern=p.REVISION, max_length=255)]
Cluster = Annotated[str, Field(pattern=p.CLUSTER, max_length=500)]
Sync = Literal["automatic", "manual"]


class EnvironmentGitops(SpecModel):
    """What an environment may change of it."""

    revision: Revision | None = Field(None, description="Branch, tag or commit here.", examples=["refs/tags/v1.4.2"])
    cluster: Cluster | None = Field(
        None, description="Cluster that this environment is deployed to.", examples=["prod-eu"]
    )
    project: LabelText | None = Field(None, description="Project of Argo CD here.", examples=["shop"])
    sync: Sync | None = Field(None, description="Whether changes are applied by themselves here.")


class Gitops(SpecModel):
    repository: Annotated[str, Field(pattern=p.REPOSITORY, max_length=500)] = Field(
        description="Address of the repository that holds what is written.", examples=["https://github.com/acme/shop"]
    )
    path: Relative | None = Field(
        None,
        description="Folder of this spec in that repository. Without it, the repository's top.",
        examples=["services/shop"],
    )
    revision: Revision = Field(
        "main", description="A branch, a tag as `refs/tags/v1.4.2`, or a commit in full.", examples=["main"]
    )
    source: Source | None = Field(
        None,
        description="Output that is deployed. Without it, the first of `kubernetes`, `rendered` and `helm` that is written.",
    )
    environments: list[LabelText] | None = Field(
        None,
        description="Environments that are deployed; `base` may be one of them. Without it, all environments, or the base where there are none.",
        examples=[["staging", "prod"]],
    )
    cluster: Cluster | None = Field(
        None,
        description="Cluster that it is deployed to: a name or address that Argo CD knows, for Flux the Secret with its "
        "kubeconfig. Without it, the cluster that Argo CD or Flux runs in.",
        examples=["prod-eu"],
    )
    namespace: LabelText | None = Field(
        None,
        description="Namespace of the objects for Argo CD or Flux. Without it, `argocd` or `flux-system`.",
        examples=["argocd"],
    )
    project: LabelText = Field("default", description="Project of Argo CD.", examples=["shop"])
    secret: Subdomain | None = Field(
        None, description="Secret by which Flux reads the repository.", examples=["shop-deploy-key"]
    )
    sync: Sync = Field(
        "automatic", description="Whether changes are applied by themselves, and what is no longer wanted removed."
    )
    applicationSet: bool = Field(
        False, description="One ApplicationSet for Argo CD in place of an Application an environment."
    )

    def deploying(self, outputs: Collection[str]) -> Gitops:
        """The same with its `source` settled, where one of the outputs can be deployed."""
        found = self.source or next((name for name in SOURCES if name in outputs), None)
        return self.model_copy(update={"source": found})
