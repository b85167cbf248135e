"""The key `paths` of a spec: the root of every form of output, relative to the spec's folder."""

from __future__ import annotations

from pydantic import Field

from kforge.domain.spec.field_types import Relative, SpecModel
from kforge.domain.target import PATHS


class Paths(SpecModel):
    kubernetes: Relative = Field(PATHS["kubernetes"], description="Root of the manifests.")
    overlays: Relative = Field(PATHS["overlays"], description="Root of the overlays.")
    images: Relative = Field(PATHS["images"], description="Root of the image components.")
    helm: Relative = Field(PATHS["helm"], description="Folder in which the chart's folder lies.")
    rendered: Relative = Field(PATHS["rendered"], description="Root of the rendered manifests.")
    argocd: Relative = Field(PATHS["argocd"], description="Folder of the objects for Argo CD.")
    flux: Relative = Field(PATHS["flux"], description="Root of the objects for Flux.")
    bake: Relative = Field(PATHS["bake"], description="The bake file.")
