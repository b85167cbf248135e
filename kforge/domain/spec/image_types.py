"""The key `images` of a spec: on what images are made, for which processors, and what is said of them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kforge.domain.spec import patterns as p
from kforge.domain.spec.field_types import SpecModel

Profile = Literal["debian", "distroless", "chainguard", "dhi"]
Platform = Annotated[str, Field(pattern=p.PLATFORM)]


class Images(SpecModel):
    profile: Profile = Field(
        "debian",
        description="Final images: Debian; or without shell and package manager, where a service's program needs neither. "
        "`dhi` needs a login.",
    )
    platforms: Annotated[list[Platform], Field(min_length=1, max_length=8)] = Field(
        ["linux/amd64"], description="Processors that images are built for.", examples=[["linux/amd64", "linux/arm64"]]
    )
    attest: bool = Field(True, description="Images carry their provenance and a list of what is in them (SBOM).")
    pin: Literal["digests"] | None = Field(
        None, description="Every base image has a digest: `kforge upgrade --images` writes them into `bases`."
    )
