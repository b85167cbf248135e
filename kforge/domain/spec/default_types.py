"""Keys of a spec that services share, `defaults`, and the types of values that stand there and in a service alike."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from kforge.domain.spec import patterns as p
from kforge.domain.spec.field_types import EnvName, FileName, Labels, SpecModel, Subdomain
from kforge.domain.spec.pin_types import ResourcesPins

Annotations = dict[Annotated[str, Field(pattern=p.LABEL_KEY)], Annotated[str, Field(max_length=262144)]]


class SecretKey(SpecModel):
    secret: Subdomain = Field(description="Name of a Secret that exists in the namespace.", examples=["web-session"])
    key: FileName = Field(description="Key in that Secret.", examples=["value"])
    optional: bool = Field(False, description="The pod starts without it.")


Fragments = dict[Annotated[str, Field(pattern=p.KIND)], dict[str, Any]]
Env = dict[EnvName, str]
Secrets = dict[EnvName, SecretKey]


class EnvironmentDefaults(SpecModel):
    """What the app's programs share in an environment; what a service says itself counts there, too."""

    env: Env = Field(
        {}, description="Environment variables of the app's programs here.", examples=[{"LOG_LEVEL": "debug"}]
    )
    secrets: Secrets = Field(
        {},
        description="Environment variables from Secrets here.",
        examples=[{"SENTRY_DSN": {"secret": "sentry", "key": "dsn"}}],
    )
    resources: ResourcesPins | None = Field(None, description="Resources of each program here.")


class Defaults(EnvironmentDefaults):
    """What services share. Programs are those built here, or from an image that kforge knows nothing of: a variable of
    theirs means nothing to a store.
    """

    env: Env = Field(
        {},
        description="Environment variables of the app's programs; `NAME: null` in a service leaves one out.",
        examples=[{"LOG_FORMAT": "json"}],
    )
    secrets: Secrets = Field(
        {},
        description="Environment variables of the app's programs from Secrets.",
        examples=[{"SENTRY_DSN": {"secret": "sentry", "key": "dsn"}}],
    )
    resources: ResourcesPins | None = Field(None, description="Resources of each of the app's programs.")
    labels: Labels = Field({}, description="Labels of every service's objects and pods.", examples=[{"cost": "shop"}])
    annotations: Annotations = Field(
        {},
        description="Annotations of every service's objects and pods.",
        examples=[{"example.com/owner": "team-shop"}],
    )
    kubernetes: Fragments = Field(
        {},
        description="Fragments for every service that has the kind, before its own.",
        examples=[{"Pod": {"priorityClassName": "high"}}],
    )
