"""A template's pod → the same, with its user under a condition: some environments' platforms give pods one of their own.

Only a chart whose environments differ in that has the value `assignedUsers`. OpenShift is such a platform.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kforge.domain.document import POD_PATHS
from kforge.domain.kubernetes.objects import mapping
from kforge.domain.kubernetes.platforms import fact
from kforge.render.helm.slots import ConditionSlot

if TYPE_CHECKING:
    from kforge.domain.spec.types import Spec

VALUE = "assignedUsers"
_FIXED = ("fsGroup", "fsGroupChangePolicy", "runAsGroup", "runAsUser")


def assigns(platform: str) -> bool:
    """Whether a platform gives pods users of its own."""
    return bool(fact(platform, "assigns-users"))


def conditional(data: Mapping[str, Any]) -> dict[str, Any]:
    """An object with slots, its pod's user and groups there unless the value says that the platform assigns them."""
    path = POD_PATHS.get(str(data.get("kind")))
    if path is None or not mapping(data, *path, "securityContext"):
        return dict(data)
    return _within(data, (*path, "securityContext"))


def _within(data: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    if path:
        return {**data, path[0]: _within(mapping(data, path[0]), path[1:])}
    return {**data, **{key: ConditionSlot(f"not $.Values.{VALUE}", data.get(key)) for key in _FIXED}}


def values(spec: Spec) -> dict[str, bool]:
    """The value in the base, where environments differ."""
    platforms = {spec.here(name, "platform") for name in ("", *spec.environments)}
    return {VALUE: assigns(spec.platform)} if len({assigns(each) for each in platforms}) > 1 else {}


def changes(spec: Spec, environment: str) -> dict[str, bool]:
    """The value of an environment, where it is not the base's."""
    here = assigns(spec.here(environment, "platform"))
    return {VALUE: here} if here != assigns(spec.platform) else {}
