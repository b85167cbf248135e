"""The keys of a spec that pin single fields of a decision: one model a topic, every field optional."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from kforge.domain.spec import patterns as p
from kforge.domain.spec.field_types import (
    Absolute,
    Argv,
    Below,
    Image,
    Packages,
    PortName,
    PortNumber,
    Protocol,
    Quantity,
    Relative,
    SpecModel,
    Word,
)
from kforge.domain.topic_names import BUILD, PROBES, PROCESS, RESOURCES, ROLLOUT


class PortPin(SpecModel):
    name: PortName = Field(
        description="Name of the port; it tells the protocol where that is left out.", examples=["http", "metrics"]
    )
    port: PortNumber = Field(description="Number that the container listens on.", examples=[8080])
    protocol: Protocol | None = Field(None, description="What the port speaks: it chooses the probe.")


class BuildSecret(SpecModel):
    env: Annotated[str, Field(pattern=p.ARGUMENT, max_length=255)] | None = Field(
        None, description="Variable of the machine that builds, whose value is the secret.", examples=["NPM_TOKEN"]
    )
    file: Relative | None = Field(
        None,
        description="File of the machine that builds, whose content is the secret, from the spec's folder.",
        examples=["secrets/npmrc"],
    )
    target: Absolute | None = Field(
        None,
        description="File in which build steps find the secret. Without it, they find it in a variable with the name of the secret.",
        examples=["/root/.npmrc"],
    )


class BuildPins(SpecModel):
    recipe: str | None = Field(None, pattern=p.RECIPE, description="How the image is built.")
    base: Image | None = Field(
        None, description="Image of the build stage.", examples=["docker.io/library/debian:13-slim"]
    )
    runtime: Image | None = Field(
        None, description="Image of the final stage.", examples=["gcr.io/distroless/static-debian12:nonroot"]
    )
    packages: Packages | None = Field(None, description="Debian packages in the final stage.", examples=[["ffmpeg"]])
    buildPackages: Packages | None = Field(
        None, description="Debian packages in the build stage.", examples=[["build-essential"]]
    )
    steps: Annotated[list[Argv], Field(max_length=16)] | None = Field(
        None, description="Commands that build the source, as argument lists.", examples=[[["make", "all"]]]
    )
    copied: Annotated[list[Below], Field(min_length=1, max_length=16)] | None = Field(
        None,
        description="Paths below the source that the final image gets of a proposed build; `.` is all of it.",
        examples=[["bin/server"]],
    )


class BuildBlock(BuildPins):
    """Besides what is decided: where an image is built, and what its build is given."""

    context: Relative | None = Field(
        None,
        description="Folder that is sent to the builder, from the spec's folder. Otherwise the source, the workspace that it belongs to, or what COPY lines need.",
        examples=["."],
    )
    dockerfile: Relative | None = Field(
        None,
        description="Dockerfile of your own, from the spec's folder. Otherwise the one in the source.",
        examples=["docker/web.Dockerfile"],
    )
    target: str | None = Field(
        None,
        pattern=p.STAGE,
        description="Stage of your own Dockerfile that is the image. Without it, the last stage.",
        examples=["release"],
    )
    args: (
        Annotated[dict[Annotated[str, Field(pattern=p.ARGUMENT, max_length=255)], Word], Field(max_length=64)] | None
    ) = Field(None, description="Build arguments and their values.", examples=[{"FEATURE": "on"}])
    secrets: (
        Annotated[dict[Annotated[str, Field(pattern=p.ARGUMENT, max_length=255)], BuildSecret], Field(max_length=16)]
        | None
    ) = Field(
        None,
        description="Secrets that build steps may read and that no layer keeps.",
        examples=[{"NPM_TOKEN": {"env": "NPM_TOKEN"}}],
    )


class ProcessPins(SpecModel):
    command: Argv | None = Field(
        None, description="Start command as an argument list.", examples=[["./server", "--verbose"]]
    )
    ports: Annotated[list[PortPin], Field(max_length=16)] | None = Field(
        None, description="Ports that the process listens on."
    )
    user: Annotated[int, Field(ge=0, le=2147483647)] | None = Field(
        None, description="Numeric user id.", examples=[65532]
    )
    writable: Annotated[list[Absolute], Field(max_length=32)] | None = Field(
        None, description="Folders the process writes to; each becomes an emptyDir.", examples=[["/var/cache/app"]]
    )


class ProbePins(SpecModel):
    type: Literal["http", "grpc", "tcp", "exec", "none"] | None = Field(
        None, description="How the kubelet asks. A `path` means http, a `command` means exec."
    )
    path: Absolute | None = Field(None, description="HTTP path.", examples=["/healthz"])
    command: Argv | None = Field(
        None,
        description="Command that is run in the container: it is well while the command ends with 0. No shell reads it.",
        examples=[["pg_isready", "-q"]],
    )
    port: PortName | None = Field(None, description="Port name.", examples=["http"])
    period: Annotated[int, Field(ge=1, le=3600)] | None = Field(
        None, description="Seconds between probes.", examples=[10]
    )
    timeout: Annotated[int, Field(ge=1, le=3600)] | None = Field(
        None, description="Seconds until a probe counts as failed.", examples=[2]
    )
    failures: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None, description="Failures in a row that count.", examples=[3]
    )


class ProbesPins(SpecModel):
    startup: ProbePins | None = Field(None, description="Holds the others back until the process is up.")
    readiness: ProbePins | None = Field(None, description="Takes the pod out of the Service while it fails.")
    liveness: ProbePins | None = Field(None, description="Restarts the container when it fails.")


class ResourcesPins(SpecModel):
    cpu: Quantity | None = Field(None, description="CPU request.", examples=["100m"])
    memory: Quantity | None = Field(None, description="Memory request and limit.", examples=["512Mi"])
    cpuLimit: Quantity | None = Field(None, description="CPU limit; none by default.", examples=["1"])
    memoryLimit: Quantity | None = Field(
        None, description="Memory limit, where it differs from the request.", examples=["1Gi"]
    )
    storage: Quantity | None = Field(None, description="Ephemeral storage, request and limit.", examples=["1Gi"])


class RolloutPins(SpecModel):
    strategy: Literal["rolling", "recreate"] | None = Field(None, description="How pods are replaced.")
    surge: Annotated[int, Field(ge=0)] | Annotated[str, Field(pattern=p.PERCENT)] | None = Field(
        None, description="Pods above the wanted number during a rollout.", examples=[1, "25%"]
    )
    unavailable: Annotated[int, Field(ge=0)] | Annotated[str, Field(pattern=p.PERCENT)] | None = Field(
        None, description="Pods that may be missing from the wanted number during a rollout.", examples=[0, "25%"]
    )
    gracePeriod: Annotated[int, Field(ge=1, le=86400)] | None = Field(
        None, description="Seconds between SIGTERM (after the drain) and SIGKILL.", examples=[30]
    )
    drain: Annotated[int, Field(ge=0, le=3600)] | None = Field(
        None, description="Seconds a stopping pod waits, so that no client still finds it.", examples=[5]
    )
    spread: Literal["zone", "node", "none"] | None = Field(None, description="What replicas are spread over.")
    retries: Annotated[int, Field(ge=0, le=100)] | None = Field(None, description="Retries of a job.", examples=[3])
    deadline: Annotated[int, Field(ge=1)] | None = Field(
        None, description="Seconds after which a job is stopped.", examples=[3600]
    )
    keep: Annotated[int, Field(ge=0)] | None = Field(
        None, description="Seconds that a finished job stays.", examples=[86400]
    )


TOPIC_PINS = {
    BUILD: BuildPins,
    PROCESS: ProcessPins,
    PROBES: ProbesPins,
    RESOURCES: ResourcesPins,
    ROLLOUT: RolloutPins,
}
