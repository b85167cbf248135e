"""The key `chart` of a spec: what a Helm chart says of itself, beside what follows from the rest of the spec."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from kforge.domain.spec import patterns as p
from kforge.domain.spec.default_types import Annotations
from kforge.domain.spec.field_types import LabelText, SpecModel

# The chart's own values, none of which can be a subchart's.
OWN_VALUES = (
    "assignedUsers", "gateway", "global", "image", "imagePullSecrets", "labels", "namespace", "networkPolicy", "services", "tests",
)  # fmt: skip

Line = Annotated[str, Field(pattern=p.WORD, min_length=1, max_length=200)]
WebAddress = Annotated[str, Field(pattern=p.WEB_ADDRESS, max_length=500)]


class Maintainer(SpecModel):
    name: Line = Field(description="Name of a person or a team.", examples=["team shop"])
    email: Annotated[str, Field(pattern=p.EMAIL, max_length=254)] | None = Field(
        None, description="Where they are written to.", examples=["shop@example.com"]
    )
    url: WebAddress | None = Field(None, description="Their page.", examples=["https://example.com/teams/shop"])


class Subchart(SpecModel):
    name: LabelText = Field(description="Name of the chart in its repository.", examples=["postgresql"])
    version: Annotated[str, Field(pattern=p.VERSION_RANGE, max_length=100)] = Field(
        description="Its version, or a range of versions.", examples=["~16.4.0"]
    )
    repository: Annotated[str, Field(pattern=p.CHART_REPOSITORY, max_length=500)] = Field(
        description="Where Helm takes it from; `file://` is seen from the chart's folder.",
        examples=["oci://registry.example.com/charts"],
    )
    alias: LabelText | None = Field(None, description="Key of its values. Without it, its name.", examples=["db"])
    enabled: bool = Field(True, description="Whether it is installed where a release's values do not say.")
    values: dict[str, Any] = Field(
        {}, description="What it is told, as its own values.yaml has it.", examples=[{"auth": {"database": "shop"}}]
    )

    @property
    def key(self) -> str:
        """The key of its values among the chart's."""
        return self.alias or self.name


class Chart(SpecModel):
    version: Annotated[str, Field(pattern=p.SEMVER, max_length=100)] | None = Field(
        None,
        description="The chart's own version. Without it, the app's, where that is a semantic version.",
        examples=["0.3.0"],
    )
    maintainers: list[Maintainer] = Field([], description="Who looks after it.")
    keywords: list[Line] = Field([], description="Words by which it is found.", examples=[["shop", "web"]])
    home: WebAddress | None = Field(None, description="Page of the application.", examples=["https://example.com/shop"])
    icon: WebAddress | None = Field(
        None, description="Picture that catalogs show.", examples=["https://example.com/shop.svg"]
    )
    sources: list[WebAddress] = Field(
        [], description="Where its source is.", examples=[["https://example.com/git/shop"]]
    )
    annotations: Annotations = Field(
        {}, description="Annotations of the chart.", examples=[{"artifacthub.io/license": "Apache-2.0"}]
    )
    dependencies: list[Subchart] = Field(
        [],
        max_length=50,
        description="Other charts that are installed with it, each under the condition `KEY.enabled`.",
    )
