"""Scope: what the templates of a service are made for, and the values that its objects show in one environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kforge.domain.kubernetes.routing import Certificate


@dataclass(slots=True)
class Scope:
    """One service in one environment. `values` grows while its objects are read."""

    app: str
    service: str  # "" for the application's own objects
    namespace: str | None = None
    pull_secret: str = ""  # with which all images are pulled
    registry: str = ""  # of images that the application builds
    tag: str = ""  # theirs, where a service has none of its own
    built: bool = False  # whether the service's image is one of them
    labels: Mapping[str, str] = field(default_factory=dict)  # beside the standard ones
    annotations: Mapping[str, str] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()  # of the service's objects, in any environment
    fewest: int | None = None  # replicas that an autoscaler keeps, where there is one
    jobs: Mapping[str, str] = field(default_factory=dict)  # name of a one-off Job → its service
    gateway: Mapping[str, Any] | None = None  # the chart's values of it here; None where no environment has one
    hosts: Mapping[str, Certificate] = field(default_factory=dict)  # that are exposed here
    near: bool = False  # whether some environment keeps the service's traffic near
    values: dict[str, Any] = field(default_factory=dict)

    standard: Mapping[str, str] = field(init=False)  # the labels of all that the service has

    def __post_init__(self) -> None:
        self.standard = {
            **self.labels,
            "app.kubernetes.io/instance": self.app,
            "app.kubernetes.io/managed-by": "kforge",
            "app.kubernetes.io/name": self.service,
            "app.kubernetes.io/part-of": self.app,
        }

    @property
    def autoscaled(self) -> bool:
        """Whether the service has an autoscaler in some environment."""
        return "HorizontalPodAutoscaler" in self.kinds
