"""Parts of a service and of an app in a spec: namespace, files, replicas, storage, who may connect and what is called."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kforge.domain.spec import patterns as p
from kforge.domain.spec.field_types import Absolute, FileName, LabelText, PortName, PortNumber, Quantity, SpecModel


class Namespace(SpecModel):
    name: LabelText = Field(description="Namespace of every object.", examples=["shop"])
    create: bool = Field(False, description="Write a Namespace object that enforces Pod Security.")


class Config(SpecModel):
    path: Absolute = Field(description="Folder in which the files are mounted.", examples=["/etc/web"])
    files: dict[FileName, str] = Field(
        min_length=1,
        description="File name to content, verbatim; lands in a ConfigMap.",
        examples=[{"features.yaml": "checkout: true\n"}],
    )


class Scale(SpecModel):
    min: Annotated[int, Field(ge=1)] = Field(1, description="Fewest pods.")
    max: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Most pods. More than `min` makes a HorizontalPodAutoscaler.", examples=[10]
    )
    cpu: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None, description="Target CPU utilisation in percent of the request.", examples=[70]
    )
    memory: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None, description="Target memory utilisation in percent of the request.", examples=[80]
    )


class Volume(SpecModel):
    name: LabelText = Field(description="Name of the volume.", examples=["data"])
    path: Absolute = Field(description="Where it is mounted.", examples=["/var/lib/data"])
    size: Quantity = Field(description="Size of the claim.", examples=["5Gi"])
    shared: bool = Field(
        False,
        description="One claim for all replicas (ReadWriteMany). Without it, each replica of a StatefulSet has a claim of its own.",
    )
    class_: str | None = Field(
        None,
        alias="class",
        pattern=p.SUBDOMAIN,
        description="StorageClass. Without it, the cluster's default.",
        examples=["standard"],
    )


class AllowFrom(SpecModel):
    namespace: LabelText = Field(description="Namespace that may connect.", examples=["monitoring"])
    port: PortName | PortNumber | None = Field(None, description="To this port only.", examples=["metrics", 9090])


class Egress(SpecModel):
    cidr: str = Field(pattern=p.CIDR, description="Destination network.", examples=["10.20.0.0/16"])
    port: PortNumber | None = Field(None, description="Destination port (TCP).", examples=[5432])
