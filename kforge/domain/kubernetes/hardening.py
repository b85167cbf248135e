"""Hardening level → security contexts. Levels are those of Pod Security:
https://kubernetes.io/docs/concepts/security/pod-security-standards/

restricted  everything below
baseline    a program may run as root with the runtime's usual capabilities and write to its own root file system;
            it cannot gain more, and the runtime's seccomp profile holds
none        only the user is set: the rest is the cluster's default
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kforge.domain.kubernetes import names
from kforge.domain.kubernetes.platforms import fact, platform, title
from kforge.domain.origin import sourced
from kforge.domain.topic_names import PROCESS
from kforge.domain.view import View

if TYPE_CHECKING:
    from kforge.domain.spec.types import Spec

LEVELS = ("restricted", "baseline", "none")
POD_SECURITY = {"restricted": "restricted", "baseline": "baseline", "none": "privileged"}
FIRST_FREE_PORT = 1024
_WANTED = "kforge: Pod Security restricted wants it"


def levels(spec: Spec, platform: str) -> dict[str, str]:
    """The level that each service is held to, the app's under "": what the spec says, and no less than the platform."""
    least = fact(platform, "enforces") or LEVELS[-1]
    own = {"": spec.hardening, **{name: one.hardening or spec.hardening for name, one in spec.services.items()}}
    return {name: min(said, least, key=LEVELS.index) for name, said in own.items()}


def level(view: View) -> str:
    """The service's own level, else the app's."""
    return str(view.spec("hardening") or view.app("hardening"))


def may_be_root(view: View) -> bool:
    """Whether a program may run as root, below a seccomp profile: level `baseline` with no user of its own."""
    return level(view) == "baseline" and not view.decided(PROCESS, "user")


def assigned(view: View) -> bool:
    """Whether the platform says which user runs a program, and the spec does not: a pinned one stays, for a rule to see."""
    if not fact(platform(view), "assigns-users"):
        return False
    return view.spec("user") is None and view.pin(PROCESS, "user") is None


def pod_context(view: View, claims: bool) -> dict[str, Any]:
    """The pod's securityContext; `claims` tells that volumes are mounted that others made."""
    held, user, name = level(view), view.decided(PROCESS, "user"), platform(view)
    context: dict[str, Any] = {}
    if held == "restricted" or user:
        context["runAsNonRoot"] = sourced(True, _WANTED)
    fixed = user is not None and not assigned(view)
    if fixed:
        context["runAsUser"] = sourced(user, "process.user")
        context["runAsGroup"] = sourced(user, "process.user")
    if fixed and user and claims:
        context["fsGroup"] = sourced(user, "process.user")
        # Without it the kubelet changes the owner of every file at every start, minutes on a full disk.
        why = "kforge: the owner of a volume's files is changed once, not at every start"
        context["fsGroupChangePolicy"] = sourced("OnRootMismatch", why)
    if held != "none" or fact(name, "confines"):
        why = _WANTED if held != "none" else f"kforge: {title(name)} sets it"
        context["seccompProfile"] = {"type": sourced("RuntimeDefault", why)}
    lowest = min((port.number for port in names.ports(view)), default=FIRST_FREE_PORT)
    if user and lowest < FIRST_FREE_PORT:
        # One of the sysctls that Pod Security restricted allows; some runtimes set it anyway, some do not.
        why = "kforge: only root may bind a port below 1024, unless the pod's own network says else"
        context["sysctls"] = sourced([{"name": "net.ipv4.ip_unprivileged_port_start", "value": str(lowest)}], why)
    return context


def container_context(view: View, writable_root: bool) -> dict[str, Any] | None:
    """The container's securityContext; a program that writes to `/` itself keeps a writable root."""
    held, name = level(view), platform(view)
    lost = {"capabilities": sourced({"drop": ["NET_RAW"]}, f"kforge: {title(name)} takes it from every container")}
    confined = lost if fact(name, "confines") else {}
    if held == "none":
        return confined or None
    context: dict[str, Any] = {"allowPrivilegeEscalation": sourced(False, _WANTED), **confined}
    if held == "restricted":
        context["capabilities"] = sourced({"drop": ["ALL"]}, _WANTED)
        why = "kforge: a program that cannot change its own files keeps no intruder's"
        context["readOnlyRootFilesystem"] = sourced(not writable_root, "process.writable" if writable_root else why)
    return context
