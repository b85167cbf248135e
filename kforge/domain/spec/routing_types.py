"""Keys of a spec that say how a service is reached from outside: `routing` of the application, `expose` of a service."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from kforge.domain.spec import patterns as p
from kforge.domain.spec.default_types import Annotations
from kforge.domain.spec.field_types import Absolute, HostName, PortName, SpecModel, Subdomain


class Routing(SpecModel):
    """By a Gateway that exists, or by an Ingress; an environment's takes the place of the application's."""

    gateway: Annotated[str, Field(pattern=p.GATEWAY, max_length=317)] | None = Field(
        None,
        description="A Gateway that exists, as NAMESPACE/NAME, or NAME in the application's namespace: exposed services get "
        "routes of the Gateway API.",
        examples=["infra/shared"],
    )
    section: Subdomain | None = Field(
        None,
        description="Listener of the Gateway that routes attach to. Without it, every listener that takes them.",
        examples=["https"],
    )
    listenerSet: bool = Field(
        False, description="Write a ListenerSet, so that the Gateway gets listeners and certificates for the hosts."
    )
    ingressClass: Subdomain | None = Field(
        None,
        description="IngressClass of exposed services: they get an Ingress; a service's `class` comes before it.",
        examples=["traefik"],
    )


class Verify(SpecModel):
    ca: Subdomain | None = Field(
        None,
        description="ConfigMap whose `ca.crt` signed the service's certificate. Without it, the Gateway trusts the "
        "authorities of its own system.",
        examples=["web-ca"],
    )
    host: HostName | None = Field(
        None,
        description="Name in the service's certificate. Without it, the value of `host`.",
        examples=["web.shop.svc"],
    )


class Expose(SpecModel):
    host: HostName = Field(description="Public host name.", examples=["shop.example.com"])
    path: Absolute = Field("/", description="URL prefix that goes to this service.")
    class_: str | None = Field(
        None,
        alias="class",
        pattern=p.SUBDOMAIN,
        description="IngressClass. Without it, that of `routing`, else the cluster's default.",
        examples=["traefik"],
    )
    tls: bool | Subdomain = Field(
        True,
        description="TLS of an Ingress or a ListenerSet, with the Secret `SERVICE-tls` or the one named here; a Gateway "
        "has its own.",
    )
    port: PortName | None = Field(
        None, description="Port that is reached, where there are several. Without it, the first.", examples=["http"]
    )
    verify: Verify | None = Field(
        None, description="By what a Gateway knows the certificate of a service that speaks HTTPS itself."
    )
    annotations: Annotations = Field(
        {},
        description="Annotations of the Ingress or the route.",
        examples=[{"traefik.ingress.kubernetes.io/router.priority": "10"}],
    )
