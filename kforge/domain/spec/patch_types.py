"""Keys of a spec that change single fields and set rules aside, each with its reason: `patches`, `waivers`."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from kforge.domain.spec import patterns as p
from kforge.domain.spec.field_types import SpecModel


class Patch(SpecModel):
    target: str = Field(pattern=p.TARGET, description="Kind/name; `*` matches any name.", examples=["Deployment/web"])
    op: Literal["set", "remove", "merge"] = Field(
        "set", description="What to do at the path: set a value, remove it, or merge a mapping into it."
    )
    path: str = Field(
        "", description="Field path: `spec.template.spec.containers[0].image`.", examples=["spec.minReadySeconds"]
    )
    value: Any = Field(None, description="New value, for set and merge.", examples=[10])
    reason: str = Field(
        min_length=3,
        description="Why, for later readers; `explain` shows it.",
        examples=["the first requests after a start fill the connection pools"],
    )


class Waiver(SpecModel):
    rule: str = Field(description="Id of the rule.", examples=["image-digest"])
    target: str = Field("*", description="Kind/name, `*` matches any.")
    reason: str = Field(
        min_length=3, description="Why the rule does not hold here.", examples=["the vendor's image has no other user"]
    )
    until: str | None = Field(None, pattern=p.DATE, description="Last day on which it counts.", examples=["2027-06-30"])
