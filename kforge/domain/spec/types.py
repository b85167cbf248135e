"""The spec: every key of `app.kforge.yaml`, its type, and its meaning as an editor shows it.

pydantic stands at this one door: it holds types and patterns and yields the JSON Schema. Rules that need more than
one field (references, names that meet) are `spec/resolve.py`; marks in the text are the reader's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from kforge.domain.kubernetes.platforms import PLATFORMS
from kforge.domain.kubernetes.releases import default
from kforge.domain.spec import patterns as p
from kforge.domain.spec.chart_types import Chart
from kforge.domain.spec.default_types import Annotations, Defaults, Env, EnvironmentDefaults, Fragments, Secrets
from kforge.domain.spec.field_types import (
    Argv,
    Hardening,
    Identity,
    Image,
    Labels,
    LabelText,
    Minor,
    Name,
    PortNumber,
    Registry,
    Relative,
    SpecModel,
    Subdomain,
    Tag,
)
from kforge.domain.spec.gitops_types import EnvironmentGitops, Gitops
from kforge.domain.spec.image_types import Images, Profile
from kforge.domain.spec.model_types import Deciding
from kforge.domain.spec.patch_types import Patch, Waiver
from kforge.domain.spec.path_types import Paths
from kforge.domain.spec.pin_types import BuildBlock, PortPin, ProbesPins, ProcessPins, ResourcesPins, RolloutPins
from kforge.domain.spec.routing_types import Expose, Routing
from kforge.domain.spec.service_types import AllowFrom, Config, Egress, Namespace, Scale, Volume
from kforge.domain.target import OUTPUTS
from kforge.domain.topic_names import BUILD, RESOURCES

if TYPE_CHECKING:
    PlatformName = str
else:  # mypy takes no tuple here, and the names stand in one place
    PlatformName = Literal[PLATFORMS]


class Service(SpecModel):
    like: Name | None = Field(
        None,
        description="Service whose source, image, build, version, environment, configuration, secrets and edges this one "
        "takes where it says nothing itself; `null` takes nothing. Not taken: command, ports, probes, scale, schedule.",
        examples=["api"],
    )
    source: Relative | None = Field(
        None,
        description="Folder that is read, hashed and built. Services may share one: then they share the image.",
        examples=["./web"],
    )
    image: Image | None = Field(
        None, description="An image built elsewhere, instead of `source`.", examples=["docker.io/library/redis:7.4"]
    )
    version: Tag | None = Field(
        None,
        description="Image tag. Without it, the app's, else the one that the project's own file declares.",
        examples=["1.4.2"],
    )
    command: Argv | None = Field(None, description="Pins the start command.", examples=[["node", "server.js"]])
    requirements: str | None = Field(
        None,
        description="What the service needs, in your words: read by a model, kept for readers.",
        examples=["Serves 50 requests a second, ten times that during sales."],
    )
    port: PortNumber | None = Field(None, description="Pins the port that the process listens on.", examples=[8080])
    ports: Annotated[list[PortPin], Field(max_length=16)] | None = Field(
        None, description="Pins several ports; an empty list for what listens on nothing.", examples=[[]]
    )
    expose: Expose | None = Field(None, description="Reachable from outside, by a route or an Ingress.")
    env: Env = Field(
        {},
        description="Environment variables; `${services.X.url}` refers to another service.",
        examples=[{"CATALOG_URL": "${services.catalog.url}"}],
    )
    config: Config | None = Field(None, description="Files mounted from a ConfigMap.")
    secrets: Secrets = Field(
        {},
        description="Environment variables from Secrets that exist already: references, never values.",
        examples=[{"SESSION_KEY": {"secret": "web-session", "key": "value"}}],
    )
    scale: Scale | None = Field(None, description="How many pods run, and when an autoscaler adds some.")
    identity: Identity | None = Field(
        None,
        description="The platform's own account that the service acts as, by workload identity.",
        examples=["arn:aws:iam::111122223333:role/web"],
    )
    volumes: list[Volume] = Field([], description="Folders whose contents outlive a pod, each on a claim.")
    needs: list[Name] = Field(
        [], description="Services that this one calls and that no variable of it names.", examples=[["catalog"]]
    )
    allowFrom: list[AllowFrom] = Field([], description="Other namespaces whose pods may connect to this service.")
    egress: list[Egress] = Field(
        [],
        description="Networks outside the cluster that it may call, each as `{cidr: 10.20.0.0/16, port: 5432}`. Only `network: strict` needs them.",
    )
    schedule: str | None = Field(
        None, pattern=p.CRON, description="Cron schedule: makes a CronJob.", examples=["0 3 * * *"]
    )
    job: bool = Field(False, description="Runs once to completion: makes a Job.")
    before: list[Name] = Field(
        [],
        description="Services whose pods start only when this job is done: migrations, for instance.",
        examples=[["web", "worker"]],
    )
    user: Annotated[int, Field(ge=0, le=2147483647)] | None = Field(
        None, description="Pins the numeric user id.", examples=[65532]
    )
    hardening: Hardening | None = Field(
        None, description="Pod Security level of this service, where it differs; say why in a waiver."
    )
    outputs: list[str] | None = Field(None, description="Outputs of this service, where they are fewer than the app's.")
    labels: Labels = Field(
        {}, description="Labels of this service's objects and pods, beside the app's.", examples=[{"tier": "front"}]
    )
    annotations: Annotations = Field(
        {}, description="Annotations of this service's objects and pods.", examples=[{"prometheus.io/scrape": "true"}]
    )
    build: BuildBlock | None = Field(
        None, description="Where the image is built and what its build is given; pins fields of the build decision."
    )
    process: ProcessPins | None = Field(None, description="Pins fields of the process decision.")
    probes: ProbesPins | None = Field(None, description="Pins fields of the probes decision.")
    resources: ResourcesPins | None = Field(
        None, description="Pins fields of the resources decision.", examples=[{"memory": "512Mi"}]
    )
    rollout: RolloutPins | None = Field(None, description="Pins fields of the rollout decision.")
    refine: list[str] = Field(
        [],
        description="The conversation with a model, kept for it; `build: …` is about that decision alone.",
        examples=[["build: stay on Debian"]],
    )
    kubernetes: Fragments = Field(
        {},
        description="Strategic-merge fragments by kind; `Pod` holds fields of the pod spec.",
        examples=[{"Pod": {"priorityClassName": "high"}}],
    )


class EnvironmentService(SpecModel):
    """What an environment may change of a service: values, never questions."""

    version: Tag | None = Field(None, description="Image tag in this environment.", examples=["1.4.3-rc.1"])
    scale: Scale | None = Field(None, description="How many pods run in this environment.")
    expose: Expose | None = Field(
        None, description="How the service is reached from outside in this environment, its host above all."
    )
    env: Env = Field({}, description="Variables that are added or replaced.", examples=[{"LOG_LEVEL": "debug"}])
    config: Config | None = Field(None, description="Files that are added or replaced.")
    secrets: Secrets = Field(
        {},
        description="Secrets that are added or replaced.",
        examples=[{"SESSION_KEY": {"secret": "web-session", "key": "value"}}],
    )
    resources: ResourcesPins | None = Field(None, description="Memory and CPU in this environment.")
    identity: Identity | None = Field(
        None, description="The platform's own account here.", examples=["arn:aws:iam::111122223333:role/web-staging"]
    )
    omit: bool = Field(False, description="Leave the service out of this environment.")
    kubernetes: Fragments = Field(
        {}, description="Fragments, after the service's own.", examples=[{"Pod": {"priorityClassName": "high"}}]
    )


class Environment(SpecModel):
    namespace: LabelText | None = Field(
        None, description="Namespace of this environment's objects.", examples=["shop-staging"]
    )
    registry: Registry | None = Field(
        None,
        description="Registry from which this environment pulls what is built here.",
        examples=["registry.acme.internal"],
    )
    pullSecret: Subdomain | None = Field(
        None, description="Secret with which this environment's pods pull their images.", examples=["acme-pull"]
    )
    kubernetes: Minor | None = Field(None, description="Kubernetes version of this environment's cluster.")
    platform: PlatformName | None = Field(
        None, description="What this environment's cluster is: what it assigns, refuses and rewrites is heeded."
    )
    version: Tag | None = Field(None, description="Image tag of what is built here.", examples=["1.4.3-rc.1"])
    routing: Routing | None = Field(None, description="How exposed services are reached here.")
    defaults: EnvironmentDefaults = Field(EnvironmentDefaults(), description="What the app's programs share here.")
    gitops: EnvironmentGitops | None = Field(None, description="What Argo CD or Flux deploy here, and where to.")
    services: dict[Name, EnvironmentService] = Field(
        {}, description="Changes by service.", examples=[{"web": {"scale": {"min": 1}}}]
    )
    middleware: dict[Name, Any] = Field({}, description="Not built yet.")
    patches: list[Patch] = Field([], description="Patches, after the app's own.")


class Spec(SpecModel):
    apiVersion: Literal["kforge.dev/v1"] = Field(description="Version of this format.", examples=["kforge.dev/v1"])
    app: Name = Field(description="Name of the application.", examples=["shop"])
    requires: str | None = Field(
        None, pattern=p.REQUIRES, description="kforge versions that may build this.", examples=[">=0.1"]
    )
    description: str | None = Field(
        None,
        description="What the application is, in a sentence or two.",
        examples=["Storefront of a small shop; 50 requests a second, ten times that during sales."],
    )
    version: Tag | None = Field(None, description="Image tag of what is built here.", examples=["1.4.2"])
    kubernetes: Minor = Field(default(), description="Kubernetes version whose schemas and fields hold.")
    platform: PlatformName = Field(
        PLATFORMS[0],
        description="What the cluster is: what it assigns, refuses and rewrites is heeded. An environment may be another.",
    )
    namespace: Namespace | LabelText | None = Field(
        None,
        description="Namespace of every object, or an object with `name` and `create`.",
        examples=["shop", {"name": "shop", "create": True}],
    )
    registry: Registry | None = Field(None, description="Images are REGISTRY/APP-SERVICE.", examples=["ghcr.io/acme"])
    pullSecret: Subdomain | None = Field(
        None,
        description="Secret of type docker-registry with which pods pull their images; it must exist in the namespace.",
        examples=["regcred"],
    )
    registries: list[Registry] = Field(
        [],
        description="Prefixes an image may have; nothing else may be named, by anyone. Empty: no limit.",
        examples=[["ghcr.io/acme", "docker.io/library"]],
    )
    bases: dict[str, Image] = Field(
        {},
        description="Base images by name, where a bot updates digests.",
        examples=[{"python-3.12": "docker.io/library/python:3.12-slim"}],
    )
    images: Images | Profile = Field(
        Images(),
        description="What final images are made on, or an object with `profile`, `platforms`, `attest`, `pin`.",
    )
    outputs: list[str] = Field([*OUTPUTS], description="What kforge writes.")
    chart: Chart = Field(Chart(), description="What the Helm chart says of itself.")
    gitops: Gitops | None = Field(None, description="What the outputs `argocd` and `flux` deploy, and where to.")
    network: Literal["app", "strict", "off"] = Field(
        "app", description="NetworkPolicy: app closes other namespaces, strict leaves only the edges, off writes none."
    )
    routing: Routing | None = Field(
        None,
        description="How exposed services are reached: by a Gateway, or by an Ingress (the default).",
        examples=[{"gateway": "infra/shared", "section": "https"}],
    )
    hardening: Hardening = Field("restricted", description="Pod Security level.")
    model: Deciding | None = Field(
        None,
        description="A language model that settles open questions; without it heuristics do.",
        examples=[{"name": "qwen2.5-coder:14b", "decides": [BUILD, RESOURCES]}],
    )
    defaults: Defaults = Field(Defaults(), description="What services share, each of which may say otherwise.")
    labels: Labels = Field({}, description="Labels of every object.", examples=[{"team": "shop"}])
    include: list[str] = Field(
        [],
        description="Your own manifests: validated and listed in the kustomization, never written.",
        examples=[["manifests/*.yaml"]],
    )
    paths: Paths = Field(Paths(), description="Folders and files that kforge writes to.")
    services: dict[Name, Service] = Field(description="The services, by name.", examples=[{"web": {"source": "./web"}}])
    middleware: dict[Name, Any] = Field({}, description="Not built yet.")
    environments: dict[LabelText, Environment] = Field(
        {},
        description="Environments by name: each is an overlay with its differences from the base.",
        examples=[{"staging": {"namespace": "shop-staging"}}],
    )
    patches: list[Patch] = Field([], description="Changes to single fields, after everything else.")
    waivers: list[Waiver] = Field([], description="Rules that do not hold, with a reason and an end.")

    def here(self, environment: str, key: Literal["kubernetes", "platform"]) -> str:
        """What an environment says of its cluster, else the app; "" is the base."""
        changed = self.environments.get(environment)
        return str((getattr(changed, key) if changed else None) or getattr(self, key))
