"""Types of single values in a spec: texts with a pattern, numbers with bounds, and the model that they stand in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kforge.domain.spec import patterns as p

Name = Annotated[str, Field(pattern=p.NAME)]
LabelText = Annotated[str, Field(pattern=p.LABEL)]
Subdomain = Annotated[str, Field(pattern=p.SUBDOMAIN, max_length=253)]
HostName = Annotated[str, Field(pattern=p.HOST, max_length=253)]
Image = Annotated[str, Field(pattern=p.IMAGE, max_length=500)]
Identity = Annotated[str, Field(pattern=p.WORD, min_length=1, max_length=500)]
Registry = Annotated[str, Field(pattern=p.REGISTRY, max_length=255)]
Tag = Annotated[str, Field(pattern=p.TAG)]
Minor = Annotated[str, Field(pattern=p.MINOR, examples=["1.36"])]
PortNumber = Annotated[int, Field(ge=1, le=65535)]
PortName = Annotated[str, Field(pattern=p.PORT_NAME)]
Quantity = Annotated[str, Field(pattern=p.QUANTITY)]
EnvName = Annotated[str, Field(pattern=p.ENV_NAME)]
Absolute = Annotated[str, Field(pattern=p.ABSOLUTE, max_length=500)]
# Below the spec's folder or, with `..`, below the repository; `spec/validate_service.py` sees that it stays inside.
Relative = Annotated[str, Field(pattern=p.RELATIVE, max_length=500)]
Below = Annotated[str, Field(pattern=p.BELOW, max_length=200)]  # the source of a service
Word = Annotated[str, Field(pattern=p.WORD, max_length=4096)]
FileName = Annotated[str, Field(pattern=p.FILE_NAME, max_length=253)]
# Every label stands on every object and in every selector's pod template, so their number multiplies.
Labels = Annotated[
    dict[Annotated[str, Field(pattern=p.LABEL_KEY)], Annotated[str, Field(pattern=p.LABEL_VALUE)]],
    Field(max_length=100),
]
Hardening = Literal["restricted", "baseline", "none"]
Protocol = Literal["http", "https", "grpc", "tcp"]


class SpecModel(BaseModel):
    """Unknown keys are errors, values are frozen, and nothing is coerced: `3000` is no string."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, populate_by_name=True)


Argv = Annotated[list[Word], Field(min_length=1, max_length=64)]
Packages = Annotated[list[Annotated[str, Field(pattern=p.PACKAGE)]], Field(max_length=64)]
